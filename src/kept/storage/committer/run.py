"""The committer's own process: what it does, how often, and when it gives up."""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from kept.base.errors import Away, InUse, NoRoom
from kept.storage.committer import Committer, TooSlow
from kept.storage.lake import Lake, exceptions
from kept.storage.lake.layout import HOT
from kept.storage.lake.snapshot import Snapshot
from kept.storage.records import Records

log = logging.getLogger(__name__)

HUNG_AFTER = 1_800.0  # seconds without an end of a step: longer than any step's own deadline
EVERY_BIT = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Cadence:
    """When the committer does what. Seconds, rows and counts."""

    tick: float = 1.0  # between two looks at the journal: an event is in the lake two seconds later
    hot_files: int = 60
    hot_rows: int = 500_000
    hot_age: float = 900.0  # since the last compaction, if anything is hot
    exceptions: int = 500
    exceptions_age: float = 3_600.0  # the longest that a choice stays a mere exception
    vacuum: float = 60.0
    log_entries: int = 32


@dataclass
class _Rounds:
    """What is due. Times are of the monotonic clock."""

    committer: Committer
    lake: Lake
    records: Records
    cadence: Cadence
    compacted: float = field(default_factory=time.monotonic)
    worked_in: float = field(default_factory=time.monotonic)
    vacuumed: float = field(default_factory=time.monotonic)

    def once(self, stopped: Callable[[], bool]) -> None:
        """Do everything that is due, in the order in which it matters to people."""
        self.committer.renew()
        while self.committer.flush() and not stopped():  # an import brings more than may stay hot
            self.committer.renew()
            self._compact(self.lake.snapshot())
        self._erase()
        for step in (self._compact, self._work_in, self._vacuum, self._checkpoint):
            if not stopped():
                self.committer.renew()
                step(self.lake.snapshot())

    def _erase(self) -> None:
        erased = self.committer.erase_pending()
        if erased.waiting:
            log.info("erasure waits for collectors %s to roll their journal", erased.waiting)
        if erased.report and not erased.report.gone:
            log.error("erasure not done: %s still hold, or may hold, events", erased.report.places)

    def _compact(self, now: Snapshot) -> None:
        hot = now.groups.get(HOT, ())
        aged = hot and time.monotonic() - self.compacted > self.cadence.hot_age
        if aged or len(hot) > self.cadence.hot_files or sum(f.rows for f in hot) > self.cadence.hot_rows:
            self.committer.compact()
            self.compacted = time.monotonic()
            while self.committer.split():
                self.committer.renew()
            while self.committer.merge():
                self.committer.renew()

    def _work_in(self, now: Snapshot) -> None:
        with self.records.read() as connection:
            waiting = len(exceptions(connection, now, EVERY_BIT))
        aged = waiting and time.monotonic() - self.worked_in > self.cadence.exceptions_age
        if aged or waiting > self.cadence.exceptions:
            self.committer.work_in()
            self.worked_in = time.monotonic()

    def _vacuum(self, _now: Snapshot) -> None:
        if time.monotonic() - self.vacuumed > self.cadence.vacuum:
            self.committer.vacuum()
            self.vacuumed = time.monotonic()

    def _checkpoint(self, _now: Snapshot) -> None:
        if self.committer.commits >= self.cadence.log_entries:
            self.committer.checkpoint()


def run(data: Path, records: Records, stop: threading.Event, cadence: Cadence = Cadence()) -> None:
    """Be the committer until `stop` is set; wait for the lease where another holds it, or takes it over.

    Start it in a process of its own, spawned: delta-rs does not survive a fork.
    """
    while not stop.is_set():
        try:
            with Committer(data, records) as committer:
                rounds = _Rounds(committer, Lake(data), records, cadence)
                while not stop.wait(cadence.tick):
                    _attempt(rounds, stop)
        except (Away, InUse) as error:  # LeaseLost too: queue for it again
            log.warning("waits: %s", error.what)
            stop.wait(cadence.tick)


def _attempt(rounds: _Rounds, stop: threading.Event) -> None:
    """One round. What may pass is tried again; what hangs beyond all deadlines ends the process."""
    watch = threading.Timer(HUNG_AFTER, os._exit, [70])
    watch.daemon = True
    watch.start()
    try:
        rounds.once(stop.is_set)
    except (Away, NoRoom, TooSlow) as error:
        log.error("%s; tried again", error.what)
    finally:
        watch.cancel()
