"""Compiles the sections whose entries the grammar describes whole: field by field, names opened."""

from collections.abc import Mapping
from typing import Any

from kept.policy.compiled_rest import Named, Never, Recipient
from kept.policy.compiling_rest import span, title
from kept.policy.draft import Entry
from kept.policy.grammar import SECTIONS
from kept.policy.grammar_more import FORBIDS, GETS, PURPOSES
from kept.policy.keys import SAYS, Section
from kept.policy.maps import Forbidden
from kept.policy.opened import Opened
from kept.policy.ruled import covered
from kept.policy.selections import Selected
from kept.policy.values import Atom, Ref, Timed


def rest_of(opened: Opened) -> dict[str, Any]:
    """What the policy holds of each such section, by the field that holds it."""
    made: dict[str, Any] = {}
    for name, section in SECTIONS.items():
        field = name.replace(" ", "_")
        if section.made is not None and section.kind == "names":
            entries = opened.draft.section(name)
            made[field] = {one.name: _entry(opened, one, section) for one in entries.values()}
        elif section.made is not None and (entry := opened.draft.single.get(name)) is not None:
            made[field] = _entry(opened, entry, section)
    return made


def _entry(opened: Opened, entry: Entry, section: Section) -> Any:
    facts: dict[str, Any] = {"name": entry.name, "title": title(entry), "says": entry.own(SAYS) or ""}
    for key in section.shape.keys:
        if (value := entry.own(key)) is not None:
            facts[key.field] = _fact(opened, value)
    for below, entries in entry.sections.items():
        facts[below] = {one.name: one.own(SAYS) or title(one) for one in entries.values()}
    return (section.made or Named)(**{**facts, **_more(opened, entry, section.made)})


def _more(opened: Opened, entry: Entry, made: type[Named] | None) -> dict[str, Any]:
    """What two kinds of entry have beyond their keys."""
    if made is Recipient:
        return {"passes": passed_on(opened, entry), "differing": _differing(opened, entry)}
    if made is Never:
        act = entry.want(FORBIDS, Forbidden("use"))
        return {
            "forbids": act.act,
            "beyond": span(act.beyond),
            "items": written(covered(opened.selections, entry)),
        }
    return {}


def gets_of(opened: Opened, entry: Entry) -> Selected:
    """What a recipient gets of anybody, whatever the audience."""
    found = opened.selections.open(entry.own(GETS) or ())
    for differing in entry.audiences.values():
        found |= opened.selections.open(differing.own(GETS) or ())
    return found


def passed_on(opened: Opened, entry: Entry) -> dict[str, tuple[str, ...]]:
    """By purpose, what a recipient gets for it: no more than the purpose uses."""
    gets = gets_of(opened, entry)
    return {ref.name: written(gets.common(opened.uses[ref.name])) for ref in entry.own(PURPOSES) or ()}


def _differing(opened: Opened, entry: Entry) -> dict[str, Mapping[str, Any]]:
    keys = {key.name: key.field for key in entry.shape.keys if key.differs}
    return {
        audience: {keys[name]: _fact(opened, value) for name, value in differing.values.items()}
        for audience, differing in entry.audiences.items()
    }


def _fact(opened: Opened, value: object) -> Any:
    match value:
        case Timed():
            return value.span
        case Ref():
            return value.name
        case dict():
            return {name: _fact(opened, one) for name, one in value.items()}
        case tuple() if any(isinstance(one, Atom) for one in value):
            return written(opened.selections.open(value))
        case tuple():
            return tuple(
                sorted((_fact(opened, one) for one in value), key=repr)
            )  # the file's order means nothing
    return value


def written(selected: Selected) -> tuple[str, ...]:
    """What was selected, by name; of events also the properties, as `event.property`."""
    return tuple(sorted((*selected.names, *(f"{event}.{name}" for event, name in selected.properties))))
