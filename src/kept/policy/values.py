"""The second layer, words: what may stand after a key. A reader takes a node, gives a value or `Bad`."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from kept.policy.cells import OLDEST
from kept.policy.nodes import Map, Node, Seq, Text
from kept.policy.places import GROUPS, is_place
from kept.policy.problems import Place, listed, nearest
from kept.policy.times import Span, parse_span

T = TypeVar("T")
Reader = Callable[[Node], T]

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

_AGE = re.compile(r"under (?P<under>\d{1,3})|(?P<low>\d{1,3}) to (?P<high>\d{1,3})|(?P<over>\d{1,3}) or over")
_NUMBER_LIKE = re.compile(r"[-+]?(\d[\d_]*)?\.?\d*([eE][-+]?\d+)?|0x[0-9a-fA-F]+|0o[0-7]+|true|false")


class Bad(Exception):
    """A value does not fit. `place` overrides the node's own; `more` is as in `Problems.error`."""

    def __init__(self, code: str, what: str, place: Place | None = None, **more: str) -> None:
        super().__init__(what)
        self.code, self.what, self.place, self.more = code, what, place, more


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


@dataclass(frozen=True, slots=True)
class Atom:
    """One part of a selection: a name, `event.property`, `group.*`, `everything`, facts; or one taken out."""

    text: str
    place: Place
    taken_out: bool = False
    facts: tuple[tuple[str, tuple[str, ...]], ...] = ()


def text(node: Node) -> str:
    """One text that is not empty."""
    if not isinstance(node, Text):
        raise Bad("F06", "One text is expected here, not a list or a map.")
    if node.empty or not node.text.strip():
        raise Bad("F05", "Nothing stands here.", next_step="Write the value, or take the key out.")
    return " ".join(node.text.split())


def sentence(node: Node) -> str:
    """Words for people. A comment that follows an unfinished sentence has probably cut it."""
    words = text(node)
    if isinstance(node, Text) and node.cut and words[-1] not in ".!?\"'”’)":
        raise Bad(
            "F09",
            f"This sentence ends at `{words.split()[-1]}`, where a comment begins.",
            why="` #` starts a comment in YAML, and the sentence has no full stop before it.",
            next_step="Put the sentence into quotes, or end it with a full stop before the comment.",
        )
    return words


def worded(node: Node) -> str:
    """A text that YAML might take for something else, such as a version: `1.0` must stand in quotes."""
    words = text(node)
    if isinstance(node, Text) and not node.quoted and _NUMBER_LIKE.fullmatch(words):
        raise Bad("F06", f"`{words}` reads as a number.", next_step=f'Write it as a text: "{words}".')
    return words


def yes_no(node: Node) -> bool:
    """`yes` or `no`."""
    return one_of("yes", "no")(node) == "yes"


def one_of(*words: str) -> Reader[str]:
    """One of these words."""

    def read(node: Node) -> str:
        found = text(node)
        if found not in words:
            raise Bad(
                "F06",
                f"`{found}` is not one of the words that fit here.",
                found=found,
                valid=listed(words, most=20),
                nearest=nearest(found, words),
            )
        return found

    return read


def many(read: Reader[T]) -> Reader[tuple[T, ...]]:
    """One value or a list of them. Errors stand at the member concerned."""

    def read_all(node: Node) -> tuple[T, ...]:
        if not isinstance(node, Seq):
            return (read(node),)
        if not node.nodes:
            raise Bad("F05", "This list is empty.", next_step="Name what belongs here, or take the key out.")
        return tuple(_member(read, member) for member in node.nodes)

    return read_all


def _member(read: Reader[T], node: Node) -> T:
    try:
        return read(node)
    except Bad as bad:
        bad.place = bad.place or node.place
        raise


def ref(node: Node) -> Ref:
    """A name declared elsewhere."""
    return Ref(text(node), node.place)


def code(node: Node) -> str:
    """A place: US, US-CA, or a group such as EEA."""
    found = text(node)
    if not is_place(found):
        valid = f"ISO 3166 codes such as US or US-CA, and {listed(sorted(GROUPS))}"
        better = found.upper() if is_place(found.upper()) else {"UK": "GB", "EL": "GR"}.get(found.upper(), "")
        raise Bad("F06", f"`{found}` is no code of a place.", found=found, valid=valid, nearest=better)
    return found


def country(node: Node) -> str:
    """One country: US."""
    found = code(node)
    if found in GROUPS or "-" in found:
        raise Bad("F06", f"`{found}` is not one country.", found=found, valid="an ISO 3166 code such as US")
    return found


def whole_country(node: Node) -> str:
    """A country, or a group of them; a visit that is counted tells no region."""
    found = code(node)
    if "-" in found:
        raise Bad("F06", f"`{found}` is a part of a country.", found=found, valid="whole countries, or `EEA`")
    return found


def language(node: Node) -> str:
    """A language tag such as en or pt-BR (RFC 5646, its simple forms)."""
    found = text(node)
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Z]{2}|-[A-Z][a-z]{3})?", found):
        raise Bad(
            "F06", f"`{found}` is no code of a language.", found=found, valid="codes such as `en` or `pt-BR`"
        )
    return found


def day(node: Node) -> str:
    """A date: 2026-11-01."""
    found = text(node)
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", found):
            raise ValueError
        return date.fromisoformat(found).isoformat()
    except ValueError:
        raise Bad("F06", f"`{found}` is no date.", found=found, valid="a date such as `2026-11-01`") from None


def number(low: int, high: int) -> Reader[int]:
    """A whole number within limits."""

    def read(node: Node) -> int:
        found = text(node)
        if not (found.isascii() and found.isdigit() and len(found) < 9 and low <= int(found) <= high):
            raise Bad(
                "F06", f"`{found}` does not fit here.", found=found, valid=f"a whole number, {low} to {high}"
            )
        return int(found)

    return read


def web_address(node: Node) -> str:
    """Where a site stands: https://example.com."""
    found = text(node)
    if not re.fullmatch(r"https?://[^\s/?#]+(/[^\s]*)?", found):
        raise Bad(
            "F06",
            f"`{found}` is no web address.",
            found=found,
            valid="an address such as `https://example.com`",
        )
    return found


def mail_address(node: Node) -> str:
    """Where mail is read."""
    found = text(node)
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", found):
        raise Bad("F06", "This is no mail address.", valid="an address such as `privacy@example.com`")
    return found


def path(node: Node) -> str:
    """A path on the company's site: /privacy."""
    found = text(node)
    if not re.fullmatch(r"/[A-Za-z0-9/_.-]*", found):
        raise Bad("F06", f"`{found}` is no path.", found=found, valid="a path such as `/privacy`")
    return found


def ages(node: Node) -> tuple[int, int]:
    """An age: `under 16`, `13 to 15`, `18 or over`; as first and last year of life."""
    found = _AGE.fullmatch(text(node))
    if found is None:
        raise Bad(
            "F06",
            f"`{text(node)}` is no age.",
            found=text(node),
            valid="`under 16`, `13 to 15`, `18 or over`",
        )
    low = int(found["over"] or found["low"] or 0)
    high = int(found["high"] or OLDEST) if not found["under"] else int(found["under"]) - 1
    if not low <= high <= OLDEST:
        raise Bad("F06", f"Nobody is `{text(node)}`.", found=text(node), valid=f"ages up to {OLDEST}")
    return low, high


def timed(node: Node) -> Timed:
    """A span of time."""
    found = text(node)
    try:
        return Timed(parse_span(found), node.place)
    except ValueError as error:
        raise Bad("D01", f"`{found}` is no time: {error}.", found=found) from None


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
    duties = _member(many(ref), node.nodes["duty"]) if "duty" in node.nodes else ()
    return Keep(_member(many(_ceiling), node.nodes["at most"]), duties)


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
    return key, _member(many(text), node.nodes[key])


def properties(node: Node) -> dict[str, str]:
    """An event's properties and their types."""
    if not isinstance(node, Map):
        raise Bad("F06", "Properties are a map from a name to a type.", valid="`{path: text, job: id}`")
    for name, place in node.keys.items():
        if not NAME.fullmatch(name) or name in RESERVED:
            raise bad_name(name, place)
    return {name: _member(one_of(*TYPES), member) for name, member in node.nodes.items()}


def bad_name(name: str, place: Place) -> Bad:
    """What to say about a name that is none."""
    made = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return Bad(
        "N01",
        f"`{name}` cannot be a name{' of yours: the language uses it' if name in RESERVED else ''}.",
        place,
        valid="small letters, digits and `_`, a letter first, 40 at most",
        nearest=made if NAME.fullmatch(made) and made not in RESERVED else "",
    )


def facts_of(*required: str, **optional: str) -> Reader[dict[str, str]]:
    """A small map of texts, such as a signed authorisation; `optional` maps further keys to what they are."""

    def read(node: Node) -> dict[str, str]:
        valid = (*required, *(key.replace("_", " ") for key in optional))
        if not isinstance(node, Map):
            raise Bad("F06", "A map is expected here.", valid=listed(valid))
        for key, place in node.keys.items():
            if key not in valid:
                raise Bad(
                    "F04",
                    f"`{key}` does not belong here.",
                    place,
                    valid=listed(valid),
                    nearest=nearest(key, valid),
                )
        for key in required:
            if key not in node.nodes:
                raise Bad("F08", f"`{key}` is missing here.")
        return {key: _member(text_or_list, member) for key, member in node.nodes.items()}

    return read


def text_or_list(node: Node) -> str:
    """One text, or several joined by commas."""
    return ", ".join(many(text)(node))
