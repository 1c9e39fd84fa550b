"""Importing twice adds nothing: how a line is known again, in whichever file it comes.

The id of an event is a keyed hash of its line's bytes and of how many equal lines stood before it in the same
file. So it is the same in the same file, in the file grown longer, in the copy that was rotated away and
compressed, and in two files that overlap; two equal requests in one second remain two. It does not depend on
the policy, the day, or a shift of time. (Two equal lines that a rotation parted into two files count as one:
rather one too few than one too many.)

The lake drops an id that arrived before, but remembers ids for 48 hours only. So which ids were imported is
written down here, by hour of the log's own time: a log is in that order but for moments, and memory stays
bounded. Other ways fail on a case: a position in a file does not survive rotation, the time of the last line
loses lines that came late, a hash of the file's beginning knows nothing of overlaps.

A kill. A batch is noted (`begin`), sent and acknowledged, and marked (`finish`). Killed before `begin`,
nothing happened; after `finish`, all did. In between the journal may have it or not: within 47 hours it is
sent again, and the lake drops what it has. Later than that the lake is asked (`stored`); if it cannot be
asked, the lines are left out and the report says how many.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field

from kept.base.ids import keyed_63
from kept.gather.weblog import store
from kept.gather.weblog.reasons import NotKept
from kept.storage.records import Records

HOUR_MS = 3_600_000
SURE_MS = 47 * HOUR_MS
"""The lake notices a repeat for 48 hours; one hour is for what waits in the journal."""
MOST_IDS = 400_000
"""So many ids may be held in memory, some 60 MB, before hours are closed."""
OPEN_HOURS = 8
"""Hours that stay open then. A log is in the order of time, but for requests that took long."""

Stored = Callable[[Sequence[int]], Collection[int]]
"""Which of these event ids the lake holds."""


@dataclass(slots=True)
class Batch:
    """What is sent together: frames, and the ids of their events by the hour of the log that they belong to."""

    frames: list[bytes] = field(default_factory=list)
    ids: dict[int, list[int]] = field(default_factory=dict)

    def add(self, hour: int, ids: Sequence[int], frames: Sequence[bytes]) -> None:
        """Events of one hour."""
        self.ids.setdefault(hour, []).extend(ids)
        self.frames.extend(frames)


class _Hour:
    """One hour of the log: ids imported before, ids in doubt, and how often each line stood in this file."""

    __slots__ = ("before", "doubtful", "here")

    def __init__(self) -> None:
        self.before: set[int] = set()
        self.doubtful: set[int] = set()
        self.here: dict[int, int] = {}


class Known:
    """The memory of imports of one workspace."""

    def __init__(
        self, records: Records, workspace: int, key: bytes, now_ms: int, stored: Stored | None = None
    ) -> None:
        self._records, self._workspace, self._key = records, workspace, key
        self._now_ms, self._stored = now_ms, stored
        self._hours: dict[int, _Hour] = {}
        self._held = 0

    def begin_file(self) -> None:
        """Equal lines are counted anew; what the files before held is known now."""
        for hour in self._hours.values():
            hour.before.update(self._ids_here(hour))
            hour.here.clear()

    def event_ids(self, number: int, lines: Sequence[int]) -> list[int | NotKept]:
        """The ids of the events that these lines of one hour make, or why one makes none.

        `lines` has what each is known by, in the order of the file: equal lines are told apart here.
        """
        hour = self._hour(number)
        self._held += len(lines)
        ids, here = list[int | NotKept](), hour.here
        for line in lines:
            times = here.get(line, 0)
            here[line] = times + 1
            event_id = self._repeat(line, times) if times else line
            if event_id in hour.before:
                ids.append(NotKept.KNOWN)
            else:
                ids.append(NotKept.UNSETTLED if event_id in hour.doubtful else event_id)
        return ids

    def send(self, batch: Batch, sink: Callable[[Sequence[bytes]], None]) -> None:
        """Note, send, mark: see above. Memory stays bounded."""
        if batch.frames:
            with self._records.write() as connection:
                numbers = store.begin(connection, self._workspace, batch.ids, self._now_ms)
            sink(batch.frames)
            with self._records.write() as connection:
                store.finish(connection, numbers)
        self._close_hours(batch.ids)

    def at(self, now_ms: int) -> None:
        """The time has moved on."""
        self._now_ms = now_ms

    @property
    def full(self) -> bool:
        """Whether it is time to `send`, be it nothing, so that hours can be closed."""
        return self._held > MOST_IDS and len(self._hours) > OPEN_HOURS

    def _close_hours(self, touched: Iterable[int]) -> None:
        for number in touched:
            self._hours[number] = self._hours.pop(number)
        if self._held > MOST_IDS:
            for oldest in list(self._hours)[:-OPEN_HOURS]:
                del self._hours[oldest]
            self._held = sum(len(hour.before) + len(hour.here) for hour in self._hours.values())

    def _repeat(self, first: int, times: int) -> int:
        return keyed_63(self._key, b"log line again", first.to_bytes(8, "big"), times.to_bytes(8, "big"))

    def _ids_here(self, hour: _Hour) -> Iterable[int]:
        for first, times in hour.here.items():
            yield first
            yield from (self._repeat(first, before) for before in range(1, times))

    def _hour(self, number: int) -> _Hour:
        hour = self._hours.get(number)
        if hour is None:
            hour = self._hours[number] = self._load(number)
            self._held += len(hour.before)
        return hour

    def _load(self, number: int) -> _Hour:
        hour, old = _Hour(), set[int]()
        with self._records.read() as connection:
            for part in store.parts_of(connection, self._workspace, number):
                if part.done:
                    hour.before.update(part.ids)
                elif self._now_ms - part.begun_ms > SURE_MS:
                    old.update(part.ids)
        old -= hour.before
        if old and self._stored is not None:
            hour.before.update(self._stored(sorted(old)))
        elif old:
            hour.doubtful = old
        return hour
