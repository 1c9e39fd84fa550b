"""The third layer, references: every name stands for something, once; every time has its moment.

What a key refers to stands in its `to`, in the grammar; a time and a selection are known by what they are.
"""

from collections.abc import Iterator, Mapping

from kept.base.nearest import nearest
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import (
    BUILT_IN_SOURCES,
    DERIVED_FROM,
    FROM,
    SECTIONS,
    UNKNOWN_AGE,
    UNKNOWN_RESIDENCE,
    WITH,
)
from kept.policy.keys import Key
from kept.policy.maps import Forbidden
from kept.policy.nodes import Text
from kept.policy.places import is_place, nearest_place
from kept.policy.plain import ages
from kept.policy.problems import Problems, listed
from kept.policy.selections import Selections
from kept.policy.times import KNOWN_MOMENTS, UNITS
from kept.policy.values import Atom, Keep, Ref, Timed
from kept.policy.words import Bad

OUTSIDE = frozenset({"partners", "sources", "recipients"})
"""Sections in which one outside company may stand under one name."""

MADE_UP_OF = {"features": ("services",), "parts": ("data", "events"), "dimensions": ("data", "events")}
"""Things that are no section of their own, and the sections that declare them."""


def check_references(draft: Draft, problems: Problems) -> None:
    """Note every name that stands for nothing or for two things, and every moment that is not known."""
    _References(draft, problems).check()


class _References:
    def __init__(self, draft: Draft, problems: Problems) -> None:
        self.draft = draft
        self.problems = problems
        self.selections = Selections(draft)

    def check(self) -> None:
        self._unique()
        for entry in self.draft.held.values():
            self._comes_from(entry)
        for entry in self.draft.every():
            for key in entry.shape.keys:
                self._value(key, entry.own(key))
            for audience, differing in entry.audiences.items():
                self._name(Ref(audience, differing.place), ("audiences",))
        self._partners()
        self._if_unknown()

    def _unique(self) -> None:
        first: dict[str, Entry] = {}
        outside = {id(one) for section in OUTSIDE for one in self.draft.section(section).values()}
        for entry in self.draft.declared():
            before = first.setdefault(entry.name, entry)
            if before is entry or {id(before), id(entry)} <= outside:
                continue
            self.problems.error(
                "N02",
                entry.place,
                f"`{entry.name}` already names something, in line {before.place.line}.",
                why="A name means one thing in the whole file.",
                next_step="Choose another name for one of them.",
            )

    def _comes_from(self, entry: Entry) -> None:
        if not entry.states(FROM) and not entry.states(DERIVED_FROM):
            self.problems.error(
                "K03",
                entry.place,
                f"Nothing says where `{entry.name}` comes from.",
                valid=listed(BUILT_IN_SOURCES),
                next_step="Add `from:`, or `derived from:` if it is worked out from other things.",
            )

    def _value(self, key: Key[object], value: object) -> None:
        match value:
            case Timed() if key.length:
                self._only_a_length(value, key.length)
            case Timed():
                self._moment(value)
            case Keep():
                self._keep(value)
            case Ref():
                self._name(value, key.to, key.words)
            case Forbidden(beyond=Timed() as beyond):
                self._moment(beyond)
            case tuple():
                self._several(key, value)

    def _several(self, key: Key[object], values: tuple[object, ...]) -> None:
        atoms = [one for one in values if isinstance(one, Atom)]
        if atoms:
            self.selections.check(atoms, self.problems)
            return
        for one in values:
            self._value(key, one)

    def _keep(self, keep: Keep) -> None:
        for ceiling in keep.at_most:
            if isinstance(ceiling, Ref):
                self._name(ceiling, ("retention.periods",))
            else:
                self._moment(ceiling)
        for duty in keep.duties:
            self._name(duty, ("retention.duties",))

    def _moment(self, timed: Timed) -> None:
        own = {*self.draft.section("moments"), *self.draft.section("events")}
        if timed.span.date or timed.span.moment in own or timed.span.moment in KNOWN_MOMENTS:
            return
        known = (*KNOWN_MOMENTS, *sorted(own))
        self.problems.error(
            "D02",
            timed.place,
            f"No moment is called `{timed.span.moment}`.",
            found=timed.span.moment,
            valid=listed(known, most=20),
            nearest=nearest(timed.span.moment, known),
            next_step="Declare it under `moments`, with `when`.",
        )

    def _only_a_length(self, timed: Timed, what: str) -> None:
        if not timed.span.plain:
            self.problems.error(
                "D01",
                timed.place,
                f"{what} a plain length of time.",
                found=str(timed.span),
                valid="`90 days`",
            )

    def _partners(self) -> None:
        """`from: partner` stands for all sites under `partners`: there must be some."""
        if self.draft.section("partners") or "partners" in self.draft.doubtful:
            return
        for entry in self.draft.declared():
            for ref in entry.own(FROM) or ():
                if ref.name == "partner":
                    self._unknown(ref, ("partners",), {}, ())

    def _if_unknown(self) -> None:
        entry = self.draft.if_unknown
        if entry is None:
            return
        for place in entry.get(UNKNOWN_RESIDENCE) or ():
            if place != "any" and not is_place(place):
                self.problems.error(
                    "F06",
                    entry.at(UNKNOWN_RESIDENCE),
                    f"`{place}` is no code of a place.",
                    valid="`any`, or ISO 3166 codes such as US",
                    nearest=nearest_place(place),
                )
        self._unknown_age(entry)

    def _unknown_age(self, entry: Entry) -> None:
        age, audiences = entry.get(UNKNOWN_AGE), self.draft.section("audiences")
        if age is None or age == "any" or age in audiences:
            return
        try:
            ages(Text(entry.at(UNKNOWN_AGE), age, quoted=True, cut=False))
        except Bad as bad:
            valid = f"`any`, an audience, {bad.more.get('valid', '')}"
            near = nearest(age, audiences)
            self.problems.error("F06", entry.at(UNKNOWN_AGE), bad.what, valid=valid, nearest=near)

    def _name(self, ref: Ref, to: tuple[str, ...], words: tuple[str, ...] = ()) -> None:
        known = {name: entry for section in to for name, entry in self._known(section).items()}
        if ref.name in known or ref.name in words or self._in_doubt(to):
            return
        self._unknown(ref, to, known, words)

    def _in_doubt(self, to: tuple[str, ...]) -> bool:
        """Whether names may be missing only because their section could not be read in full."""
        parts = (part for one in to for part in (one, one.rpartition(".")[2], *MADE_UP_OF.get(one, ())))
        unread = "dimensions" in to and any(
            event.unread(WITH) for event in self.draft.section("events").values()
        )
        return unread or any(part in self.draft.doubtful for part in parts)

    def _unknown(
        self, ref: Ref, to: tuple[str, ...], known: Mapping[str, object], words: tuple[str, ...]
    ) -> None:
        elsewhere = self._elsewhere(ref.name)
        self.problems.error(
            "R04",
            ref.place,
            f"Nothing under {listed(to)} is called `{ref.name}`.",
            found=ref.name,
            nearest=nearest(ref.name, (*known, *words)),
            valid=listed((*words, *known)) or "nothing is declared there",
            why=f"`{ref.name}` stands under `{elsewhere}`." if elsewhere else "",
        )

    def _known(self, section: str) -> Mapping[str, object]:
        """What bears a name there: a section, or one of the few things that several sections make up."""
        match section:
            case "features":
                return self.draft.features
            case "parts":
                groups = (name for every in self.draft.groups.values() for name in every)
                return dict.fromkeys((*SECTIONS, *groups, *self.draft.held))
            case "dimensions":
                return dict.fromkeys((*UNITS, *self.draft.held, *self._properties()))
            case "retention.periods" | "retention.duties":
                return self.draft.below_retention(section.rpartition(".")[2])
        return self.draft.section(section)

    def _properties(self) -> Iterator[str]:
        for event in self.draft.section("events").values():
            yield from event.want(WITH, {})

    def _elsewhere(self, name: str) -> str:
        for section in SECTIONS:
            if name in self.draft.section(section) or name in self.draft.groups.get(section, {}):
                return section
        return ""
