"""What a protocol is: what it is given, what it makes of it, and what it says when all is done."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple, Protocol

import msgspec

from kept.gather.arrival import LONGEST_ACCOUNT, SentEvent, Unreadable
from kept.gather.refusals import TurnedAway

MOST_MESSAGES = 1_000
LONGEST_ID = 128
Number = Annotated[int, msgspec.Meta(ge=-(10**15), le=10**15)]
Id = Annotated[str, msgspec.Meta(max_length=LONGEST_ID)] | Number
"""An id of a visitor or an event. Some clients write numbers."""
AccountId = Annotated[str, msgspec.Meta(max_length=LONGEST_ACCOUNT)] | Number
"""The site's own id of an account."""


class Asked(NamedTuple):
    """One request: the ending of its path, its query, its headers by name in lower case, and its body unpacked."""

    ending: bytes
    query: bytes
    headers: Mapping[bytes, bytes]
    body: bytes


class Message(msgspec.Struct, gc=False):
    """One thing that a client says. `place` is where it stands in the body: batch[3], or nothing for the whole.

    `visitor` is a browser's id, as the client knows it. `account` is who it says the visitor is, and `described` what
    it says of that person beside what they did; the places say where.
    """

    place: str
    event: SentEvent | None = None
    visitor: str | None = None
    account: str | None = None
    account_at: str = ""
    described: Mapping[str, Any] | None = None
    described_at: str = ""
    too_large: bool = False

    def at(self, field: str) -> str:
        """The place of something in the message."""
        return ".".join(part for part in (self.place, field) if part) or "body"


class Heard(NamedTuple):
    """What a request says: the key that it shows, and its messages."""

    key: str
    messages: Sequence[Message]


class Outcome(NamedTuple):
    """What became of a request: how many messages it had, how many events are stored, what was turned away."""

    messages: int
    stored: int
    turned_away: Sequence[TurnedAway]


class Answer(NamedTuple):
    """The answer to a request that was understood. `media` is empty where there is no body."""

    status: int
    media: bytes
    body: bytes


class ClientProtocol(Protocol):
    """How the clients of one make speak."""

    name: str
    endings: frozenset[bytes]
    """How its paths end, without slashes at either end: `v1/track`, `batch`. No route of ours may end so."""
    methods: frozenset[bytes]
    most_bytes: int
    """The largest body, unpacked."""

    def hear(self, asked: Asked) -> Heard | Unreadable:
        """What a request says. Pure; it must not raise, whatever was sent."""
        ...

    def answer(self, asked: Asked, outcome: Outcome) -> Answer:
        """What the client expects to be told, with what was turned away wherever there is room for it."""
        ...


LONGEST_ADDRESS = 4_096


def address_of(value: object) -> str | None:
    """The address of a page, as far as an address may be long; a longer one is passed over."""
    return value if isinstance(value, str) and 0 < len(value) <= LONGEST_ADDRESS else None


def text_of(value: str | int | None) -> str | None:
    """An id as text; nothing for one that is empty."""
    return None if value is None or value == "" else str(value)
