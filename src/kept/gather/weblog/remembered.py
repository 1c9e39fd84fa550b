"""What was worked out once for a value need not be worked out again, in bounded memory."""

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Remembered(dict[K, V], Generic[K, V]):
    """Gives `work_out(key)` for any key, and forgets everything when it has become `most` of them.

    It is a dictionary, since a look-up in one takes a tenth of what calling a function takes.
    """

    def __init__(self, work_out: Callable[[K], V], most: int) -> None:
        super().__init__()
        self._work_out, self._most = work_out, most

    def __missing__(self, key: K) -> V:
        if len(self) >= self._most:
            self.clear()
        value = self[key] = self._work_out(key)
        return value
