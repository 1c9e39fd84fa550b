"""The protocol: its paths, its limits, how it is read and answered."""

from collections.abc import Mapping

import msgspec

from kept.gather.arrival import Unreadable, decode
from kept.gather.protocols.segment.meaning import meaning
from kept.gather.protocols.segment.messages import BATCH, KEYED, MESSAGE, Kind
from kept.gather.protocols.wire import Answer, Asked, Heard, Message, Outcome

MOST_IN_A_MESSAGE = 32 * 1_024
SINGLE: Mapping[bytes, Kind] = {
    b"track": "track",
    b"page": "page",
    b"screen": "screen",
    b"identify": "identify",
    b"group": "group",
    b"alias": "alias",
    b"t": "track",
    b"p": "page",
    b"s": "screen",
    b"i": "identify",
    b"g": "group",
    b"a": "alias",
}
SEVERAL = (b"batch", b"b")
DONE = b'{"success": true}'


class Segment:
    """Segment's tracking API, as far as it moves events and joins."""

    name = "Segment"
    endings = frozenset(b"v1/" + last for last in (*SINGLE, *SEVERAL))
    methods = frozenset({b"POST"})
    most_bytes = 500 * 1_024

    def hear(self, asked: Asked) -> Heard | Unreadable:
        """One message, or a batch of them. Which it is, the path says."""
        last = asked.ending.rpartition(b"/")[2]
        return _several(asked.body) if last in SEVERAL else _single(asked.body, SINGLE[last])

    def answer(self, asked: Asked, outcome: Outcome) -> Answer:
        """Success, which its SDKs take as the end of it; who looks finds there what was refused."""
        if not outcome.turned_away:
            return Answer(200, b"application/json", DONE)
        said = {"success": True, "accepted": outcome.stored, "refused": outcome.turned_away}
        return Answer(200, b"application/json", msgspec.json.encode(said))


SEGMENT = Segment()


def _single(body: bytes, kind: Kind) -> Heard | Unreadable:
    keyed = decode(body, KEYED)
    if isinstance(keyed, Unreadable):
        return keyed
    message = _message(body, "", kind)
    return message if isinstance(message, Unreadable) else Heard(keyed.write_key or "", [message])


def _several(body: bytes) -> Heard | Unreadable:
    sent = decode(body, BATCH)
    if isinstance(sent, Unreadable):
        return sent
    messages: list[Message] = []
    for index, raw in enumerate(sent.batch):
        message = _message(raw, f"batch[{index}]")
        if isinstance(message, Unreadable):
            return message
        messages.append(message)
    return Heard(sent.write_key or "", messages)


def _message(raw: bytes | msgspec.Raw, place: str, kind: Kind | None = None) -> Message | Unreadable:
    if len(bytes(raw)) > MOST_IN_A_MESSAGE:
        return Message(place, too_large=True)
    sent = decode(raw, MESSAGE)
    if isinstance(sent, Unreadable):
        return sent.within(place)
    sent.type = kind or sent.type
    if sent.type is None:
        return Unreadable("A message in a batch names its type.", f"{place}.type")
    if sent.type == "track" and not sent.event:
        return Unreadable("A message of the type track names its event.", "event").within(place)
    return meaning(sent, place)
