"""Looking events up by person or by id, wherever they lie: in the lake, and in the journal before it.

The journal is read first: an event moves from there to the lake and never back, so none is missed; one that
moved in between is found twice and counted once.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from kept.base.errors import Damaged, InUse
from kept.storage.committer.choices import applied, concerning
from kept.storage.committer.flush import cursors, decoded
from kept.storage.committer.intake import Intake
from kept.storage.event import COLUMNS, StoredEvent
from kept.storage.files import Files
from kept.storage.lake import Lake, LakeFile, Snapshot
from kept.storage.lake.exceptions import refuse_stale
from kept.storage.query import Limits, No, Open, QueryWorker, Refused
from kept.storage.records import Records
from kept.storage.withdrawals import head

LIMITS = Limits(rows=5_000_000, bytes=1 << 30, seconds=60.0)
ATTEMPTS = 5
_NAMES = [name for name, _ in COLUMNS]
_NOTHING = Snapshot(-1)


def events_of(lake: Lake, records: Records, subjects: Sequence[int]) -> list[StoredEvent]:
    """The events of these subjects in order of time, with the masks that their choices leave them.

    Events that a choice hides altogether are left out. Raises `InUse` when the lake changed too often to be
    read, `Damaged` when the list of choices cannot be trusted.
    """
    if not subjects:
        return []
    wanted = frozenset(subjects)
    waiting = [event for event in _in_journal(lake) if event.subject in wanted]
    stored = _in_lake(lake, lambda snapshot: snapshot.files_of(subjects), "subject", subjects)
    found = {event.event_id: event for event in (*waiting, *stored)}
    with records.read() as connection:
        refuse_stale(connection, _snapshot(lake))
        events = list(found.values())
        left = applied(events, concerning(connection, events, head(connection)))
    return sorted(left, key=lambda event: (event.ts, event.event_id))


def known_ids(lake: Lake, ids: Sequence[int]) -> set[int]:
    """Those of these event ids that are stored already."""
    wanted = frozenset(ids)
    waiting = {event.event_id for event in _in_journal(lake)} & wanted
    stored = _in_lake(lake, lambda snapshot: list(snapshot.files.values()), "event_id", ids)
    return waiting | {event.event_id for event in stored}


def _in_journal(lake: Lake) -> list[StoredEvent]:
    """Every event that is not in the lake yet.

    A segment that the committer removes while we look is missing like one that was lost; so after a change
    of the lake we look again.
    """
    if not lake.places.journal.is_dir():
        return []
    for _ in range(ATTEMPTS):
        before = _snapshot(lake)
        try:
            intake = Intake(Files(), lake.places.journal)
            return decoded(intake.portion(cursors(before), limit=1 << 40).lines)
        except (Damaged, FileNotFoundError):
            if _snapshot(lake).version == before.version:
                raise
    raise InUse(
        "The journal was emptied faster than it could be read.",
        where="journal",
        why="Each segment was taken in before it could be read.",
        next_step="Try again.",
    )


def _snapshot(lake: Lake) -> Snapshot:
    try:
        return lake.snapshot()
    except InUse:  # no committer has made the lake yet
        return _NOTHING


def _in_lake(
    lake: Lake, files_in: Callable[[Snapshot], list[LakeFile]], column: str, values: Sequence[int]
) -> list[StoredEvent]:
    if _snapshot(lake) is _NOTHING:
        return []
    with QueryWorker() as worker:
        return lake.read(lambda snapshot: _ask(worker, lake.paths(files_in(snapshot)), column, values))


def _ask(worker: QueryWorker, files: list[str], column: str, values: Sequence[int]) -> list[StoredEvent]:
    if not files:
        return []
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    view = (
        f"select {', '.join(_NAMES)} from read_parquet([{listed}])"  # noqa: S608  our own names and paths
        f" where {column} in (select wanted from sought)"
    )
    told = Open(
        files=files,
        lists={"sought": {"wanted": list(values)}},
        views=[("found", view)],
        public={"found": _NAMES},
        limits=LIMITS,
    )
    ready = worker.open(told)
    answer = ready if isinstance(ready, Refused) else worker.ask("select * from found")
    if isinstance(answer, Refused):
        raise _failed(answer)
    return list(_events(answer.rows))


def _events(rows: Iterable[Sequence[object]]) -> Iterable[StoredEvent]:
    return (msgspec.convert(row, StoredEvent) for row in rows)


def _failed(refused: Refused) -> Exception:
    if refused.why is No.FILE_GONE:
        return InUse(
            "A file was rewritten while it was read.",
            where="lake",
            why="A deletion or compaction is under way.",
            next_step="Try again.",
        )
    return Damaged(
        "Stored events could not be read.",
        where="lake",
        why=refused.why.value,
        next_step="Look at the files of the lake; `kept query` says whether others can be read.",
    )
