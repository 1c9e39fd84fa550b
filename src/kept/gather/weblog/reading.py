"""Reading a log file, plain or compressed, line by line in bounded memory."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from kept.base.errors import BadInput
from kept.gather.weblog.forms import Form, Reader
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.recognising import recognise

LONGEST = 64 << 10
BLOCK = 1 << 20
SAMPLE = 100
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_BOM = b"\xef\xbb\xbf"

Progress = Callable[[int], None]
"""Told, now and then, how many further bytes of the file itself have been read."""


class Log(NamedTuple):
    """A log that is being read: the form that it was taken for, and its lines, in their order."""

    form: Form
    lines: Iterator[LogLine | Malformed]


def open_log(path: Path, form: Form | None = None, progress: Progress = lambda _: None) -> Log:
    """A log, read line by line; blank lines, and those that speak of the log itself, are passed over.

    The form is recognised from the first 100 lines unless `form` gives it. Raises `BadInput` where the file
    cannot be opened, or its form cannot be told. A damaged archive is read as far as it goes. The last line
    counts only when its end is there: a server may be writing it still.
    """
    lines = _lines(path, progress)
    first = list(islice(lines, SAMPLE))
    if form is None:
        form = recognise(path, [_sample(line) for line in first])
    return Log(form, _read(chain(first, lines), form.reader()))


def read_log(
    path: Path, form: Form | None = None, progress: Progress = lambda _: None
) -> Iterator[LogLine | Malformed]:
    """The lines alone of `open_log`."""
    return open_log(path, form, progress).lines


def _sample(line: bytes | Fault) -> bytes:
    return line if isinstance(line, bytes) and len(line) <= LONGEST else b""


def _read(lines: Iterator[bytes | Fault], reader: Reader) -> Iterator[LogLine | Malformed]:
    for number, line in enumerate(lines, start=1):
        if isinstance(line, Fault):
            yield Malformed(number, line)
        elif len(line) > LONGEST:
            yield Malformed(number, Fault.TOO_LONG)
        elif line and not line.isspace() and (read := reader.read(number, line)) is not None:
            yield read


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
        source = _unpacked(path, file)
        done, mark = 0, _BOM
        while block := source.read(BLOCK):
            place = file.tell()
            progress(place - done)
            done = place
            yield block.removeprefix(mark)
            mark = b""


def _unpacked(path: Path, file: BinaryIO) -> BinaryIO | gzip.GzipFile:
    begins = file.read(4)
    file.seek(0)
    if begins == _ZSTD:
        raise _zstd(path)
    return gzip.GzipFile(fileobj=file) if begins.startswith(_GZIP) else file


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise BadInput(
            "the log cannot be opened",
            where=str(path),
            why=error.strerror or "",
            next_step="Name a file that you may read.",
        ) from error


def _zstd(path: Path) -> BadInput:
    return BadInput(
        "the log is compressed with zstd, which is not unpacked here",
        where=str(path),
        why="Plain files and gzip are read.",
        next_step="Unpack it first (zstd -d FILE), or have the logs compressed with gzip.",
    )
