"""Tables about the policy language, and the ledger's facts."""

import ast
from collections.abc import Callable, Mapping

import msgspec

from kept.gather.values import READERS
from kept.ledger import facts
from kept.policy import grammar, grammar_more, keys, read_policy
from kept.policy.enforced import CARRIED, ENFORCED
from kept.policy.laws import LAWS
from kept.policy.maps import change
from kept.policy.nodes import Seq, Text
from kept.policy.problems import CODES, Place
from kept.policy.times import KNOWN_MOMENTS, SURE_MOMENTS
from kept.policy.values import NEVER_BY_GROUP, TYPES, Ref, keep, within
from kept.policy.words import Bad, sentence
from scripts.docs_source import ROOT, Table, calls, coded, first_paragraph, flat, room_of

SHOWN = Place(1, 1, "")
NONSENSE = tuple(Text(SHOWN, words, quoted=True, cut=False) for words in ("US-CA", "?"))
"""Read in turn: the first is one place too small for some keys, the second is nothing at all."""


TAKES: Mapping[object, str] = {
    keep: "times or periods, one or many; or `{at most: …, duty: …, by: …}`",
    within: "a time such as `within 1 month`",
    change: "`{notice: 30 days, choice: opt out}`",
    grammar_more.EACH_RIGHT.read: "a sentence, or a map from rights to sentences",
}
"""What some readers take, who say too little of it themselves."""


def assumed_in(name: str) -> Callable[[], Table]:
    """What one of the policies assumes, in the order of its file."""

    def table() -> Table:
        text = (ROOT / "policies" / f"{name}.yaml").read_text(encoding="utf-8")
        rows = tuple(
            (coded(one.path or "the whole file"), one.reason) for one in read_policy(text, name).assumptions
        )
        return Table(("what", "why"), rows)

    return table


def _takes(key: keys.Key[object]) -> str:
    """What a key takes, found by asking its reader to read nonsense: it then says what would be valid."""
    if key.read in TAKES:
        return TAKES[key.read]
    found = next((said for node in NONSENSE if (said := _refusal(key, node))), "") or _kind(key)
    return f"one or many: {found}" if _takes_many(key) else found


def _refusal(key: keys.Key[object], node: Text) -> str:
    try:
        key.read(node)
    except Bad as bad:
        return bad.more.get("valid") or ("a time" if bad.code == "D01" else bad.what)
    return ""


def _kind(key: keys.Key[object]) -> str:
    value = key.read(NONSENSE[-1])
    if isinstance(value, tuple) and isinstance(value[0], Ref):
        return "names"
    return "a sentence" if key.read is sentence else "text"


def _takes_many(key: keys.Key[object]) -> bool:
    try:
        key.read(Seq(SHOWN, NONSENSE[-1:]))
    except Bad as bad:
        return "not a list" not in bad.what and "map" not in bad.what
    return True


def keys_table(*keys: keys.Key[object]) -> Callable[[], Table]:
    """A table of these keys: what each takes, and the error when it is missing."""

    def table() -> Table:
        rows = ((f"`{key.name}`{' *' if key.differs else ''}", _takes(key), key.missing) for key in keys)
        return Table(("key", "takes", "missing", "means"), tuple(rows), by_hand=1)

    return table


def of_section(name: str) -> Callable[[], Table]:
    """The keys of a section."""
    return keys_table(*grammar.SECTIONS[name].shape.keys)


def held() -> Table:
    """The keys of items and events, which share most."""
    keys = dict.fromkeys((*grammar.SECTIONS["data"].shape.keys, *grammar.SECTIONS["events"].shape.keys))
    return keys_table(*keys)()


def sections() -> Table:
    """The sections that are read."""
    kinds = {"text": "one text", "entry": "one entry", "names": "names of yours, an entry each"}
    rows = [
        (
            coded(name),
            kinds[section.kind] + (", groups" if section.shape.groups else ""),
            "yes" if section.required else "",
        )
        for name, section in grammar.SECTIONS.items()
    ]
    return Table(("section", "holds", "needed", "says"), tuple(rows), by_hand=1)


def laws() -> Table:
    """The laws that a policy can name: where they hold, what they let people ask, within what time."""
    rows = (
        (
            coded(law.name),
            ", ".join(sorted(law.places)) if len(law.places) < 4 else "EEA",
            "; ".join(f"{coded(word)} {article}" for word, article in law.rights.items()),
            law.answer,
        )
        for law in LAWS.values()
    )
    return Table(("law", "where", "what people may ask", "answered within"), tuple(rows))


def bases() -> Table:
    """Each basis with the say it gives people."""
    rows = ((coded(basis), coded(choice)) for basis, choice in grammar.BASIS_CHOICE.items())
    return Table(("basis", "choice", "asks of the policy"), tuple(rows), by_hand=1)


def choices() -> Table:
    """The choices, from the least strict."""
    rows = tuple((coded(choice),) for choice in grammar.CHOICES)
    return Table(("choice", "means"), rows, by_hand=1)


def moments() -> Table:
    """The moments that the language knows."""
    rows = ((coded(name), "yes" if name in SURE_MOMENTS else "") for name in KNOWN_MOMENTS)
    return Table(("moment", "sure to come", "is"), tuple(rows), by_hand=1)


def sources() -> Table:
    """Where things may come from without a declaration."""
    rows = ((coded(name), "yes" if name in CARRIED else "not yet") for name in grammar.BUILT_IN_SOURCES)
    return Table(("source", "gathered", "is"), tuple(rows), by_hand=1)


def types() -> Table:
    """The types: what an event takes of each, and whether a group stands for it."""
    rows = (
        (
            coded(name),
            first_paragraph(READERS[name].__doc__) if name in READERS else "Not taken in an event.",
            "no" if name in NEVER_BY_GROUP else "yes",
        )
        for name in TYPES
    )
    return Table(("type", "in an event", "a group stands for it"), tuple(rows))


def codes() -> Table:
    """The codes of the check; example and next step are written by hand."""
    return Table(
        ("code", "about", "such as", "next"), tuple((coded(c), about) for c, about in CODES.items()), 2
    )


def enforced() -> Table:
    """What a policy can declare, and whether it is carried out."""
    rows = ((feature.says, "yes" if feature.carried_out else "not yet") for feature in ENFORCED.values())
    return Table(("what", "carried out"), tuple(rows))


def facts_table() -> Table:
    """The ledger's facts, and the room that writes each."""
    written = _written_facts()
    rows = (
        (
            coded(facts.name_of(kind)),
            ", ".join(
                coded(name) for name in (field.name for field in msgspec.structs.fields(kind)) if name != "at"
            ),
            flat(kind.__doc__),
            ", ".join(sorted(written.get(kind.__name__, ()))) or "nobody yet",
        )
        for kind in facts.ALL
    )
    return Table(("fact", "fields", "says", "written by"), tuple(rows))


def _written_facts() -> Mapping[str, set[str]]:
    """Which room makes which fact, by the name of its class."""
    found: dict[str, set[str]] = {}
    for path, node in calls():
        if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value).endswith("facts"):
            found.setdefault(node.func.attr, set()).add(room_of(path))
    return found
