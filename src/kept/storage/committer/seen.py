"""Which event ids the lake holds, so that a client which sends an event again does not make it two.

Two events are one when they carry the same id and their times lie less than 48 hours apart: the first one
taken stands. The rule looks at stored facts alone, not at clocks, so it decides the same after any crash.
A table in memory answers for recent times; for older ones the lake's own files are asked.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from kept.storage.committer.engine import from_files
from kept.storage.committer.hand import Hand
from kept.storage.event import StoredEvent
from kept.storage.lake.entry import LakeFile
from kept.storage.lake.layout import HOT
from kept.storage.lake.snapshot import Snapshot

WINDOW_MS = 48 * 3_600_000
MOVE_MS = 3_600_000  # how far the table's horizon may lag before old ids are let go
FIRST_OTHER = 4_102_444_800_000  # 2100-01-01; times beyond, or before 1970, share one period

PERIOD_SQL = (
    f"case when ts between 0 and {FIRST_OTHER - 1} then strftime(epoch_ms(ts), '%Y-%m') else 'other' end"
)


class Seen:
    """The ids of every event in the lake with `ts >= horizon`."""

    def __init__(self, hand: Hand) -> None:
        self._hand = hand
        self._whole = False
        self._horizon = 0

    def fresh(self, base: Snapshot, events: Sequence[StoredEvent]) -> int:
        """Make the table `fresh` of those events that are new; how many. `base` is the lake's version."""
        engine = self._hand.engine
        self._mirror(base)
        self._whole = False  # until the commit is known to have happened, or not to have been tried
        engine.put_events("batch", first_of_each(events))
        twice = [_among("seen")]
        oldest = min((event.ts for event in events), default=0)
        if oldest - WINDOW_MS < self._horizon:
            older = self._files(base, oldest - WINDOW_MS, self._horizon + WINDOW_MS)
            if older:
                twice.append(_among(from_files([self._hand.path(file) for file in older])))
        engine.run(
            "create or replace temp table fresh as select * from batch"  # noqa: S608
            f" where place not in ({' union all '.join(twice)})"  # enforces: repeat-later
        )
        return int(engine.run("select count(*) from fresh")[0][0])

    def add_fresh(self) -> None:
        """The table `fresh` was committed."""
        self._hand.engine.run(
            "insert into seen select event_id, ts from fresh where ts >= ?", [self._horizon]
        )
        self._whole = True

    def forget(self) -> None:
        """Rows were dropped from the lake: ask the files anew."""
        self._whole = False

    def _mirror(self, base: Snapshot) -> None:
        horizon = self._hand.clock.now_ms() - 2 * WINDOW_MS
        set_back = (
            horizon < self._horizon - MOVE_MS
        )  # else the files would be asked until the clock is there again
        if not self._whole or set_back or base.version != self._hand.mine:
            self._rebuild(base, horizon)
        elif horizon - self._horizon > MOVE_MS:
            self._hand.engine.run(
                "create or replace temp table seen as select * from seen where ts >= ?", [horizon]
            )
            self._horizon = horizon

    def _rebuild(self, base: Snapshot, horizon: int) -> None:
        engine = self._hand.engine
        files = self._files(base, horizon, FIRST_OTHER)
        engine.run("create or replace temp table seen (event_id bigint, ts bigint)")
        if files:
            source = from_files([self._hand.path(file) for file in files])
            engine.run(f"insert into seen select event_id, ts from {source} where ts >= ?", [horizon])  # noqa: S608
        self._horizon = horizon

    def _files(self, base: Snapshot, since: int, until: int) -> list[LakeFile]:
        """The files that can hold events of a span of time."""
        first, last = period_of(since), period_of(until)
        outside = since < 0 or until >= FIRST_OTHER
        return [
            file
            for file in base.files.values()
            if file.period == HOT or (outside if file.period == "other" else first <= file.period <= last)
        ]


def first_of_each(events: Sequence[StoredEvent]) -> list[StoredEvent]:
    """The events without those that repeat one taken before them in the same batch."""
    if len({event.event_id for event in events}) == len(events):
        return list(events)
    taken: dict[int, list[int]] = {}
    first = []
    for event in events:
        times = taken.setdefault(event.event_id, [])
        if all(abs(event.ts - time) >= WINDOW_MS for time in times):  # enforces: repeat-in-batch
            times.append(event.ts)
            first.append(event)
    return first


def period_of(ts: int) -> str:
    """The month of a time, as files are grouped; clamped to 1970 and 2099."""
    inside = min(max(ts, 0), FIRST_OTHER - 1)
    return datetime.fromtimestamp(inside / 1000, UTC).strftime("%Y-%m")


def _among(source: str) -> str:
    near = f"abs(s.ts::hugeint - b.ts) < {WINDOW_MS}"  # wide enough for any two times
    return f"select b.place from {source} s join batch b on s.event_id = b.event_id and {near}"  # noqa: S608
