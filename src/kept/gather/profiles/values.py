"""Values of items: what each declared type takes. They are kept as they were told, under the person's own key."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from unicodedata import category

from kept.gather.profiles.model import NotTaken, Plain
from kept.policy.compiled import Item

Reader = Callable[[object], Plain | NotTaken]

TEXT, FREE_TEXT, ID, ADDRESS, LIST = 200, 20_000, 128, 2_048, 100
LONGEST_MAIL = 254
"""RFC 5321, 4.5.3.1.3, less the angle brackets."""
WHOLE = 1 << 63
FILES = frozenset({"file", "image", "audio", "video"})
"""Types that are sent as a body of their own."""
CREDENTIAL = "credential"
IDENTIFIERS = frozenset({"id", "number", "text", "web address"})
"""Types by which a site may name its people. Mail addresses and telephones give way in any text, known or not."""

_MAIL = re.compile(r"[^\s@,;<>()\"]+@[^\s@,;<>()\"]+\.[^\s@.,;<>()\"]+")
_PHONE = re.compile(r"\+?[0-9][0-9 ()/.-]{3,30}[0-9]")
_WEB = re.compile(r"https?://[^\s/?#@\"<>]+([/?#][^\s\"<>]*)?", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


def read(kind: str, value: object) -> Plain | NotTaken:
    """The value as it is kept, or why it is none of that type."""
    reader = READERS.get(kind)
    return NotTaken.WRONG_TYPE if reader is None else reader(value)


def names_people(item: Item) -> bool:
    """Whether what an item says leads straight to its person: it is looked for in texts, like an account's id."""
    return item.identifies == "directly" and item.type in IDENTIFIERS


def from_text(kind: str, text: str) -> object:
    """What someone typed, or a cell of a CSV file, as a value of a type; `read` still judges it."""
    text = text.strip()
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if kind == "yes or no" and text.lower() in _YES | _NO:
        return text.lower() in _YES
    if kind == "list of text" and text:
        return [each.strip() for each in re.split(r"[\n;]", text) if each.strip()]
    return text


def as_text(plain: object) -> str:
    """A value as a person reads it; `from_text` reads it back."""
    match plain:
        case bool():
            return "yes" if plain else "no"
        case list():
            return "; ".join(map(str, plain))
        case _:
            return str(plain)


def _text(most: int, *, lines: bool = False) -> Reader:
    def reader(value: object) -> Plain | NotTaken:
        if type(value) is not str or not all(_shows(c) or (lines and c in "\n\r\t") for c in value):
            return NotTaken.WRONG_TYPE
        return value.strip() if len(value) <= most else NotTaken.TOO_LONG

    return reader


def _shaped(shape: re.Pattern[str], most: int) -> Reader:
    text = _text(most)

    def reader(value: object) -> Plain | NotTaken:
        found = text(value)
        return found if not isinstance(found, str) or shape.fullmatch(found) else NotTaken.WRONG_TYPE

    return reader


def _id(value: object) -> Plain | NotTaken:
    return _number(value) if type(value) is int else _text(ID)(value)


def _number(value: object) -> Plain | NotTaken:
    if type(value) is float:
        return value if value - value == 0 else NotTaken.WRONG_TYPE  # neither endless nor no number at all
    if type(value) is not int:
        return NotTaken.WRONG_TYPE
    return value if -WHOLE <= value < WHOLE else NotTaken.TOO_LONG


def _yes_or_no(value: object) -> Plain | NotTaken:
    return value if type(value) is bool else NotTaken.WRONG_TYPE


def _date(value: object) -> Plain | NotTaken:
    try:
        return (
            date.fromisoformat(value).isoformat()
            if type(value) is str and len(value) == 10
            else NotTaken.WRONG_TYPE
        )
    except ValueError:
        return NotTaken.WRONG_TYPE


def _list(value: object) -> Plain | NotTaken:
    if type(value) is not list:
        return NotTaken.WRONG_TYPE
    if len(value) > LIST:
        return NotTaken.TOO_LONG
    texts: list[str] = []
    for each in map(_text(TEXT), value):
        if isinstance(each, NotTaken):
            return each
        texts.append(str(each))
    return texts


def _shows(character: str) -> bool:
    return category(character) not in {"Cc", "Cs"}


READERS: Mapping[str, Reader] = {
    "text": _text(TEXT),
    "place": _text(TEXT),
    "free text": _text(FREE_TEXT, lines=True),
    "list of text": _list,
    "id": _id,
    "number": _number,
    "yes or no": _yes_or_no,
    "date": _date,
    "email": _shaped(_MAIL, LONGEST_MAIL),
    "phone": _shaped(_PHONE, ID),
    "web address": _shaped(_WEB, ADDRESS),
}
"""By the policy's name of the type. Files and credentials are no values that JSON can carry."""
