"""A canary's browser: it speaks HTTP to the public interface as anyone's would, and keeps its cookies."""

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from kept.base.errors import KeptError

SECONDS = 30.0
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
VISIT = "kept_visit"

Event = Mapping[str, object]
"""One event as `POST v1/events` takes it."""


class NoAnswer(KeptError):
    """The public interface does not answer, or not in its own words."""

    retry = True


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the public interface."""

    status: int
    headers: Mapping[str, str]
    cookies: SimpleCookie
    body: bytes

    def json(self) -> dict[str, Any]:
        """The body as a JSON object. Raises `NoAnswer` when it is none."""
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise NoAnswer(
                f"the public interface answered {self.status} without JSON",
                where="the public interface",
                why="Something else may listen there.",
                next_step="Look at what has the port; KEPT_PUBLIC_PORT names it.",
            )
        return found


@dataclass(frozen=True, slots=True)
class CollectorSaid:
    """What the collector said of a batch: how many it took, and each refusal's (event, reason, place)."""

    accepted: int
    refused: frozenset[tuple[int, str, str]]

    def reasons(self, event: int = 0) -> frozenset[str]:
        """Why an event, or something in it, was refused."""
        return frozenset(reason for index, reason, _ in self.refused if index == event)


@dataclass
class Browser:
    """One browser. `address` is where it is in the world, said by X-Forwarded-For from a trusted proxy."""

    base: str
    key: str
    address: str
    agent: str = AGENT
    signal: bool = False
    """Whether it sends Global Privacy Control."""
    origin: str = ""
    """The site whose pages it shows; empty: it says nothing of it."""
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def visitor(self) -> str:
        """The visitor's id that a yes gave it; empty before."""
        return self.cookies.get(VISIT, "")

    def says(self, answers: Mapping[str, bool]) -> Reply:
        """Answer the question, by the names of purposes."""
        return self._json("v1/choices", {"key": self.key, "answers": dict(answers), "how": "page"})

    def sends(self, *events: Event, visitor: str | None = None) -> CollectorSaid:
        """Send events, as the visitor it is, or as one that it makes up."""
        body: dict[str, object] = {"key": self.key, "events": list(events)}
        return _told(self._json("v1/events", body if visitor is None else {**body, "visitor": visitor}))

    def tries(self, *events: Event, visitor: str | None = None) -> Reply:
        """Send events that may be turned away whole."""
        body: dict[str, object] = {"key": self.key, "events": list(events)}
        return self._json("v1/events", body if visitor is None else {**body, "visitor": visitor})

    def sent_by_site(self, secret: str, visitor: str, residence: str, *events: Event) -> CollectorSaid:
        """What the site's server sends of a visitor, who it says lives there."""
        body = {"visitor": visitor, "residence": residence, "events": list(events)}
        return _told(self._json("v1/events", body, {"Authorization": f"Bearer {secret}"}))

    def asks_by_site(self, secret: str, method: str, path: str, body: Event) -> Reply:
        """What the site's server asks at a door that may turn it away whole."""
        return self._json(path, body, {"Authorization": f"Bearer {secret}"}, method=method)

    def sends_by_segment(self, *messages: Event, secret: str = "") -> CollectorSaid:
        """Send what Segment's SDKs send: from a page, or with the secret key from the site's server."""
        shown = b64encode(f"{secret or self.key}:".encode()).decode()
        reply = self._json("v1/batch", {"batch": list(messages)}, {"Authorization": f"Basic {shown}"})
        return _told(reply, len(messages))

    def joins(self, account: str, secret: str, visitor: str = "") -> Reply:
        """What the site's server does when the visitor signs in; `visitor`: under an id of the site's own making."""
        sent = {"visitor": visitor or self.visitor, "account": account}
        return self._json("v1/join", sent, {"Authorization": f"Bearer {secret}"})

    def offers(self, secret: str, of: str, things: Mapping[str, str], gone: Sequence[str] = ()) -> Reply:
        """What the site's server says it has: words by id."""
        told = [{"id": name, "words": words} for name, words in things.items()]
        return self._json(
            "v1/offers", {"of": of, "things": told, "gone": list(gone)}, {"Authorization": f"Bearer {secret}"}
        )

    def ranking(self, of: str) -> dict[str, Any]:
        """What it is shown first."""
        return self.opens("v1/ranking", key=self.key, of=of).json()

    def ranked_by_site(self, secret: str, of: str, visitor: str, residence: str) -> dict[str, Any]:
        """What the site's server shows first to a visitor, who it says lives there."""
        body = {"of": of, "visitor": visitor, "residence": residence}
        return self._json("v1/ranking", body, {"Authorization": f"Bearer {secret}"}).json()

    def tells(
        self,
        secret: str,
        account: str,
        values: Mapping[str, object],
        residence: str | None = None,
        **fields: object,
    ) -> Reply:
        """What the site's server tells about an account, or whoever has another credential."""
        body: dict[str, object] = {"values": dict(values), **fields}
        if residence is not None:
            body["residence"] = residence
        return self._json(
            f"v1/people/{quote(account)}", body, {"Authorization": f"Bearer {secret}"}, method="PUT"
        )

    def tells_file(self, secret: str, account: str, item: str, content: bytes) -> Reply:
        """The same of a file."""
        head = {"Authorization": f"Bearer {secret}", "Content-Type": "application/octet-stream"}
        return self._call("PUT", f"v1/people/{quote(account)}/{item}?name=canary.pdf", content, head)

    def reads(self, secret: str, account: str, purpose: str) -> Reply:
        """What a purpose reads of an account's profile, by the site's server."""
        path = f"v1/people/{quote(account)}?{urlencode({'for': purpose})}"
        return self._call("GET", path, head={"Authorization": f"Bearer {secret}"})

    def opens(self, path: str, **query: str) -> Reply:
        """Look at a page."""
        return self._call("GET", f"{path}?{urlencode(query)}" if query else path)

    def fills(self, path: str, **fields: str) -> Reply:
        """Send a plain form."""
        head = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._call("POST", path, urlencode(fields).encode(), head)

    def _json(
        self, path: str, body: object, head: Mapping[str, str] | None = None, method: str = "POST"
    ) -> Reply:
        given = {"Content-Type": "application/json", **(head or {})}
        return self._call(method, path, json.dumps(body).encode(), given)

    def _call(
        self, method: str, path: str, body: bytes = b"", head: Mapping[str, str] | None = None
    ) -> Reply:
        parts = urlsplit(self.base)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=SECONDS)
        try:
            connection.request(
                method, f"{parts.path}/{path}", body or None, {**self._headers(), **(head or {})}
            )
            answer = connection.getresponse()
            reply = Reply(answer.status, dict(answer.getheaders()), _cookies(answer.headers), answer.read())
        except (OSError, HTTPException) as error:
            raise NoAnswer(
                "the public interface does not answer",
                where=self.base,
                next_step="Name its port with KEPT_PUBLIC_PORT, as `kept up` has it.",
                why="Nothing listens there, or the connection broke off.",
            ) from error
        finally:
            connection.close()
        self._keep(reply.cookies)
        return reply

    def _headers(self) -> dict[str, str]:
        given = {"X-Forwarded-For": self.address, "User-Agent": self.agent}
        if self.signal:
            given["Sec-GPC"] = "1"
        if self.origin:
            given["Origin"], given["Host"] = (
                self.origin,
                urlsplit(self.origin).netloc,
            )  # as its proxy passes it on
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return given

    def _keep(self, cookies: SimpleCookie) -> None:
        for name, morsel in cookies.items():
            if morsel["max-age"] == "0" or not morsel.value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.coded_value


def _told(reply: Reply, sent: int = 0) -> CollectorSaid:
    """`sent` is what counts as taken where the reply names no number, since nothing was refused."""
    if reply.status != 200:
        raise NoAnswer(
            f"the collector answered {reply.status}",
            where="the door for events",
            next_step="Look at what the public process says, then run this again.",
            why="It takes events only with 200.",
        )
    said = reply.json()
    told = [(int(each["event"]), str(each["reason"]), str(each["where"])) for each in said.get("refused", [])]
    return CollectorSaid(int(said.get("accepted", sent)), frozenset(told))


def _cookies(headers: Any) -> SimpleCookie:
    found = SimpleCookie()
    lines: Sequence[str] = headers.get_all("Set-Cookie") or ()
    for line in lines:
        found.load(line)
    return found
