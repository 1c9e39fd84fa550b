"""The policy prepared for the door: per event what is declared, per country which cell, worked out once.

A door belongs to one version of the policy, one workspace and one source; when a new version comes into force,
new doors are hung. Nothing in it changes but what it remembers: cells, which the world's countries bound, and rulings.
"""

from dataclasses import dataclass
from typing import Protocol

from kept.base.ids import prepare, prepare_for_subject
from kept.base.remembered import Remembered
from kept.gate.gathering import Gathering
from kept.gather.arrival import Sender
from kept.gather.day import DayKey
from kept.gather.minimiser import Minimiser
from kept.gather.terms import MOST_MASKS, TRACKER, EventTerms, Ruling
from kept.policy.compiled import NO_ANSWER, Answer, CompiledPolicy

Alike = tuple[str | None, Answer, bool, bool, bool]
"""What two senders have in common whose events get the same rulings: country, answer, signal, and whose id it is."""
SESSION_ID = "session_id"
"""What a cookie holds that may hold one visit together."""


class Answers(Protocol):
    """Who gave which answer, as far as this process knows."""

    def of(self, subject: int) -> tuple[Answer, int]:
        """The answer, and the choice sequence number up to which it is known."""
        ...

    def look_again(self, subject: int) -> tuple[Answer, int]:
        """The same, once this process knows what others have heard by now."""
        ...


@dataclass(slots=True)
class AnswersInMemory:
    """Answers that stand in a dictionary."""

    known: dict[int, Answer]
    head: int = 0

    def of(self, subject: int) -> tuple[Answer, int]:
        """The answer, and the head; a stranger has given none."""
        return self.known.get(subject, NO_ANSWER), self.head

    look_again = of


@dataclass(frozen=True, slots=True)
class DoorKeys:
    """Keys of one workspace, 32 bytes each. A client's own ids are stored only as hashes under them."""

    visitor: bytes
    event: bytes


class Door:
    """One version of the policy at one workspace's door, for what comes from one source.

    `carried` is the source that its events carry: the door's own, or the name of the partner on whose site it stands.
    """

    __slots__ = (
        "_rulings",
        "answers",
        "carried",
        "counting_in",
        "day",
        "event_id",
        "events",
        "gathering",
        "number",
        "pages",
        "referrers",
        "session_id",
        "session_uses",
        "source",
        "visitor_id",
        "workspace",
    )

    def __init__(
        self,
        policy: CompiledPolicy,
        number: int,
        *,
        workspace: int,
        keys: DoorKeys,
        answers: Answers,
        day: DayKey,
        minimiser: Minimiser,
        source: str = TRACKER,
        partner: str = "",
    ) -> None:
        self.number = number
        self.source = source
        self.carried = partner or source  # enforces: partner-source
        self.workspace = workspace
        self.visitor_id = prepare(keys.visitor, b"visitor")
        self.event_id = prepare_for_subject(keys.event, b"event")
        self.session_uses = policy.cookie_purposes(SESSION_ID)
        self.session_id = prepare_for_subject(keys.event, b"session")
        self.answers = answers
        self.day = day
        self.gathering = Gathering(policy)
        self.counting_in = policy.counting_in
        self._rulings = Remembered[Alike, dict[str, Ruling]](lambda _alike: {}, MOST_MASKS)
        self.pages, self.referrers = minimiser.pages, minimiser.referrers
        self.events = {
            name: EventTerms(policy, event, source, minimiser.readers)
            for name, event in policy.events.items()
        }

    def rulings_of(self, sender: Sender) -> dict[str, Ruling]:
        """Rulings by event, of all senders of whom the same is known: all that decides is in the key."""
        return self._rulings[sender.country, sender.answer, sender.signal, sender.known, sender.of_account]

    def declared(self, event: str, of_event: str | None = None) -> str:
        """The part of the policy that has these names: `event.property`, or else the event, or else nothing."""
        terms = self.events.get(event)
        if terms is None:
            return ""
        return f"{event}.{of_event}" if of_event in terms.properties else event
