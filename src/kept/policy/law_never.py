"""Rules of `never` beat all: whoever breaks one is named, directly (V01) or by inference (V02)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kept.policy.compiled import Choice
from kept.policy.compiling_more import gets_of
from kept.policy.draft import Entry
from kept.policy.grammar import COUNTRY, KEEP, USES
from kept.policy.grammar_more import (
    COUNTRIES,
    EXCEPT_TO,
    GETS,
    MATCHED,
    MATCHED_FOR,
    NEVER_COUNTRIES,
    ONE_PURPOSE,
    PURPOSES,
    SALE,
    SENDS,
    TO,
    WEIGHS,
)
from kept.policy.opened import Opened, names
from kept.policy.places import COUNTRIES as ALL_COUNTRIES
from kept.policy.places import opened as opened_places
from kept.policy.problems import Once, Place
from kept.policy.ruled import Inferences, Rule, inferences, rules_of
from kept.policy.selections import Selected
from kept.policy.terms import ceilings_in, terms_for


def check_never(opened: Opened, once: Once) -> None:
    """Note whatever breaks a rule, at what breaks it; and lists that name all of today's recipients."""
    checking = _Checking(opened, once, inferences(opened))
    for rule in rules_of(opened):
        _lists_all(opened, rule, once)
        for found in checking.broken(rule):
            checking.note(rule, found)


@dataclass(frozen=True, slots=True)
class _Deed:
    """Something that may break a rule: what it is called, where it stands, with what it is done."""

    name: str
    place: Place
    used: Selected


@dataclass(frozen=True, slots=True)
class _Checking:
    opened: Opened
    once: Once
    derived: Inferences

    def broken(self, rule: Rule) -> Iterator[_Deed]:
        match rule.act.act:
            case "gather":
                yield from self._gathered(rule)
            case "use":
                yield from self._used(rule)
            case "decide":
                yield from self._of_purpose(rule, "decisions", WEIGHS.name)
            case "contact":
                yield from self._of_purpose(rule, "messages", "")
            case "combine":
                yield from self._combined(rule)
            case "keep beyond":
                yield from self._kept(rule)
            case act:
                yield from self._given(rule, act)

    def note(self, rule: Rule, deed: _Deed) -> None:
        """The error that a deed is, if it touches what the rule covers."""
        direct = self.derived.breaking(deed.used, rule.covers)
        inferred = () if direct else self.derived.inferring(deed.used, rule.covers)
        if not (direct or inferred):
            return
        what = (direct or inferred)[0]
        how = f"`{deed.name}` has `{what}`" + ("" if direct else ", worked out of what the rule covers")
        self.once.error(
            "V01" if direct else "V02",
            deed.place,
            f"{how}, which `never.{rule.name}` rules out.",
            why=f"The rule in line {rule.entry.place.line} stands above everything else in the file.",
            next_step=f"Take `{what}` out here, or make the rule narrower.",
        )

    def _gathered(self, rule: Rule) -> Iterator[_Deed]:
        """With `for` it holds at the door; without, what it covers may not be declared at all."""
        for name, entry in self.opened.draft.held.items() if not rule.audiences else ():
            pairs = frozenset(pair for pair in rule.covers.properties if pair[0] == name)
            yield _Deed(name, entry.place, Selected(frozenset({name}), pairs))

    def _used(self, rule: Rule) -> Iterator[_Deed]:
        for name, used in self.opened.uses.items() if not rule.audiences else ():
            if rule.of_purpose(name):
                yield _Deed(name, self._purpose(name).at(USES), used)

    def _of_purpose(self, rule: Rule, section: str, key: str) -> Iterator[_Deed]:
        """Decisions and messages: done for one purpose, with what it uses or with what they say."""
        for entry in self.opened.draft.section(section).values():
            purpose = entry.want(ONE_PURPOSE, None)
            if purpose is not None and self._meets(rule, purpose.name):
                own = entry.own(WEIGHS) if key else None
                used = self.opened.selections.open(own) if own else self.opened.uses[purpose.name]
                yield _Deed(entry.name, entry.at(WEIGHS if own else ONE_PURPOSE), used)

    def _combined(self, rule: Rule) -> Iterator[_Deed]:
        for entry in self.opened.draft.section("sources").values():
            if entry.want(MATCHED, "no") == "no":
                continue
            sent = self.opened.selections.open(entry.own(SENDS) or ())
            users = names(entry.own(MATCHED_FOR)) or tuple(
                name for name, used in self.opened.uses.items() if used.names & sent.names
            )
            for name in users:
                if self._meets(rule, name):
                    yield _Deed(entry.name, entry.at(MATCHED), sent | self.opened.uses[name])

    def _kept(self, rule: Rule) -> Iterator[_Deed]:
        beyond = rule.act.beyond
        for name, entry in self.opened.draft.held.items() if beyond else ():
            for cell in self.opened.cells:
                spans = ceilings_in(self.opened.draft, entry, cell)
                plain = [span.about_days for span in spans if span.plain]
                if beyond and rule.in_cell(cell) and min(plain, default=1e9) > beyond.span.about_days:
                    yield _Deed(name, entry.at(KEEP), Selected(frozenset({name})))
                    break

    def _given(self, rule: Rule, act: str) -> Iterator[_Deed]:
        listed, spared = names(rule.entry.own(TO)), names(rule.entry.own(EXCEPT_TO))
        for entry in self.opened.draft.section("recipients").values():
            meant = (not listed or entry.name in listed) and entry.name not in spared
            if not meant or not self._is(rule, act, entry):
                continue
            for purpose in names(entry.own(PURPOSES)):
                if self._meets(rule, purpose):
                    passed = gets_of(self.opened, entry).common(self.opened.uses[purpose])
                    yield _Deed(entry.name, entry.at(GETS), passed)

    def _is(self, rule: Rule, act: str, entry: Entry) -> bool:
        """Whether giving something to a recipient is what the rule forbids."""
        if act == "sell":
            return entry.want(SALE, False)
        return act == "disclose" or bool(_reached(self._forbidden(rule), entry.want(COUNTRIES, ())))

    def _forbidden(self, rule: Rule) -> frozenset[str]:
        """The countries that a rule on transfers closes: where it names none, all but the company's own."""
        home = self.opened.draft.company.want(COUNTRY, "")
        return _countries(rule.entry.own(NEVER_COUNTRIES) or (f"not {home}",))

    def _meets(self, rule: Rule, purpose: str) -> bool:
        """Whether the purpose is done for somebody whom the rule speaks of."""
        entry = self._purpose(purpose)
        return rule.of_purpose(purpose) and any(
            terms_for(entry, people).choice is not Choice.NEVER
            for people in self.opened.certain
            if rule.in_cell(frozenset({people}))
        )

    def _purpose(self, name: str) -> Entry:
        return self.opened.draft.section("purposes")[name]


def _reached(closed: frozenset[str], destinations: Iterable[str]) -> frozenset[str]:
    found = frozenset(destinations)
    return closed if "everywhere" in found else closed & frozenset(opened_places(tuple(found)))


def _countries(places: Iterable[str]) -> frozenset[str]:
    """Places, some perhaps after `not`: those that stand plain, or all but the others."""
    several = tuple(places)
    plain = frozenset(opened_places(tuple(one for one in several if not one.startswith("not "))))
    besides = frozenset(
        opened_places(tuple(one.removeprefix("not ") for one in several if one.startswith("not ")))
    )
    return plain or (frozenset(ALL_COUNTRIES) - besides)


def _lists_all(opened: Opened, rule: Rule, once: Once) -> None:
    listed, known = set(names(rule.entry.own(TO))), opened.draft.section("recipients")
    if len(known) > 1 and listed >= set(known):
        once.error(
            "V03",
            rule.entry.at(TO),
            f"`to` in `{rule.name}` names every recipient that there is today.",
            why="One that is added later would not be meant.",
            next_step="Take `to` out, or say `except to` with those who may.",
        )
