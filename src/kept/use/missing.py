"""How many rows a purpose sees, and about how many it does not see, by reason.

A purpose's own questions never learn how many rows are hidden from it: that number would be about the people
who said no. This is told to the company beside its questions, and in a form that tells of nobody: a count is
rounded to one digit, and where it comes from fewer than twenty people it is not told at all.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from math import floor, log10

from kept.base.errors import InUse
from kept.gate import Permit
from kept.storage.lake import Lake, Snapshot, exceptions
from kept.storage.query import Limits, Open, QueryWorker, Refused
from kept.storage.query_worker import quoted
from kept.storage.records import Records
from kept.use.permission import HIDDEN, hidden_list
from kept.use.views import cutoffs_of

FEWEST_PEOPLE = 20
CLASSES = "classes"
LIMITS = Limits(rows=1_000)


class Missing(Enum):
    """Why a stored row is not there for a purpose. A closed list; the first that fits counts."""

    OTHER_EVENT = "Events that this purpose does not use."
    NOT_ALLOWED = "Gathered without leave for this purpose."
    WITHDRAWN = "Withdrawn since."
    PAST_ITS_TIME = "Past its time, or older than the purpose looks back."


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows are missing for a reason, rounded to one digit; None where it would tell of a few people."""

    why: Missing
    rows: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows the purpose sees, and what is missing."""

    there: int
    missing: tuple[Count, ...]


def counts_for(
    permit: Permit, lake: Lake, records: Records, workspace: int, worker: QueryWorker | None = None
) -> Counts | Refused:
    """Count the rows of a workspace by whether the purpose sees them, and why not."""
    asked = worker or QueryWorker()
    try:
        lake.snapshot()
        return lake.read(lambda snapshot: _counted(permit, lake, records, workspace, snapshot, asked))
    except InUse:  # no committer has made the lake yet: nothing was gathered
        return _told([])
    finally:
        if worker is None:
            asked.close()


def rounded(rows: int) -> int:
    """To one digit: 3,712 is about 4,000."""
    return 0 if rows == 0 else round(rows, -floor(log10(rows)))


def _counted(
    permit: Permit, lake: Lake, records: Records, workspace: int, snapshot: Snapshot, worker: QueryWorker
) -> Counts | Refused:
    with records.read() as connection:
        hidden = exceptions(connection, snapshot, permit.purpose.mask)
    paths = {name: lake.paths([file])[0] for name, file in snapshot.files.items()}
    branches = list(_branches(permit, snapshot, paths, workspace))
    told = Open(
        files=list(paths.values()),
        lists=hidden_list(hidden),
        views=[(CLASSES, " union all ".join(branches) or "select null as why, null as person where false")],
        public={CLASSES: ["why", "person"]},
        limits=LIMITS,
    )
    refused = worker.open(told)
    if isinstance(refused, Refused):
        return refused
    answer = worker.ask(f"select why, count(*), count(distinct person) from {CLASSES} group by why")
    return answer if isinstance(answer, Refused) else _told(answer.rows)


def _told(rows: Sequence[tuple[object, ...]]) -> Counts:
    found = {str(why): (int(str(count)), int(str(people))) for why, count, people in rows}
    there, _ = found.get("", (0, 0))
    return Counts(there, tuple(_count(why, *found.get(why.name, (0, 0))) for why in Missing))


def _count(why: Missing, rows: int, people: int) -> Count:
    few = why is not Missing.OTHER_EVENT and 0 < people < FEWEST_PEOPLE  # enforces: few-untold
    return Count(why, None if few else rounded(rows))


def _branches(permit: Permit, snapshot: Snapshot, paths: Mapping[str, str], workspace: int) -> Iterator[str]:
    """A SELECT for the files of each floor: every row with the reason why it is not there, or ""."""
    by_floor: dict[int, list[str]] = {}
    for file in snapshot.files.values():
        by_floor.setdefault(snapshot.floor(file.bucket), []).append(paths[file.name])
    for floor_, files in by_floor.items():
        source = f"read_parquet([{', '.join(map(quoted, files))}]) e"
        yield (
            f"select {_why(permit)} as why, e.subject as person from {source}"
            f" left join {HIDDEN} h on h.subject = e.subject and h.seq > {floor_}"
            f" where e.workspace = {int(workspace)}"
        )


def _why(permit: Permit) -> str:
    cutoffs = cutoffs_of(permit.in_force.policy, permit.purpose, permit.given_ms)
    names = ", ".join(map(quoted, cutoffs)) or "null"
    past = " or ".join(f"(e.name = {quoted(name)} and e.ts <= {ms})" for name, ms in cutoffs.items())
    return (
        f"case when e.name is null or e.name not in ({names}) then {quoted(Missing.OTHER_EVENT.name)}"
        f" when (e.mask & {permit.purpose.mask}) = 0 then {quoted(Missing.NOT_ALLOWED.name)}"
        f" when h.seq is not null and coalesce(e.cv, -1) < h.seq then {quoted(Missing.WITHDRAWN.name)}"
        f" when {past or 'false'} then {quoted(Missing.PAST_ITS_TIME.name)} else '' end"
    )
