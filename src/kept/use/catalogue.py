"""What a purpose may see, and why the rest is not there: each declared item, event and property, by its clause.

It is read from the policy and from the purpose's own tables (`views`), and looks at nobody's data.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from kept.base.language import ENGLISH
from kept.policy.compiled import CompiledPolicy, Event, Form, Item, Purpose
from kept.policy.times import Span
from kept.policy.wording import times_words
from kept.use.people import people_view
from kept.use.views import EVENTS, ITEM_COLUMNS, PAGE_PROPERTIES, PEOPLE, SESSION_ID, View, views_of

BY_NAME_ALONE = frozenset({"free text", "file", "audio", "image", "video", "credential"})


class Unseen(Enum):
    """Why a part is not there for a purpose. A closed list."""

    NOT_USED = "The purpose does not use it."
    NOT_NAMED = "A group does not stand for it: the purpose would have to name it."
    ON_DEMAND = "It opens only for the scope of an approved demand."
    FIGURES_ONLY = "The purpose gives out figures only, and no rows."
    NO_COOKIE = "No cookie declared for this purpose holds it."
    NOT_IN_TABLES = "It comes neither with events nor as a value that is told, and stands in no table."


class Kind(Enum):
    """What a part is."""

    EVENT = "event"
    PROPERTY = "property"
    ITEM = "item"


@dataclass(frozen=True, slots=True)
class Part:
    """One declared thing. Either `seen_as` names its columns (of an event: its table), or `why` it is not there.

    `clause` is the place in the policy that says so; `kept_for` how long what is seen stays, in words.
    """

    name: str
    title: str
    kind: Kind
    seen_as: tuple[str, ...]
    clause: str
    why: Unseen | None = None
    kept_for: str = ""


def catalogue_of(policy: CompiledPolicy, purpose: Purpose, now_ms: int) -> tuple[Part, ...]:
    """Every declared event with its properties, then every item, as the purpose sees them at this moment."""
    people = people_view(policy, purpose)
    views = () if _shut(purpose) else (*views_of(policy, purpose, now_ms), *([people] if people else ()))
    made = _Catalogue(policy, purpose, views)
    return (*made.events(), *made.items())


def _shut(purpose: Purpose) -> tuple[Unseen, str] | None:
    """Why the purpose sees no row of anything, and the line that says so."""
    if purpose.on_demand:
        return Unseen.ON_DEMAND, f"purposes.{purpose.name}.on demand"
    if purpose.form is Form.AGGREGATE:
        return Unseen.FIGURES_ONLY, f"purposes.{purpose.name}.form"
    return None


class _Catalogue:
    def __init__(self, policy: CompiledPolicy, purpose: Purpose, views: Sequence[View]) -> None:
        self._policy, self._purpose = policy, purpose
        self._columns = {view.name: view.columns for view in views}
        self._uses = f"purposes.{purpose.name}.uses"

    def events(self) -> Iterator[Part]:
        for event in self._policy.events.values():
            yield self._event(event)
            yield from (self._property(event, name) for name in event.properties)

    def items(self) -> Iterator[Part]:
        yield from map(self._item, self._policy.items.values())
        if any(cookie.holds == SESSION_ID for cookie in self._policy.cookies.values()):
            yield self._session()

    def _event(self, event: Event) -> Part:
        table = EVENTS if event.name == EVENTS else event.name
        seen = (table,) if table in self._columns and event.uses & self._purpose.mask else ()
        why = None if seen else Unseen.NOT_USED
        return self._part(event.name, event.title, Kind.EVENT, seen, why, kept=event.keep)

    def _property(self, event: Event, name: str) -> Part:
        column = "page" if name in PAGE_PROPERTIES else name
        used = bool(event.property_uses.get(name, 0) & self._purpose.mask)
        seen = (f"{event.name}.{column}",) if used and column in self._columns.get(event.name, ()) else ()
        why = None if seen else self._why_no_property(event, name)
        return self._part(f"{event.name}.{name}", name, Kind.PROPERTY, seen, why, kept=event.keep)

    def _why_no_property(self, event: Event, name: str) -> Unseen:
        if event.uses & self._purpose.mask and event.properties[name] in BY_NAME_ALONE:
            return Unseen.NOT_NAMED
        return Unseen.NOT_USED

    def _item(self, item: Item) -> Part:
        used, column = bool(item.uses & self._purpose.mask), ITEM_COLUMNS.get(item.name, "")
        seen = tuple(f"{table}.{column}" for table, has in self._columns.items() if used and column in has)
        if used and item.name in self._columns.get(PEOPLE, ()):
            seen = (f"{PEOPLE}.{item.name}",)
        if seen:
            return self._part(item.name, item.title, Kind.ITEM, seen, kept=item.keep)
        if used and not column:
            return self._part(
                item.name, item.title, Kind.ITEM, (), Unseen.NOT_IN_TABLES, f"data.{item.name}.from"
            )
        return self._part(item.name, item.title, Kind.ITEM, (), Unseen.NOT_USED)

    def _session(self) -> Part:
        seen = tuple(f"{table}.session" for table, has in self._columns.items() if "session" in has)
        why = None if seen else Unseen.NO_COOKIE
        return self._part(SESSION_ID, "Session", Kind.ITEM, seen, why, "cookies")

    def _part(
        self,
        name: str,
        title: str,
        kind: Kind,
        seen: tuple[str, ...],
        why: Unseen | None = None,
        clause: str = "",
        kept: Iterable[tuple[Span, ...]] = (),
    ) -> Part:
        shut = _shut(self._purpose)
        if shut is not None:
            return Part(name, title, kind, (), shut[1], shut[0])
        words = times_words(_spans(kept), self._policy.moments, ENGLISH) if seen and any(kept) else ""
        return Part(name, title, kind, seen, clause or self._uses, why, words)


def _spans(kept: Iterable[tuple[Span, ...]]) -> list[Span]:
    """Each ceiling once. Rows do not say which audience they belong to, so the shortest of any counts."""
    return list(dict.fromkeys(span for spans in kept for span in spans))
