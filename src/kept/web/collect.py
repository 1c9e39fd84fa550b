"""`POST …/v1/events`: what the script and other clients send, taken in, or refused with place and reason.

A request is acknowledged when its events are on the disk, not before. What can be refused is refused before
that, for the cheapest reason first.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil
from time import monotonic
from typing import Protocol, TypeVar

import msgspec

from kept.base.clock import Clock
from kept.base.remembered import Remembered
from kept.gather.arrival import MOST_EVENTS, Sender, SentBatch, ServerBatch, Unreadable, decode, decoder_of
from kept.gather.door import Door
from kept.gather.meeting import Words, meet, meet_by_server, warm_up
from kept.gather.minimise import Origin, origin_of
from kept.gather.protocols.judging import Meet
from kept.gather.protocols.wire import Message, Outcome
from kept.gather.refusals import Counts, TurnedAway
from kept.gather.steps import admit
from kept.storage.event import StoredEvent
from kept.web.call import Call
from kept.web.carried import is_ours, noes_of
from kept.web.limits import Buckets, Limits
from kept.web.of_site import OfSite
from kept.web.reply import NO_ROOM, Reply, json_reply, said_no, with_lines
from kept.web.whence import FORWARDED, Proxies

VISIT_COOKIE = b"kept_visit"
LONGEST_VISIT = 128
MOST_TOLD = 100
"""Refusals that one reply lists; all are counted."""


CORS_ALLOWS = (
    b"access-control-allow-methods: POST",
    b"access-control-allow-headers: content-type",
    b"access-control-max-age: 7200",
)
MEDIA = (b"application/json", b"text/plain")

PREFLIGHT = with_lines(204, b"", *CORS_ALLOWS)
WRONG_METHOD = said_no(405, "Events are sent by POST.", b"allow: POST, OPTIONS")
WRONG_MEDIA = said_no(
    415, "The body must be application/json, or text/plain with JSON in it, and not compressed."
)
SECRET_PREFIX = "sk_"  # noqa: S105  how it begins, and no key
UNKNOWN_KEY = said_no(401, "This write key is not known.", where="key")
SECRET_KEY = said_no(401, "This is a secret key; a page shows a write key.", where="key")
UNKNOWN_SECRET = said_no(401, "This secret key is not known.", where="authorization")
CUT_OFF = said_no(403, "This partner has been cut off: nothing is taken from its site.", where="key")
WRONG_ORIGIN = said_no(403, "This write key is not for pages of this origin.", where="origin")
BEHIND = said_no(503, "The disk does not keep up. Try again shortly.", b"retry-after: 2")
STALE = said_no(
    503, "What people chose cannot be looked up at present. Try again shortly.", b"retry-after: 2"
)
_ALL_ACCEPTED = Remembered[int, Reply](
    lambda number: json_reply(200, {"accepted": number, "refused": []}), MOST_EVENTS
)


@dataclass(frozen=True, slots=True)
class WriteKey:
    """What a public key may do: append events at one door, from pages of these origins (b"https://example.com")."""

    door: Door
    origins: frozenset[bytes]
    is_partners: bool = False
    """Whether it is a partner's: then pages must say that they are of its origins."""
    is_cut: bool = False


class Journal(Protocol):
    """Where events go: `storage.Journal`."""

    def append_nowait(self, frames: Sequence[bytes]) -> asyncio.Future[None]:
        """A future that is done once every frame is durable, or fails: then none counts as received.

        Those who are written together get the same one.
        """
        ...


Waiting = tuple[Call, bytes, int, Reply, Counts]
"""A call whose events are being written, its CORS lines, the number of events, what to answer when done, and
where they count."""

_LINES = msgspec.json.Encoder().encode_lines


class Collector:
    """The collector's side of a request. `keys` may be replaced whole at any time."""

    path = b"/v1/events"

    def __init__(
        self,
        journal: Journal,
        clock: Clock,
        *,
        limits: Limits | None = None,
        proxies: Iterable[str] = (),
        is_fresh: Callable[[], bool] = lambda: True,
    ) -> None:
        limits = limits or Limits()
        self._journal = journal
        self._clock = clock
        self._proxies = Proxies(proxies)
        self._by_key = Buckets(limits.key)
        self._by_server = Buckets(limits.key)
        self._by_address = Buckets(limits.address)
        self._backlog = limits.backlog
        self._is_fresh = is_fresh  # whether what is known of people's answers may still be relied upon
        warm_up()  # the first visitor shall not wait for tables to be read
        self._keys: Mapping[str, WriteKey] = {}
        self._secrets: Mapping[bytes, Door] = {}
        self._cors: Mapping[bytes, bytes] = {}
        self._partners: frozenset[bytes] = frozenset()
        self._durable: asyncio.Future[None] | None = None  # of the group being gathered
        self._group: list[Waiting] = []
        self.waiting = 0  # events written and not yet known to be on the disk
        self.events, self.of_canaries = Counts(), Counts()
        self.of_site = OfSite(self)
        self.replies: Counter[int] = Counter()

    def use(self, keys: Mapping[str, WriteKey], secrets: Mapping[str, Door] | None = None) -> None:
        """Take these keys from now on: at the start, and whenever policy or keys change.

        `secrets` are the keys of customers' servers, which speak for any visitor.
        """
        self._secrets = {b"Bearer " + key.encode(): door for key, door in (secrets or {}).items()}
        origins = {origin for key in keys.values() for origin in key.origins}
        self._keys = dict(keys)
        self._cors = {origin: _cors_lines(origin) for origin in origins}
        self._partners = frozenset(
            origin for key in keys.values() if key.is_partners for origin in key.origins
        )

    def take(self, call: Call) -> None:
        """Answer a call, now or when its events are stored."""
        cors = self._cors.get(call.headers.get(b"origin", b""), b"")
        match call.method:
            case b"POST":
                reply = self._take_events(call, cors)
            case b"OPTIONS":
                reply = PREFLIGHT
            case _:
                reply = WRONG_METHOD
        if reply is not None:
            self.answer(call, cors, reply)

    def cors_of(self, call: Call) -> bytes:
        """The lines that let a page of another origin read the answer, if a key is for it."""
        return self._cors.get(call.headers.get(b"origin", b""), b"")

    def answer(self, call: Call, cors: bytes, reply: Reply) -> None:
        """Answer a call, and count it by its status."""
        self.replies[reply.status] += 1
        call.reply(reply.head + cors, reply.body)

    def _take_events(self, call: Call, cors: bytes) -> Reply | None:
        headers = call.headers
        if b"authorization" in headers:
            return self._take_from_server(call, headers)
        address = self._proxies.sender(call.client, headers.get(FORWARDED))
        origin = origin_of(address)
        now = monotonic()
        wait = self._by_address.take(origin.network or "", now)
        refusal = _over(wait) if wait else _unreadable(headers)
        if refusal is not None:
            return refusal
        batch = read_batch(call.body, _BATCH)
        if isinstance(batch, Reply):
            return batch
        key = self.page_key(batch.key, headers, now)
        if isinstance(key, Reply):
            return key
        cookies = headers.get(b"cookie")
        words = words_of(headers, cookies, batch.visitor or visit_of(cookies), address, origin)
        sender = meet(key.door, words, self._clock.now_ms())
        stored, turned_away = admit(key.door, sender, batch.events, self.counts(key.door.workspace))
        return self.store(call, cors, stored, told(len(stored), turned_away))

    def _take_from_server(self, call: Call, headers: Mapping[bytes, bytes]) -> Reply | None:
        door = self.site_door(headers[b"authorization"])
        if door is None:  # whoever shows a wrong secret key is slowed down like any stranger at that address
            return self.slow_down(self.origin_of(call)[1]) or UNKNOWN_SECRET
        refusal = self.slow_site(door) or _unreadable(headers)
        if refusal is not None:
            return refusal
        batch = read_batch(call.body, _SERVER_BATCH)
        if isinstance(batch, Reply):
            return batch
        signal, ours = headers.get(b"sec-gpc") == b"1", is_ours(batch.about)
        met = partial(meet_by_server, door, batch, self._clock.now_ms(), signal=signal, ours=ours)
        if batch.account is not None:
            return self.of_site.take(call, door, _of_account(batch), lambda: _same(met()), _outcome)
        sender = met()
        stored, turned_away = admit(door, sender, batch.events, self.counts(door.workspace))
        return self.store(call, b"", stored, told(len(stored), turned_away))

    def now_ms(self) -> int:
        """The time, in milliseconds of UTC."""
        return self._clock.now_ms()

    def origin_of(self, call: Call) -> tuple[str, Origin]:
        """The sender's address, and what is kept of it."""
        address = self._proxies.sender(call.client, call.headers.get(FORWARDED))
        return address, origin_of(address)

    def slow_down(self, origin: Origin) -> Reply | None:
        """Count a request for its network; a no when those were too many."""
        wait = self._by_address.take(origin.network or "", monotonic())
        return _over(wait) if wait else None

    def site_door(self, credential: bytes) -> Door | None:
        """The door of whom a credential `Bearer sk_…` lets speak for any visitor.

        A look-up by hash tells nothing of how much of a wrong key was right.
        """
        return self._secrets.get(credential)

    def slow_site(self, door: Door) -> Reply | None:
        """Count a request for the company's server; a no when those were too many, or the disk is behind."""
        wait = self._by_server.take(str(door.workspace), monotonic())
        return _over(wait) if wait else self._not_now()

    def page_key(self, name: str, headers: Mapping[bytes, bytes], now: float) -> WriteKey | Reply:
        """A write key, if it is one, is for the page that shows it, and is not shown too often."""
        key = self._keys.get(name)
        if key is None:
            return SECRET_KEY if name.startswith(SECRET_PREFIX) else UNKNOWN_KEY
        not_now = self._not_now()
        if not_now is not None:
            return not_now
        if key.is_cut:  # enforces: partner-cut
            return CUT_OFF
        origin = headers.get(b"origin")
        if origin not in key.origins and not self._is_of_ours(key, origin, headers):
            return WRONG_ORIGIN
        wait = self._by_key.take(name, now)
        return _over(wait) if wait else key

    def _not_now(self) -> Reply | None:
        if not self._is_fresh():
            return STALE
        return BEHIND if self.waiting >= self._backlog else None

    def _is_of_ours(self, key: WriteKey, origin: bytes | None, headers: Mapping[bytes, bytes]) -> bool:
        """Whether a page is of the company's own site; a partner's page never is, and says where it is from."""
        if key.is_partners or origin in self._partners:  # enforces: partner-origins
            return False
        return origin is None or _is_own(origin, headers)

    def counts(self, workspace: int) -> Counts:
        """The company's. Canaries (workspace 0) are counted apart: reports and ledger speak of people's events."""
        return self.events if workspace else self.of_canaries

    def store(self, call: Call, cors: bytes, events: list[StoredEvent], reply: Reply) -> Reply | None:
        """Write events down, and answer with `reply` when that is done. Without any, it is given back at once."""
        if not events:
            return reply
        durable = self._journal.append_nowait([_LINES(events)[:-1]])
        if durable is not self._durable:
            self._durable, self._group = durable, []
            durable.add_done_callback(partial(self._stored, self._group))
        self._group.append((call, cors, len(events), reply, self.counts(events[0].workspace)))
        self.waiting += len(events)
        return None

    def _stored(self, group: list[Waiting], durable: asyncio.Future[None]) -> None:
        """The journal has spoken. What failed, or was cancelled by the end, is never acknowledged."""
        failed = durable.cancelled() or durable.exception() is not None
        for call, cors, count, reply, counts in group:
            self.waiting -= count
            counts.accepted += 0 if failed else count
            self.answer(call, cors, NO_ROOM if failed else reply)


def told(accepted: int, turned_away: list[TurnedAway]) -> Reply:
    """The reply to a request that was understood: how many events are stored; what was refused, and why."""
    if not turned_away:
        return _ALL_ACCEPTED[accepted]
    said: dict[str, object] = {"accepted": accepted, "refused": turned_away[:MOST_TOLD]}
    if len(turned_away) > MOST_TOLD:
        said["not listed"] = len(turned_away) - MOST_TOLD
    return json_reply(200, said)


def _of_account(batch: ServerBatch) -> list[Message]:
    """Events about an account, each at its place."""
    account = batch.account
    return [Message(f"events[{at}]", sent, account=account) for at, sent in enumerate(batch.events)]


def _same(sender: Sender) -> Meet:
    """One sender for a whole batch."""
    return lambda _whose: sender


def _outcome(outcome: Outcome) -> Reply:
    return told(outcome.stored, list(outcome.turned_away))


_BATCH = decoder_of(SentBatch)
_SERVER_BATCH = decoder_of(ServerBatch)
Batch = TypeVar("Batch")


def read_batch(body: bytes, decoder: "msgspec.json.Decoder[Batch]") -> Batch | Reply:
    """The body's events, or a 400 that says the place: events[3].name, or the byte where JSON ends."""
    found = decode(body, decoder)
    return said_no(400, found.what, where=found.where) if isinstance(found, Unreadable) else found


def words_of(
    headers: Mapping[bytes, bytes],
    cookies: bytes | None,
    visitor: str | None,
    address: str,
    origin: Origin,
) -> Words:
    """What a page's request says about whoever sits before it, under this visitor's id."""
    return Words(
        visitor,
        address,
        origin,
        headers.get(b"user-agent", b""),
        headers.get(b"sec-gpc") == b"1",
        noes_of(cookies),
        visitor is not None and is_ours(visitor),
    )


def visit_of(cookies: bytes | None) -> str | None:
    """The visitor's id in a Cookie header, if it is there."""
    if cookies is None or VISIT_COOKIE not in cookies:
        return None
    for pair in cookies.split(b";"):
        name, _, value = pair.strip().partition(b"=")
        if name == VISIT_COOKIE and len(value) <= LONGEST_VISIT:
            return value.decode("latin-1")
    return None


def _unreadable(headers: Mapping[bytes, bytes]) -> Reply | None:
    media = headers.get(b"content-type", MEDIA[0])
    if media not in MEDIA and media.partition(b";")[0].strip().lower() not in MEDIA:
        return WRONG_MEDIA
    return WRONG_MEDIA if b"content-encoding" in headers else None


def _over(wait: float) -> Reply:
    return said_no(429, "Too many requests.", b"retry-after: %d" % ceil(wait))


def _is_own(origin: bytes, headers: Mapping[bytes, bytes]) -> bool:
    """A page of the very host that the request went to."""
    return origin.partition(b"://")[2] == headers.get(b"host")


def _cors_lines(origin: bytes) -> bytes:
    return (
        b"access-control-allow-origin: %b\r\naccess-control-allow-credentials: true\r\nvary: origin\r\n"
        % origin
    )
