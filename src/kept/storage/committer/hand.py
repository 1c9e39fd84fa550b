"""The hand that changes the lake: load, stage, commit. Every step works through it.

An entry is written and synced in the staging folder and then linked to its name in the log, so it is never
visible unless it is whole and durable; linking fails when the version exists. Nothing is ever retried on a
newer base: the step starts again from the load.
"""

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kept.base.clock import Clock
from kept.base.errors import NoRoom
from kept.storage.committer.engine import Engine
from kept.storage.committer.lease import Lease, LeaseLost
from kept.storage.files import Files
from kept.storage.lake.entry import Change, LakeFile, encode
from kept.storage.lake.exceptions import refuse_stale
from kept.storage.lake.layout import Places, entry_name, file_name
from kept.storage.lake.log import Log
from kept.storage.lake.masks import OWN_ROWS
from kept.storage.lake.snapshot import Snapshot
from kept.storage.records import Records
from kept.storage.withdrawals import head


@dataclass
class Hand:
    """One committer's hold on the lake, for as long as its lease lasts."""

    files: Files
    records: Records
    clock: Clock
    places: Places
    lease: Lease
    engine: Engine
    own_rows: int = OWN_ROWS  # of one mask in a leaf and month, for a file of their own
    mine: int = -1  # the version of this hand's last commit
    commits: int = 0  # since the last checkpoint

    def __post_init__(self) -> None:
        self.log = Log(self.files, self.places.log)

    @property
    def stage(self) -> Path:
        """This committer's staging folder."""
        return self.places.stage / self.lease.token

    def load(self) -> Snapshot:
        """The base to work on. Raises LeaseLost when another epoch has begun."""
        base = self.log.latest()
        if base.epoch != self.lease.epoch:
            raise LeaseLost
        if base.version != self.mine:  # a commit of ours that failed half-way may be there after all
            self.files.sync_folder(self.places.log)
        return base

    def choices_now(self, base: Snapshot) -> int:
        """The head of the choices, read after `base` was loaded. Raises Damaged when the list is stale."""
        with self.records.read() as connection:
            refuse_stale(connection, base)
            return head(connection)

    def path(self, file: LakeFile) -> Path:
        """Where an active file lies."""
        return self.places.lake / file.name

    def write(
        self, rows: str, bucket: str, period: str, *, order: bool = True, mask: int | None = None
    ) -> LakeFile | None:
        """Write a query's rows to a new file of the lake, synced but not yet committed; None when empty.

        `mask`: the one that all these rows have, if they do.
        """
        unique = uuid.uuid4().hex
        staged = self.stage / f"{unique}.parquet"
        name = file_name(self.lease.epoch, unique)
        with self._fenced():
            count = self.engine.write_parquet(rows, staged, order=order)
            if count == 0:
                self.files.unlink(staged)
                return None
            size = staged.stat().st_size
            self.files.sync_file(staged)
            self.files.rename(staged, self.places.lake / name)
        return LakeFile(name, bucket, period, count, size, mask)

    def commit(self, base: Snapshot, change: Change, choices: int | None = None) -> Snapshot:
        """Make the version after `base`, durable on return. Raises LeaseLost when that version exists.

        `choices`: the head of the choices that the change was made under.
        """
        if choices is not None:
            change.marks["choices"] = max(choices, base.marks.get("choices", 0))
        if change.adds:
            self.files.sync_folder(self.places.lake)
        try:
            self.put_entry(base.version + 1, encode(change, self.clock.now_ms()))
        except FileExistsError as error:
            raise LeaseLost from error
        self.mine = base.version + 1
        self.commits += 1
        return self.log.latest()

    def put_entry(self, version: int, entry: bytes) -> None:
        """Link a synced entry to its name and sync the log's folder. FileExistsError: that version exists."""
        staged = self.stage / f"{uuid.uuid4().hex}.json"
        with self._fenced():
            self._write_entry(staged, entry)
            self.files.link(staged, self.places.log / entry_name(version))
        self.files.sync_folder(self.places.log)
        self.files.unlink(staged)

    def clear_stage(self) -> None:
        """Remove what a broken-off step left behind."""
        for name in self.files.names(self.stage):
            if name != "alive":
                self.files.unlink(self.stage / name)

    def _write_entry(self, path: Path, entry: bytes) -> None:
        handle = self.files.create(path)
        try:
            if self.files.write(handle, entry) != len(entry):
                raise NoRoom(
                    "The lake's disk is full.",
                    where="stage",
                    next_step="Make room.",
                    why="The system wrote less than it was given.",
                )
            self.files.sync_data(handle)
        finally:
            self.files.close(handle)

    @contextlib.contextmanager
    def _fenced(self) -> Iterator[None]:
        """Whatever fails because the staging folder is gone fails because the lease is."""
        try:
            yield
        except FileExistsError:
            raise
        except Exception as error:
            if not self.stage.exists():
                raise LeaseLost from error
            raise
