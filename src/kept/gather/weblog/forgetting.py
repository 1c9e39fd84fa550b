"""Forgetting which lines were imported, when nothing can come of it any more (GDPR Art. 5(1)(e)).

The policy says when to look: once every event that an import made is past the longest time that any audience
has for page views. The lake says what may go: ids whose events have left it. So a line that is imported again
adds nothing as long as its event is stored, whatever became of the policy meanwhile, and no id outlives both.
"""

from dataclasses import dataclass

from kept.gather.weblog import store
from kept.gather.weblog.known import HOUR_MS, SURE_MS, Stored
from kept.gather.weblog.terms import PAGE_VIEW
from kept.policy.compiled import CompiledPolicy
from kept.policy.times import NOTHING_ENDED
from kept.storage.records import Records

DAY_MS = 24 * HOUR_MS
CLOCK_SKEW_MS = HOUR_MS
"""An event may lie a little after the beginning of its import (`taking.CLOCK_SKEW_MS`)."""
PARTS = 5
"""Rows looked at in one step: up to 100,000 ids, which the lake is asked for in about a second."""


def due_before(policy: CompiledPolicy, now_ms: int) -> int:
    """Imports that began before this moment made only events that are past every ceiling.

    A time of an event never lies after its import, moved or not. Where the policy gathers no page views any
    more, everything is due that the journal cannot hold.
    """
    event, latest = policy.events.get(PAGE_VIEW), now_ms - SURE_MS
    if event is None:
        return latest
    cutoffs = (max((span.cutoff(now_ms) for span in spans), default=NOTHING_ENDED) for spans in event.keep)
    return min(latest, *cutoffs) - CLOCK_SKEW_MS


@dataclass(slots=True)
class Forgetting:
    """Goes through what is due once a day, a few rows a step."""

    records: Records
    stored: Stored
    """Which of these event ids the lake or the journal holds."""
    day: int = -1
    after: int | None = None

    def step(self, policy: CompiledPolicy, now_ms: int) -> int:
        """Look at the next rows of the day's pass; how many were forgotten. Nothing once the pass is over."""
        if self.day != now_ms // DAY_MS:
            self.day, self.after = now_ms // DAY_MS, 0
        if self.after is None:
            return 0
        with self.records.read() as connection:
            parts = store.begun_before(connection, due_before(policy, now_ms), self.after, PARTS)
        forgotten = self._forget(parts) if parts else 0
        self.after = parts[-1].number if parts else None
        return forgotten

    def _forget(self, parts: list[store.OldPart]) -> int:
        held = frozenset(self.stored([number for part in parts for number in part.ids]))
        gone = [part.number for part in parts if held.isdisjoint(part.ids)]
        if not gone:
            return 0
        with self.records.write() as connection:
            return store.forget(connection, gone)
