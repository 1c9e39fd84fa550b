"""What a form of log is: a name, what writes it, and how its lines are read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from kept.gather.weblog.line import LogLine, Malformed


class Reader(Protocol):
    """Reads lines of one file, in their order."""

    def read(self, number: int, raw: bytes) -> LogLine | Malformed | None:
        """What the line says; None for one that speaks of the log itself. Never raises."""


def _any(_: str) -> bool:
    return True


def _none(_: bytes) -> bytes:
    return b""


@dataclass(frozen=True, slots=True)
class Form:
    """`reader` makes a new one for each chunk of a file.

    `claims` says of a line whether this form or one that is read alike is meant; it decides only which form a
    file is taken for, and only where reading a line does not tell. `directive` finds the last line of several that
    says how those after it are read.
    """

    name: str
    says: str
    reader: Callable[[], Reader]
    claims: Callable[[str], bool] = _any
    directive: Callable[[bytes], bytes] = _none
