"""Choices as the committer applies them: intervals of `cv` in which a person's events lose bits, or go.

A choice clears its bits in events whose `cv` is below its number. A person's choices therefore cut the line
of `cv` into intervals, and each event lies in at most one of them: one plain join clears its mask.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, Select, select

from kept.storage.committer.engine import Engine
from kept.storage.event import StoredEvent
from kept.storage.records import in_parts
from kept.storage.withdrawals import choice

RANGE_AT_MOST = 20_000  # choices since the oldest event of a flush; beyond, they are looked up by person


class Interval(NamedTuple):
    """Events of `subject` with `since <= cv < below` lose `bits`; all of them go when `dropped`."""

    subject: int
    since: int
    below: int
    bits: int
    dropped: bool


class Chosen(NamedTuple):
    """One row of the list of choices."""

    subject: int
    seq: int
    bits: int
    dropped: bool


def intervals(rows: Iterable[Chosen]) -> Iterator[Interval]:
    """The intervals of rows that are sorted by subject, then number."""
    for subject, group in groupby(rows, key=lambda row: row.subject):
        own = [row for row in group if row.bits or row.dropped]
        bits, dropped = 0, False
        for place in range(len(own) - 1, -1, -1):  # from the newest: an older event loses all that follows
            bits, dropped = bits | own[place].bits, dropped or own[place].dropped
            yield Interval(subject, own[place - 1].seq if place else -1, own[place].seq, bits, dropped)


def above(connection: Connection, floor: int, upto: int) -> list[Interval]:
    """The intervals of all choices above a floor, up to and including `upto`."""
    rows = connection.execute(_between(floor, upto))
    return list(intervals(Chosen._make(row) for row in rows))


def concerning(connection: Connection, events: Sequence[StoredEvent], upto: int) -> list[Interval]:
    """The intervals of everything these events' people chose since: their full history above each `cv`."""
    floor = min((event.cv for event in events), default=upto)
    if upto - floor <= RANGE_AT_MOST:
        return above(connection, floor, upto)
    chosen = _between(floor, upto)
    rows = (
        Chosen._make(row)
        for part in in_parts(sorted({event.subject for event in events}))
        for row in connection.execute(chosen.where(choice.c.subject.in_(part)))
    )
    return list(intervals(rows))


def _between(floor: int, upto: int) -> Select[tuple[int, int, int, bool]]:
    return (
        select(choice.c.subject, choice.c.seq, choice.c.bits, choice.c.dropped)
        .where(choice.c.seq > floor, choice.c.seq <= upto)
        .order_by(choice.c.subject, choice.c.seq)
    )


def applied(events: Iterable[StoredEvent], found: Sequence[Interval]) -> list[StoredEvent]:
    """The events that remain, with the masks that remain to them."""
    by_subject: dict[int, list[Interval]] = {}
    for interval in found:
        by_subject.setdefault(interval.subject, []).append(interval)
    if not by_subject:
        return list(events)
    remaining = (_cleared(event, by_subject.get(event.subject, ())) for event in events)
    return [event for event in remaining if event is not None]


def _cleared(event: StoredEvent, found: Sequence[Interval]) -> StoredEvent | None:
    for interval in found:
        if interval.since <= event.cv < interval.below:
            if interval.dropped:
                return None
            return msgspec.structs.replace(event, mask=event.mask & ~interval.bits)
    return event


def put_intervals(engine: Engine, found: Sequence[Interval]) -> None:
    """Make the table `cleared` of intervals, for `cleared_rows` and `touched_files`."""
    from arro3.core import Array, DataType, Table

    long = DataType.int64()
    columns: dict[str, Any] = {
        name: Array([row[i] for row in found], long) for i, name in enumerate(Interval._fields[:4])
    }
    columns["dropped"] = Array([row.dropped for row in found], DataType.bool())
    engine.connection.register("choices", Table.from_pydict(columns))
    try:
        engine.run("create or replace temp table cleared as select * from choices")
    finally:
        engine.connection.unregister("choices")


_JOIN = "cleared c on c.subject = e.subject and e.cv >= c.since and e.cv < c.below"


def cleared_rows(source: str) -> str:
    """A query for the rows of a table expression that remain, with the masks that remain to them."""
    return (
        f"select e.* replace (e.mask & ~coalesce(c.bits, 0) as mask) from {source} e"  # noqa: S608
        f" left join {_JOIN} where not coalesce(c.dropped, false)"
    )


def touched_files(source: str) -> str:
    """A query for the `filename` of each file that holds a row which a choice changes."""
    changed = "c.dropped or (e.mask & c.bits) != 0"
    return f"select distinct e.filename from {source} e join {_JOIN} where {changed}"  # noqa: S608
