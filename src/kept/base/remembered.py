"""What was worked out once for a value need not be worked out again, in bounded memory."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(dict[K, V], Generic[K, V]):
    """Gives `work_out(key)` for any key, and forgets everything when it has become `most` of them.

    A text longer than `longest` is worked out each time: anyone can invent them, and they would fill the memory.
    It is a dictionary, since a look-up in one takes a tenth of what calling a function takes.
    """

    def __init__(self, work_out: Callable[[K], V], most: int, longest: int | None = None) -> None:
        super().__init__()
        self._work_out, self._most, self._longest = work_out, most, longest

    def __missing__(self, key: K) -> V:
        if self._longest is not None and _length(key) > self._longest:
            return self._work_out(key)
        if len(self) >= self._most:
            self.clear()
        value = self[key] = self._work_out(key)
        return value


def _length(key: Any) -> int:
    """Characters or bytes; of a pair, those of both together."""
    return sum(map(_length, filter(None, key))) if type(key) is tuple else len(key)
