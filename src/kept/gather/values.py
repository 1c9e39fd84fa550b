"""Values of properties: what each declared type takes, and the text that is kept of it.

Types that name people directly (an address of mail, a telephone number) or carry files are not taken at this
door, whatever the policy says: in an event they could not be encrypted with the person's own key.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date

import msgspec

from kept.gather.minimise import Hiding, clean_words, link_of, without_mail
from kept.gather.refusals import AtDoor

Reader = Callable[[object], str | AtDoor]

TEXT = 200
FREE_TEXT = 2_000
ID = 128
LIST = 50
DATE = 10
WHOLE = 1 << 63
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})(?:\.[0-9]{1,18})?")
_YES_OR_NO: Mapping[object, str] = {"yes": "yes", "true": "yes", "no": "no", "false": "no"}


def read_text(value: object) -> str | AtDoor:
    """A text of at most 200 characters, without what names a person directly."""
    return _words(value, TEXT)


def read_page(value: object) -> str | AtDoor:
    """A text that is a page: it is minimised as one later."""
    return _cap(value, TEXT)


def read_free_text(value: object) -> str | AtDoor:
    """A text of at most 2,000 characters, without what names a person directly."""
    return _words(value, FREE_TEXT)


def read_id(value: object) -> str | AtDoor:
    """A text of at most 128 characters, or a whole number."""
    if type(value) is int:
        return read_number(value)
    read = _cap(value, ID)
    return read if isinstance(read, AtDoor) else without_mail(read)


def read_number(value: object) -> str | AtDoor:
    """A number, or the text of one without an exponent, as attributes have it; whole ones of less than 64 bits."""
    if type(value) is str and _NUMBER.fullmatch(value):
        value = float(value) if "." in value else int(value)
    if type(value) is float:
        return repr(value)
    if type(value) is not int:
        return AtDoor.WRONG_TYPE
    return str(value) if -WHOLE <= value < WHOLE else AtDoor.TOO_LONG


def read_yes_or_no(value: object) -> str | AtDoor:
    """True or false, or the text of one: yes, no, true, false. Kept as yes or no."""
    if type(value) is bool:
        return "yes" if value else "no"
    return _YES_OR_NO.get(value, AtDoor.WRONG_TYPE) if type(value) is str else AtDoor.WRONG_TYPE


def read_date(value: object) -> str | AtDoor:
    """A day as YYYY-MM-DD."""
    if type(value) is not str or len(value) != DATE:
        return AtDoor.WRONG_TYPE
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return AtDoor.WRONG_TYPE


def read_list(value: object) -> str | AtDoor:
    """At most 50 texts, kept as a JSON array."""
    if type(value) is not list or any(type(text) is not str for text in value):
        return AtDoor.WRONG_TYPE
    if len(value) > LIST or any(len(text) > TEXT for text in value):
        return AtDoor.TOO_LONG
    return msgspec.json.encode([clean_words(text)[:TEXT] for text in value]).decode()


def read_web_address(value: object) -> str | AtDoor:
    """An address of the web, minimised: host and path, without what may name a person."""
    if type(value) is not str:
        return AtDoor.WRONG_TYPE
    return link_of(value) or AtDoor.WRONG_TYPE


def read_nothing(value: object) -> str | AtDoor:  # noqa: ARG001  a reader like the others
    """No value at all."""
    return AtDoor.WRONG_TYPE


READERS: Mapping[str, Reader] = {
    "text": read_text,
    "place": read_text,
    "free text": read_free_text,
    "id": read_id,
    "number": read_number,
    "yes or no": read_yes_or_no,
    "date": read_date,
    "list of text": read_list,
    "web address": read_web_address,
}
"""By the policy's name of the type. What is not here is not taken."""


def reader_of(kind: str, hiding: Hiding) -> Reader:
    """How a value of this type is read: identifiers that are known give way before anything else is looked for."""
    reader = READERS.get(kind, read_nothing)
    match kind:
        case "text" | "place":
            return _remembered(reader, hiding)
        case "free text":
            return lambda value: reader(_hidden(hiding, value))
        case "list of text":
            return lambda value: reader(_each_hidden(hiding, value))
        case "id":
            return lambda value: reader(_hidden(hiding, value, numbers=False))
        case "web address":
            return lambda value: _path_hidden(hiding, reader(value))
        case _:
            return reader


def _remembered(reader: Reader, hiding: Hiding) -> Reader:
    """Titles and the like are few, and come often."""
    told_of = hiding.then(lambda text: reader(_hidden(hiding, text)), TEXT).of
    return lambda value: told_of(value) if type(value) is str else AtDoor.WRONG_TYPE


def _hidden(hiding: Hiding, value: object, *, numbers: bool = True) -> object:
    if isinstance(value, str) and len(value) <= FREE_TEXT:
        return hiding.text(value, numbers=numbers)
    return value


def _each_hidden(hiding: Hiding, value: object) -> object:
    if isinstance(value, list) and len(value) <= LIST:
        return [_hidden(hiding, each) for each in value]
    return value


def _path_hidden(hiding: Hiding, read: str | AtDoor) -> str | AtDoor:
    return hiding.path(read) or read if isinstance(read, str) else read


def encode_properties(properties: Mapping[str, str]) -> str:
    """Properties as the one text in which an event carries them."""
    return msgspec.json.encode(properties).decode()


def _words(value: object, most: int) -> str | AtDoor:
    if type(value) is not str:
        return AtDoor.WRONG_TYPE
    return clean_words(value)[:most] if len(value) <= most else AtDoor.TOO_LONG


def _cap(value: object, most: int) -> str | AtDoor:
    if type(value) is not str:
        return AtDoor.WRONG_TYPE
    return value if len(value) <= most else AtDoor.TOO_LONG
