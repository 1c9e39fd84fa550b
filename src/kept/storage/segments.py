"""The journal's format: segments made of blocks, and how to read them after anything happened.

A *segment* is a file `<collector>-<number>-<head>.journal`; `head` is the choice sequence number that its
collector knew when it opened the segment. A *block* is what one sync made durable: magic, CRC-32, length,
the length of the segment already durable when the block was written, then JSON lines, a *frame* each.

The durable length is what tells an honest tear from damage. A power cut may lose the unsynced end of a
segment in any pattern, even an earlier page and not a later one. A bad block therefore only ends the
segment, unless a later block, or the next segment's head, testifies that this place had been durable.
"""

import re
import struct
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from kept.base.errors import Damaged
from kept.storage.files import Files

MAGIC = b"\x00KJ1"  # JSON has no zero byte, so no frame looks like the start of a block
_HEAD = struct.Struct("<4sIIQ")  # magic, CRC of what follows it, length of the lines, durable length
_SUMMED = struct.Struct("<IQ")
_NAME = re.compile(r"(\d+)-(\d+)-(\d+)\.journal")
UNKNOWN = -1
BLOCK_BYTES = 4 << 20  # a larger group becomes several blocks, so that a reader's portion stays bounded


class Segment(NamedTuple):
    """One segment by its name. Sorts by collector, then number."""

    collector: int
    number: int
    head: int

    @property
    def name(self) -> str:
        """The file's name."""
        return f"{self.collector:04d}-{self.number:08d}-{self.head:012d}.journal"


class Opening(msgspec.Struct, frozen=True):
    """The first block of a segment: which segment came before it, and how much of that was durable.

    `durable` is UNKNOWN when the collector was started anew and cannot say.
    """

    version: int
    after: int
    durable: int


class Block(NamedTuple):
    """One whole block: its JSON lines and the offset at which the next begins."""

    lines: bytes
    end: int


def segment_of(name: str) -> Segment | None:
    """The segment that a file name stands for; None for any other file."""
    found = _NAME.fullmatch(name)
    return Segment(*map(int, found.groups())) if found else None


def list_segments(files: Files, folder: Path, collector: int | None = None) -> list[Segment]:
    """Every segment in the journal's folder, or one collector's, in order."""
    found = (segment_of(name) for name in files.names(folder))
    return sorted(s for s in found if s is not None and collector in (None, s.collector))


def block(frames: Sequence[bytes], durable: int) -> bytes:
    """The bytes of one block. `durable` is the length of the segment that is known to be synced."""
    lines = b"\n".join(frames)
    summed = _SUMMED.pack(len(lines), durable)
    return _HEAD.pack(MAGIC, zlib.crc32(lines, zlib.crc32(summed)), len(lines), durable) + lines


def portions(frames: Sequence[bytes]) -> list[Sequence[bytes]]:
    """The frames in portions of at most BLOCK_BYTES each (a single larger frame stands alone)."""
    if sum(map(len, frames)) + len(frames) <= BLOCK_BYTES:
        return [frames] if frames else []
    portions: list[list[bytes]] = [[]]
    size = 0
    for frame in frames:
        if portions[-1] and size + len(frame) >= BLOCK_BYTES:
            portions.append([])
            size = 0
        portions[-1].append(frame)
        size += len(frame) + 1
    return list(portions)


def whole_blocks(data: bytes, start: int = 0) -> Iterator[Block]:
    """The blocks from `start` on, up to the first that is not whole."""
    while (found := _block_at(data, start)) is not None:
        yield found
        start = found.end


def _block_at(data: bytes, at: int) -> Block | None:
    if len(data) - at < _HEAD.size:
        return None
    magic, crc, length, durable = _HEAD.unpack_from(data, at)
    end = at + _HEAD.size + length
    if magic != MAGIC or end > len(data):
        return None
    lines = data[at + _HEAD.size : end]
    return Block(lines, end) if zlib.crc32(lines, zlib.crc32(_SUMMED.pack(length, durable))) == crc else None


def refuse_damage(segment: Segment, data: bytes, bad: int, durable: int = 0, *, base: int = 0) -> None:
    """Raise Damaged when anything testifies that the place `bad`, where reading stopped, had been durable.

    `data` begins at `base` in the segment. `durable` is what the next segment's opening says of this one
    (0 or UNKNOWN: nothing).
    """
    if max(durable, _greatest_testimony(data, bad)) > base + bad:
        raise Damaged(
            "A part of the journal that had been made durable cannot be read.",
            where=f"journal/{segment.name} at byte {base + bad}",
            why="Later blocks say that this place was synced; the disk or something else has changed it.",
            next_step="Stop Kept, copy the folder, and look at the disk. Nothing has been skipped.",
        )


def _greatest_testimony(data: bytes, start: int) -> int:
    """The greatest durable length that a whole block after `start` states."""
    greatest, at = 0, data.find(MAGIC, start)
    while at >= 0:
        if _block_at(data, at) is not None:
            greatest = max(greatest, _HEAD.unpack_from(data, at)[3])
        at = data.find(MAGIC, at + 1)
    return greatest


def opening_of(data: bytes) -> tuple[Opening, int] | None:
    """A segment's opening and where its frames begin; None when the file was cut before it was whole."""
    first = next(whole_blocks(data), None)
    if first is None:
        return None
    return msgspec.json.decode(first.lines, type=Opening), first.end
