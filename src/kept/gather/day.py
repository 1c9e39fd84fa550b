"""Counting without cookies: a key that lives one day, in memory, and is never written.

Visitors of one day can be told apart with it; those of two days cannot be joined, and once the day is over
nobody, we included, can recompute who was who.
"""

import fcntl
import mmap
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from struct import Struct

from kept.base.ids import keyed_63

DAY_MS = 86_400_000
_PAGE = Struct("=?q32s")  # whether there is a key yet, its day since 1970, the key


def day_page() -> int:
    """The handle of a page of memory, without a name, for the day keys of several processes that inherit it.

    Whoever starts them holds it too, so a visitor does not count anew when one of them is started again.
    """
    handle = os.memfd_create("kept-day")
    os.ftruncate(handle, mmap.PAGESIZE)
    return handle


class DayKey:
    """The key of the present day in UTC: all processes' with the same page, this one's alone without any."""

    def __init__(self, page: int | None = None) -> None:
        self._handle = page
        self._page = mmap.mmap(-1 if page is None else page, mmap.PAGESIZE)
        self._day = -1
        self._key = b""

    def subject(self, now_ms: int, address: str, agent: bytes) -> int:
        """A pseudonym for today of whoever sends from this address with this agent."""
        today = now_ms // DAY_MS
        if today != self._day:
            self._begin(today)
        return keyed_63(self._key, b"day", address.encode(), agent)

    def _begin(self, today: int) -> None:
        """Take the key of the day, or draw it, over the last one's: whoever sees the day first."""
        with _alone(self._handle):
            is_set, day, key = _PAGE.unpack_from(self._page)
            if not is_set or day != today:
                key = secrets.token_bytes(32)
                _PAGE.pack_into(self._page, 0, True, today, key)
        self._day, self._key = today, key


@contextmanager
def _alone(handle: int | None) -> Iterator[None]:
    """Among the processes that share a page, be the only one at it."""
    if handle is None:
        yield
        return
    fcntl.lockf(handle, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.lockf(handle, fcntl.LOCK_UN)
