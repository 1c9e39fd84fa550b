"""Reading a log file, plain or compressed, chunk by chunk in bounded memory."""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from kept.gather.weblog.chunks import Chunk, Chunks, LineEnds, lines_of, read_chunk
from kept.gather.weblog.forms import Form
from kept.gather.weblog.line import LONGEST, Fault, LogLine, Malformed
from kept.gather.weblog.recognising import recognise
from kept.gather.weblog.unpacking import DAMAGED, Bomb, Progress, blocks

SAMPLE = 100


class Log(NamedTuple):
    """A log that is being read: the form that it was taken for, and its chunks, in their order."""

    form: Form
    chunks: Iterator[Chunk]


def open_log(path: Path, form: Form | None = None, progress: Progress = lambda _: None) -> Log:
    """A log, read chunk by chunk.

    The form is recognised from the first 100 lines unless `form` gives it. Raises `BadInput` where the file
    cannot be opened, or its form cannot be told. A damaged archive is read as far as it goes. The last line
    counts only when its end is there: a server may be writing it still.
    """
    read = _whole_lines(path, progress)
    first = list(_begins(read))
    form = form or recognise(path, sample_of(first))
    return Log(form, _chunks(form, chain(first, read)))


def read_log(
    path: Path, form: Form | None = None, progress: Progress = lambda _: None
) -> Iterator[LogLine | Malformed]:
    """What the lines say; blank ones, and those that speak of the log itself, are passed over."""
    return chain.from_iterable(map(read_chunk, open_log(path, form, progress).chunks))


def sample_of(read: Sequence[bytes | Fault]) -> list[bytes]:
    """The first lines, by which a form is recognised; empty ones for those that are too long or broken."""
    lines = [line for each in read for line in (lines_of(each) if isinstance(each, bytes) else [b""])]
    return [line if len(line) <= LONGEST else b"" for line in lines[:SAMPLE]]


def _begins(read: Iterator[bytes | Fault]) -> Iterator[bytes | Fault]:
    """As much of it as holds the lines of a sample."""
    lines = 0
    for each in read:
        yield each
        lines += each.count(b"\n") if isinstance(each, bytes) else 0
        if lines >= SAMPLE:
            return


def _chunks(form: Form, read: Iterator[bytes | Fault]) -> Iterator[Chunk]:
    chunks = Chunks(form)
    return (chunks.chunk(each) if isinstance(each, bytes) else chunks.chunk(b"", each) for each in read)


def _whole_lines(path: Path, progress: Progress) -> Iterator[bytes | Fault]:
    """Whole lines, as many as come together, and a fault where one should be."""
    ends = LineEnds()
    try:
        for block in blocks(path, progress):
            if lines := ends.cut(block):
                yield lines
    except DAMAGED:
        yield Fault.ARCHIVE
    except Bomb:
        yield Fault.BOMB
    else:
        if ends.rest:
            yield Fault.UNFINISHED
