"""What a selection takes: names, `event.property`, `group.*`, facts, `everything`, less each `not`."""

from collections.abc import Iterable
from dataclasses import dataclass

from kept.base.nearest import nearest
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import (
    ABOUT,
    CATEGORY,
    IDENTIFIES,
    SPECIAL,
    TYPE,
    WITH,
)
from kept.policy.problems import Problems, listed
from kept.policy.values import NEVER_BY_GROUP, Atom


@dataclass(frozen=True, slots=True)
class Selected:
    """Items and events, and (event, property) pairs."""

    names: frozenset[str] = frozenset()
    properties: frozenset[tuple[str, str]] = frozenset()

    def __or__(self, other: "Selected") -> "Selected":
        return Selected(self.names | other.names, self.properties | other.properties)

    def without(self, other: "Selected") -> "Selected":
        """Less what the other names; an event that goes takes its properties along."""
        names = self.names - other.names
        left = (pair for pair in self.properties - other.properties if pair[0] in names)
        return Selected(names, frozenset(left))

    def common(self, other: "Selected") -> "Selected":
        """What both name."""
        return Selected(self.names & other.names, self.properties & other.properties)

    def overlaps(self, other: "Selected") -> bool:
        """Whether taking the other out changes anything."""
        return bool(self.names & other.names or self.properties & other.properties)


class Selections:
    """Opens selections against what a draft declares."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.held = draft.held
        self.groups = {**draft.groups.get("data", {}), **draft.groups.get("events", {})}

    def open(self, atoms: Iterable[Atom], *, whole: bool = False) -> Selected:
        """What the atoms take; names that nothing bears take nothing (see `check`).

        `whole`: groups stand for free text and the like too, as a rule of `never` must.
        """
        taken, out = Selected(), Selected()
        for atom in atoms:
            if atom.taken_out:
                out |= self.taken_out(atom)
            else:
                taken |= self.atom(atom, whole=whole)
        return taken.without(out)

    def atom(self, atom: Atom, *, whole: bool = False) -> Selected:
        """What one atom stands for. `whole`: with free text and the like, as when it is taken out."""
        name, dot, part = atom.text.partition(".")
        if atom.facts:
            named = frozenset(key for key, _values in atom.facts)
            fitting = (one for one in self.held.values() if self._has(one, atom))
            return self._several(fitting, whole=whole, named=named)
        if atom.text == "everything":
            return self._several(self.held.values(), whole=True)
        if part == "*":
            return self._several(self.groups[name].members or () if name in self.groups else (), whole=whole)
        if dot:
            known = name in self.held and part in self.held[name].want(WITH, {})
            return Selected(frozenset({name}), frozenset({(name, part)})) if known else Selected()
        return self._one(self.held[name], whole=whole) if name in self.held else Selected()

    def taken_out(self, atom: Atom) -> Selected:
        """What `not` takes: of `event.property` the property alone."""
        name, _dot, part = atom.text.partition(".")
        if part and part != "*":
            return Selected(frozenset(), frozenset({(name, part)}))
        return self.atom(atom, whole=True)

    def _several(
        self, entries: Iterable[Entry], *, whole: bool = False, named: frozenset[str] = frozenset()
    ) -> Selected:
        found = Selected()
        for entry in entries:
            if whole or not self._must_be_named(entry, named):
                found |= self._one(entry, whole=whole)
        return found

    def _must_be_named(self, entry: Entry, named: frozenset[str]) -> bool:
        """Whether a group does not stand for it; facts that name its type or category do."""
        free = entry.want(TYPE, "text") in NEVER_BY_GROUP and "type" not in named
        return free or (entry.get(SPECIAL) is not None and "special" not in named)

    def _one(self, entry: Entry, *, whole: bool = False) -> Selected:
        types = entry.want(WITH, {}) if self.draft.is_event(entry.name) else {}
        pairs = ((entry.name, part) for part, kind in types.items() if whole or kind not in NEVER_BY_GROUP)
        return Selected(frozenset({entry.name}), frozenset(pairs))

    def _has(self, entry: Entry, atom: Atom) -> bool:
        return all(self._fact(entry, key) & set(values) for key, values in atom.facts)

    def _fact(self, entry: Entry, key: str) -> set[str]:
        if key == "about":
            return {ref.name for ref in entry.want(ABOUT, ())}
        if key == "special":
            special = entry.get(SPECIAL)
            return {special, "any"} if special else {"no"}
        stated = {"category": CATEGORY, "identifies": IDENTIFIES, "type": TYPE}[key]
        return {entry.want(stated, {"identifies": "directly", "type": "text"}.get(key, ""))}

    def check(self, atoms: Iterable[Atom], problems: Problems) -> None:
        """Note every atom that takes nothing."""
        every = tuple(atoms)
        before = Selected()
        for atom in every:
            if not atom.taken_out:
                before |= self.atom(atom)
        missing = [atom for atom in every if not self._exists(atom)]
        for atom in missing if not self.draft.doubtful & {"data", "events"} else ():
            self._unknown(atom, problems)
        for atom in every if not missing else ():
            if atom.taken_out and not self._in_doubt(atom) and not before.overlaps(self.taken_out(atom)):
                problems.error(
                    "R03",
                    atom.place,
                    f"`not {atom.text}` takes nothing out: nothing else here takes it.",
                    next_step="Take it out of the list, or add what it should narrow.",
                )

    def _in_doubt(self, atom: Atom) -> bool:
        """Whether it names a property of an event whose properties could not be read: one error is enough."""
        name, dot, _part = atom.text.partition(".")
        return bool(dot) and name in self.held and self.held[name].unread(WITH)

    def _exists(self, atom: Atom) -> bool:
        if atom.facts or atom.text == "everything" or self._in_doubt(atom):
            return True
        return bool(self.atom(atom, whole=True).names)

    def _unknown(self, atom: Atom, problems: Problems) -> None:
        name, dot, part = atom.text.partition(".")
        if part == "*" and name in self.held:
            problems.error(
                "R01",
                atom.place,
                f"`{name}` is no group.",
                found=atom.text,
                next_step=f"Write `{name}` without `.*`.",
            )
            return
        if not dot and name in self.groups:
            problems.error("R01", atom.place, f"`{name}` is a group.", found=atom.text, nearest=f"{name}.*")
            return
        known = self._neighbours(name, part)
        problems.error(
            "R01",
            atom.place,
            f"Nothing is called `{atom.text}`.",
            found=atom.text,
            nearest=nearest(atom.text, known),
            valid=listed(sorted(known)),
            why="What is not declared under `data` or `events` does not exist.",
        )

    def _neighbours(self, name: str, part: str) -> list[str]:
        if part == "*":
            return [f"{group}.*" for group in self.groups]
        if part and name in self.held:
            return [f"{name}.{known}" for known in self.held[name].want(WITH, {})]
        if part:
            return [f"{known.name}.{key}" for known in self.held.values() for key in known.want(WITH, {})]
        return [*self.held, *(f"{group}.*" for group in self.groups)]
