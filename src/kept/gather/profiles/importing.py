"""Import of people from a CSV file: seen first, then done; each line accounted for, and twice adds nothing.

An empty cell says nothing, and takes nothing away. Every value goes the way of any other telling: declared or
refused, decided by the gate, sealed under its person's key.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from hashlib import file_digest
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection

from kept.base.errors import BadInput
from kept.gate import InForce
from kept.gather.profiles.csv_rows import Columns, Row, columns_of, open_csv, row_of, rows_in
from kept.gather.profiles.judging import Judged, judge
from kept.gather.profiles.model import NotTaken, Refusal, Telling
from kept.gather.profiles.telling import Tellings, Weighed
from kept.gather.profiles.values import from_text
from kept.ledger import append, facts

BATCH = 500
SHOWN = 100
HOW = "import"


@dataclass(frozen=True, slots=True)
class Asked:
    """What to import, and how: the column of accounts, items for other headings, the source, where people live."""

    path: Path
    account: str = "account"
    named: Mapping[str, str] = field(default_factory=dict)
    source: str = "form"
    residence: str | None = None


@dataclass(slots=True)
class PeopleReport:
    """Figures of one import, or of what it would do. `faults` has the first hundred: line, column, what is wrong.

    No figure and no fault holds anything that a cell says.
    """

    lines: int = 0
    new: int = 0
    known: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    unchanged: int = 0
    refused: int = 0
    faults: list[tuple[int, str, str]] = field(default_factory=list)
    strange: Mapping[str, str] = field(default_factory=dict)
    digest: str = ""

    def fault(self, line: int, column: str, says: str) -> None:
        """Count something that is not taken, and note where it stands."""
        self.refused += 1
        if len(self.faults) < SHOWN:
            self.faults.append((line, column, says))


def import_people(
    tellings: Tellings, asked: Asked, *, apply: bool = False, progress: Callable[[int], None] = lambda _: None
) -> PeopleReport:
    """Take in the people of a file; without `apply` only say what would be done. Raises `BadInput`."""
    with open_csv(asked.path) as file:
        records = rows_in(file, asked.path.name)
        _, header = next(records, (0, []))
        importing = _Importing(tellings, asked, header, apply=apply)
        while batch := list(islice(records, BATCH)):
            importing.take(batch)
            progress(len(batch))
    return importing.finish()


class _Importing:
    """One run."""

    def __init__(self, tellings: Tellings, asked: Asked, header: list[str], *, apply: bool) -> None:
        self._tellings, self._asked, self._apply = tellings, asked, apply
        self._in_force: InForce = tellings.in_force()
        if not header:
            raise BadInput(
                "the file has no header",
                where=asked.path.name,
                why="It is empty.",
                next_step="Its first line names the columns: account, and items of the policy.",
            )
        self._columns: Columns = columns_of(
            header, self._in_force.policy, asked.source, asked.account, asked.named, asked.path.name
        )
        self._report = PeopleReport(strange=self._columns.strange)
        self._met: set[str] = set()

    def take(self, batch: Sequence[tuple[int, list[str]]]) -> None:
        """One batch in one transaction."""
        rows = [row for number, cells in batch if (row := self._fit(number, cells)) is not None]
        with self._transaction() as connection:
            desk = self._tellings.desk(connection, self._in_force)
            weighed = desk.weigh(list(map(self._asked_of, rows)))
            if self._apply:
                desk.act(weighed)
        for row, each in zip(rows, weighed, strict=True):
            self._count(row, each)

    def finish(self) -> PeopleReport:
        """The figures; what was done is put on record."""
        report = self._report
        report.faults.sort()
        with self._asked.path.open("rb") as file:
            report.digest = file_digest(file, "sha256").hexdigest()
        if self._apply:
            with self._tellings.voice.records.write() as connection:
                append(connection, self._fact(report))
        return report

    def _transaction(self) -> AbstractContextManager[Connection]:
        records = self._tellings.voice.records
        return records.write() if self._apply else records.read()

    def _fit(self, number: int, cells: list[str]) -> Row | None:
        """A line that names an account, for the first time in this file."""
        if not cells:
            return None  # an empty line
        self._report.lines += 1
        row = row_of(number, cells, self._columns)
        fault = row.fault or ("its account stands in an earlier line" if row.account in self._met else "")
        if fault:
            self._report.fault(number, "", fault)
            return None
        self._met.add(row.account)
        return row

    def _asked_of(self, row: Row) -> tuple[str, Judged, Telling]:
        policy, asked = self._in_force.policy, self._asked
        values = {item: from_text(policy.items[item].type, text) for item, text in row.cells.items()}
        telling = Telling(values, asked.source, HOW, residence=asked.residence)
        return row.account, judge(policy, telling), telling

    def _count(self, row: Row, weighed: Weighed) -> None:
        report, told = self._report, weighed.told
        if told.taken or told.unchanged:
            report.new += weighed.subject is None
            report.known += weighed.subject is not None
        report.taken.update(told.taken)
        report.unchanged += len(told.unchanged)
        for refusal in told.refused:
            report.fault(row.number, refusal.item, self._says(refusal))

    def _says(self, refusal: Refusal) -> str:
        """Why not; a value of another type hears which one is declared."""
        item = self._in_force.policy.items.get(refusal.item)
        if refusal.why is not NotTaken.WRONG_TYPE or item is None:
            return refusal.why.value
        return f"{refusal.why.value}, {item.type}"

    def _fact(self, report: PeopleReport) -> facts.PeopleImported:
        return facts.PeopleImported(
            source=self._asked.source.replace(" ", "_"),
            digest=report.digest,
            lines=report.lines,
            taken=report.taken.total(),
            refused=report.refused,
            policy=self._in_force.number,
        )
