"""The way in for programs: `kept.open("kept-data").use("research")`. Every read names a purpose.

    import kept

    with kept.open("kept-data") as installation, installation.use("research") as research:
        views = research.table("page_view")                          # an Ibis table
        answer = research.ask(views.group_by("page").count())        # or a SELECT, as text
        answer.to_arrow(), answer.to_polars(), list(answer)

A purpose that may not read, and a question that goes beyond what it may see, raise `kept.Refused`, which names
the clause of the policy (`where`), the reason (`why`) and what is possible instead (`next_step`).
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kept.app.house import House
from kept.app.opening import open_lake
from kept.base.errors import Refused
from kept.base.settings import read_settings
from kept.gate import Permit, Refusal
from kept.storage.query_words import Refused as NoRows
from kept.use import (
    ALWAYS,
    Answer,
    Counts,
    Everyone,
    Part,
    PersonRow,
    Reader,
    catalogue_of,
    counts_for,
    expression_of,
    span_of,
    sql_of,
)

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9998, 12, 31)


class _Ends(ABC):
    """Something that is closed at the end of a `with`."""

    @abstractmethod
    def close(self) -> None:
        """End it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


@dataclass(frozen=True)
class Installation(_Ends):
    """One installation, open to read."""

    house: House

    @property
    def purposes(self) -> Mapping[str, str]:
        """The purposes of the policy in force, each with its sentence."""
        found = self.house.policies.now().policy.purposes
        return {name: purpose.says for name, purpose in found.items()}

    def catalogue(self, purpose: str) -> tuple[Part, ...]:
        """What a purpose sees of all that is declared, and why it does not see the rest; it reads nobody's data.

        Raises `Refused` for a purpose that the policy does not have.
        """
        policy = self.house.policies.now().policy
        if purpose not in policy.purposes:
            permit_of(self.house, purpose)  # it is refused there
        return catalogue_of(policy, policy.purposes[purpose], self.house.clock.now_ms())

    def use(self, purpose: str, since: date | None = None, until: date | None = None) -> "Use":
        """Read for a purpose. `since` and `until` (a day up to and including another, UTC) leave out whole files.

        Raises `Refused` when the policy lets the purpose read no rows.
        """
        permit = permit_of(self.house, purpose)
        within = ALWAYS if since is until is None else span_of(since or FIRST_DAY, until or LAST_DAY)
        house = self.house
        lake, records, workspace = open_lake(house), house.records, house.settings.workspace
        reader = Reader(permit, lake, records, workspace, within=within, everyone=everyone_of(house))
        return Use(permit, reader, lambda: counts_for(permit, lake, records, workspace))

    def close(self) -> None:
        """Close the databases."""
        self.house.close()


@dataclass(frozen=True)
class Use(_Ends):
    """One purpose's tables and questions. Every answer knows all withdrawals up to the moment it was asked."""

    permit: Permit
    reader: Reader
    counted: Callable[[], Counts | NoRows]

    @property
    def purpose(self) -> str:
        """The purpose's name."""
        return self.permit.purpose.name

    @property
    def tables(self) -> Mapping[str, Sequence[str]]:
        """The tables that the purpose sees, with their columns."""
        return self.reader.catalogue

    def table(self, name: str) -> Any:
        """A table as an Ibis expression, to build a question on for `ask`. Raises `Refused` for any other name."""
        found = next((view for view in self.reader.views if view.name == name), None)
        if found is None:
            raise self._no(f"this purpose sees no table {name!r}", "Nothing else exists for it.")
        return expression_of(found)

    def ask(self, question: Any) -> Answer:
        """The rows of a question: one SELECT as text, or an Ibis expression over tables of this purpose.

        Raises `Refused`: what the purpose may not see does not exist for it.
        """
        found = self.reader.ask(sql_of(question))
        if isinstance(found, NoRows):
            raise self._unanswered(found)
        return Answer.of(found)

    def catalogue(self) -> tuple[Part, ...]:
        """What the purpose sees of all that is declared, and why it does not see the rest."""
        return catalogue_of(self.permit.in_force.policy, self.permit.purpose, self.permit.given_ms)

    def counts(self) -> Counts:
        """How many rows the purpose sees, and about how many are missing, by reason, whatever their time."""
        found = self.counted()
        if isinstance(found, NoRows):
            raise self._unanswered(found)
        return found

    def close(self) -> None:
        """End the process that answers."""
        self.reader.close()

    def _unanswered(self, no: NoRows) -> Refused:
        return self._no(str(no), f"Refused: {no.why.name.lower().replace('_', ' ')}.")

    def _no(self, what: str, why: str) -> Refused:
        return Refused(
            what,
            where=f"purposes.{self.purpose}.uses",
            why=why,
            next_step=f"This purpose sees: {', '.join(self.tables) or 'no events'}.",
        )


def open_installation(data: str | PathLike[str] | None = None, master_key: str | None = None) -> Installation:
    """The installation in a data folder, running or not; settings left out come from the environment.

    Raises `BadInput` when there is none.
    """
    given = read_settings(
        data=Path(data) if data else None, master_key=Path(master_key) if master_key else None
    )
    return Installation(House.open_existing(given))


def everyone_of(house: House) -> Everyone:
    """Whoever a purpose may see something of, for its table of people."""
    return lambda permit, most: (
        PersonRow(person.subjects[0], person.subjects, values)
        for person, values in house.readings.everyone(permit, most)
    )


def permit_of(house: House, purpose: str) -> Permit:
    """Leave to read rows for a purpose. Raises `Refused` with the clause that says no."""
    permit = house.gate.use(purpose)
    if isinstance(permit, Refusal):
        raise Refused(
            permit.message,
            where=permit.clause,
            why=f"Refused: {permit.reason.value}.",
            next_step="Ask under a purpose whose line in the policy allows rows; `kept policy notice` lists them.",
        )
    return permit
