"""Reading the journal from the cursors: what is new, and how far the lake then knows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kept.base.errors import Damaged
from kept.storage.files import Files
from kept.storage.segments import Opening, Segment, list_segments, opening_of, refuse_damage, whole_blocks

PORTION_BYTES = 16 << 20  # of journal in one flush: about a hundred thousand events
OPENING_AT_MOST = 4096  # bytes


@dataclass(slots=True)
class Portion:
    """JSON lines that are not in the lake yet, and each collector's cursor once they are."""

    lines: list[bytes] = field(default_factory=list)
    cursors: dict[int, tuple[int, int]] = field(default_factory=dict)
    size: int = 0


class Intake:
    """Reads the journal of every collector."""

    def __init__(self, files: Files, folder: Path) -> None:
        self._files, self._folder = files, folder
        self._seen: frozenset[Segment] = frozenset()

    def segments(self) -> dict[int, list[Segment]]:
        """The segments of each collector, in order.

        The folder is synced whenever it has grown: a cursor may then rest on a segment's name, which must
        not vanish in a power cut after the segments before it were removed.
        """
        found = list_segments(self._files, self._folder)
        if not self._seen.issuperset(found):
            self._files.sync_folder(self._folder)
        self._seen = frozenset(found)
        by_collector: dict[int, list[Segment]] = {}
        for segment in found:
            by_collector.setdefault(segment.collector, []).append(segment)
        return by_collector

    def portion(self, cursors: Mapping[int, tuple[int, int]], limit: int = PORTION_BYTES) -> Portion:
        """What follows the cursors, of every collector, about `limit` bytes in all."""
        taken = Portion()
        for collector, segments in self.segments().items():
            cursor = cursors.get(collector, (0, 0))
            reached = self._read_collector(segments, cursor, taken, limit)
            if reached != cursor:
                taken.cursors[collector] = reached
        return taken

    def spent(self, cursors: Mapping[int, tuple[int, int]]) -> list[Path]:
        """The segments that lie wholly before the cursors."""
        return [
            self._folder / segment.name
            for collector, segments in self.segments().items()
            for segment in segments
            if segment.number < cursors.get(collector, (0, 0))[0]
        ]

    def _read_collector(
        self, segments: Sequence[Segment], cursor: tuple[int, int], taken: Portion, limit: int
    ) -> tuple[int, int]:
        """Read on until the end or the limit; the new cursor.

        The list was made before any file is read: when it holds a later segment, this one's content is
        final, and its end, torn or not, is the end.
        """
        before = max(cursor[0] - 1, 0)  # the last segment that the cursor says is wholly taken
        ahead = [segment for segment in segments if segment.number >= cursor[0]]
        if not ahead:
            raise _missing(
                f"after {segments[-1].name}", "The lake holds frames of later segments than there are."
            )
        for segment, after in zip(ahead, [*ahead[1:], None], strict=True):
            self._refuse_gap(before, segment)
            start = cursor[1] if segment.number == cursor[0] else 0
            end, done = self._read_segment(segment, start, after, taken, limit)
            cursor, before = (segment.number, end), segment.number
            if not done:
                return cursor
            if after is not None:
                cursor = (after.number, 0)
        return cursor

    def _read_segment(
        self, segment: Segment, start: int, after: Segment | None, taken: Portion, limit: int
    ) -> tuple[int, bool]:
        """Take whole blocks from `start`; where they end, and whether that is all the segment has."""
        data = self._content(segment, start)
        end = 0
        for found in whole_blocks(data):
            if end or start:  # the first block of a segment is its opening
                if taken.size >= limit:
                    return start + end, False
                taken.lines.append(found.lines)
                taken.size += len(found.lines)
            end = found.end
        refuse_damage(segment, data, end, self._testimony(segment, after), base=start)
        return start + end, True

    def _testimony(self, segment: Segment, after: Segment | None) -> int:
        """How much of a segment the next one's opening says was durable; 0 when it says nothing."""
        opening = self._opening(after) if after else None
        return opening.durable if opening and opening.after == segment.number else 0

    def _opening(self, segment: Segment) -> Opening | None:
        found = opening_of(self._content(segment, 0, OPENING_AT_MOST))
        return found[0] if found else None

    def _content(self, segment: Segment, start: int, size: int = -1) -> bytes:
        """A segment's bytes; none when its collector could not make it durable and took it back."""
        try:
            return self._files.read(self._folder / segment.name, start, size)
        except FileNotFoundError:
            return b""

    def _refuse_gap(self, before: int, segment: Segment) -> None:
        """Raise Damaged when a segment stood between the one wholly taken and this one, and is gone."""
        opening = self._opening(segment)
        if opening and opening.after > before:
            raise _missing(
                f"before {segment.name}", "Its opening names a segment before it that is not there."
            )


def _missing(where: str, why: str) -> Damaged:
    return Damaged(
        "A segment of the journal is missing.",
        where=f"journal, {where}",
        why=why,
        next_step="Stop Kept and look for the file; nothing has been skipped or removed.",
    )
