"""The third layer, references: every name stands for something, once; every time has its moment."""

from collections.abc import Iterable, Mapping

from kept.policy.draft import Draft, Entry
from kept.policy.grammar import (
    ABOUT,
    AT_LEAST,
    AT_MOST,
    BACKUPS,
    BACKUPS_OF_KEYS,
    BUILT_IN_SOURCES,
    COOKIE_FOR,
    DERIVED_FROM,
    FROM,
    HIDDEN_FROM,
    IS,
    KEEP,
    LASTS,
    LOOKS_BACK,
    MADE_FOR,
    NOTICE_FOR,
    ONLY_FOR,
    POWERS,
    SECTIONS,
    SOURCES_NOT_READ_YET,
    UNKNOWN_AGE,
    UNKNOWN_RESIDENCE,
    USES,
    WHEN,
)
from kept.policy.nodes import Text
from kept.policy.places import is_place
from kept.policy.plain import ages
from kept.policy.problems import Problems, listed, nearest
from kept.policy.selections import Selections
from kept.policy.times import KNOWN_MOMENTS
from kept.policy.values import Keep, Ref, Timed
from kept.policy.words import Bad


def check_references(draft: Draft, problems: Problems) -> None:
    """Note every name that stands for nothing or for two things, and every moment that is not known."""
    _References(draft, problems).check()


class _References:
    def __init__(self, draft: Draft, problems: Problems) -> None:
        self.draft = draft
        self.problems = problems
        self.people = draft.section("people")
        self.audiences = draft.section("audiences")
        self.purposes = draft.section("purposes")
        self.selections = Selections(draft)

    def check(self) -> None:
        self._unique()
        for entry in self.draft.held.values():
            self._held(entry)
        for section in ("data", "events", "purposes"):
            for entry in (
                *self.draft.section(section).values(),
                *self.draft.groups.get(section, {}).values(),
            ):
                self._differences(entry)
        for entry in self.purposes.values():
            self._purpose(entry)
        self._small_sections()
        self._if_unknown()
        self._retention()

    def _unique(self) -> None:
        first: dict[str, Entry] = {}
        for entry in self.draft.declared():
            if entry.name in first:
                self.problems.error(
                    "N02",
                    entry.place,
                    f"`{entry.name}` already names something, in line {first[entry.name].place.line}.",
                    why="A name means one thing in the whole file.",
                    next_step="Choose another name for one of them.",
                )
            first.setdefault(entry.name, entry)

    def _held(self, entry: Entry) -> None:
        if not entry.states(FROM) and not entry.states(DERIVED_FROM):
            self.problems.error(
                "K03",
                entry.place,
                f"Nothing says where `{entry.name}` comes from.",
                valid=listed(BUILT_IN_SOURCES),
                next_step="Add `from:`, or `derived from:` if it is worked out from other things.",
            )
        self._names(entry.get(ABOUT), {**self.people, "everyone": None}, "people")
        for ref in entry.get(FROM) or ():
            self._source(ref)
        self.selections.check(entry.get(DERIVED_FROM) or (), self.problems)
        self._names(entry.get(MADE_FOR), self.purposes, "purposes")
        if not self.draft.doubtful & {"staff", "recipients"}:
            self._names(entry.get(HIDDEN_FROM), self.purposes, "purposes")
        self._keep(entry.get(KEEP))

    def _source(self, ref: Ref) -> None:
        if ref.name in BUILT_IN_SOURCES:
            return
        later = SOURCES_NOT_READ_YET.get(ref.name, "sources")
        if later in self.draft.doubtful:
            return  # that section was refused by name already
        self.problems.error(
            "R04",
            ref.place,
            f"`{ref.name}` is no source that is known.",
            found=ref.name,
            valid=listed(BUILT_IN_SOURCES),
            nearest=nearest(ref.name, BUILT_IN_SOURCES),
            why=f"Others are declared under `{later}`, a section that is not read yet.",
        )

    def _differences(self, entry: Entry) -> None:
        for audience, differing in entry.audiences.items():
            self._name(Ref(audience, differing.place), self.audiences, "audiences")
            self._keep(differing.own(KEEP))

    def _keep(self, keep: Keep | None) -> None:
        for ceiling in keep.at_most if keep else ():
            if isinstance(ceiling, Ref):
                self._name(ceiling, self.draft.below_retention("periods"), "retention.periods")
            else:
                self._moment(ceiling)
        self._names(keep.duties if keep else (), self.draft.below_retention("duties"), "retention.duties")

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
            valid=listed(known),
            nearest=nearest(timed.span.moment, known),
            next_step="Declare it under `moments`, with `when`.",
        )

    def _purpose(self, entry: Entry) -> None:
        self.selections.check(entry.get(USES) or (), self.problems)
        if (back := entry.get(LOOKS_BACK)) is not None:
            self._only_from_gathering(back, "A purpose looks back")
        for ref in (entry.get(POWERS) or ()) if "services" not in self.draft.doubtful else ():
            self.problems.error(
                "R04",
                ref.place,
                f"`{ref.name}` is no feature that is known.",
                why="Features are declared under `services`, a section that is not read yet.",
                next_step="Take `powers` out for now; `without it` can stay.",
            )

    def _only_from_gathering(self, timed: Timed, what: str) -> None:
        if timed.span.moment != "gathered" or timed.span.date or timed.span.until:
            self.problems.error(
                "D01",
                timed.place,
                f"{what} by a plain length of time.",
                found=str(timed.span),
                valid="`90 days`",
            )

    def _small_sections(self) -> None:
        for entry in self.audiences.values():
            self._names(entry.get(IS), self.people, "people")
        for entry in self.draft.section("cookies").values():
            self._names(entry.get(COOKIE_FOR), self.purposes, "purposes")
            if (lasts := entry.get(LASTS)) is not None:
                self._only_from_gathering(lasts, "A cookie lasts")
        for entry in self.draft.section("moments").values():
            self._when(entry)
        for entry in self.draft.section("notices").values():
            self._names(entry.get(NOTICE_FOR), {**self.audiences, "everyone": None}, "audiences")

    def _when(self, entry: Entry) -> None:
        when = entry.get(WHEN)
        if when is None or when == "staff marks" or when in self.draft.section("events"):
            return
        known = ("staff marks", *self.draft.section("events"))
        self.problems.error(
            "R04",
            entry.at(WHEN),
            f"`{when}` tells no moment.",
            found=when,
            valid=listed(known),
            nearest=nearest(when, known),
        )

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
                )
        self._unknown_age(entry)

    def _unknown_age(self, entry: Entry) -> None:
        age = entry.get(UNKNOWN_AGE)
        if age is None or age == "any" or age in self.audiences:
            return
        try:
            ages(Text(entry.at(UNKNOWN_AGE), age, quoted=True, cut=False))
        except Bad as bad:
            valid = f"`any`, an audience, {bad.more.get('valid', '')}"
            near = nearest(age, self.audiences)
            self.problems.error("F06", entry.at(UNKNOWN_AGE), bad.what, valid=valid, nearest=near)

    def _retention(self) -> None:
        for entry in self.draft.below_retention("periods").values():
            for timed in entry.get(AT_MOST) or ():
                self._moment(timed)
        for entry in self.draft.below_retention("duties").values():
            if (least := entry.get(AT_LEAST)) is not None:
                self._moment(least)
            self._names(entry.get(ONLY_FOR), self.purposes, "purposes")
        for key in (BACKUPS, BACKUPS_OF_KEYS):
            life = self.draft.retention.get(key) if self.draft.retention else None
            if life is not None:
                self._only_from_gathering(life, "A backup lives")

    def _names(self, refs: Iterable[Ref] | None, known: Mapping[str, object], section: str) -> None:
        for ref in refs or ():
            self._name(ref, known, section)

    def _name(self, ref: Ref, known: Mapping[str, object], section: str) -> None:
        if ref.name in known or section.rpartition(".")[2] in self.draft.doubtful:
            return
        elsewhere = self._elsewhere(ref.name)
        self.problems.error(
            "R04",
            ref.place,
            f"Nothing under `{section}` is called `{ref.name}`.",
            found=ref.name,
            nearest=nearest(ref.name, known),
            valid=listed(known) or "nothing is declared there",
            why=f"`{ref.name}` stands under `{elsewhere}`." if elsewhere else "",
        )

    def _elsewhere(self, name: str) -> str:
        for section in SECTIONS:
            if name in self.draft.section(section) or name in self.draft.groups.get(section, {}):
                return section
        return ""
