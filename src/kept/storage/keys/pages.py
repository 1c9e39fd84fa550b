"""Looking at the raw bytes of a SQLite file: is a destroyed key really gone?

The trap that shapes this file: POSIX locks belong to a process and a file, so closing *any* descriptor of
the database drops the locks that SQLite holds on it, and another process may then delete the write-ahead log
under our feet (sqlite.org/howtocorrupt.html, 2.2). So a descriptor is shared by the whole process and closed
only when the last key store of that file has closed its connection. The `-shm` file is never opened:
SQLite's locks lie in it, and it holds page numbers, no content.
"""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

_CHUNK = 1 << 20
_LEAF, _INTERIOR = 13, 5  # kinds of table page: sqlite.org/fileformat2.html, 1.6

_open: dict[tuple[int, int], tuple[int, int]] = {}  # (device, inode) -> (descriptor, users)
_guard = threading.Lock()


class RawFile:
    """A SQLite database file and its write-ahead log, as bytes. Made, and closed, after the connection."""

    def __init__(self, path: Path) -> None:
        self._log = path.with_name(path.name + "-wal")
        with _guard:
            status = path.stat()
            self._id = (status.st_dev, status.st_ino)
            known = _open.get(self._id)
            self._descriptor, users = known if known else (os.open(path, os.O_RDONLY | os.O_CLOEXEC), 0)
            _open[self._id] = (self._descriptor, users + 1)

    def close(self) -> None:
        """Let go of the file; the last user closes it."""
        with _guard:
            descriptor, users = _open.pop(self._id)
            if users > 1:
                _open[self._id] = (descriptor, users - 1)
            else:
                os.close(descriptor)

    def log_bytes(self) -> bytes:
        """The write-ahead log, whole; empty if there is none. SQLite takes no locks on this file."""
        return self._log.read_bytes() if self._log.exists() else b""

    def chunks(self, overlap: int) -> Iterator[bytes]:
        """The database file in pieces of a mebibyte, each with the first `overlap` bytes of the next."""
        at = 0
        while piece := os.pread(self._descriptor, _CHUNK + overlap, at):
            yield piece
            at += _CHUNK

    def leaf_of(self, root: int, rowid: int) -> bytes | None:
        """The page of the table rooted at page `root` that holds row `rowid`; None if none does.

        Walks the tree as the file format describes, so the cost does not grow with the file.
        """
        try:
            return self._walk(root, rowid)
        except IndexError:  # another process was writing the page; the caller asks again
            return None

    def _walk(self, root: int, rowid: int) -> bytes | None:
        page = self._page(root)
        for _ in range(64):  # deeper than any tree of SQLite: a torn page must not lead in circles
            if page[0] != _INTERIOR:
                break
            page = self._page(_child_for(page, rowid))
        return page if page[0] == _LEAF and rowid in _rowids(page) else None

    def _page(self, number: int) -> bytes:
        size = int.from_bytes(os.pread(self._descriptor, 2, 16), "big")
        size = 65536 if size == 1 else size
        return os.pread(self._descriptor, size, (number - 1) * size) if number else b""


def _child_for(page: bytes, rowid: int) -> int:
    for at in _cells(page, header=12):
        key, _ = _varint(page, at + 4)
        if rowid <= key:
            return int.from_bytes(page[at : at + 4], "big")
    return int.from_bytes(page[8:12], "big")


def _rowids(page: bytes) -> set[int]:
    return {_varint(page, _varint(page, at)[1])[0] for at in _cells(page, header=8)}


def _cells(page: bytes, header: int) -> list[int]:
    count = int.from_bytes(page[3:5], "big")
    return [int.from_bytes(page[at : at + 2], "big") for at in range(header, header + 2 * count, 2)]


def _varint(page: bytes, at: int) -> tuple[int, int]:
    value = 0
    for step in range(8):
        byte = page[at + step]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, at + step + 1
    return value << 8 | page[at + 8], at + 9
