"""The lake: a Delta table of events, read at a version with what people have since withdrawn."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from kept.base.errors import InUse
from kept.storage.files import Files
from kept.storage.lake.entry import LakeFile
from kept.storage.lake.exceptions import Hidden, exceptions
from kept.storage.lake.layout import Places
from kept.storage.lake.log import Log
from kept.storage.lake.snapshot import Snapshot

__all__ = ["Hidden", "Lake", "LakeFile", "Places", "Snapshot", "exceptions"]

ATTEMPTS = 5
Answer = TypeVar("Answer")


class Lake:
    """The read side. Loads no engine but DuckDB, and that only when a checkpoint must be read.

    Order matters in a query: snapshot first, then the exceptions, in one read transaction, then the files.
    A choice made in between only hides more.
    """

    def __init__(self, data: Path, files: Files | None = None) -> None:
        self.places = Places(data)
        self._log = Log(files or Files(), self.places.log)

    def snapshot(self) -> Snapshot:
        """The newest version. Raises InUse while no committer has made the table yet."""
        found = self._log.latest()
        if found.version < 0:
            raise InUse(
                "The lake is not there yet.",
                where="lake",
                next_step="Start the committer.",
                why="No committer has made it.",
            )
        return found

    def paths(self, files: Sequence[LakeFile]) -> list[str]:
        """What DuckDB's `read_parquet` takes. Absolute: a query worker may open these paths and no others."""
        lake = self.places.lake.absolute()
        return [str(lake / file.name) for file in files]

    def read(self, work: Callable[[Snapshot], Answer]) -> Answer:
        """`work` on a snapshot, again from the start when a file was rewritten away under it.

        `work` must collect its whole answer and read the exceptions itself, after the snapshot it is given.
        """
        for _ in range(ATTEMPTS):
            snapshot = self.snapshot()
            try:
                return work(snapshot)
            except Exception:
                if all(Path(path).exists() for path in self.paths(list(snapshot.files.values()))):
                    raise
        raise InUse(
            "The lake was rewritten faster than it could be read.",
            where="lake",
            why="Each list of files was out of date before its last file was read.",
            next_step="Try again; a long deletion or compaction may be under way.",
        )
