"""What arrives at the door: the sender's words as they are decoded, and the event as it takes shape.

Decoding is strict: a field that the interface does not name makes the whole request unreadable, with the
place said. Properties are the exception, since what is declared differs per event: the steps sort them.
"""

from typing import Annotated, Any, NamedTuple, TypeVar

import msgspec

from kept.base.unreadable import in_words
from kept.gather.refusals import AtDoor
from kept.gather.terms import REFUSED, EventTerms, Ruling
from kept.policy.compiled import Answer
from kept.policy.places import Residence

MOST_EVENTS = 1_000
LONGEST_ACCOUNT = 256
Short = Annotated[str, msgspec.Meta(max_length=128)]
Address = Annotated[str, msgspec.Meta(max_length=4_096)]


class SentEvent(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One event as it is sent. `at` is milliseconds of UTC or RFC 3339; missing, it is now."""

    name: Short
    id: Short | None = None
    at: int | str | None = None
    page: Address | None = None
    referrer: Address | None = None
    session: Short | None = None
    properties: dict[str, Any] | None = None


class SentBatch(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The body of a request."""

    key: Short
    events: Annotated[list[SentEvent], msgspec.Meta(max_length=MOST_EVENTS)]
    visitor: Short | None = None


class ServerBatch(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """The body of a request by the customer's server, which shows the secret key in its header.

    It speaks for one visitor, or for one account by the site's own id, and may say what only it can know: where that
    person lives (ISO 3166), and that the events are history, older than a browser may send.
    """

    events: Annotated[list[SentEvent], msgspec.Meta(max_length=MOST_EVENTS)]
    visitor: Annotated[str, msgspec.Meta(min_length=1, max_length=128)] | None = None
    account: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ACCOUNT)] | None = None
    residence: Residence | None = None
    history: bool = False

    def __post_init__(self) -> None:
        """Refuse what speaks for nobody, and for two: that a visitor is an account, `POST v1/join` says."""
        if (self.visitor is None) == (self.account is None):
            raise ValueError("Name the visitor or the account that the events are about, one of the two.")

    @property
    def about(self) -> str:
        """The id that the events stand under."""
        return self.visitor or self.account or ""


class Unreadable(NamedTuple):
    """Why a body cannot be read, and where in it: events[3].name, or `body` as a whole."""

    what: str
    where: str

    def within(self, place: str) -> "Unreadable":
        """The same, of a part of a body that stands at this place."""
        inside = "" if self.where == "body" else self.where
        dot = "." if place and inside and not inside.startswith("[") else ""
        return Unreadable(self.what, f"{place}{dot}{inside}" or "body")


Whole = TypeVar("Whole")


def decoder_of(kind: type[Whole]) -> "msgspec.json.Decoder[Whole]":
    """Reads bodies of a kind strictly; a residence in one must be a place."""
    return msgspec.json.Decoder(kind, dec_hook=lambda declared, found: declared(found))


def decode(body: "bytes | msgspec.Raw", decoder: "msgspec.json.Decoder[Whole]") -> Whole | Unreadable:
    """What a body says, or the place where it cannot be read."""
    try:
        return decoder.decode(body)
    except msgspec.DecodeError as wrong:
        return Unreadable(*in_words(str(wrong)))
    except UnicodeDecodeError:
        return Unreadable("The body is not UTF-8.", "body")
    except RecursionError:
        return Unreadable("The JSON is nested too deeply.", "body")


class Sender(msgspec.Struct, gc=False):
    """What one request says about whom it comes from, minimised at once: the whole address and the agent's
    own words go no further than the function that reads them."""

    now_ms: int
    subject: int
    subject_bytes: bytes
    known: bool  # a visitor's id was given; otherwise the subject is one of the day
    signal: bool  # Global Privacy Control
    answer: Answer
    cv: int
    address: str | None  # shortened
    country: str | None
    device: str | None
    browser: str | None
    crawler: bool
    history: bool = False  # the customer's server says that the events are old
    of_account: bool = False  # the id is the site's own of an account: no browser holds it
    # What its events have in common, worked out at the first of them:
    rulings: dict[str, Ruling] | None = None  # by an event's name
    sessions: dict[str, int] = {}  # by the sender's own word for a session


class Draft(msgspec.Struct, gc=False):
    """One event on its way through the steps: what was sent, and what has become of it so far."""

    sent: SentEvent
    terms: EventTerms
    ts: int = 0
    event_id: int = 0
    ruling: Ruling = REFUSED
    page: str | None = None
    referrer: str | None = None
    campaign: str | None = None
    properties: dict[str, str] | None = None
    session: int | None = None
    turned_away: list[tuple[AtDoor, str]] | None = None

    def turn_away(self, reason: AtDoor, place: str) -> None:
        """Refuse one property; the event goes on without it."""
        if self.turned_away is None:
            self.turned_away = []
        self.turned_away.append((reason, place))
