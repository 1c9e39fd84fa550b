"""What a purpose may see, as expressions: one view for each event it uses, and `events` with all of them.

An item, a property or an event that the purpose does not use has no column and no table here. Rows past their
ceiling, or older than the purpose looks back, are not there; an item with a shorter life than its event is
null past it. Which people's rows are there at all is settled before, in `_fresh` and `_aging`
(`use.permission`); rows of `_fresh` are younger than every limit, and are not asked for their time.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from kept.policy.compiled import CompiledPolicy, Event, Item, Purpose
from kept.policy.times import NOTHING_ENDED, Span
from kept.use.permission import AGING, FRESH, Asked

Expression = Any
"""A table or column of Ibis, which has no types that a checker can read."""

EVENTS, PEOPLE = "events", "people"
"""Tables of that name are ours: an event that is called so stands among all the others, and has none of its own."""
SESSION_ID = "session_id"
PAGE_PROPERTIES = ("path", "page")

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


@ibis.udf.scalar.builtin(signature=((dt.string, dt.string), dt.Array(dt.string)))
def from_json(value, shape):  # type: ignore[no-untyped-def]  # as above
    """A list of texts."""


_TYPED: Mapping[str, Callable[[Expression], Expression]] = {
    "number": lambda text: text.try_cast("float64"),
    "yes or no": lambda text: text == "yes",  # as `gather.values` writes it
    "date": lambda text: text.try_cast("date"),
    "list of text": lambda text: from_json(text, '["VARCHAR"]'),
}


@dataclass(frozen=True, slots=True)
class View:
    """One table of a purpose: its SELECT over `permitted`, its columns, and their types as Ibis names them."""

    name: str
    columns: tuple[str, ...]
    sql: str
    types: tuple[str, ...] = ()


def asked_of(policy: CompiledPolicy, purpose: Purpose, workspace: int, now_ms: int) -> Asked:
    """Which rows the purpose's tables are made of at this moment."""
    used, maker = _used(policy, purpose), _Maker(policy, purpose, now_ms, FRESH)
    events = [maker.cutoff(event) for event in used]
    items = [_strictest(item.keep, now_ms) for _, item in maker.items()]
    return Asked(
        purpose.bit,
        workspace,
        frozenset(event.name for event in used),
        oldest_ms=min(events, default=NOTHING_ENDED),
        newest_ms=max([*events, *items], default=NOTHING_ENDED),
    )


def views_of(policy: CompiledPolicy, purpose: Purpose, now_ms: int) -> tuple[View, ...]:
    """Every table that the purpose sees at this moment, `events` first."""
    used = _used(policy, purpose)
    if not used:
        return ()
    fresh, aging = (_Maker(policy, purpose, now_ms, table) for table in (FRESH, AGING))
    return (
        _view(EVENTS, fresh.all_events(used), aging.all_events(used)),
        *(
            _view(event.name, fresh.one_event(event), aging.one_event(event))
            for event in used
            if event.name not in {EVENTS, PEOPLE}
        ),
    )


def cutoffs_of(policy: CompiledPolicy, purpose: Purpose, now_ms: int) -> dict[str, int]:
    """The events that the purpose uses, each with the moment up to which what was gathered is not there."""
    maker = _Maker(policy, purpose, now_ms, AGING)
    return {event.name: maker.cutoff(event) for event in _used(policy, purpose)}


def expression_of(view: View) -> Expression:
    """The table as an Ibis expression that is bound to nothing: what is built on it is asked through a `Reader`."""
    return ibis.table(dict(zip(view.columns, view.types, strict=True)), name=view.name)


def sql_of(question: Expression) -> str:
    """A question as the text of one SELECT. What is text already stays as it is."""
    return question if isinstance(question, str) else str(ibis.to_sql(question, dialect="duckdb"))


def _used(policy: CompiledPolicy, purpose: Purpose) -> list[Event]:
    # enforces: events-of-a-purpose
    return [event for event in policy.events.values() if event.uses & purpose.mask]


class _Maker:
    """The SELECTs over one of the two relations of permitted rows."""

    def __init__(self, policy: CompiledPolicy, purpose: Purpose, now_ms: int, table: str) -> None:
        self._policy, self._purpose, self._now_ms = policy, purpose, now_ms
        self._rows, self._ages = ibis.table(_STORED, name=table), table == AGING
        back = purpose.looks_back
        self._back = NOTHING_ENDED if back is None else back.cutoff(now_ms)

    def all_events(self, used: list[Event]) -> Expression:
        rows = self._rows
        columns = {"person": rows.subject, "time": _time(rows), "name": rows.name}
        paged = [event.name for event in used if self._sees_page(event)]
        if paged:
            columns["page"] = (
                rows.page if len(paged) == len(used) else rows.name.isin(paged).ifelse(rows.page, None)
            )
        columns |= self._common(min(map(self.cutoff, used)))
        kept = rows.filter(self._living(used)) if self._ages else rows
        return kept.select(**columns)

    def one_event(self, event: Event) -> Expression:
        rows = self._rows
        columns: dict[str, Expression] = {"person": rows.subject, "time": _time(rows)}
        if self._sees_page(event):
            columns["page"] = rows.page
        for name, kind in event.properties.items():
            if name in columns or name in PAGE_PROPERTIES:
                continue  # the page has a column of its own; `person` and `time` mean the same in every table
            # enforces: properties-of-a-purpose
            if event.property_uses.get(name, 0) & self._purpose.mask:
                text = json_extract_string(rows.properties, f'$."{name}"')
                columns[name] = _TYPED.get(kind, lambda value: value)(text)
        kept = rows.filter(self._living([event]) if self._ages else rows.name == event.name)
        return kept.select(**{**columns, **self._common(self.cutoff(event))})

    def items(self) -> Iterator[tuple[str, Item]]:
        """The columns of items that the purpose uses."""
        for name, column in ITEM_COLUMNS.items():
            item = self._policy.items.get(name)
            if item is not None and item.uses & self._purpose.mask:  # enforces: items-of-a-purpose
                yield column, item

    def cutoff(self, event: Event) -> int:
        """What was gathered up to then is not there."""
        return max(_strictest(event.keep, self._now_ms), self._back)

    def _living(self, used: list[Event]) -> Expression:
        """Each event within its own time."""
        rows = self._rows
        living = [(rows.name == event.name) & (rows.ts > self.cutoff(event)) for event in used]
        return reduce(or_, living)

    def _common(self, event_cutoff: int) -> dict[str, Expression]:
        rows = self._rows
        columns: dict[str, Expression] = {}
        if self._policy.cookie_purposes(SESSION_ID) & self._purpose.mask:
            columns["session"] = rows.session
        for column, item in self.items():
            cutoff = _strictest(item.keep, self._now_ms)
            outlived = self._ages and cutoff > event_cutoff
            columns[column] = (rows.ts > cutoff).ifelse(rows[column], None) if outlived else rows[column]
        return {**columns, "source": rows.source, "crawler": rows.crawler}

    def _sees_page(self, event: Event) -> bool:
        return any(event.property_uses.get(name, 0) & self._purpose.mask for name in PAGE_PROPERTIES)


def _view(name: str, fresh: Expression, aging: Expression) -> View:
    sql = ibis.to_sql(ibis.union(fresh, aging), dialect="duckdb")
    return View(name, tuple(fresh.columns), str(sql), tuple(map(str, fresh.schema().types)))


def _time(rows: Expression) -> Expression:
    return rows.ts.as_timestamp("ms")


def _strictest(keep: Iterable[tuple[Span, ...]], now_ms: int) -> int:
    """Rows do not say which audience they belong to, so the shortest ceiling of any counts."""
    return max((span.cutoff(now_ms) for spans in keep for span in spans), default=NOTHING_ENDED)
