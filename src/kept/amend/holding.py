"""The Holding of showings: which versions an account was shown, as long as the policy keeps that."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, func, select

from kept.amend.model import Showing
from kept.amend.shown import ITEM, showings_of
from kept.amend.store import shown_to
from kept.base.language import marked
from kept.policy.compiled import CompiledPolicy, Item
from kept.storage.records import Records
from kept.subject import Duty, Held, NotCorrectable, Person


@dataclass(frozen=True, slots=True)
class Showings:
    """Showings in the records. `policy` gives the version in force, `versions` the names of all by number."""

    records: Records
    policy: Callable[[], CompiledPolicy]
    versions: Callable[[], dict[int, str]]
    name: str = "what we showed you"

    def find(self, person: Person) -> list[Held]:
        """All of it as one entry."""
        found = self.of(person)
        if not found:
            return []
        item, moments = self.policy().items.get(ITEM), [one.at_ms for one in found]
        return [
            Held(
                item=ITEM,
                title=item.title if item else marked("Which versions of the notice you were shown"),
                count=len(found),
                sources=("server",),
                purposes=_users(self.policy(), item),
                first_ms=moments[0],
                last_ms=moments[-1],
                until_ms=_until(item, moments[-1]),
            )
        ]

    def of(self, person: Person) -> list[Showing]:
        """Each showing, the oldest first."""
        with self.records.read() as connection:
            return showings_of(connection, person.subjects, self.versions())

    def export(self, person: Person) -> Iterator[Mapping[str, object]]:
        """Each showing."""
        for one in self.of(person):
            yield {"version": one.version, "number": one.number, "how": one.how, "at_ms": one.at_ms}

    def correct(self, person: Person, item: str, value: object) -> NotCorrectable | None:
        """What was shown stays as it was."""
        return NotCorrectable("That is what was shown then; a wrong entry goes with a deletion.")

    def erase(self, person: Person) -> None:
        """Delete them. No account is left of whom it could be shown, so it proves nothing any more."""
        with self.records.write() as connection:
            mine = shown_to.c.subject.in_(person.subjects)
            connection.execute(delete(shown_to).where(mine))  # enforces: showing-forgotten

    def duties(self, person: Person) -> list[Duty]:
        """None."""
        return []

    def remains(self, person: Person) -> int:
        """Rows still there."""
        with self.records.read() as connection:
            mine = shown_to.c.subject.in_(person.subjects)
            return int(
                connection.execute(select(func.count()).select_from(shown_to).where(mine)).scalar_one()
            )


def _users(policy: CompiledPolicy, item: Item | None) -> tuple[str, ...]:
    if item is None:
        return ()
    return tuple(name for name, one in policy.purposes.items() if item.uses & one.mask and not one.on_demand)


def _until(item: Item | None, last_ms: int) -> int | None:
    """When the last of them is over its ceiling, by the shortest rule that any audience has."""
    ends = [span.ends(last_ms) for cell in item.keep for span in cell] if item else []
    return min((end for end in ends if end is not None), default=None)
