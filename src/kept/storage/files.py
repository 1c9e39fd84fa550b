"""The one layer through which journal and committer change the disk, so that a power cut can be modelled.

POSIX promises little: a written file may be lost until it is synced, and a name made, moved or removed may
come back or vanish until its folder is synced (fsync(2); Pillai et al., "All File Systems Are Not Created
Equal", OSDI 2014). Every step that the safety of an event rests on is a call here, and tests put a model in
this class's place that forgets whatever was not synced.
"""

import errno
import fcntl
import os
import shutil
from pathlib import Path


class Files:
    """The real disk. Paths are absolute; handles are file descriptors."""

    def create(self, path: Path) -> int:
        """A new empty file, opened to append. Raises FileExistsError rather than touch another's file."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def write(self, handle: int, data: bytes) -> int:
        """Append `data`; how many bytes went in, which is fewer when the disk fills up on the way."""
        return os.write(handle, data)

    def sync_data(self, handle: int) -> None:
        """Return once everything written through `handle` survives a power cut."""
        os.fdatasync(handle)

    def close(self, handle: int) -> None:
        """Give the handle back. Says nothing about durability."""
        os.close(handle)

    def sync_file(self, path: Path) -> None:
        """Return once the content of a file that others wrote (DuckDB, delta-rs) survives a power cut."""
        _sync(path, os.O_RDONLY)

    def sync_folder(self, folder: Path) -> None:
        """Return once the names in `folder`, new, moved and removed, survive a power cut."""
        _sync(folder, os.O_RDONLY | os.O_DIRECTORY)

    def rename(self, source: Path, target: Path) -> None:
        """Move a file within the file system, in one step."""
        source.rename(target)

    def link(self, source: Path, target: Path) -> None:
        """Give a file a second name, in one step; FileExistsError when the name is taken. Never replaces."""
        os.link(source, target)

    def unlink(self, path: Path) -> None:
        """Remove a name; its bytes go with the last one. A name already gone is no error."""
        path.unlink(missing_ok=True)

    def make_folder(self, folder: Path) -> None:
        """A new folder. Raises FileExistsError when it is there."""
        folder.mkdir(mode=0o700)

    def remove_folder(self, folder: Path) -> None:
        """Remove a folder with all in it, again and again until it is gone: a writer may still be adding."""
        while True:
            try:
                shutil.rmtree(folder)
            except FileNotFoundError:
                if not folder.exists():
                    return
            except OSError as error:
                if error.errno != errno.ENOTEMPTY:
                    raise

    def names(self, folder: Path) -> list[str]:
        """Every name in `folder`, sorted."""
        return sorted(os.listdir(folder))  # noqa: PTH208 - names alone are wanted, many times a second

    def read(self, path: Path, start: int = 0, size: int = -1) -> bytes:
        """The bytes of a file from `start` on, at most `size` of them; none when it is shorter."""
        with path.open("rb") as file:
            file.seek(start)
            return file.read(size)

    def lock(self, path: Path) -> int | None:
        """A handle that holds `path` until it is closed or the process ends; None if another holds it."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
