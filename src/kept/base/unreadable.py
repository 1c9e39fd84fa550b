"""Why a body cannot be read, in words for whoever sent it: msgspec speaks to its programmers.

Its sentences are few, and stand in its code (`_core.c`); one that is not known here is passed on as it is. So are those
of Kept's own, raised while a body is read.
"""

import re
from collections.abc import Callable

_KINDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_Found = re.Match[str]


def in_words(message: str) -> tuple[str, str]:
    """What is wrong, and where: `events[3].name`, or `body` as a whole."""
    what, _, path = message.partition(" - at `")
    where = path.rstrip("`").removeprefix("key in ").removeprefix("$").removeprefix(".") or "body"
    for pattern, says in _SENTENCES:
        if found := pattern.fullmatch(what):
            return says(found), where
    return what, where


def _wrong_kind(found: _Found) -> str:
    wanted = [_KINDS.get(kind, kind) for kind in found[1].split(" | ") if kind != "null"]
    got = _KINDS.get(found[2], found[2])
    return f"This must be {' or '.join(sorted(wanted))}, and is {got}."


def _bounded(found: _Found) -> str:
    units = {
        "str": ("character", "characters"),
        "array": ("entry", "entries"),
        "object": ("entry", "entries"),
    }
    one, many = units.get(found[1], ("part", "parts"))
    most = int(found[3])
    if found[2] == ">=" and most == 1:
        return "This must not be empty."
    return f"This must have {'at least' if found[2] == '>=' else 'at most'} {most:,} {one if most == 1 else many}."


def _ranged(found: _Found) -> str:
    bound = {">=": "or more", "<=": "or less"}[found[2]]
    return f"This must be {_KINDS.get(found[1], found[1])}, {found[3]} {bound}."


_SENTENCES: tuple[tuple[re.Pattern[str], Callable[[_Found], str]], ...] = (
    (re.compile(r"Expected `(.+)`, got `(.+)`"), _wrong_kind),
    (re.compile(r"Expected `(\w+)` of length (>=|<=) (\d+)"), _bounded),
    (re.compile(r"Expected `(\w+)` (>=|<=) (-?\d+)"), _ranged),
    (
        re.compile(r"Expected `str` matching regex .+", re.DOTALL),
        lambda _: "This must be a name as policies write it: small letters, digits and _, a letter first.",
    ),
    (
        re.compile(r"Object missing required field `(.+)`"),
        lambda found: f"The field `{found[1]}` is missing.",
    ),
    (
        re.compile(r"Object contains unknown field `(.*)`", re.DOTALL),
        lambda found: f"There is no field `{found[1][:64]}` here: see how it is written, or leave it out.",
    ),
    (
        re.compile(r"Invalid enum value .+", re.DOTALL),
        lambda _: "This is none of the words that may stand here.",
    ),
    (
        re.compile(r"Input data was truncated"),
        lambda _: "This is not JSON: it is empty, or ends before it is complete.",
    ),
    (
        re.compile(r"JSON is malformed: (.+) \(byte (\d+)\)"),
        lambda found: f"This is not JSON: {found[1]}, at byte {found[2]}.",
    ),
    (re.compile(r"(?:Number|Integer value) out of range"), lambda _: "This number is too large."),
)
