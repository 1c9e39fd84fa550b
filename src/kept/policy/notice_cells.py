"""Sections that the grammar describes whole, as tables of a notice: a column for each key that is stated."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kept.policy.compiled import CompiledPolicy
from kept.policy.grammar import SECTIONS
from kept.policy.keys import Key
from kept.policy.notice_held import goes_without_saying, held_title
from kept.policy.notice_model import Table
from kept.policy.times import Span
from kept.policy.wording import listing, places_words, sentence, time_words, title_of

HEADERS = {
    "works for": "Works for",
    "for people": "For whom",
    "needs": "What it cannot do without",
    "needed by": "Needed by",
    "ends": "If that is withheld, it ends",
    "sends": "What they send us",
    "arrangement": "How we share the work",
    "duties": "Who does what",
    "terms": "On what terms",
    "matched": "How it is joined to you",
    "matched for": "Joined for",
    "purpose": "What for",
    "effect": "What it means for you",
    "weighs": "What it weighs",
    "human": "A human whom you can ask",
    "contest": "You may contest it",
    "audit": "Looked into for fairness",
    "channel": "By",
    "proof": "How your yes is proven",
    "stop": "How you stop it",
    "role": "As",
    "gets": "What they get",
    "purposes": "What for",
    "countries": "Where",
    "transfer": "What protects it abroad",
    "sale": "For money",
    "sharing for ads": "For advertising elsewhere",
    "agreement": "Bound by",
    "until": "Until",
    "when": "When",
    "instructions": "On instructions that are",
    "speaks to people": "We speak to people ourselves",
    "refers requests": "We refer requests to them",
    "delegates requests": "They leave requests to us",
    "sub-processors": "Who helps us",
    "at the end": "At the end",
    "owner": "Whose it is",
    "each right": "How your rights are honoured there",
    "counts": "What is counted",
    "of": "Of what",
    "by": "By",
    "privacy": "How nobody is told apart",
    "published": "Published",
    "kind": "Of what kind",
    "reviewed": "Looked at again",
    "forbids": "What is ruled out",
    "items": "With what",
    "to": "To whom",
    "except to": "Except to",
    "for": "For whom",
    "account": "Has an account",
    "person": "A person",
    "told": "Told within",
}
"""What each key is called at the head of a column; a key that is not here by its own name."""

EFFECTS = {
    "none": "nothing of weight",
    "significant": "it matters much to you",
    "legal": "it changes your rights",
}
OMITTED = frozenset({"account", "person"})


def table_of(policy: CompiledPolicy, section: str, caption: str, first: str) -> Table | None:
    """Every entry of a section with what is stated of it; None when there is none."""
    entries = getattr(policy, section.replace(" ", "_"))
    if not entries:
        return None
    keys = [key for key in SECTIONS[section].shape.keys if key.name not in OMITTED]
    rows = [
        (entry.title, sentence(entry.says), *(_cell(policy, key, getattr(entry, key.field)) for key in keys))
        for entry in entries.values()
    ]
    headers = (first, "In our words", *(HEADERS.get(key.name, title_of(key.name)) for key in keys))
    stated = [at for at in range(len(headers)) if at == 0 or any(row[at] for row in rows)]
    return Table(caption, _only(headers, stated), tuple(_only(row, stated) for row in rows))


def _only(cells: tuple[str, ...], stated: list[int]) -> tuple[str, ...]:
    return tuple(cells[at] for at in stated)


def _cell(policy: CompiledPolicy, key: Key[object], value: Any) -> str:
    """A fact in words; empty for one that is not there."""
    match value:
        case tuple():
            return where_words(value) if key.name == "countries" else _several(policy, key, value)
        case Span():
            return time_words(value, policy.moments)
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return "; ".join(f"{name}: {_cell(policy, key, one)}" for name, one in value.items())
    if not value:
        return ""
    return EFFECTS[value] if key.name == "effect" else _named(policy, key, str(value))


def _several(policy: CompiledPolicy, key: Key[object], names: tuple[Any, ...]) -> str:
    if key.to:
        return listing(_named(policy, key, name) for name in names)
    everything = {*policy.items, *policy.events}
    if everything and everything <= set(names):
        return "everything that we hold"
    told = (str(name) for name in names if not goes_without_saying(policy, str(name)))
    return listing(
        held_title(policy, name) if name.partition(".")[0] in everything else name for name in told
    )


TITLES: Mapping[str, Callable[[CompiledPolicy], Mapping[str, Any]]] = {
    "purposes": lambda policy: policy.purposes,
    "recipients": lambda policy: policy.recipients,
    "staff": lambda policy: policy.staff,
    "events": lambda policy: policy.events,
    "dimensions": lambda policy: {**policy.items, **policy.events},
}


def _named(policy: CompiledPolicy, key: Key[object], name: str) -> str:
    """What a name of the file is called; words of the language, and sentences, stay."""
    if name in key.words or not key.to:
        return name
    for section in key.to:
        known = TITLES[section](policy) if section in TITLES else {}
        if name in known:
            return str(known[name].title)
    return title_of(name).lower()


def where_words(places: Iterable[str]) -> str:
    """Places in words: `everywhere`, all but some."""
    found = tuple(places)
    besides = [place.removeprefix("not ") for place in found if place.startswith("not ")]
    plain = [place for place in found if not place.startswith("not ") and place != "everywhere"]
    words = [
        "everywhere" if "everywhere" in found else "",
        places_words(plain) if plain else "",
        f"everywhere but {places_words(besides)}" if besides else "",
    ]
    return listing(words)
