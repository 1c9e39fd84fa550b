"""With this folder on PYTHONPATH a process tells the machine's time plus what a file says: a clock that can be set.

The file named by KEPT_TEST_CLOCK holds milliseconds, 8 bytes, least first. The monotonic clock stays as it is, as on
a machine whose time is set.
"""

import mmap
import os
import time
from pathlib import Path

with Path(os.environ["KEPT_TEST_CLOCK"]).open("rb") as file:
    _ahead = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)

_real_ns = time.time_ns


def _set_ns() -> int:
    return _real_ns() + int.from_bytes(_ahead[:8], "little", signed=True) * 1_000_000


time.time_ns = _set_ns
time.time = lambda: _set_ns() / 1e9
