"""What a purpose may see, as expressions: one view for each event it uses, and `events` with all of them.

An item, a property or an event that the purpose does not use has no column and no table here. Rows past their
ceiling, or older than the purpose looks back, are not there; an item with a shorter life than its event is
null past it. Which people's rows are there at all is settled before, in `permitted` (`use.permission`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis

from kept.policy.compiled import CompiledPolicy, Event, Purpose
from kept.policy.times import Span

Expression = Any
"""A table or column of Ibis, which has no types that a checker can read."""

PERMITTED = "permitted"
"""The relation of stored events that the purpose may see, row by row; no statement can name it."""
EVENTS = "events"
SESSION_ID = "session_id"
PAGE_PROPERTIES = ("path", "page")
NEVER_EXPIRED = -(1 << 62)

_STORED = {
    "subject": "int64",
    "ts": "int64",
    "name": "string",
    "page": "string",
    "properties": "string",
    "session": "int64",
    "source": "string",
    "device": "string",
    "browser": "string",
    "country": "string",
    "referrer": "string",
    "campaign": "string",
    "address": "string",
    "crawler": "boolean",
}
ITEM_COLUMNS = {
    "device": "device",
    "browser": "browser",
    "country": "country",
    "referrer": "referrer",
    "campaign": "campaign",
    "ip_address": "address",
}
"""Items of the policy that stand in columns of their own. An item of another name has no place in the lake."""


@ibis.udf.scalar.builtin  # type: ignore[untyped-decorator]  # Ibis has no types
def json_extract_string(value: str, path: str) -> str:  # type: ignore[empty-body]  # the engine has it
    """One property's text."""


_TYPED: Mapping[str, Callable[[Expression], Expression]] = {
    "number": lambda text: text.try_cast("float64"),
    "yes or no": lambda text: text == "true",
    "date": lambda text: text.try_cast("date"),
}


@dataclass(frozen=True, slots=True)
class View:
    """One table of a purpose: its SELECT over `permitted`, and its columns."""

    name: str
    columns: tuple[str, ...]
    sql: str


def views_of(policy: CompiledPolicy, purpose: Purpose, now_ms: int) -> tuple[View, ...]:
    """Every table that the purpose sees at this moment, `events` first."""
    used = [event for event in policy.events.values() if event.uses & purpose.mask]
    if not used:
        return ()
    maker = _Maker(policy, purpose, now_ms)
    return (maker.all_events(used), *(maker.one_event(event) for event in used))


class _Maker:
    def __init__(self, policy: CompiledPolicy, purpose: Purpose, now_ms: int) -> None:
        self._policy, self._purpose, self._now_ms = policy, purpose, now_ms
        self._rows = ibis.table(_STORED, name=PERMITTED)
        back = purpose.looks_back
        self._back = NEVER_EXPIRED if back is None else back.cutoff(now_ms)

    def all_events(self, used: list[Event]) -> View:
        rows = self._rows
        seen = [(rows.name == event.name) & (rows.ts > self._cutoff(event)) for event in used]
        kept = seen[0]
        for each in seen[1:]:
            kept = kept | each
        columns = {"person": rows.subject, "time": _time(rows), "name": rows.name}
        paged = [event.name for event in used if self._sees_page(event)]
        if paged:
            columns["page"] = (
                rows.page if len(paged) == len(used) else rows.name.isin(paged).ifelse(rows.page, None)
            )
        return _view(EVENTS, rows.filter(kept), {**columns, **self._common(max(map(self._cutoff, used)))})

    def one_event(self, event: Event) -> View:
        rows, cutoff = self._rows, self._cutoff(event)
        columns: dict[str, Expression] = {"person": rows.subject, "time": _time(rows)}
        if self._sees_page(event):
            columns["page"] = rows.page
        for name, kind in event.properties.items():
            if event.property_uses.get(name, 0) & self._purpose.mask and name not in PAGE_PROPERTIES:
                text = json_extract_string(rows.properties, f'$."{name}"')
                columns[name] = _TYPED.get(kind, lambda value: value)(text)
        kept = rows.filter((rows.name == event.name) & (rows.ts > cutoff))
        return _view(event.name, kept, {**columns, **self._common(cutoff)})

    def _common(self, event_cutoff: int) -> dict[str, Expression]:
        rows = self._rows
        columns: dict[str, Expression] = {}
        if self._policy.cookie_purposes(SESSION_ID) & self._purpose.mask:
            columns["session"] = rows.session
        for name, column in ITEM_COLUMNS.items():
            item = self._policy.items.get(name)
            if item is not None and item.uses & self._purpose.mask:
                cutoff = _strictest(item.keep, self._now_ms)
                fresh = (
                    rows[column] if cutoff <= event_cutoff else (rows.ts > cutoff).ifelse(rows[column], None)
                )
                columns[column] = fresh
        return {**columns, "source": rows.source, "crawler": rows.crawler}

    def _sees_page(self, event: Event) -> bool:
        return any(event.property_uses.get(name, 0) & self._purpose.mask for name in PAGE_PROPERTIES)

    def _cutoff(self, event: Event) -> int:
        return max(_strictest(event.keep, self._now_ms), self._back)


def _view(name: str, rows: Expression, columns: Mapping[str, Expression]) -> View:
    sql = ibis.to_sql(rows.select(**columns), dialect="duckdb")
    return View(name, tuple(columns), str(sql))


def _time(rows: Expression) -> Expression:
    return rows.ts.as_timestamp("ms")


def _strictest(keep: Iterable[tuple[Span, ...]], now_ms: int) -> int:
    """Rows do not say which audience they belong to, so the shortest ceiling of any counts."""
    return max(_cutoffs(keep, now_ms), default=NEVER_EXPIRED)


def _cutoffs(keep: Iterable[tuple[Span, ...]], now_ms: int) -> Iterator[int]:
    for spans in keep:
        for span in spans:
            yield span.cutoff(now_ms)
