"""The policy prepared for the door: per event what is declared, per country which cell, worked out once.

A door belongs to one version of the policy, one workspace and one source; when a new version comes into force,
new doors are hung. Nothing in it changes but the memory of cells, which the world's countries bound.
"""

from dataclasses import dataclass
from typing import Protocol

from kept.base.ids import prepare, prepare_for_subject
from kept.base.remembered import Remembered
from kept.gate.gathering import Gathering
from kept.gather.day import DayKey
from kept.gather.minimise import Hiding, Known, kept_of_referrers, page_of
from kept.gather.terms import COLUMN_ITEMS, TRACKER, EventTerms
from kept.gather.values import READERS, Reader, reader_of
from kept.policy.compiled import NO_ANSWER, Answer, CompiledPolicy

SESSION_ID = "session_id"
"""What a cookie holds that may hold one visit together."""
ADDRESSES = 8_192
"""A site's visitors come from the same places, and look at the same pages, over and over."""
ADDRESS = 512
"""Longer ones are read anew each time."""


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
        source: str = TRACKER,
        partner: str = "",
        known: Known | None = None,
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
        hiding, referrer_of = Hiding(known), kept_of_referrers(reduced_referrers(policy))
        self.pages = hiding.then(lambda url: hiding.page(page_of(url)), ADDRESS, ADDRESSES)
        self.referrers = Remembered[tuple[str, str | None], str | None](
            lambda pair: referrer_of(*pair), ADDRESSES, ADDRESS
        )
        readers = Remembered[str, Reader](lambda kind: reader_of(kind, hiding), len(READERS))
        self.events = {
            name: EventTerms(policy, event, source, readers) for name, event in policy.events.items()
        }


def reduced_referrers(policy: CompiledPolicy) -> str:
    """The policy's word for what is kept of a referrer; empty where it has none."""
    item = policy.items.get(COLUMN_ITEMS["referrer"])
    return item.reduced_to if item else ""
