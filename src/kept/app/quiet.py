"""Whether the committer has work, asked without any engine; and for how long it has had none."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from kept.app.house import House
from kept.base.errors import InUse
from kept.storage import erasures, withdrawals
from kept.storage.committer.intake import Intake
from kept.storage.files import Files
from kept.storage.lake import Lake
from kept.storage.segments import list_segments, segment_of

KEEP_HOUSE_SECONDS = 3_000.0
"""How long new files and choices may wait for a committer at rest to sort them in."""
MANY_CHOICES = 500
ALMOST_NOTHING = 64 << 10

Mark = tuple[tuple[str, int], ...]
"""The journal's segments, each with its size: it changes whenever something is appended."""


class Rest(msgspec.Struct, frozen=True):
    """As the committer lay down: the journal and the choices it knew, and when to look after the house.

    Moments are seconds of the monotonic clock, which goes on through the change of images: no time that somebody
    sets makes new files wait.
    """

    journal: Mark
    head: int
    keep_house_at: float | None
    house_kept: float


@dataclass
class Quiet:
    """Looks at the journal and the records of one installation."""

    house: House
    lake: Lake
    _mark: Mark = ()
    _since: float = field(default_factory=time.monotonic)
    _empty_at: float = field(default_factory=time.monotonic)

    def mark(self) -> Mark:
        """The journal as it stands."""
        folder = self._journal
        found = []
        for segment in list_segments(Files(), folder) if folder.is_dir() else ():
            path = folder / segment.name
            found.append((segment.name, path.stat().st_size if path.exists() else 0))
        return tuple(found)

    def head(self) -> int:
        """The number of the newest choice."""
        with self.house.records.read() as connection:
            return withdrawals.head(connection)

    def is_erasing(self) -> bool:
        """Whether someone waits to be erased."""
        with self.house.records.read() as connection:
            return bool(erasures.pending(connection))

    def wakes(self, rest: Rest) -> bool:
        """Whether something has come that a committer at rest must do."""
        due = rest.keep_house_at is not None and time.monotonic() > rest.keep_house_at
        grown = self.mark() != rest.journal
        return grown or due or self.is_erasing() or self.head() - rest.head > MANY_CHOICES

    def backlog(self) -> int:
        """Bytes in the journal that are not in the lake yet. Loads an engine where a checkpoint must be read."""
        try:
            snapshot = self.lake.snapshot()
        except InUse:  # there is no lake yet
            return sum(size for _, size in self.mark())
        cursors = {collector: snapshot.cursor(collector) for collector in snapshot.collectors}
        total = self._beyond(cursors)
        if 0 < total < ALMOST_NOTHING and not Intake(Files(), self._journal).portion(cursors, 1).size:
            return 0  # segments have been begun, and hold no event yet
        return total

    def lag(self, backlog: int) -> float:
        """For how many seconds the journal has not been empty."""
        if not backlog:
            self._empty_at = time.monotonic()
        return time.monotonic() - self._empty_at

    def seconds(self) -> float:
        """For how long nothing was appended, everything is in the lake, and nobody waits to be erased."""
        mark = self.mark()
        if (
            mark != self._mark or self.backlog() or self.is_erasing()
        ):  # the cheapest first: it is asked under load
            self._mark, self._since = mark, time.monotonic()
        return time.monotonic() - self._since

    def lake_age(self) -> float:
        """Seconds since the newest version of the lake was made; 0 where there is none."""
        log = self.lake.places.log
        newest = (
            max((path.stat().st_mtime for path in log.glob("*.json")), default=None) if log.is_dir() else None
        )
        return max(0.0, time.time() - newest) if newest is not None else 0.0

    def _beyond(self, cursors: Mapping[int, tuple[int, int]]) -> int:
        total = 0
        for name, size in self.mark():
            segment = segment_of(name)
            number, offset = cursors.get(segment.collector, (0, 0)) if segment else (0, 0)
            if segment and segment.number >= number:
                total += max(0, size - (offset if segment.number == number else 0))
        return total

    @property
    def _journal(self) -> Path:
        return self.house.settings.data / "journal"
