"""What a deletion will do, before it is done: pure, printable, and shown to the person first.

GDPR Art. 17; CCPA 1798.105. A hold (Art. 17(3)(e)) stops it whole; a duty to keep leaves what it names.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kept.base.language import marked
from kept.subject.holding import Duty, Held, Person
from kept.subject.holds import Hold

STEPS = (
    marked("Hide everything at once: no purpose sees it any more."),
    marked("Destroy the person's keys: no entry of the ledger names the person without them."),
    marked("Rewrite every file that holds a row of the person, and remove the old ones."),
    marked("Delete choices, joins and identities."),
    marked("Decode every file and search it, and all else, for what should be gone."),
    marked("Write the receipt."),
)


TOMBSTONE = Duty(
    marked("a number without a name for each browser and account"),
    marked(
        "an older copy of the events must not bring them back, and nothing is gathered anew under the same id"
    ),
    None,
)
"""What stays of everyone who was deleted: the pseudonym, and its place in the order of choices (ADR 16)."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What goes, what stays and why, and the steps. `goes` is by the name of the Holding."""

    person: Person
    goes: Mapping[str, tuple[Held, ...]]
    stays: tuple[Duty, ...]
    holds: tuple[Hold, ...]
    steps: tuple[str, ...] = STEPS

    @property
    def stopped(self) -> bool:
        """Whether a hold stops the deletion."""
        return bool(self.holds)

    @property
    def empty(self) -> bool:
        """Whether nothing is held about the person."""
        return not any(self.goes.values())

    def lines(self) -> list[str]:
        """The plan in words, a line each. No line names the person."""
        if self.stopped:
            return [f"Stopped by a hold: {hold.ground} (owner: {hold.owner})." for hold in self.holds]
        gone = [f"Goes: {held.title}, {held.count}." for parts in self.goes.values() for held in parts]
        kept = [f"Stays: {duty.item}, because {duty.ground}." for duty in self.stays]
        numbered = [f"{number}. {step}" for number, step in enumerate(self.steps, 1)]
        return [*(gone or ["Nothing is held."]), *kept, *numbered]


def plan_erasure(
    person: Person, found: Mapping[str, Sequence[Held]], duties: Sequence[Duty], holds: Sequence[Hold]
) -> Plan:
    """The plan for what each Holding found."""
    goes = {name: tuple(held) for name, held in found.items()}
    stays = (*duties, *([TOMBSTONE] if any(goes.values()) else ()))
    return Plan(person, goes, stays, tuple(holds))
