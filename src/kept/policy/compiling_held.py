"""Compiles items and events: their facts, their purposes, their ceilings in each cell."""

from collections.abc import Mapping
from dataclasses import dataclass

from kept.policy.compiled import Event, Item
from kept.policy.compiling_more import written
from kept.policy.compiling_rest import mask_of, title
from kept.policy.draft import Entry
from kept.policy.grammar import (
    ABOUT,
    CATEGORY,
    CONDITION,
    DERIVED_FROM,
    FROM,
    HIDDEN_FROM,
    IDENTIFIES,
    KEEP,
    MADE_FOR,
    REDUCED_TO,
    REQUIRED,
    SCREENED_FOR,
    SPECIAL,
    TYPE,
    WITH,
)
from kept.policy.keys import SAYS
from kept.policy.opened import Opened, names
from kept.policy.terms import ceilings_in
from kept.policy.times import Span


@dataclass(frozen=True, slots=True)
class HeldCompiling:
    """Makes items and events out of an opened draft."""

    opened: Opened
    bits: Mapping[str, int]

    def item(self, entry: Entry) -> Item:
        """One item of data."""
        return Item(
            name=entry.name,
            title=title(entry),
            says=entry.own(SAYS) or "",
            group=entry.group,
            category=entry.want(CATEGORY, ""),
            type=entry.want(TYPE, "text"),
            identifies=entry.want(IDENTIFIES, "directly"),
            about=names(entry.get(ABOUT)),
            sources=self._sources(entry),
            derived_from=self._derived_from(entry),
            reduced_to=entry.want(REDUCED_TO, ""),
            required=entry.want(REQUIRED, False),
            uses=self._users(entry.name),
            keep=self._keep(entry),
            special=entry.want(SPECIAL, ""),
            condition=entry.want(CONDITION, ""),
            duties=self._duties(entry),
            made_for=names(entry.get(MADE_FOR)),
            hidden_from=names(entry.get(HIDDEN_FROM)),
            screened_for=entry.want(SCREENED_FOR, ""),
        )

    def event(self, entry: Entry) -> Event:
        """One event, with its properties."""
        types = entry.want(WITH, {})
        return Event(
            name=entry.name,
            title=title(entry),
            says=entry.own(SAYS) or "",
            group=entry.group,
            category=entry.want(CATEGORY, ""),
            identifies=entry.want(IDENTIFIES, "directly"),
            about=names(entry.get(ABOUT)),
            sources=self._sources(entry),
            uses=self._users(entry.name),
            properties=types,
            property_uses={name: self._property_users(entry.name, name) for name in types},
            keep=self._keep(entry),
            derived_from=self._derived_from(entry),
            reduced_to=entry.want(REDUCED_TO, ""),
            required=entry.want(REQUIRED, False),
            special=entry.want(SPECIAL, ""),
            condition=entry.want(CONDITION, ""),
            duties=self._duties(entry),
            made_for=names(entry.get(MADE_FOR)),
            hidden_from=names(entry.get(HIDDEN_FROM)),
            screened_for=entry.want(SCREENED_FOR, ""),
        )

    def _sources(self, entry: Entry) -> tuple[str, ...]:
        """Where it comes from; what is derived comes from nowhere else unless it says so itself."""
        if entry.own(DERIVED_FROM) is not None and entry.own(FROM) is None:
            return ()
        return names(entry.get(FROM))

    def _derived_from(self, entry: Entry) -> tuple[str, ...]:
        atoms = entry.get(DERIVED_FROM)
        return written(self.opened.selections.open(atoms)) if atoms else ()

    def _keep(self, entry: Entry) -> tuple[tuple[Span, ...], ...]:
        return tuple(ceilings_in(self.opened.draft, entry, cell) for cell in self.opened.cells)

    def _duties(self, entry: Entry) -> tuple[str, ...]:
        keep = entry.get(KEEP)
        return names(keep.duties) if keep else ()

    def _users(self, name: str) -> int:
        users = (purpose for purpose, used in self.opened.uses.items() if name in used.names)
        return mask_of(self.bits, tuple(users))

    def _property_users(self, event: str, name: str) -> int:
        pair = (event, name)
        users = (purpose for purpose, used in self.opened.uses.items() if pair in used.properties)
        return mask_of(self.bits, tuple(users))
