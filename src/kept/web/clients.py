"""What clients of other makes send: heard in their own protocol, then taken in by the collector's own means.

Caps, rates, keys, origins, meeting, steps, journal and counts are the collector's. Only the way in and the words of
the answer differ.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from functools import partial
from time import monotonic

from kept.gather.arrival import Sender, ServerBatch, Unreadable
from kept.gather.door import Door
from kept.gather.meeting import meet, meet_by_server
from kept.gather.protocols import protocol_at
from kept.gather.protocols.judging import Meet, Whose, judge
from kept.gather.protocols.packed import MAGIC, Packed, gunzip
from kept.gather.protocols.wire import Asked, ClientProtocol, Heard, Outcome
from kept.web.call import Call
from kept.web.carried import is_ours
from kept.web.collect import (
    MOST_TOLD,
    SECRET_PREFIX,
    UNKNOWN_SECRET,
    Collector,
    visit_of,
    words_of,
)
from kept.web.reply import Reply, said_no, with_lines

CORS_ALLOWS = (
    b"access-control-allow-methods: GET, POST",
    b"access-control-allow-headers: authorization, content-type, content-encoding, x-retry-count",
    b"access-control-max-age: 7200",
)
PREFLIGHT = with_lines(204, b"", *CORS_ALLOWS)
WRONG_METHOD = said_no(405, "This client's events are not sent by this method.", b"allow: GET, POST, OPTIONS")
WRONG_PACKING = said_no(415, "A body may be packed by gzip, and by nothing else.")
NOT_PACKED = said_no(400, Packed.BROKEN.value, where="body")
TOO_LARGE = said_no(413, Packed.TOO_LARGE.value)


class Clients:
    """The other makes' side of a collector."""

    def __init__(self, collector: Collector) -> None:
        self._collector = collector

    def speaks(self, path: bytes) -> bool:
        """Whether a protocol is spoken at this path."""
        return protocol_at(path) is not None

    def take(self, call: Call) -> None:
        """Answer a call, now or when its events are stored."""
        cors = self._collector.cors_of(call)
        path, _, query = call.url.partition(b"?")
        protocol = protocol_at(path)
        if call.method == b"OPTIONS":
            reply: Reply | None = PREFLIGHT
        elif protocol is None or call.method not in protocol.methods:
            reply = WRONG_METHOD
        else:
            reply = self._take(call, cors, protocol, Asked(_ending(path), query, call.headers, call.body))
        if reply is not None:
            self._collector.answer(call, cors, reply)

    def _take(self, call: Call, cors: bytes, protocol: ClientProtocol, asked: Asked) -> Reply | None:
        """Who shows the secret key in its header is the company's server before anything is read; all others are
        strangers at an address until their key has been found in what they sent."""
        shown = key_in(call.headers)
        door = self._collector.site_door(b"Bearer " + shown.encode()) if shown else None
        origin = self._collector.origin_of(call)[1]
        refusal = self._collector.slow_site(door) if door else self._collector.slow_down(origin)
        body = refusal or _unpacked(asked, protocol.most_bytes)
        if isinstance(body, Reply):
            return body
        asked = asked._replace(body=body)
        heard = protocol.hear(asked)
        if isinstance(heard, Unreadable):
            return said_no(400, heard.what, where=heard.where)
        name = shown or heard.key
        if door is None:
            door = self._collector.site_door(b"Bearer " + name.encode())
            refusal = self._collector.slow_site(door) if door else None
        if refusal is not None:
            return refusal
        if door is not None:  # enforces: joins-by-secret-key
            return self._from_site(call, protocol, asked, heard, door)
        return self._from_page(call, cors, protocol, asked, heard, name)

    def _from_page(
        self, call: Call, cors: bytes, protocol: ClientProtocol, asked: Asked, heard: Heard, name: str
    ) -> Reply | None:
        if name.startswith(SECRET_PREFIX):  # a client may show one, but this one is not ours
            return UNKNOWN_SECRET
        key = self._collector.page_key(name, call.headers, monotonic())
        if isinstance(key, Reply):
            return key
        door, counts = key.door, self._collector.counts(key.door.workspace)
        stored, refused = judge(door, heard.messages, self._at_browser(call, door), counts)
        reply = _told(protocol, asked, Outcome(len(heard.messages), len(stored), refused))
        return self._collector.store(call, cors, stored, reply)

    def _from_site(
        self, call: Call, protocol: ClientProtocol, asked: Asked, heard: Heard, door: Door
    ) -> Reply | None:
        return self._collector.of_site.take(
            call, door, heard.messages, lambda: self._by_site(call, door), partial(_told, protocol, asked)
        )

    def _at_browser(self, call: Call, door: Door) -> Meet:
        """Whoever sits there. Under the id that came with a yes, if the browser has one: behind it stand the
        answers. Else under the one that the client has made."""
        cookies, (address, origin) = call.headers.get(b"cookie"), self._collector.origin_of(call)
        here, now_ms = visit_of(cookies), self._collector.now_ms()

        def met(whose: Whose) -> Sender:
            known = here or whose.id  # enforces: answered-id-first
            words = words_of(call.headers, cookies, known, address, origin)
            return meet(door, words, now_ms)

        return _once(met)

    def _by_site(self, call: Call, door: Door) -> Meet:
        signal, now_ms = call.headers.get(b"sec-gpc") == b"1", self._collector.now_ms()

        def met(whose: Whose) -> Sender:
            batch = ServerBatch([], account=whose.id) if whose.is_account else ServerBatch([], whose.id)
            return meet_by_server(door, batch, now_ms, signal=signal, ours=is_ours(batch.about))

        return _once(met)


def key_in(headers: Mapping[bytes, bytes]) -> str:
    """The key that the header shows: as the user of Basic (RFC 7617), or as Bearer. Empty when there is none."""
    kind, _, shown = headers.get(b"authorization", b"").partition(b" ")
    if kind.lower() == b"bearer":
        return shown.strip().decode("latin-1")
    if kind.lower() != b"basic":
        return ""
    try:
        return b64decode(shown, validate=True).partition(b":")[0].decode("latin-1")
    except NotBase64:
        return ""


def _once(met: Meet) -> Meet:
    """The same sender for the same id, within one request."""
    known: dict[Whose, Sender] = {}

    def of(whose: Whose) -> Sender:
        if whose not in known:
            known[whose] = met(whose)
        return known[whose]

    return of


def _unpacked(asked: Asked, most: int) -> bytes | Reply:
    """Some clients say that a body is packed by a header, others let it be seen."""
    packing = asked.headers.get(b"content-encoding", b"identity").lower()
    if packing not in (b"gzip", b"identity"):
        return WRONG_PACKING
    body: bytes | Packed = asked.body
    if packing == b"gzip" or asked.body.startswith(MAGIC):
        body = gunzip(asked.body, most)
    elif len(asked.body) > most:
        body = Packed.TOO_LARGE
    if isinstance(body, Packed):
        return TOO_LARGE if body is Packed.TOO_LARGE else NOT_PACKED
    return body


def _told(protocol: ClientProtocol, asked: Asked, outcome: Outcome) -> Reply:
    """The answer in the protocol's words. The reasons stand in a header too, for answers that have no room."""
    reasons = sorted({each.reason for each in outcome.turned_away})
    answer = protocol.answer(asked, outcome._replace(turned_away=outcome.turned_away[:MOST_TOLD]))
    lines = [b"content-type: " + answer.media] if answer.media else []
    if reasons:
        lines.append(b"kept-refused: " + ", ".join(reasons).encode())
    return with_lines(answer.status, answer.body, *lines)


def _ending(path: bytes) -> bytes:
    """A path's last two parts, or the one that there is."""
    return b"/".join(path.rstrip(b"/").rsplit(b"/", 2)[-2:]).lstrip(b"/")
