"""The committer: the one process that moves events from the journal to the lake, and takes them away."""

import errno
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from kept.base.clock import Clock, SystemClock
from kept.base.errors import KeptError, NoRoom
from kept.storage import erasures
from kept.storage.committer import rewrite, tidy
from kept.storage.committer.engine import Engine, TooSlow
from kept.storage.committer.erasing import Erased, erase_pending
from kept.storage.committer.flush import Flush
from kept.storage.committer.intake import Intake
from kept.storage.committer.lease import LeaseLost
from kept.storage.committer.recovery import take_over
from kept.storage.committer.seen import Seen
from kept.storage.committer.verify import GoneReport, verify_gone
from kept.storage.files import Files
from kept.storage.lake.layout import Places
from kept.storage.lake.masks import OWN_ROWS
from kept.storage.records import Records
from kept.storage.withdrawals import choice

__all__ = ["Committer", "Erased", "GoneReport", "LeaseLost", "TooSlow"]

Result = TypeVar("Result")
log = logging.getLogger(__name__)

FLUSH_SECONDS = 60.0
REWRITE_SECONDS = 600.0


class Committer:
    """Holds the lease from its making until `close`. Raises InUse while another holds it.

    Each method is one step: it ends in a durable commit or leaves the lake as it was. LeaseLost says that
    another has taken over; TooSlow and NoRoom that the step can be tried again.
    """

    def __init__(
        self,
        data: Path,
        records: Records,
        *,
        files: Files | None = None,
        clock: Clock | None = None,
        memory: str = "2GB",
        own_rows: int = OWN_ROWS,
    ) -> None:
        self._files, self._records = files or Files(), records
        self._engine = Engine(memory)
        places = Places(data)
        try:
            self._hand = take_over(self._files, records, clock or SystemClock(), places, self._engine)
        except BaseException:
            self._engine.close()
            raise
        self._hand.own_rows = own_rows
        self._flush = Flush(self._hand, Intake(self._files, places.journal), Seen(self._hand))
        try:
            self.vacuum()
        except BaseException:
            self.close()
            raise

    @property
    def epoch(self) -> int:
        """The number of this committer's hold on the lake."""
        return self._hand.lease.epoch

    @property
    def commits(self) -> int:
        """Commits since the last checkpoint."""
        return self._hand.commits

    def renew(self) -> None:
        """Hold the lease on. Raises LeaseLost."""
        self._hand.lease.renew()

    def flush(self, seconds: float = FLUSH_SECONDS) -> int:
        """Take one portion of the journal into the lake; how many frames it held."""
        return self._step("flush", seconds, self._flush.flush)

    def flush_all(self) -> int:
        """Flush until the journal holds nothing new; how many frames that were."""
        total = 0
        while taken := self.flush():
            total += taken
        return total

    def compact(self, rows: int = rewrite.COMPACT_ROWS, seconds: float = REWRITE_SECONDS) -> int:
        """Sort the oldest hot files, of about `rows` rows, into leaves and months; how many went."""
        return self._step("compact", seconds, lambda: rewrite.compact(self._hand, rows))

    def merge(self, seconds: float = REWRITE_SECONDS) -> int:
        """Merge small files of one leaf and month; how many went."""
        return self._step("merge", seconds, lambda: rewrite.merge(self._hand))

    def split(self, rows: int = rewrite.SPLIT_ROWS, seconds: float = REWRITE_SECONDS) -> str:
        """Split the largest leaf above `rows` rows a month; its prefix, or ""."""
        return self._step("split", seconds, lambda: rewrite.split(self._hand, rows))

    def work_in(self, seconds: float = REWRITE_SECONDS) -> int:
        """Work all choices into the masks; how many files were rewritten."""
        return self._step("work in", seconds, lambda: rewrite.work_in(self._hand))

    def vacuum(self, seconds: float = FLUSH_SECONDS) -> int:
        """Remove files that no version needs; how many."""
        return self._step("vacuum", seconds, lambda: tidy.vacuum(self._hand))

    def checkpoint(self, seconds: float = FLUSH_SECONDS) -> int:
        """Fold the log into a checkpoint; its version."""
        return self._step("checkpoint", seconds, lambda: tidy.checkpoint(self._hand))

    def erase(self, subjects: Iterable[int]) -> Erased:
        """Hide these pseudonyms' events and do all that can be done now to be rid of them."""
        with self._records.write() as connection:
            erasures.hide(connection, subjects)
        return self.erase_pending()

    def erase_pending(self, seconds: float = REWRITE_SECONDS) -> Erased:
        """Carry every hidden erasure as far as it will go now."""
        return self._step("erase", seconds, lambda: erase_pending(self._hand, self._flush))

    def verify_gone(self, subjects: Iterable[int], seconds: float = REWRITE_SECONDS) -> GoneReport:
        """Search everything on disk for events of these people, gathered before their erasure."""
        wanted = {subject: self._dropped_at(subject) for subject in subjects}
        return self._step("verify", seconds, lambda: verify_gone(self._hand, wanted))

    def close(self) -> None:
        """Let go: the next committer may begin at once."""
        self._hand.lease.give_up(self._files)
        self._engine.close()

    def __enter__(self) -> "Committer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _dropped_at(self, subject: int) -> int:
        """The choice number of a person's newest erasure; beyond every number when there was none."""
        with self._records.read() as connection:
            rows = connection.execute(
                choice.select().where(choice.c.subject == subject, choice.c.dropped)
            ).all()
        return max((int(row.seq) for row in rows), default=1 << 62)

    def _step(self, name: str, seconds: float, work: Callable[[], Result]) -> Result:
        """One step within its deadline. Whatever fails because another took over fails as LeaseLost."""
        from duckdb import Error as EngineError

        try:
            with self._engine.within(seconds, name):
                return work()
        except (KeptError, OSError, EngineError) as error:
            if self._overtaken():
                raise LeaseLost from error
            if _disk_is_full(error):
                raise _no_room(name) from error
            raise

    def _overtaken(self) -> bool:
        """Whether another epoch has begun, whose committer may have removed what this one was reading."""
        try:
            return self._hand.log.latest().epoch != self.epoch
        except KeptError:
            return False


def _disk_is_full(error: Exception) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return "No space left on device" in str(error)  # DuckDB's words for the same


def _no_room(step: str) -> NoRoom:
    return NoRoom(
        "The lake's disk is full.",
        where=f"lake, step '{step}'",
        next_step="Make room; nothing was changed, and the journal still holds what is not in the lake.",
        why="The system has no room left.",
    )
