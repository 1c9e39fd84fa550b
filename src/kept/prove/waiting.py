"""Waiting for what another process does, and no longer than it takes."""

import time
from collections.abc import Callable

LOOK_SECONDS = 0.05


def until(so: Callable[[], bool], seconds: float) -> bool:
    """Whether it came to be within so many seconds. Looks every 50 ms."""
    late = time.monotonic() + seconds
    while not so():
        if time.monotonic() > late:
            return False
        time.sleep(LOOK_SECONDS)
    return True
