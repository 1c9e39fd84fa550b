"""Reports on what people do, as tables: beside the time before, funnel, return, use of features, the last half hour.

Each is asked by the door of any question, under filters on the purpose's own columns. A visitor is one pseudonym;
crawlers are in no table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import Enum

from kept.storage.query_words import Cell, Refused
from kept.use.reports import DAY, EVENTS, MOST_ROWS, Ask, ReportTable, span_of

LIVE_MINUTES = 30
MOST_STEPS = 8
MOST_WEEKS = 12
NOT_KNOWN = "(not known)"
SEGMENTS = ("page", "country", "device", "browser", "referrer", "campaign", "source")
"""Columns that a table may be split by, or narrowed to, as far as the purpose sees them."""


class Kind(Enum):
    """Which report."""

    COMPARED = "compared"
    FUNNEL = "funnel"
    RETURN = "return"
    FEATURES = "features"
    LIVE = "live"


@dataclass(frozen=True, slots=True)
class BehaviourAsked:
    """What is wanted: days (UTC), values that columns must have, a column to split by, the steps of a funnel."""

    kind: Kind
    since: date
    until: date
    where: Mapping[str, str] = field(default_factory=dict)
    by: str = ""
    steps: tuple[str, ...] = ()

    @property
    def before(self) -> date:
        """The first day of the time before, which is as long."""
        return self.since - (self.until - self.since) - DAY


@dataclass(frozen=True, slots=True)
class NotPossible:
    """A word that this purpose does not have, and those that it has."""

    word: str
    instead: tuple[str, ...]


def within_of(asked: BehaviourAsked, now_ms: int) -> tuple[int, int]:
    """The times that the tables are about, in milliseconds, for `Reader`'s `within`."""
    if asked.kind is Kind.LIVE:
        return now_ms - LIVE_MINUTES * 60_000, now_ms + 60_000
    return span_of(asked.before if asked.kind is Kind.COMPARED else asked.since, asked.until)


def behaviour(
    ask: Ask, catalogue: Mapping[str, Sequence[str]], asked: BehaviourAsked, now_ms: int
) -> tuple[ReportTable, ...] | NotPossible | Refused:
    """The report's tables. `catalogue` maps the tables that the purpose sees to their columns."""
    steps = asked.steps or tuple(name for name in catalogue if name != EVENTS)[:MOST_STEPS]
    columns = [name for name in SEGMENTS if name in catalogue.get(EVENTS, ())]
    for word in (*asked.where, *([asked.by] if asked.by else [])):
        if word not in columns:
            return NotPossible(word, tuple(columns))
    for word in steps if asked.kind is Kind.FUNNEL else ():
        if word not in catalogue or word == EVENTS:
            return NotPossible(word, tuple(name for name in catalogue if name != EVENTS))
    made = _Behaviour(ask, asked, steps[:MOST_STEPS], now_ms)
    try:
        return made.tables() if EVENTS in catalogue else ()
    except _No as no:
        return no.refused


class _No(Exception):
    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.why.value)
        self.refused = refused


class _Behaviour:
    def __init__(self, ask: Ask, asked: BehaviourAsked, steps: Sequence[str], now_ms: int) -> None:
        self._ask, self._asked, self._steps, self._now_ms = ask, asked, steps, now_ms
        filters = [f'"{name}" = {_text(value)}' for name, value in asked.where.items()]
        self._kept = " and ".join(["not crawler", *filters])  # enforces: crawlers-apart
        self._span = f"time >= timestamp '{asked.since}' and time < timestamp '{asked.until + DAY}'"

    def tables(self) -> tuple[ReportTable, ...]:
        return {
            Kind.COMPARED: self._compared,
            Kind.FUNNEL: self._funnel,
            Kind.RETURN: self._return,
            Kind.FEATURES: self._features,
            Kind.LIVE: self._live,
        }[self._asked.kind]()

    def _rows(self, sql: str) -> list[tuple[Cell, ...]]:
        found = self._ask(sql)
        if isinstance(found, Refused):
            raise _No(found)
        return found.rows

    @property
    def _segment(self) -> str:
        """What a row is split by, as a text."""
        return f"coalesce(\"{self._asked.by}\"::varchar, '{NOT_KNOWN}')" if self._asked.by else "''"

    # ---- beside the time before --------------------------------------------------------------------------

    def _compared(self) -> tuple[ReportTable, ...]:
        asked = self._asked
        both = f"time >= timestamp '{asked.before}' and time < timestamp '{asked.until + DAY}'"
        counts = "count(distinct person), count(*) filter (name = 'page_view'), count(*) filter (name != 'page_view')"
        totals = self._rows(
            f"select {self._segment}, time >= timestamp '{asked.since}', {counts} from {EVENTS}"
            f" where {both} and {self._kept} group by all"
        )
        days = self._rows(
            f"select time::date::varchar, count(distinct person) from {EVENTS}"
            f" where {both} and {self._kept} group by all"
        )
        return (self._days(_pairs(days)), self._totals(totals))

    def _days(self, found: Mapping[Cell, Cell]) -> ReportTable:
        asked = self._asked
        places = range((asked.until - asked.since).days + 1)
        rows = [
            tuple((start + timedelta(place)).isoformat() for start in (asked.since, asked.before))
            for place in places
        ]
        return ReportTable(
            "days",
            "Visitors a day, and in the time before",
            ("day", "visitors", "visitors before"),
            tuple((now, found.get(now, 0), found.get(before, 0)) for now, before in rows),
        )

    def _totals(self, rows: Sequence[tuple[Cell, ...]]) -> ReportTable:
        found = {(str(row[0]), bool(row[1])): row[2:] for row in rows}
        names = sorted({name for name, _ in found}, key=lambda name: (-_whole(found, name), name))
        measures = ("visitors", "page views", "actions")
        made: list[tuple[Cell, ...]] = [
            (*([name] if self._asked.by else []), measure, now, before, _change(now, before))
            for name in names[:MOST_ROWS] or [""]
            for place, measure in enumerate(measures)
            for now, before in [(_at(found, (name, True), place), _at(found, (name, False), place))]
        ]
        columns = (*([self._asked.by] if self._asked.by else []), "measure", "now", "before", "change")
        return ReportTable("totals", "This time and the time before", columns, tuple(made))

    # ---- funnel ------------------------------------------------------------------------------------------

    def _funnel(self) -> tuple[ReportTable, ...]:
        if not self._steps:
            return ()
        parts = [self._first_step(), *(self._next_step(place) for place in range(1, len(self._steps)))]
        counted = " union all ".join(
            f"select {place} as step, segment, count(*) as people from s{place} group by all"
            for place in range(len(self._steps))
        )
        rows = self._rows(f"with {', '.join(parts)} {counted}")
        return (self._funnel_table({(str(row[1]), int(str(row[0]))): int(str(row[2])) for row in rows}),)

    def _first_step(self) -> str:
        return (
            f"s0 as (select person, min(time) as at, arg_min({self._segment}, time) as segment from {EVENTS}"
            f" where {self._span} and {self._kept} and name = {_text(self._steps[0])} group by person)"
        )

    def _next_step(self, place: int) -> str:
        """Who did it after the step before; a step that is the same again must be another time."""
        after = ">" if self._steps[place] == self._steps[place - 1] else ">="
        return (
            f"s{place} as (select e.person, min(e.time) as at, any_value(s.segment) as segment from {EVENTS} e"
            f" join s{place - 1} s on s.person = e.person and e.time {after} s.at"
            f" where {self._span} and not crawler and name = {_text(self._steps[place])} group by e.person)"
        )

    def _funnel_table(self, people: Mapping[tuple[str, int], int]) -> ReportTable:
        segments = sorted({name for name, _ in people}, key=lambda name: (-people.get((name, 0), 0), name))
        rows: list[tuple[Cell, ...]] = [
            (*([name] if self._asked.by else []), step, _share(count, people.get((name, 0), 0)), count)
            for name in segments[:MOST_ROWS] or [""]
            for place, step in enumerate(self._steps)
            for count in [people.get((name, place), 0)]
        ]
        columns = (*([self._asked.by] if self._asked.by else []), "step", "share", "people")
        return ReportTable("funnel", "People who came so far, in this order", columns, tuple(rows))

    # ---- return ------------------------------------------------------------------------------------------

    def _return(self) -> tuple[ReportTable, ...]:
        rows = self._rows(
            f"with seen as (select distinct person, date_trunc('week', time) as week from {EVENTS}"
            f" where {self._span} and {self._kept}),"
            " first as (select person, min(week) as week from seen group by person)"
            " select first.week::date::varchar, date_diff('week', first.week, seen.week), count(*)"
            " from first join seen on seen.person = first.person group by all"
        )
        found = {(str(week), int(str(later))): int(str(people)) for week, later, people in rows}
        last = min(MOST_WEEKS, max((later for _, later in found), default=0))
        weeks = sorted({week for week, _ in found})
        made: list[tuple[Cell, ...]] = [
            (
                week,
                found[week, 0],
                *(_share(found.get((week, later), 0), found[week, 0]) for later in range(1, last + 1)),
            )
            for week in weeks
        ]
        columns = ("first week", "people", *(f"back after {later}" for later in range(1, last + 1)))
        return (
            ReportTable(
                "return", "People who came back, by the week of their first visit", columns, tuple(made)
            ),
        )

    # ---- features ----------------------------------------------------------------------------------------

    def _features(self) -> tuple[ReportTable, ...]:
        rows = self._rows(
            f"select {self._segment} as segment, name, count(*), count(distinct person) from {EVENTS}"
            f" where {self._span} and {self._kept} group by all order by 4 desc, 2, 1 limit {MOST_ROWS}"
        )
        everyone = _pairs(
            self._rows(
                f"select {self._segment} as segment, count(distinct person) from {EVENTS}"
                f" where {self._span} and {self._kept} group by all"
            )
        )
        made: list[tuple[Cell, ...]] = [
            (
                *([segment] if self._asked.by else []),
                name,
                _share(people, everyone.get(segment, 0)),
                times,
                people,
            )
            for segment, name, times, people in rows
        ]
        columns = (*([self._asked.by] if self._asked.by else []), "feature", "share", "times", "people")
        return (ReportTable("features", "What people use", columns, tuple(made)),)

    # ---- live --------------------------------------------------------------------------------------------

    def _live(self) -> tuple[ReportTable, ...]:
        now = datetime.fromtimestamp(self._now_ms // 60_000 * 60, UTC).replace(tzinfo=None)
        first = now - timedelta(minutes=LIVE_MINUTES - 1)
        lately = f"time >= timestamp '{first}' and {self._kept}"
        rows = self._rows(
            f"select strftime(time, '%H:%M'), count(distinct person), count(*) from {EVENTS}"
            f" where {lately} group by all"
        )
        found = {str(row[0]): row for row in rows}
        minutes = [(first + timedelta(minutes=place)).strftime("%H:%M") for place in range(LIVE_MINUTES)]
        pages = self._rows(
            f"select {self._segment if self._asked.by else 'name'}, count(*), count(distinct person) from {EVENTS}"
            f" where {lately} group by all order by 3 desc, 1 limit {MOST_ROWS}"
        )
        return (
            ReportTable(
                "minutes",
                "The last half hour, minute by minute (UTC)",
                ("minute", "visitors", "events"),
                tuple(found.get(minute, (minute, 0, 0)) for minute in minutes),
            ),
            ReportTable("now", "Now", (self._asked.by or "event", "times", "visitors"), tuple(pages)),
        )


def _pairs(rows: Sequence[tuple[Cell, ...]]) -> dict[Cell, Cell]:
    """Rows of two cells, the second by the first."""
    return {row[0]: row[1] for row in rows}


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _at(found: Mapping[tuple[str, bool], tuple[Cell, ...]], key: tuple[str, bool], place: int) -> int:
    row = found.get(key)
    return int(str(row[place])) if row is not None else 0


def _whole(found: Mapping[tuple[str, bool], tuple[Cell, ...]], name: str) -> int:
    return _at(found, (name, True), 0)


def _change(now: int, before: int) -> str:
    """The change in per cent, with its sign; nothing can be said of a change from nothing."""
    return "—" if before == 0 else f"{(now - before) / before:+.0%}"


def _share(count: Cell, of: Cell) -> str:
    """A share in per cent."""
    whole = int(str(of or 0))
    return f"{int(str(count)) / whole:.0%}" if whole else "—"
