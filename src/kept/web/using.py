"""What the console tells of a purpose: what it sees, and its reports, each asked by the door of any question."""

from collections.abc import Sequence

from kept.app.house import House
from kept.app.opening import open_lake
from kept.app.using import Installation
from kept.base.errors import Refused
from kept.gate import Refusal
from kept.storage.parquet import parquet_of
from kept.storage.query_words import No
from kept.storage.query_words import Refused as NoRows
from kept.use import (
    Answer,
    BehaviourAsked,
    BehaviourKind,
    Counts,
    NotPossible,
    Part,
    Reader,
    ReportTable,
    behaviour,
    views_of,
    within_of,
)
from kept.use.behaviour import SEGMENTS
from kept.use.reports import EVENTS
from kept.web.house import Behaviour, BehaviourWanted, Column, NoReport, Seen, SeenPart, Table


def seen_by(house: House, purpose: str) -> Seen | NoReport:
    """The catalogue of a purpose. One that reads no rows has it too: it says why."""
    installation = Installation(house)
    try:
        parts = tuple(map(_part, installation.catalogue(purpose)))
    except Refused as no:
        return refused(no)
    try:
        with installation.use(purpose) as use:
            return _seen(purpose, parts, use.counts())
    except Refused:  # it reads no rows; the catalogue has the clause
        return Seen(purpose, parts, None, ())


def refused(no: Refused) -> NoReport:
    """A refusal for a page: what, the clause, what is possible instead."""
    return NoReport(no.what, clause=no.where, next_step=no.next_step)


def behaved(house: House, wanted: BehaviourWanted) -> Behaviour | NoReport:
    """A report on what people do. What this purpose does not have is named, with what it has."""
    now, asked = house.clock.now_ms(), _asked(wanted)
    permit = house.gate.use(wanted.purpose)
    if isinstance(permit, Refusal):
        return NoReport(permit.message, clause=permit.clause)
    space, within = house.settings.workspace, within_of(asked, now)
    with Reader(permit, open_lake(house), house.records, space, within=within) as reader:
        found = behaviour(reader.ask, reader.catalogue, asked, now)
    if isinstance(found, NoRows):
        return no_report(found)
    if isinstance(found, NotPossible):
        clause, instead = f"purposes.{wanted.purpose}.uses", ", ".join(found.instead) or "nothing"
        return NoReport(f"This purpose does not see {found.word}.", clause, f"It sees: {instead}.")
    return Behaviour(wanted, tuple(map(table_of, found)))


def segments(house: House, purpose: str) -> tuple[str, ...]:
    """By what a purpose's reports can be split and filtered: the columns that it sees. It reads nobody's data."""
    policy = house.policies.now().policy
    found = policy.purposes.get(purpose)
    views = views_of(policy, found, house.clock.now_ms()) if found else ()
    columns = {column for view in views if view.name == EVENTS for column in view.columns}
    return tuple(name for name in SEGMENTS if name in columns)


def parquet(table: Table) -> bytes:
    """A table as a Parquet file, made in memory."""
    kinds = tuple("BIGINT" if column.is_number else "VARCHAR" for column in table.columns)
    columns = tuple(column.name for column in table.columns)
    return parquet_of(Answer(columns, kinds, table.rows).to_arrow())


def table_of(table: ReportTable) -> Table:
    """A report's table for a page. A column is of numbers if all its cells are."""
    rows = tuple(tuple("" if cell is None else cell for cell in row) for row in table.rows)
    columns = tuple(
        Column(name.replace(" ", "_"), name.capitalize(), _is_number([row[place] for row in rows], place))
        for place, name in enumerate(table.columns)
    )
    return Table(table.name, table.title, columns, rows)


def no_report(refused: NoRows) -> NoReport:
    """Why the worker gave no rows, for a page."""
    return NoReport(refused.why.value, retry=refused.why in {No.STOPPED, No.FILE_GONE, No.TOO_SLOW})


def _is_number(cells: Sequence[object], place: int) -> bool:
    return place > 0 and all(isinstance(cell, int | float) for cell in cells)


def _asked(wanted: BehaviourWanted) -> BehaviourAsked:
    return BehaviourAsked(
        BehaviourKind(wanted.report), wanted.since, wanted.until, dict(wanted.where), wanted.by, wanted.steps
    )


def _seen(purpose: str, parts: tuple[SeenPart, ...], counts: Counts) -> Seen:
    missing = tuple((each.why.value, each.rows) for each in counts.missing)
    return Seen(purpose, parts, counts.there, missing)


def _part(part: Part) -> SeenPart:
    why = part.why.value if part.why else ""
    return SeenPart(part.name, part.kind.value, part.seen_as, why, part.clause, part.kept_for)
