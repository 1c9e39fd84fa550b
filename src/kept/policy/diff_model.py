"""What a difference between two versions is made of: its kind, whom it concerns, what it asks of the company."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import TypeVar

from kept.base.language import ENGLISH, Language
from kept.policy.compiled import CompiledPolicy
from kept.policy.wording import title_of

T = TypeVar("T")
Names = frozenset[str]


class Kind(Enum):
    """What sort of change it is. A closed list: `kept policy diff --json` prints no other word."""

    GATHERED_MORE = "gathered more"
    GATHERED_LESS = "gathered less"
    GATHERED_OTHERWISE = "gathered otherwise"
    USED_MORE = "used more"
    USED_LESS = "used less"
    GIVEN_MORE = "given to more"
    GIVEN_LESS = "given to fewer"
    KEPT_LONGER = "kept longer"
    KEPT_SHORTER = "kept shorter"
    KEPT_OTHERWISE = "kept otherwise"
    NEW_PURPOSE = "new purpose"
    PURPOSE_ENDED = "purpose ended"
    BASIS_CHANGED = "basis changed"
    MORE_SAY = "more say"
    LESS_SAY = "less say"
    ASKED_OTHERWISE = "asked otherwise"
    PROMISED = "promised"
    PROMISED_LESS = "promised no more"
    AUDIENCES = "for whom rules differ"
    COMPANY = "who answers"
    VERSION = "version"
    WORDS = "words"
    NOTICES = "notices"
    ASSUMED = "assumed"


class Needs(Enum):
    """What people must be given before the change may count for them (promise U3). A closed list."""

    NOTHING = "nothing"
    NOTICE = "a new notice"
    QUESTION = "a new question"


TOLD = frozenset(
    {
        Kind.GATHERED_MORE,
        Kind.GATHERED_OTHERWISE,
        Kind.USED_MORE,
        Kind.GIVEN_MORE,
        Kind.KEPT_LONGER,
        Kind.KEPT_OTHERWISE,
        Kind.NEW_PURPOSE,
        Kind.BASIS_CHANGED,
        Kind.LESS_SAY,
        Kind.ASKED_OTHERWISE,
        Kind.PROMISED_LESS,
        Kind.AUDIENCES,
        Kind.COMPANY,
    }
)
"""Kinds that people are told of: they may lose by them, or must know whom to turn to (GDPR Art. 13(3))."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs. `path` names it as in the compiled policy: `purposes.improve.items`.

    `people` are roles; `audiences` the sets of audiences whose members it concerns, empty for all of them.
    """

    kind: Kind
    path: str
    says: str
    people: tuple[str, ...] = ("everyone",)
    audiences: tuple[tuple[str, ...], ...] = ()
    whom: str = "Everyone"
    needs: Needs = Needs.NOTHING


@dataclass(frozen=True, slots=True)
class Pair:
    """Two versions, the cells of people about whom both are sure, under the names of their audiences, and the
    language in which the differences are told."""

    old: CompiledPolicy
    new: CompiledPolicy
    cells: tuple[tuple[Names, int, int], ...]
    say: Language = ENGLISH

    def change(self, kind: Kind, path: str, says: str, people: Sequence[str] = ("everyone",)) -> Change:
        """A change for all audiences, that needs what its kind needs."""
        roles = ("everyone",) if "everyone" in people or not people else tuple(sorted(people))
        words = self.say.listing(self._called(role) for role in roles)
        needs = Needs.NOTICE if kind in TOLD else Needs.NOTHING
        return Change(kind, path, says, roles, (), words[0].upper() + words[1:], needs)

    def _called(self, role: str) -> str:
        if role == "everyone":
            return self.say("everyone")
        found = self.new.people.get(role) or self.old.people.get(role)
        return self.say.inside(found.title if found else title_of(role))

    def differing(
        self, old: Sequence[T], new: Sequence[T], change_of: Callable[[T, T], Change]
    ) -> Iterator[Change]:
        """One change for each way in which a fact of cells differs, with those whom it concerns."""
        found: dict[tuple[str, str], tuple[T, T, set[Names]]] = {}
        for names, was, now in self.cells:
            if old[was] != new[now]:
                key = (repr(old[was]), repr(new[now]))
                found.setdefault(key, (old[was], new[now], set()))[2].add(names)
        for before, after, cells in found.values():
            yield self.within(change_of(before, after), cells)

    def within(self, one: Change, cells: set[Names]) -> Change:
        """The same change, for people in these cells alone."""
        every = {names for names, _was, _now in self.cells}
        if cells >= every:
            return one
        exact = tuple(sorted(tuple(sorted(names)) for names in cells))
        return replace(one, audiences=exact, whom=f"{one.whom} ({self._cells(cells, every)})")

    def _cells(self, cells: set[Names], every: set[Names]) -> str:
        if frozenset() in cells:
            return self.say("all but {audiences}", audiences=self._audiences(every - cells))
        return self._audiences(cells)

    def _audiences(self, cells: set[Names]) -> str:
        least = [names for names in cells if not any(other < names for other in cells)]
        return self.say.either(
            sorted(self.say.listing(sorted(map(self._audience, names))) for names in least)
        )

    def _audience(self, name: str) -> str:
        found = self.new.audiences.get(name) or self.old.audiences.get(name)
        return found.title if found else title_of(name)


def pair_of(old: CompiledPolicy, new: CompiledPolicy, say: Language) -> Pair:
    """Both versions. A person whom only one of them sets apart is compared with where they stood in the other."""
    there, here = _sure(old), _sure(new)
    found = dict[Names, tuple[int, int]]()
    for names, cell in here.items():
        before = names.intersection(old.audiences)
        if before in there:
            found[names] = (there[before], cell)
    for names, cell in there.items():
        after = names.intersection(new.audiences)
        if after in here:
            found.setdefault(names, (cell, here[after]))
    return Pair(old, new, tuple((names, *cells) for names, cells in found.items()), say)


def _sure(policy: CompiledPolicy) -> dict[Names, int]:
    """The cells of people of whom all is known, by the audiences that they are in."""
    return {next(iter(possible)): cell for cell, possible in enumerate(policy.possible) if len(possible) == 1}


def added_and_gone(old: Sequence[str] | Names, new: Sequence[str] | Names) -> tuple[list[str], list[str]]:
    """What only the new one has, and what only the old one had, each in order."""
    return sorted(set(new) - set(old)), sorted(set(old) - set(new))
