"""A log in chunks: whole lines, a megabyte or so of them, with what is needed to read them apart from the rest."""

from collections.abc import Iterator
from typing import NamedTuple

from kept.gather.weblog.forms import FORMS, Form
from kept.gather.weblog.line import LONGEST, Fault, LogLine, Malformed


class Chunk(NamedTuple):
    """Lines of one file, in their order, each with its end. Of a line too long, only a beginning."""

    form: str  # its name
    number: int  # of the first line in the file, from 1
    data: bytes
    directive: bytes = b""  # the last before it that says what lines say
    fault: Fault | None = None  # what stands where the next line should


class LineEnds:
    """Cuts blocks behind the last line that ends in them. What is left waits for the next."""

    rest = b""

    def cut(self, block: bytes) -> bytes:
        """Whole lines, each with its end; none where no line ends in the block."""
        data = self.rest + block
        end = data.rfind(b"\n") + 1
        self.rest = data[end : end + LONGEST + 1]
        return data[:end]


class Chunks:
    """Numbers the chunks of one file."""

    def __init__(self, form: Form) -> None:
        self._form, self._number, self._directive = form, 1, b""

    def chunk(self, data: bytes, fault: Fault | None = None) -> Chunk:
        """The next of them."""
        chunk = Chunk(self._form.name, self._number, data, self._directive, fault)
        self._number += data.count(b"\n")
        self._directive = self._form.directive(data) or self._directive
        return chunk


def lines_of(data: bytes) -> list[bytes]:
    """Whole lines without their ends, be those of Unix or of Windows."""
    return data.replace(b"\r\n", b"\n").split(b"\n")[:-1]


def read_chunk(chunk: Chunk) -> Iterator[LogLine | Malformed]:
    """What its lines say; blank ones and those that speak of the log itself are passed over."""
    reader, lines = FORMS[chunk.form].reader(), lines_of(chunk.data)
    if chunk.directive:
        reader.read(0, chunk.directive)
    for number, line in enumerate(lines, start=chunk.number):
        if len(line) > LONGEST:
            yield Malformed(number, Fault.TOO_LONG)
        elif line and not line.isspace() and (read := reader.read(number, line)) is not None:
            yield read
    if chunk.fault is not None:
        yield Malformed(chunk.number + len(lines), chunk.fault)
