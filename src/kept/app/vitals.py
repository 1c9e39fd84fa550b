"""What each process says of itself to whoever watches over an installation: counts and ages, nothing about anyone.

Each writes one small file, again and again, with the sums of its own life; the console reads them all. A process
whose file has become old is not well. They are counts for a graph, not records: a crash may lose some seconds.
"""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

FOLDER = "vitals"
EVERY_SECONDS = 3.0
FRESH_SECONDS = 20.0
BUCKETS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Seconds; above each query times of a laptop and of a large installation are told apart."""
QUERY_SECONDS = "kept_query_seconds"
CANARIES_REFUSED = "kept_canary_events_refused"
"""No metric: only `kept prove` looks at it."""
_PAGE = os.sysconf("SC_PAGE_SIZE")

Figures = Mapping[str, Mapping[str, float]]
"""By name and label value: `{"kept_event_requests": {"200": 17}}`. One without a label has the value "";
of several labels the values stand one after the other with / between them."""


class Vital(msgspec.Struct, frozen=True):
    """A process, as it last spoke. Times in seconds since 1970."""

    process: str
    pid: int
    started: float
    at: float
    resident: int  # bytes
    figures: dict[str, dict[str, float]]

    def is_fresh(self, now: float) -> bool:
        """Whether it has spoken of late, and still runs."""
        return abs(now - self.at) < FRESH_SECONDS and Path(f"/proc/{self.pid}").exists()


@dataclass
class Durations:
    """How long something took, counted into `BUCKETS`."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        place = next((at for at, most in enumerate(BUCKETS) if seconds <= most), len(BUCKETS))
        self.counts[place] += 1
        self.seconds += seconds

    def figures(self) -> Figures:
        """Cumulative, as a histogram wants them; the sum beside them."""
        bounds = [*(f"{most:g}" for most in BUCKETS), "+Inf"]
        sums = {bound: float(sum(self.counts[: at + 1])) for at, bound in enumerate(bounds)}
        return {QUERY_SECONDS: {**sums, "sum": self.seconds}}


class Vitals:
    """Writes a process's own. `figures` is asked each time."""

    def __init__(self, data: Path, process: str, figures: Callable[[], Figures]) -> None:
        self._folder, self._process, self._figures = data / FOLDER, process, figures
        self._started, self._told = time.time(), 0.0

    def tell(self) -> None:
        """Write them, if it is time. That there is no room is no reason to stop."""
        if time.monotonic() - self._told < EVERY_SECONDS:
            return
        self._told = time.monotonic()
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True, mode=0o700)
            new = self._folder / f"{self._process}.new"
            new.write_bytes(msgspec.json.encode(self._vital()))
            new.replace(self._folder / f"{self._process}.json")

    def _vital(self) -> Vital:
        figures = {name: dict(values) for name, values in self._figures().items()}
        return Vital(self._process, os.getpid(), self._started, time.time(), _resident(), figures)


def vitals_of(data: Path) -> list[Vital]:
    """What every process last said, in the order of their names."""
    found = []
    for path in sorted((data / FOLDER).glob("*.json")):
        with suppress(OSError, msgspec.MsgspecError):
            found.append(msgspec.json.decode(path.read_bytes(), type=Vital))
    return found


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
