"""Reading a log file, plain or compressed, line by line in bounded memory."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO

from kept.base.errors import BadInput
from kept.gather.weblog.formats import FORMATS, Format, Reader, recognise
from kept.gather.weblog.line import Fault, LogLine, Malformed

LONGEST = 64 << 10
BLOCK = 1 << 20
SAMPLE = 100
_GZIP = b"\x1f\x8b"

Progress = Callable[[int], None]
"""Told, now and then, how many further bytes of the file itself have been read."""


def read_log(
    path: Path, shape: Format | None = None, progress: Progress = lambda _: None
) -> Iterator[LogLine | Malformed]:
    """The lines of a log, in their order; blank ones are passed over.

    The format is recognised from the first lines unless `shape` gives it. Raises `BadInput` where the file
    cannot be opened, or no line among the first 100 is of a known format. A damaged archive is read as far as
    it goes. The last line counts only when its end is there: a server may be writing it still.
    """
    lines = _lines(path, progress)
    first = list(islice(lines, SAMPLE))
    if shape is None:
        shape = recognise(line for line in first if isinstance(line, bytes) and len(line) <= LONGEST)
    if shape is None and any(isinstance(line, bytes) and line.strip() for line in first):
        raise _unknown(path)
    return _read(chain(first, lines), Reader(shape or FORMATS["combined"]))


def _read(lines: Iterator[bytes | Fault], reader: Reader) -> Iterator[LogLine | Malformed]:
    for number, line in enumerate(lines, start=1):
        if isinstance(line, Fault):
            yield Malformed(number, line)
        elif len(line) > LONGEST:
            yield Malformed(number, Fault.TOO_LONG)
        elif line and not line.isspace():
            yield reader.read(number, line)


def _lines(path: Path, progress: Progress) -> Iterator[bytes | Fault]:
    """Lines without their ends, and a fault where one should be. Of a line too long, only its beginning."""
    rest = b""
    try:
        for block in _blocks(path, progress):
            *whole, rest = (rest + block).split(b"\n")
            rest = rest[: LONGEST + 1]
            for line in whole:
                yield line[:-1] if line.endswith(b"\r") else line
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield Fault.ARCHIVE
        return
    if rest:
        yield Fault.UNFINISHED


def _blocks(path: Path, progress: Progress) -> Iterator[bytes]:
    with _open(path) as file:
        compressed = file.read(2) == _GZIP
        file.seek(0)
        source = gzip.GzipFile(fileobj=file) if compressed else file
        done = 0
        while block := source.read(BLOCK):
            place = file.tell()
            progress(place - done)
            done = place
            yield block


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(
            "the log cannot be opened",
            where=str(path),
            why=error.strerror or "",
            next_step="Name a file that you may read.",
        ) from error


def _unknown(path: Path) -> BadInput:
    return BadInput(
        "this is no log in a format that is known",
        where=str(path),
        why=f"None of the first {SAMPLE} lines could be read.",
        next_step=f"Known are {', '.join(FORMATS)}, of Apache and nginx, plain or gzip. If the file begins "
        "with other things, name its format.",
    )
