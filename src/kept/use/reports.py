"""Reports: what a purpose may see, added up. They are asked by the same door as anyone's free SQL.

A visitor is one pseudonym. People who said no, and rows of other purposes, do not exist for a report; how
many they are is not told either, since that number would be about them.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from kept.storage.query_words import Cell, Refused, Rows

Ask = Callable[[str], Rows | Refused]
"""Runs a statement under the purpose."""
MOST_ROWS = 200
DAY = timedelta(days=1)
EVENTS = "events"


@dataclass(frozen=True, slots=True)
class ReportTable:
    """One table: a row each `key`, the most frequent first; `days` in order of time, with no day left out."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True, slots=True)
class UsageReport:
    """Figures and tables of a span of days, UTC. `missing` names what the purpose may not see."""

    since: date
    until: date
    visitors: int
    sessions: int | None  # None: the purpose sees no sessions
    views: int
    actions: int
    crawler_views: int
    tables: tuple[ReportTable, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Breakdown:
    """A table of views by one column."""

    name: str
    title: str
    column: str
    unknown: str


BREAKDOWNS = (
    _Breakdown("pages", "Pages", "page", "(not kept)"),
    _Breakdown("sources", "Sources", "referrer", "(direct, or not told)"),
    _Breakdown("campaigns", "Campaigns", "campaign", "(none)"),
    _Breakdown("countries", "Countries", "country", "(not known)"),
    _Breakdown("devices", "Devices", "device", "(not known)"),
    _Breakdown("browsers", "Browsers", "browser", "(not known)"),
)


def span_of(since: date, until: date) -> tuple[int, int]:
    """The days from `since` up to and including `until` (UTC), in milliseconds, for `Reader`'s `within`."""
    first, after = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (since, until + DAY))
    return int(first.timestamp()) * 1000, int(after.timestamp()) * 1000


def usage_report(
    ask: Ask, catalogue: Mapping[str, Sequence[str]], since: date, until: date
) -> UsageReport | Refused:
    """The report of the days from `since` up to and including `until`.

    `catalogue` maps the tables that the purpose sees to their columns.
    """
    try:
        return _Report(ask, frozenset(catalogue.get(EVENTS, ())), since, until).make()
    except _No as no:
        return no.refused


def _tells_something(table: ReportTable) -> bool:
    """A table whose only row is the unknown tells nothing."""
    return len(table.rows) > 1 or any(not str(row[0]).startswith("(") for row in table.rows)


class _No(Exception):
    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.why.value)
        self.refused = refused


class _Report:
    def __init__(self, ask: Ask, columns: Collection[str], since: date, until: date) -> None:
        self._ask, self._columns, self._since, self._until = ask, columns, since, until
        after = until + DAY
        self._span = f"time >= timestamp '{since}' and time < timestamp '{after}'"

    def make(self) -> UsageReport:
        days = self._days()
        visitors, sessions, views, actions, crawler_views = self._totals()
        asked = [breakdown for breakdown in BREAKDOWNS if breakdown.column in self._columns]
        tables = [self._by(breakdown) for breakdown in asked]
        return UsageReport(
            since=self._since,
            until=self._until,
            visitors=visitors or 0,
            sessions=sessions,
            views=views or 0,
            actions=actions or 0,
            crawler_views=crawler_views or 0,
            tables=(days, *(table for table in tables if _tells_something(table)), self._actions()),
            missing=tuple(each.title for each in BREAKDOWNS if each.column not in self._columns),
        )

    def _rows(self, sql: str) -> list[tuple[Cell, ...]]:
        found = self._ask(sql)
        if isinstance(found, Refused):
            raise _No(found)
        return found.rows

    @property
    def _sessions(self) -> str:
        """Visits: those that the browser held together; a visitor without that is one visit a day."""
        if "session" not in self._columns:
            return "null"
        return "count(distinct coalesce(session::varchar, person::varchar || time::date::varchar))"

    def _totals(self) -> tuple[int | None, ...]:
        [row] = self._rows(self._totals_sql())
        return tuple(None if cell is None else int(cell) for cell in row)

    def _totals_sql(self) -> str:
        sessions = f"{self._sessions} filter (not crawler)" if "session" in self._columns else "null"
        return (
            f"select count(distinct person) filter (not crawler), {sessions},"
            " count(*) filter (name = 'page_view' and not crawler),"
            " count(*) filter (name != 'page_view' and not crawler),"
            f" count(*) filter (name = 'page_view' and crawler) from {EVENTS} where {self._span}"
        )

    def _days(self) -> ReportTable:
        rows = self._rows(
            "select time::date::varchar, count(distinct person), count(*) filter (name = 'page_view')"
            f" from {EVENTS} where {self._span} and not crawler group by all"
        )
        found = {str(row[0]): row for row in rows}
        span = (self._until - self._since).days + 1
        days = [(self._since + timedelta(days=number)).isoformat() for number in range(span)]
        return ReportTable(
            "days",
            "Visitors and page views a day",
            ("day", "visitors", "page views"),
            tuple(found.get(day, (day, 0, 0)) for day in days),
        )

    def _by(self, breakdown: _Breakdown) -> ReportTable:
        rows = self._rows(
            f"select coalesce({breakdown.column}, '{breakdown.unknown}'), count(*), count(distinct person)"
            f" from {EVENTS} where {self._span} and not crawler and name = 'page_view'"
            f" group by 1 order by 2 desc, 1 limit {MOST_ROWS}"
        )
        key = breakdown.title.lower().removesuffix("s") if breakdown.name != "countries" else "country"
        return ReportTable(breakdown.name, breakdown.title, (key, "page views", "visitors"), tuple(rows))

    def _actions(self) -> ReportTable:
        rows = self._rows(
            f"select name, count(*), count(distinct person) from {EVENTS}"
            f" where {self._span} and not crawler and name != 'page_view'"
            f" group by 1 order by 2 desc, 1 limit {MOST_ROWS}"
        )
        return ReportTable("actions", "Actions", ("action", "times", "visitors"), tuple(rows))
