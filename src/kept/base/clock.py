"""Time, as whole milliseconds of UTC since 1970, asked for in one place so that tests can set it."""

import time
from dataclasses import dataclass
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now_ms(self) -> int:
        """Milliseconds of UTC since 1970-01-01."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now_ms(self) -> int:
        """Milliseconds of UTC since 1970-01-01, by the machine."""
        return time.time_ns() // 1_000_000


@dataclass(slots=True)
class SetClock:
    """A clock that stands still until it is moved."""

    at_ms: int

    def now_ms(self) -> int:
        """The moment it was set to, in milliseconds."""
        return self.at_ms

    def advance(self, milliseconds: int) -> None:
        """Move on by so many milliseconds."""
        self.at_ms += milliseconds
