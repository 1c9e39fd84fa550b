"""Text in a log: its encoding, its fields in quotation marks, and what a backslash protects in them.

Apache writes `\\"`, `\\\\`, `\\n` and `\\xHH`, nginx `\\xHH`; both mean bytes, which may be parts of one letter
of UTF-8. Older servers and clients write Latin-1 as it is.
"""

import re

# A field in quotation marks, in which a backslash protects the next character. Possessive: read once.
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"b": b"\b"}


def decode(raw: bytes) -> str:
    """UTF-8, or else Latin-1, in which everything is something."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def cut(text: str, quotes: int) -> list[str] | None:
    """What stands outside and inside quotation marks, in turns; None unless there are `quotes` marks or more."""
    if "\\" in text:
        return _cut_slowly(text, quotes)
    fields = text.split('"')  # right when no backslash protects a mark
    return fields if len(fields) > quotes and len(fields) % 2 else None


def unescape(field: str) -> str:
    """A field with what its backslashes protect put back."""
    if "\\" not in field:
        return field
    return decode(_ESCAPE.sub(lambda found: _meant(found[1]), field.encode("utf-8", "surrogateescape")))


def _cut_slowly(text: str, quotes: int) -> list[str] | None:
    fields = _QUOTED.split(text)  # outside and inside take turns
    if len(fields) <= quotes or any('"' in field for field in fields[: quotes + 1 : 2]):
        return None
    return [unescape(field) if place % 2 else field for place, field in enumerate(fields)]


def _meant(escaped: bytes) -> bytes:
    if len(escaped) == 3:
        return bytes.fromhex(escaped[1:].decode())
    return _CONTROLS.get(escaped, escaped)
