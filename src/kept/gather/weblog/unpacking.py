"""The bytes of a log file as text in UTF-8: unpacked from gzip or zstd, turned from UTF-16, in bounded memory.

An archive says little of how much comes out of it: a few kilobytes may hold hours of work (CWE-409). So it is
unpacked block by block, and no further once it has become larger than any log does.
"""

import codecs
import gzip
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

from kept.base.errors import BadInput

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

BLOCK = 1 << 20
UNPACKED_FREELY = 64 << 20
"""Bytes that may come out of an archive whatever its size."""
MOST_TIMES = 250
"""Beyond them, so many times its size. The most even of logs becomes some 60 times smaller."""
WINDOW_LOG = 27
"""How far back zstd may look: 128 MiB. `--ultra --long` with more is refused as damage."""

DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, zstd.ZstdError)
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_UTF_8 = b"\xef\xbb\xbf"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")

Progress = Callable[[int], None]
"""Told, now and then, how many further bytes of the file itself have been read."""


class Bomb(Exception):
    """The archive has become larger than any log does."""


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...


def blocks(path: Path, progress: Progress) -> Iterator[bytes]:
    """The file's bytes in UTF-8, or in whatever else its writer took for text, without the mark of an encoding.

    Raises `BadInput` where it cannot be opened, one of `DAMAGED` or `Bomb` where unpacking ends early.
    """
    with open_file(path) as file:
        source, packed = _unpacked(file)
        read = _bounded(source, file, progress) if packed else _plain(file, progress)
        yield from _in_utf_8(read)


def open_file(path: Path) -> BinaryIO:
    """The file, to read. Raises `BadInput` where that is not possible."""
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(
            "the log cannot be opened",
            where=str(path),
            why=error.strerror or "",
            next_step="Name a file that you may read.",
        ) from error


def is_packed(begins: bytes) -> bool:
    """Whether a file that begins so is an archive: nobody writes on in one."""
    return begins.startswith((_GZIP, _ZSTD))


def _unpacked(file: BinaryIO) -> tuple[_Source, bool]:
    begins = file.read(4)
    file.seek(0)
    if begins.startswith(_GZIP):
        return gzip.GzipFile(fileobj=file), True
    if begins == _ZSTD:
        return zstd.ZstdFile(file, options={zstd.DecompressionParameter.window_log_max: WINDOW_LOG}), True
    return file, False


def _plain(file: BinaryIO, progress: Progress) -> Iterator[bytes]:
    while block := file.read(BLOCK):
        progress(len(block))
        yield block


def _bounded(source: _Source, file: BinaryIO, progress: Progress) -> Iterator[bytes]:
    done = out = 0
    while block := source.read(BLOCK):
        place, out = file.tell(), out + len(block)
        progress(place - done)
        done = place
        if out > max(UNPACKED_FREELY, MOST_TIMES * place):
            raise Bomb
        yield block


def _in_utf_8(read: Iterator[bytes]) -> Iterator[bytes]:
    first = next(read, b"")
    if not first.startswith(_UTF_16):
        yield first.removeprefix(_UTF_8)
        yield from read
        return
    decoder = codecs.getincrementaldecoder("utf-16")("replace")
    yield decoder.decode(first).encode()
    for block in read:
        yield decoder.decode(block).encode()
