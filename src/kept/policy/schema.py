"""The policy file as a JSON Schema (draft 2020-12), made from the grammar: completion and hints in editors.

A schema knows words, shapes and what is missing; names that refer to others, and the law, are known to
`kept policy check` alone.
"""

from collections.abc import Callable, Iterable
from typing import Any

from kept.policy.grammar import SECTIONS, UNKNOWN
from kept.policy.keys import COMMON, Key, Section, Shape
from kept.policy.maps import EVERYWHERE, ByCountry, FactsOf, Forbidding, ListedBy, change
from kept.policy.meanings import MEANINGS
from kept.policy.places import COUNTRIES, GROUPS
from kept.policy.plain import (
    Within,
    age_reached,
    ages,
    code,
    country,
    day,
    destination,
    language,
    mail_address,
    origin,
    path,
    place_or_not,
    web_address,
    whole_country,
)
from kept.policy.times import UNITS
from kept.policy.values import FACTS, RESERVED, TYPES, keep, properties, ref, selection, timed, within
from kept.policy.words import Many, OneOf, sentence, text, version, yes_no

Schema = dict[str, Any]

NAME = f"^(?!({'|'.join(sorted(RESERVED))})$)[a-z][a-z0-9_]{{0,39}}$"
_MOMENT = "(end of (month|year|school year) of )?[a-z][a-z0-9_ ]*"
_LENGTH = f"[0-9]{{1,6}} ({'|'.join(UNITS)})s?"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
SPAN = rf"^({_LENGTH}( (from|after) {_MOMENT})?|until {_MOMENT}( \+ {_LENGTH})?|until {_DATE})$"


def _texts(pattern: str) -> Schema:
    return {"type": "string", "pattern": pattern}


WORD: Schema = {"type": ["string", "number", "boolean"], "minLength": 1}
SENTENCE: Schema = {"type": "string", "minLength": 1}
TIME = _texts(SPAN)
ATOM: Schema = {
    "anyOf": [
        _texts(r"^(not +)?[a-z][a-z0-9_]*(\.([a-z][a-z0-9_]*|\*))?$"),
        {"type": "object", "properties": dict.fromkeys(FACTS, True), "additionalProperties": False},
    ]
}
CEILING: Schema = {"anyOf": [_texts("^[a-z][a-z0-9_]{0,39}$"), TIME]}


def one_or_many(one: Schema) -> Schema:
    """A value, or a list of at least one."""
    return {"anyOf": [one, {"type": "array", "items": one, "minItems": 1}]}


KEEP: Schema = {
    "anyOf": [
        *one_or_many(CEILING)["anyOf"],
        {
            "type": "object",
            "properties": {"at most": one_or_many(CEILING), "duty": one_or_many(WORD), "by": WORD},
            "required": ["at most"],
            "additionalProperties": False,
        },
    ]
}
TAKES: dict[Callable[..., object], Schema] = {
    text: WORD,
    sentence: SENTENCE,
    version: _texts(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$"),
    day: _texts(f"^{_DATE}$"),
    yes_no: {"enum": ["yes", "no"]},
    ref: WORD,
    code: _texts(f"^({'|'.join(sorted(GROUPS))}|({'|'.join(sorted(COUNTRIES))})(-[A-Za-z0-9]{{1,3}})?)$"),
    country: {"enum": sorted(COUNTRIES)},
    whole_country: {"enum": sorted({*COUNTRIES, *GROUPS})},
    language: _texts(r"^[a-z]{2,3}(-[A-Z]{2}|-[A-Z][a-z]{3})?$"),
    mail_address: _texts(r"^[^\s@]+@[^\s@]+$"),
    web_address: _texts(r"^https?://[^\s/?#]+(/[^\s]*)?$"),
    path: _texts(r"^/[A-Za-z0-9/_.-]*$"),
    ages: _texts(r"^(under [0-9]{1,3}|[0-9]{1,3} to [0-9]{1,3}|[0-9]{1,3} or over)$"),
    timed: TIME,
    within: _texts(f"^(within )?{_LENGTH}$"),
    age_reached: _texts("^age [0-9]{1,3}$"),
    origin: _texts(r"^https?://[^\s/?#]+$"),
    destination: {"enum": sorted({*COUNTRIES, *GROUPS, EVERYWHERE})},
    place_or_not: _texts(f"^(not )?({'|'.join(sorted({*COUNTRIES, *GROUPS}))})$"),
    change: {
        "type": "object",
        "properties": {
            "notice": _texts(f"^{_LENGTH}$"),
            "choice": {"enum": ["none", "objection", "opt out", "opt in"]},
        },
        "required": ["notice"],
        "additionalProperties": False,
    },
    keep: KEEP,
    selection: one_or_many(ATOM),
    properties: {
        "type": "object",
        "patternProperties": {NAME: {"enum": list(TYPES)}},
        "additionalProperties": False,
    },
}
"""What each reader takes, as far as a schema can say it. KeyError for a reader that nobody has put here."""


def schema() -> Schema:
    """The whole schema: every section and key that is read, each with its meaning."""
    sections = {name: _described(_section(name, one), name) for name, one in SECTIONS.items()}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A privacy policy for Kept",
        "type": "object",
        "properties": {**sections, "assumed": _assumed()},
        "required": [name for name, one in SECTIONS.items() if one.required],
        "additionalProperties": False,
    }


def _section(name: str, section: Section) -> Schema:
    if section.kind == "text":
        return dict(TAKES[section.read])
    if section.kind == "entry":
        return _entry(name, section.shape)
    extra = {"if unknown": _entry("audiences.if unknown", UNKNOWN)} if name == "audiences" else {}
    also = {one: _entry(name, section.shape) for one in section.also}
    return _named(name, section.shape, {"assumed": _assumed(), **extra, **also})


def _named(at: str, shape: Shape, extra: Schema) -> Schema:
    return {
        "type": "object",
        "properties": extra,
        "patternProperties": {NAME: _one(at, shape)},
        "additionalProperties": False,
    }


def _one(at: str, shape: Shape) -> Schema:
    """An entry; where a sentence may stand for one, that too."""
    entry = _entry(at, shape)
    if not shape.worded:
        return entry
    kinds = [entry["type"]] if isinstance(entry["type"], str) else entry["type"]
    return {**entry, "type": [*kinds, "string"], "minLength": 1}


def _entry(at: str, shape: Shape) -> Schema:
    """An entry, or a group of them: a group need state nothing, and its members may lack what it states."""
    needed = [key.name for key in shape.keys if key.missing]
    made = _keys(at, shape)
    if not needed:
        return {**made, "type": ["object", "null"]}
    if not shape.groups:
        return {**made, "required": needed}
    member = {**_keys(at, shape), "type": ["object", "null"]}
    items = {"type": "object", "patternProperties": {NAME: member}, "additionalProperties": False}
    made["properties"]["items"] = {**items, "description": "The members of this group."}
    return {**made, "if": {"required": ["items"]}, "then": True, "else": {"required": needed}}


def _keys(at: str, shape: Shape) -> Schema:
    properties_ = {key.name: _described(takes(key), f"{at}.{key.name}") for key in shape.keys}
    for name, below in shape.sections.items():
        properties_[name] = _described(_named(f"{at}.{name}", below, {}), f"{at}.{name}")
    if shape.common and shape.differs:
        properties_["for"] = _differences(shape)
    if shape.common:
        properties_ |= {key.name: {**takes(key), "description": SAID[key.name]} for key in COMMON}
        properties_["assumed"] = _assumed()
    return {"type": "object", "properties": properties_, "additionalProperties": False}


def _differences(shape: Shape) -> Schema:
    differing = {key.name: takes(key) for key in shape.keys if key.differs}
    one = {"type": "object", "properties": differing, "additionalProperties": False}
    return {
        "type": "object",
        "patternProperties": {NAME: one},
        "additionalProperties": False,
        "description": "What differs for an audience, by its name.",
    }


def takes(key: Key[object]) -> Schema:
    """What the values of a key look like."""
    return dict(_reader(key.read))


def _reader(read: Callable[..., object]) -> Schema:
    match read:
        case OneOf(words):
            return {"enum": list(words)}
        case Many(inner):
            return one_or_many(_reader(inner))
        case Within(low, high):
            return {"type": "integer", "minimum": low, "maximum": high}
        case Forbidding(words):
            return {"anyOf": [{"enum": list(words)}, _texts(f"^keep beyond {_LENGTH}$")]}
        case FactsOf() | ByCountry() | ListedBy():
            return _map(read)
    return TAKES[read]


def _map(read: FactsOf | ByCountry | ListedBy) -> Schema:
    match read:
        case FactsOf(keys):
            return _facts(keys)
        case ByCountry(words):
            countries: Schema = {one: {"enum": list(words)} for one in sorted({*COUNTRIES, EVERYWHERE})}
            return {"type": "object", "properties": countries, "additionalProperties": False}
    sentences: Schema = {"properties": dict.fromkeys(read.words, SENTENCE), "additionalProperties": False}
    return {"anyOf": [SENTENCE, {"type": "object", **sentences}]}


def _facts(keys: Iterable[str]) -> Schema:
    names = list(keys)
    facts = dict.fromkeys(names, one_or_many(WORD))
    return {"type": "object", "properties": facts, "required": names, "additionalProperties": False}


SAID = {
    "says": "Your own sentence for it. It binds like a fact.",
    "called": "Its title; its name as words if left out.",
    "assumed": "Why it is so, where your source does not say: a reason, or a map from keys to reasons.",
}


def _assumed() -> Schema:
    reasons = {"type": "object", "additionalProperties": SENTENCE}
    return {"anyOf": [SENTENCE, reasons], "description": SAID["assumed"]}


def _described(found: Schema, at: str) -> Schema:
    return {**found, "description": MEANINGS[at if at in MEANINGS else at.replace("events.", "data.", 1)]}
