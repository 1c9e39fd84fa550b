"""What refers or counts: names, times, keeps, selections, properties."""

import re
from dataclasses import dataclass

from kept.base.names import snake
from kept.base.nearest import nearest
from kept.policy.nodes import Map, Node
from kept.policy.problems import Place, listed
from kept.policy.times import Span, parse_span
from kept.policy.words import Bad, many, member, one_of, text

NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
RESERVED = frozenset(
    {"any", "assumed", "called", "everyone", "everything", "for", "gathered", "items", "not", "says", "we"}
)
TYPES = (
    "text",
    "free text",
    "list of text",
    "id",
    "number",
    "yes or no",
    "date",
    "email",
    "phone",
    "web address",
    "place",
    "file",
    "audio",
    "image",
    "video",
    "credential",
)
NEVER_BY_GROUP = frozenset({"free text", "file", "audio", "image", "video", "credential"})
"""What may hold anything, or opens a door: a group never stands for it, it must be named."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A name that must be declared elsewhere, and where it was written."""

    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class Timed:
    """A span and where it was written; its moment may be the file's own."""

    span: Span
    place: Place


@dataclass(frozen=True, slots=True)
class Keep:
    """How long: ceilings (spans, or names of periods) and the duties to keep that stand against them."""

    at_most: tuple[Timed | Ref, ...]
    duties: tuple[Ref, ...] = ()
    by: Place | None = None  # where it names an authority; nothing reads the name yet


@dataclass(frozen=True, slots=True)
class Atom:
    """One part of a selection: a name, `event.property`, `group.*`, `everything`, facts; or one taken out."""

    text: str
    place: Place
    taken_out: bool = False
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()


def ref(node: Node) -> Ref:
    """A name declared elsewhere."""
    return Ref(text(node), node.place)


def timed(node: Node) -> Timed:
    """A span of time."""
    found = text(node)
    try:
        return Timed(parse_span(found), node.place)
    except ValueError as error:
        raise Bad("D01", f"`{found}` is no time.", found=found, why=f"{error}.".capitalize()) from None


def within(node: Node) -> Timed:
    """A length of time in which something is done: `within 1 month`."""
    found = text(node)
    try:
        return Timed(parse_span(found.removeprefix("within ")), node.place)
    except ValueError:
        raise Bad(
            "D01", f"`{found}` is no time.", found=found, valid="a time such as `within 1 month`"
        ) from None


def keep(node: Node) -> Keep:
    """A span, a period's name, several of them, or a map of `at most`, `duty` and `by`."""
    if not isinstance(node, Map):
        return Keep(many(_ceiling)(node))
    for key, place in node.keys.items():
        if key not in {"at most", "duty", "by"}:
            valid = ("at most", "duty", "by")
            raise Bad(
                "F04",
                f"`{key}` does not belong in a keep.",
                place,
                valid=listed(valid),
                nearest=nearest(key, valid),
            )
    if "at most" not in node.nodes:
        raise Bad("K01", "This keep has no ceiling.", node.place, valid="`at most` with a time or a period")
    duties = member(many(ref), node.nodes["duty"]) if "duty" in node.nodes else ()
    if "by" in node.nodes:
        member(text, node.nodes["by"])
    return Keep(member(many(_ceiling), node.nodes["at most"]), duties, node.keys.get("by"))


def _ceiling(node: Node) -> Timed | Ref:
    return ref(node) if NAME.fullmatch(text(node)) else timed(node)


def selection(node: Node) -> tuple[Atom, ...]:
    """What a purpose, or a rule, takes from what is held."""
    return many(_atom)(node)


def _atom(node: Node) -> Atom:
    if isinstance(node, Map):
        return Atom("{facts}", node.place, facts=tuple(_fact(key, node) for key in node.nodes))
    words = text(node)
    name = words.removeprefix("not ").strip()
    if not re.fullmatch(r"[a-z][a-z0-9_]*(\.([a-z][a-z0-9_]*|\*))?", name):
        raise Bad(
            "F06",
            f"`{words}` is no selection.",
            found=words,
            valid="a name, `event.property`, `group.*`, `not x`",
        )
    return Atom(name, node.place, words.startswith("not "))


FACTS = ("about", "category", "identifies", "special", "type")


def _fact(key: str, node: Map) -> tuple[str, tuple[str, ...]]:
    if key not in FACTS:
        raise Bad(
            "F04",
            f"`{key}` is no fact to choose by.",
            node.keys[key],
            valid=listed(FACTS),
            nearest=nearest(key, FACTS),
        )
    return key, member(many(text), node.nodes[key])


def properties(node: Node) -> dict[str, str]:
    """An event's properties and their types."""
    if not isinstance(node, Map):
        raise Bad("F06", "Properties are a map from a name to a type.", valid="`{path: text, job: id}`")
    for name, place in node.keys.items():
        if not NAME.fullmatch(name) or name in RESERVED:
            raise bad_name(name, place)
    return {name: member(one_of(*TYPES), kind) for name, kind in node.nodes.items()}


def bad_name(name: str, place: Place) -> Bad:
    """What to say about a name that is none."""
    made = snake(name)
    return Bad(
        "N01",
        f"`{name}` cannot be a name{' of yours: the language uses it' if name in RESERVED else ''}.",
        place,
        valid="small letters, digits and `_`, a letter first, 40 at most",
        nearest=made if NAME.fullmatch(made) and made not in RESERVED else "",
    )
