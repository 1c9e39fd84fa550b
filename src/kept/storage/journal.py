"""The journal: an event is kept from the moment that `append` returns, whatever happens next.

Group commit: frames that arrive while a sync runs are written together as one block before the next sync,
and all their waiters are answered at once. The loop writes; `fdatasync` alone runs in a thread, which holds
no interpreter lock while it waits.
"""

import asyncio
import errno
from collections import deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from kept.base.errors import InUse
from kept.storage.disk_errors import DiskErrors
from kept.storage.files import Files
from kept.storage.segments import UNKNOWN, Opening, Segment, block, list_segments, portions

SEGMENT_BYTES = 64 << 20
NONE = -1  # no file is open


@dataclass(slots=True)
class _Group:
    done: asyncio.Future[None]
    frames: list[bytes] = field(default_factory=list)
    appends: int = 0


@dataclass(slots=True)
class _Turn:
    done: asyncio.Future[None]
    head: int
    appends: int = 1


class Journal:
    """One collector's journal. One process at a time may hold a collector's number.

    Raises InUse when another process holds it. `head` is the choice sequence number that the collector
    knows; `after` a segment number that new ones must exceed (the lake's cursor, when the folder may have
    been lost). Files are created and synced before this returns.
    """

    def __init__(
        self,
        files: Files,
        folder: Path,
        collector: int,
        head: int,
        *,
        segment_bytes: int = SEGMENT_BYTES,
        after: int = 0,
    ) -> None:
        self._files, self._folder, self._collector, self._knows = files, folder, collector, head
        self._segment_bytes = segment_bytes
        self._queue: deque[_Group | _Turn] = deque()
        self._gathering: _Group | None = None
        self._pump: asyncio.Task[None] | None = None
        self._handle = NONE
        self._lock = _hold(files, folder, collector)
        known = list_segments(files, folder, collector)
        self._last = known[-1].number if known else 0
        self._number = max(after, self._last)
        self._head = 0  # of the segment that is open
        self._durable = UNKNOWN  # of the last segment: how much of it is synced
        self._written = 0
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal-sync")
        try:
            self._open_next()
        except BaseException:
            self.close()
            raise

    @property
    def head(self) -> int:
        """The choice sequence number in the newest segment's name."""
        return self._head

    @property
    def waiting(self) -> int:
        """How many appends are not yet answered: what a collector limits before it answers 503."""
        return sum(item.appends for item in self._queue)

    def append_nowait(self, frames: Sequence[bytes]) -> asyncio.Future[None]:
        """A future that is done once every frame is durable. Frames are JSON, a line each; several that belong
        together may come as one text.

        It fails with NoRoom when the disk is full, Damaged when a sync failed; the frames then count as
        never received, and the client may send them again. All who are written together get the same
        future, since one each would cost more than the write: do not cancel it.
        """
        group = self._gathering
        if group is None:
            group = self._gathering = _Group(asyncio.get_running_loop().create_future())
            self._enqueue(group)
        group.frames.extend(frames)
        group.appends += 1
        return group.done

    async def append(self, frames: Sequence[bytes]) -> None:
        """Return once every frame is durable; raises as `append_nowait` says. May be cancelled."""
        await asyncio.shield(self.append_nowait(frames))

    async def roll(self, head: int) -> None:
        """Begin a new segment under `head`; return once its creation is durable.

        Whoever calls this already computes masks under `head`: frames appended from now on go to the new
        segment, those appended before stay in the old one. So a segment's name bounds what its frames knew.
        """
        turn = _Turn(asyncio.get_running_loop().create_future(), head)
        self._gathering = None
        self._enqueue(turn)
        await turn.done

    def append_now(self, frames: Sequence[bytes]) -> None:
        """As `append`, without a loop, for imports. Not to be mixed with appends that still wait."""
        if self._queue:
            raise InUse(
                "The journal is busy with other appends.",
                next_step="Use a collector number of its own.",
                where="journal",
                why="Appends of another kind still wait.",
            )
        with DiskErrors():
            if self._needs_segment():
                self._open_next()
            self._write(frames)
            self._sync()

    def close(self) -> None:
        """Let go of the segment and the collector's number. Appends not yet answered are cancelled."""
        if self._pump is not None:
            self._pump.cancel()
        for item in self._queue:
            _settle(item.done, None, cancel=True)
        self._queue.clear()
        self._executor.shutdown(wait=True)
        self._let_go()
        if self._lock != NONE:
            self._files.close(self._lock)
            self._lock = NONE

    def _enqueue(self, item: "_Group | _Turn") -> None:
        self._queue.append(item)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.get_running_loop().create_task(self._work_off())

    async def _work_off(self) -> None:
        while self._queue:
            item = self._queue.popleft()
            if item is self._gathering:
                self._gathering = None
            try:
                with DiskErrors():
                    await self._do(item)
            except Exception as error:
                _settle(item.done, error)
            except BaseException:
                _settle(item.done, None, cancel=True)
                raise
            else:
                _settle(item.done, None)

    async def _do(self, item: "_Group | _Turn") -> None:
        in_thread = asyncio.get_running_loop().run_in_executor
        if isinstance(item, _Turn):
            self._knows = item.head
            await in_thread(self._executor, self._open_next)
            return
        if self._needs_segment():
            await in_thread(self._executor, self._open_next)
        self._write(item.frames)
        await in_thread(self._executor, self._sync)

    def _needs_segment(self) -> bool:
        return self._handle == NONE or self._written >= self._segment_bytes

    def _write(self, frames: Sequence[bytes]) -> None:
        for portion in portions(frames):
            self._put(block(portion, self._durable))

    def _put(self, data: bytes) -> None:
        """Append one block. A block that went in by half spoils the segment for good.

        It is not cut off again: a committer may already have read whole blocks beside it, and its cursor
        must never point into the middle of something written later.
        """
        done = 0
        try:
            while done < len(data):
                done += self._files.write(self._handle, data[done:] if done else data)
        except OSError:
            if done:
                self._let_go()
            raise
        self._written += len(data)

    def _sync(self) -> None:
        """Make what was written durable. After a failed sync nobody can say what the disk holds: abandon."""
        try:
            self._files.sync_data(self._handle)
        except OSError:
            self._let_go()
            raise
        self._durable = self._written

    def _open_next(self) -> None:
        """A new segment, durable with its name before anything in it can be acknowledged.

        When that fails the file goes again, and its number is left out: a full disk must not fill the
        folder with empty segments, nor the chain of openings name one that never was.
        """
        self._let_go()
        self._number += 1
        path = self._folder / Segment(self._collector, self._number, self._knows).name
        first = block([msgspec.json.encode(Opening(1, self._last, self._durable))], 0)
        handle = self._files.create(path)
        try:
            if self._files.write(handle, first) != len(first):
                raise OSError(errno.ENOSPC, "short write")
            self._files.sync_data(handle)
            self._files.sync_folder(self._folder)
        except OSError:
            self._files.close(handle)
            self._files.unlink(path)
            raise
        self._handle, self._last, self._head = handle, self._number, self._knows
        self._written = self._durable = len(first)

    def _let_go(self) -> None:
        if self._handle != NONE:
            self._files.close(self._handle)
            self._handle = NONE


def _hold(files: Files, folder: Path, collector: int) -> int:
    handle = files.lock(folder / f"{collector:04d}.lock")
    if handle is None:
        raise InUse(
            f"Collector {collector} is running already.",
            where="journal",
            why="Another process holds its lock.",
            next_step="Stop that process, or wait until it has ended.",
        )
    return handle


def _settle(done: asyncio.Future[None], error: Exception | None, *, cancel: bool = False) -> None:
    if done.done():  # its one waiter has gone
        return
    if cancel:
        done.cancel()
    elif error is not None:
        done.set_exception(error)
    else:
        done.set_result(None)
