"""How often each reason turned something away, by day and part of the policy: written down now and then, to be shown.

The counts hold nothing about anyone, and no name but those that a policy declares: these bound the rows. What was
counted since the last writing is lost when the process is killed; events themselves never depend on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, Column, Connection, Integer, Table, Text, func, select

from kept.base.clock import Clock
from kept.gather.refusals import AtDoor, Counts, Refused
from kept.ledger import facts, tell_once, told_of
from kept.storage.records import Records, metadata, upsert

ACCEPTED = "accepted"
REFUSALS = "refusals of a day"
GRACE_MS = 60_000
"""A day is told of so long after its end: a process whose clock is a little behind may still count for it."""
DAY_MS = 86_400_000
EPOCH_DAY = date(1970, 1, 1).toordinal()

tally = Table(
    "tally",
    metadata,
    Column("day", Integer, primary_key=True),  # days since 1970, UTC
    Column("reason", Text, primary_key=True),
    Column("part", Text, primary_key=True),  # an event, or event.property; "" where the policy declares none
    Column("events", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Tallied:
    """What came in and what was turned away since a day: the one asked for, or the first of which there are counts."""

    since_ms: int | None
    accepted: int
    turned_away: Mapping[Refused, int]


class Tally:
    """Writes a process's counts down, each once."""

    def __init__(self, records: Records, counts: Counts, clock: Clock) -> None:
        self._records, self._counts, self._clock = records, counts, clock
        self._written: dict[tuple[str, str], int] = {}

    def write(self) -> None:
        """Add what was counted since the last time."""
        now = {(reason.code, part): count for (reason, part), count in self._counts.by_part().items()}
        now[ACCEPTED, ""] = self._counts.accepted
        more = {name: count - self._written.get(name, 0) for name, count in now.items()}
        if any(more.values()):
            with self._records.write() as connection:
                _add(connection, self._clock.now_ms() // DAY_MS, more)
            self._written = now


def tallied(records: Records, since_ms: int) -> Tallied:
    """The sums since the day of a moment. `since_ms` is None where nothing has been counted."""
    since = since_ms // DAY_MS
    with records.read() as connection:
        first = connection.execute(select(func.min(tally.c.day))).scalar_one()
        rows = connection.execute(
            select(tally.c.reason, tally.c.part, func.sum(tally.c.events))
            .where(tally.c.day >= since)
            .group_by(tally.c.reason, tally.c.part)
        )
        sums = {(reason, part): int(count) for reason, part, count in rows}
    accepted, reasons = sums.pop((ACCEPTED, ""), 0), {reason.code: reason for reason in AtDoor}
    away = {(reasons[code], part): count for (code, part), count in sums.items() if code in reasons}
    return Tallied(None if first is None else max(since, first) * DAY_MS, accepted, away)


def tell_refusals(records: Records, now_ms: int) -> int:
    """Put on record what was refused on each day that is over, by reason; how many days.

    A day's counts are told once, and as counts alone: nothing in them is about anyone.
    """
    today = (now_ms - GRACE_MS) // DAY_MS
    known = told_of(records, REFUSALS)
    with records.read() as connection:
        rows = connection.execute(
            select(tally.c.day, tally.c.reason, func.sum(tally.c.events).label("events"))
            .where(tally.c.day < today)
            .group_by(tally.c.day, tally.c.reason)
            .order_by(tally.c.day, tally.c.reason)
        ).all()
    codes = {reason.code: reason.name.lower() for reason in AtDoor}
    due: dict[str, list[facts.Fact]] = {}
    for row in rows:
        day = date.fromordinal(EPOCH_DAY + row.day).isoformat()
        if day not in known and row.reason in codes:
            fact = facts.EventsRefused(day=day, reason=codes[row.reason], events=int(row.events))
            due.setdefault(day, []).append(fact)
    return tell_once(records, REFUSALS, due)


def _add(connection: Connection, day: int, more: Mapping[tuple[str, str], int]) -> None:
    for (reason, part), events in more.items():
        if events:
            row = upsert(connection, tally).values(day=day, reason=reason, part=part, events=events)
            connection.execute(
                row.on_conflict_do_update(
                    index_elements=["day", "reason", "part"],
                    set_={"events": tally.c.events + row.excluded.events},
                )
            )
