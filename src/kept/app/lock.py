"""One installation on a data folder at a time: a second start refuses, with the reason."""

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from kept.base.errors import InUse


class FolderLock:
    """Holds `DATA/lock` while it is open. The kernel lets go of it when the process ends, however it ends."""

    def __init__(self, data: Path) -> None:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = data / "lock"
        self._held: TextIO | None = None

    def __enter__(self) -> Self:
        file = self._path.open("a+")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            with file:
                raise self._taken(file) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        self._held = file
        return self

    def _taken(self, file: TextIO) -> InUse:
        file.seek(0)
        return InUse(
            "Kept already runs on this data folder",
            where=str(self._path),
            why=f"It was started as process {file.read().strip() or 'unknown'}.",
            next_step="Stop that one first, or name another folder with --data.",
        )

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._held is not None:
            self._held.close()


def is_running(data: Path) -> bool:
    """Whether an installation runs on the folder now."""
    path = data / "lock"
    if not path.exists():
        return False
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False
