"""What differs, in words: what a field is called, and what stands in it, as the notice says it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from kept.base.language import Language, marked
from kept.policy.compiled import CompiledPolicy
from kept.policy.fixed import FIXED, HELD_IN
from kept.policy.grammar import SECTIONS
from kept.policy.grammar_more import DESCRIBED
from kept.policy.keys import Key
from kept.policy.notice_cells import HEADERS, Cells
from kept.policy.notice_held import held_title
from kept.policy.places import COUNTRY_NAMES
from kept.policy.times import Span
from kept.policy.wording import IDENTIFIES, SOURCES, places_words, time_words, title_of

FIELDS = {
    "account": marked("account"),
    "assessment": marked("assessment"),
    "at": marked("address"),
    "audiences": marked("for whom"),
    "authorisation": marked("authorisation"),
    "balance": marked("balance"),
    "beyond": marked("no longer than"),
    "by": marked("by which law"),
    "category": marked("category"),
    "checked": marked("checked"),
    "condition": marked("condition"),
    "differing": marked("what differs by audience"),
    "features": marked("features"),
    "global_privacy_control": marked("Global Privacy Control"),
    "group": marked("group"),
    "holds": marked("rule for holds"),
    "identifies": marked("identifies"),
    "identity": marked("how we make sure that it is you"),
    "keep": marked("how long it is kept"),
    "language": marked("language"),
    "languages": marked("languages"),
    "law_follows": marked("which law follows"),
    "longer_keeping": marked("keeping longer"),
    "name": marked("name"),
    "new_purpose": marked("a new purpose"),
    "new_recipient": marked("a new recipient"),
    "officer": marked("data protection officer"),
    "only": marked("only"),
    "parts": marked("parts"),
    "person": marked("person"),
    "posted": marked("where it is posted"),
    "powers": marked("powers"),
    "reading_age": marked("reading age"),
    "representative": marked("representative"),
    "says": marked("in our words"),
    "screened_for": marked("screened for"),
    "shows": marked("shows"),
    "special": marked("special category"),
    "terms": marked("ground and choice"),
    "title": marked("called"),
    "type": marked("kind"),
    "when": marked("when"),
    "when_bad": marked("when bad"),
    "without_it": marked("without it"),
    "wording": marked("wording"),
    "words": marked("words of its own"),
}
"""What a field is called that is no column of a table in the notice."""

SPECIALS = {
    "origin": marked("origin"),
    "politics": marked("politics"),
    "belief": marked("belief"),
    "union": marked("union membership"),
    "genetic": marked("genetic data"),
    "biometric": marked("biometric data"),
    "health": marked("health"),
    "sex life": marked("sex life"),
    "criminal": marked("criminal offences"),
}
"""Special categories (GDPR Art. 9 and 10), in the words of the file."""

OF_THE_LANGUAGE: Mapping[str, Mapping[str, str]] = {
    "holds": HELD_IN,
    "identifies": IDENTIFIES,
    "screened_for": {"special": marked("special categories")},
    "sources": SOURCES,
    "special": SPECIALS,
}
"""Words of the language that a field may hold; where it is not among them, the fixed words."""

CALLED: Mapping[str, Callable[[CompiledPolicy], Mapping[str, Any]]] = {
    "about": lambda policy: policy.people,
    "audiences": lambda policy: policy.audiences,
    "duties": lambda policy: policy.retention.duties,
    "hidden_from": lambda policy: {**policy.recipients, **policy.purposes, **policy.staff},
    "made_for": lambda policy: policy.purposes,
    "only_for": lambda policy: policy.purposes,
    "purposes": lambda policy: policy.purposes,
}
"""Where the names are declared that a field holds, for fields that no table of the notice tells."""


def key_of(section: str, field: str) -> Key[object] | None:
    """The key of the file that a field holds, where the notice has a table of its section."""
    known = DESCRIBED.get(section)
    keys = known.shape.keys if known and known.kind == "names" else ()
    return next((key for key in keys if key.field == field), None)


def field_words(section: str, field: str, say: Language) -> str:
    """What a field is called."""
    key = key_of(section, field)
    if key is not None:
        return say.inside(say(HEADERS[key.name]))
    header = HEADERS.get(field.replace("_", " "), "")
    return say(FIELDS[field]) if field in FIELDS else say.inside(say(header))


def facts_words(policy: CompiledPolicy, section: str, entry: Any, say: Language) -> str:
    """All that is stated of an entry, as its table in the notice has it."""
    known = SECTIONS.get(section.replace("_", " "))
    stated = [key for key in known.shape.keys if key_of(section, key.field)] if known else []
    said = ((key, value_words(policy, section, key.field, getattr(entry, key.field), say)) for key in stated)
    return "; ".join(f"{say.inside(say(HEADERS[key.name]))}: {words}" for key, words in said if words)


def names_words(policy: CompiledPolicy, section: str, field: str, names: Iterable[str], say: Language) -> str:
    """Names of the file, or words of its language, in one phrase."""
    return say.listing(value_words(policy, section, field, (name,), say) for name in names)


def value_words(policy: CompiledPolicy, section: str, field: str, value: object, say: Language) -> str:
    """What stands in a field, in words; empty for what is not there."""
    key = key_of(section, field)
    if key is not None:
        if isinstance(value, tuple) and not key.to and key.name != "countries":
            return say.listing(_atom(policy, key, str(one), say) for one in value)
        return Cells(policy, say).of(key, value)
    if isinstance(value, tuple | frozenset):
        several = sorted(cast("Iterable[object]", value), key=str)
        return say.listing(value_words(policy, section, field, one, say) for one in several)
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, Span):
        return time_words(value, policy.moments, say)
    return _text(policy, field, value, say)


def _atom(policy: CompiledPolicy, key: Key[object], name: str, say: Language) -> str:
    if name.partition(".")[0] in {*policy.items, *policy.events}:
        return held_title(policy, say, name)
    return Cells(policy, say).of(key, (name,)) or name


def _text(policy: CompiledPolicy, field: str, value: object, say: Language) -> str:
    if isinstance(value, Mapping) and field in RULES:
        return ", ".join(
            f"{say(RULE_PARTS[name])}: {_part(one, say)}" for name, one in value.items() if name in RULE_PARTS
        )
    if not isinstance(value, str):
        return plain(value, say)
    if field in CALLED:
        entry = CALLED[field](policy).get(value)
        title = entry.title if entry is not None else ""
        return say(FIXED[value]) if value == "everyone" else say.inside(title or title_of(value))
    if field == "derived_from":
        return held_title(policy, say, value)
    if field == "country":
        return places_words((value,), say) if value in COUNTRY_NAMES else value
    own = OF_THE_LANGUAGE.get(field, FIXED if field in FIXED_IN else {})
    return say(own[value]) if value in own else value


def _part(value: object, say: Language) -> str:
    return say(FIXED[value]) if isinstance(value, str) and value in FIXED else plain(value, say)


RULES = frozenset({"new_purpose", "new_recipient", "longer_keeping"})
RULE_PARTS = {"notice": marked("told before"), "choice": marked("choice")}
"""What a rule for changes states."""
FIXED_IN = frozenset({"channels", "everyone_may", "law_follows", "reduced_to", "type"})
"""Fields that hold nothing but words of the language."""


def plain(value: object, say: Language) -> str:
    """A fact as it is, whatever it is made of; empty for one that is not there."""
    if value is None or isinstance(value, bool):
        return {None: "", False: say("no"), True: say("yes")}[value]
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {plain(one, say)}" for key, one in sorted(value.items()))
    if is_dataclass(value) and not isinstance(value, Span):
        held = ((one.name, getattr(value, one.name)) for one in fields(value))
        return ", ".join(f"{name}: {plain(one, say)}" for name, one in held if one)
    if isinstance(value, tuple | frozenset):
        return ", ".join(sorted(plain(one, say) for one in cast("Iterable[object]", value)))
    if isinstance(value, Span):
        return time_words(value, {}, say)
    return str(getattr(value, "value", value))
