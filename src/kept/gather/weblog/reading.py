"""Reading a log file, plain or compressed, line by line in bounded memory."""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from kept.gather.weblog.forms import Form, Reader
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.recognising import recognise
from kept.gather.weblog.unpacking import DAMAGED, Bomb, Progress, blocks

LONGEST = 64 << 10
SAMPLE = 100


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
    return Log(form, read_lines(enumerate(chain(first, lines), start=1), form.reader()))


def read_log(
    path: Path, form: Form | None = None, progress: Progress = lambda _: None
) -> Iterator[LogLine | Malformed]:
    """The lines alone of `open_log`."""
    return open_log(path, form, progress).lines


def _sample(line: bytes | Fault) -> bytes:
    return line if isinstance(line, bytes) and len(line) <= LONGEST else b""


def read_lines(
    numbered: Iterable[tuple[int, bytes | Fault]], reader: Reader
) -> Iterator[LogLine | Malformed]:
    """What numbered lines say; blank ones and those that speak of the log itself are passed over."""
    for number, line in numbered:
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
        for block in blocks(path, progress):
            *whole, rest = (rest + block).split(b"\n")
            rest = rest[: LONGEST + 1]
            for line in whole:
                yield line[:-1] if line.endswith(b"\r") else line
    except DAMAGED:
        yield Fault.ARCHIVE
        return
    except Bomb:
        yield Fault.BOMB
        return
    if rest:
        yield Fault.UNFINISHED
