"""All events of one person, wherever they lie: in the lake, and in the journal that is not in the lake yet.

The journal is read first: an event moves from there to the lake and never back, so none is missed; one that
moved in between is found twice and counted once.
"""

from collections.abc import Iterable, Sequence

import msgspec

from kept.base.errors import Damaged, InUse
from kept.storage.committer.choices import applied, concerning
from kept.storage.committer.flush import cursors, decoded
from kept.storage.committer.intake import Intake
from kept.storage.event import COLUMNS, StoredEvent
from kept.storage.files import Files
from kept.storage.lake import Lake, Snapshot
from kept.storage.query import Limits, No, Open, QueryWorker, Refused
from kept.storage.records import Records
from kept.storage.withdrawals import head

LIMITS = Limits(rows=5_000_000, bytes=1 << 30, seconds=60.0)
_NAMES = [name for name, _ in COLUMNS]


def events_of(lake: Lake, records: Records, subjects: Sequence[int]) -> list[StoredEvent]:
    """The events of these subjects in order of time, with the masks that their choices leave them.

    Events that a choice hides altogether are left out. Raises `InUse` when the lake changed too often to be
    read, `Damaged` when the list of choices cannot be trusted.
    """
    if not subjects:
        return []
    waiting = _in_journal(lake, frozenset(subjects))
    found = {event.event_id: event for event in (*waiting, *_in_lake(lake, subjects))}
    with records.read() as connection:
        events = list(found.values())
        left = applied(events, concerning(connection, events, head(connection)))
    return sorted(left, key=lambda event: (event.ts, event.event_id))


def _in_journal(lake: Lake, subjects: frozenset[int]) -> list[StoredEvent]:
    try:
        known = cursors(lake.snapshot())
    except InUse:  # no committer has made the lake yet
        known = {}
    if not lake.places.journal.is_dir():
        return []
    lines = Intake(Files(), lake.places.journal).portion(known, limit=1 << 40).lines
    return [event for event in decoded(lines) if event.subject in subjects]


def _in_lake(lake: Lake, subjects: Sequence[int]) -> list[StoredEvent]:
    try:
        lake.snapshot()
    except InUse:
        return []
    with QueryWorker() as worker:
        return lake.read(lambda snapshot: _ask(worker, lake, snapshot, subjects))


def _ask(worker: QueryWorker, lake: Lake, snapshot: Snapshot, subjects: Sequence[int]) -> list[StoredEvent]:
    files = lake.paths(snapshot.files_of(subjects))
    if not files:
        return []
    listed = ", ".join("'" + path.replace("'", "''") + "'" for path in files)
    view = (
        f"select {', '.join(_NAMES)} from read_parquet([{listed}])"  # noqa: S608  our own names and paths
        " where subject in (select subject from who)"
    )
    told = Open(
        files=files,
        lists={"who": {"subject": list(subjects)}},
        views=[("mine", view)],
        public={"mine": _NAMES},
        limits=LIMITS,
    )
    ready = worker.open(told)
    answer = ready if isinstance(ready, Refused) else worker.ask("select * from mine")
    if isinstance(answer, Refused):
        raise _failed(answer)
    return list(_events(answer.rows))


def _events(rows: Iterable[Sequence[object]]) -> Iterable[StoredEvent]:
    return (msgspec.convert(row, StoredEvent) for row in rows)


def _failed(refused: Refused) -> Exception:
    if refused.why is No.FILE_GONE:
        return InUse("A file was rewritten while it was read.", where="lake")
    return Damaged("A person's events could not be read.", where="lake", why=refused.why.value)
