"""What a rule of `never` covers, and what is worked out of that: the check and the run time ask the same."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kept.policy.cells import Possible
from kept.policy.draft import Entry
from kept.policy.grammar import DERIVED_FROM
from kept.policy.grammar_more import FORBIDS, NEVER_FOR, NEVER_ITEMS, NEVER_PURPOSES
from kept.policy.maps import Forbidden
from kept.policy.opened import Opened, names
from kept.policy.selections import Selected, Selections
from kept.policy.values import Atom

GATHERING = frozenset({"gather", "use"})
"""Acts that the door itself can leave undone for some people."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of `never`, opened. `purposes` and `audiences` are empty where it names none: it means all."""

    entry: Entry
    act: Forbidden
    covers: Selected
    purposes: frozenset[str]
    audiences: frozenset[str]

    @property
    def name(self) -> str:
        """The rule's name."""
        return self.entry.name

    def of_purpose(self, purpose: str) -> bool:
        """Whether it speaks of that purpose."""
        return not self.purposes or purpose in self.purposes

    def in_cell(self, cell: Possible) -> bool:
        """Whether it may hold for someone in the cell."""
        return not self.audiences or any(people & self.audiences for people in cell)


def rules_of(opened: Opened) -> tuple[Rule, ...]:
    """Every rule of the file."""
    return tuple(
        Rule(
            entry,
            entry.want(FORBIDS, Forbidden("use")),
            covered(opened.selections, entry),
            frozenset(names(entry.own(NEVER_PURPOSES))),
            frozenset(names(entry.own(NEVER_FOR))),
        )
        for entry in opened.draft.section("never").values()
    )


def covered(selections: Selections, entry: Entry) -> Selected:
    """What a rule covers: all where it names nothing, free text and the like always, of `event.property` that alone."""
    atoms = entry.own(NEVER_ITEMS) or (Atom("everything", entry.place),)
    taken, out = Selected(), Selected()
    for atom in atoms:
        if atom.taken_out:
            out |= selections.taken_out(atom)
        else:
            taken |= selections.taken_out(atom)
    left = (pair for pair in taken.properties - out.properties if pair[0] not in out.names)
    return Selected(taken.names - out.names, frozenset(left))


@dataclass(frozen=True, slots=True)
class Inferences:
    """What each thing is worked out from, whatever the number of steps between."""

    inputs: Mapping[str, Selected]

    def breaking(self, used: Selected, covers: Selected) -> tuple[str, ...]:
        """What is used directly though a rule covers it, by name."""
        pairs = (f"{event}.{name}" for event, name in used.properties & covers.properties)
        return tuple(sorted((*(used.names & covers.names), *pairs)))

    def inferring(self, used: Selected, covers: Selected) -> tuple[str, ...]:
        """What is used though it is worked out of what a rule covers, by name."""
        return tuple(sorted(name for name in used.names - covers.names if self.inputs[name].overlaps(covers)))


def inferences(opened: Opened) -> Inferences:
    """The inputs of all that is held."""
    direct = {
        name: opened.selections.open(entry.get(DERIVED_FROM) or ())
        for name, entry in opened.draft.held.items()
    }
    return Inferences({name: _inputs(direct, name) for name in direct})


def _inputs(direct: Mapping[str, Selected], name: str) -> Selected:
    found, waiting, seen = Selected(), [name], {name}
    while waiting:
        inputs = direct[waiting.pop()]
        found |= inputs
        new = inputs.names - seen
        seen |= new
        waiting += sorted(new)
    return found


def ruled_out(opened: Opened, bits: Mapping[str, int]) -> tuple[dict[str, int], ...]:
    """Per cell: of each item, event and `event.property` that rules touch, the mask of purposes that never have it."""
    derived, found = inferences(opened), tuple(dict[str, int]() for _cell in opened.cells)
    for rule in rules_of(opened):
        if rule.act.act not in GATHERING:
            continue
        mask = sum(1 << bits[purpose] for purpose in opened.uses if rule.of_purpose(purpose))
        touched = tuple(_touched(opened, rule, derived))
        for cell, ruled in zip(opened.cells, found, strict=True):
            for name in touched if rule.in_cell(cell) else ():
                ruled[name] = ruled.get(name, 0) | mask
    return found


def _touched(opened: Opened, rule: Rule, derived: Inferences) -> Iterable[str]:
    """What a rule covers, and what is worked out of it."""
    yield from rule.covers.names
    yield from (f"{event}.{name}" for event, name in rule.covers.properties)
    everything = Selected(frozenset(opened.draft.held))
    yield from derived.inferring(everything, rule.covers)


def all_ruled_out(used: Selected, bit: int, ruled: Mapping[str, int]) -> bool:
    """Whether nothing is left of what a purpose uses."""
    return bool(used.names) and all(ruled.get(name, 0) >> bit & 1 for name in used.names)
