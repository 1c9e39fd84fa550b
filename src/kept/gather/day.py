"""Counting without cookies: a key that lives one day, in memory, and is never written.

Visitors of one day can be told apart with it; those of two days cannot be joined, and once the day is over
nobody, we included, can recompute who was who.
"""

import secrets

from kept.base.ids import keyed_63

DAY_MS = 86_400_000


class DayKey:
    """The key of the present day in UTC. One a process: after a restart a visitor counts anew."""

    def __init__(self) -> None:
        self._day = -1
        self._key = b""

    def subject(self, now_ms: int, address: str, agent: bytes) -> int:
        """A pseudonym for today of whoever sends from this address with this agent."""
        today = now_ms // DAY_MS
        if today != self._day:
            self._day, self._key = today, secrets.token_bytes(32)
        return keyed_63(self._key, b"day", address.encode(), agent)
