"""Rate limits: one bucket a write key, one a workspace's server, one a shortened address, in bounded memory.

The generic cell rate algorithm (ITU-T I.371, annex A): a bucket is one number, the moment at which it will be
full again, so a bucket that has refilled carries nothing and can be forgotten.
"""

from dataclasses import dataclass

SWEEP_SECONDS = 1.0
FEW = 1_024
"""So many names are never too many."""
ROUNDING = 1e-6
"""Seconds: far more than what sums of moments lose, and far less than anybody waits."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests a second, and so many at once after a pause."""

    per_second: float
    burst: float


class Buckets:
    """Buckets by name. With `most` of them draining at the same time, further names share one.

    Those that have refilled are forgotten when the names have doubled, so that what is remembered follows what drains.
    """

    def __init__(self, rate: Rate, most: int = 100_000) -> None:
        self._cost = 1.0 / rate.per_second
        self._depth = rate.burst / rate.per_second
        self._most = most
        self._full_at: dict[str, float] = {}
        self._crowded = min(FEW, most)
        self._swept = -SWEEP_SECONDS

    def __len__(self) -> int:
        return len(self._full_at)

    def take(self, name: str, now: float) -> float:
        """Take one. 0: taken; otherwise the seconds until one can be. `now` in seconds that only grow."""
        full_at = self._full_at.get(name)
        if full_at is None and len(self._full_at) >= self._crowded:
            name = self._make_room(name, now)
            full_at = self._full_at.get(name)
        if full_at is None or full_at < now:
            full_at = now
        wait = (full_at - now) + self._cost - self._depth
        if wait > ROUNDING:
            return wait
        self._full_at[name] = full_at + self._cost
        return 0.0

    def _make_room(self, name: str, now: float) -> str:
        if now - self._swept >= SWEEP_SECONDS:  # whoever invents names must not make us sweep for each
            self._swept = now
            self._full_at = {kept: full_at for kept, full_at in self._full_at.items() if full_at > now}
            self._crowded = min(max(FEW, 2 * len(self._full_at)), self._most)
        return name if len(self._full_at) < self._most else ""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the collector takes, in requests, and how many events may wait for the disk."""

    key: Rate = Rate(5_000, 50_000)
    address: Rate = Rate(50, 500)
    backlog: int = 50_000
