"""For tests of other makes' clients: a collector that listens to them, and one request to it at a time."""

import base64
import gzip
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from kept.gather.refusals import AtDoor
from kept.policy.compiled import Answer
from kept.storage.event import StoredEvent
from kept.web.clients import Clients
from kept.web.collect import WriteKey
from kept.web.limits import Limits
from tests.collecting import (
    KEY,
    ORIGIN,
    SECRET,
    Got,
    Notebook,
    Running,
    ask,
    collector,
    running,
    small_door,
)

PAGE = "https://jobs.example.com/jobs?utm_source=news"


@dataclass
class Joined:
    """Stands for the house that joins visitors to accounts."""

    pairs: list[tuple[str, str]] = field(default_factory=list)
    elsewhere: frozenset[str] = frozenset()
    breaks: Exception | None = None

    def join(self, visitor: str, account: str) -> AtDoor | None:
        """One join."""
        if self.breaks is not None:
            raise self.breaks
        if visitor in self.elsewhere:
            return AtDoor.ANOTHER_ACCOUNT
        self.pairs.append((visitor, account))
        return None


@dataclass
class World:
    """A collector on loopback, what it wrote down, and whom it joined."""

    server: Running
    notebook: Notebook
    joined: Joined
    refusals: Callable[[], Mapping[str, int]]

    def send(self, method: str, url: str, body: bytes = b"", **headers: str) -> Got:
        """One request. Header names are given with _ for -."""
        lines = {
            "host": "jobs.example.com",
            "x-forwarded-for": "128.103.0.1",
            "content-length": str(len(body)),
        }
        lines |= {name.replace("_", "-"): value for name, value in headers.items()}
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return ask(self.server, f"{method} {url} HTTP/1.1\r\n{head}\r\n".encode() + body)

    def post(self, url: str, said: object, **headers: str) -> Got:
        """One request with JSON."""
        return self.send("POST", url, json.dumps(said).encode(), **{"content_type": "text/plain", **headers})

    def packed(self, url: str, said: object, **headers: str) -> Got:
        """The same, by gzip."""
        packed = gzip.compress(json.dumps(said).encode())
        return self.send("POST", url, packed, content_encoding="gzip", **headers)

    @property
    def events(self) -> list[StoredEvent]:
        """What was stored."""
        return self.notebook.events

    @property
    def counted(self) -> dict[str, int]:
        """How often each reason was counted, zeros left out."""
        return {reason: count for reason, count in self.refusals().items() if count}


def basic(key: str = SECRET) -> str:
    """The header by which SDKs show a key."""
    return "Basic " + base64.b64encode(f"{key}:".encode()).decode()


@contextmanager
def world(
    answers: Mapping[int, Answer] | None = None, limits: Limits | None = None, joined: Joined | None = None
) -> Iterator[World]:
    """A living collector with the small policy, and its clients."""
    notebook, joined = Notebook(), joined or Joined()
    taken = collector(notebook, limits=limits)
    taken.use(
        {KEY: WriteKey(small_door(answers), frozenset({ORIGIN}))},
        {SECRET: small_door(answers, source="server")},
    )
    listening = Clients(taken)
    taken.of_site.use({1: joined.join})

    def refusals() -> dict[str, int]:
        return {reason.code: count for reason, count in taken.events.of().items()}

    with running(taken, others=listening) as server:
        yield World(server, notebook, joined, lambda: server.do(refusals))
