"""A line of JSON, also as servers write it that do not know JSON: with `\\xHH`, or in Latin-1."""

import re
from typing import cast

import msgspec

from kept.gather.weblog.quoting import decode

Entry = dict[str, object]

_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_KNOWN = b'"\\/bfnrtu'
_NO_JSON = (msgspec.MsgspecError, ValueError, RecursionError)
"""RecursionError: what is nested too deep. ValueError: bytes that are no UTF-8."""


def entry_of(raw: bytes) -> Entry | None:
    """The object that the line is, or None."""
    try:
        found = msgspec.json.decode(raw)
    except _NO_JSON:
        found = _repaired(raw)
    return cast(Entry, found) if isinstance(found, dict) else None


def text_of(value: object) -> str:
    """The value, if it is text."""
    return value if isinstance(value, str) else ""


def status_text(value: object) -> str:
    """A status, whether it was written as text or as a number."""
    return str(value) if isinstance(value, int) else text_of(value)


def _repaired(raw: bytes) -> object:
    try:
        return msgspec.json.decode(decode(_ESCAPE.sub(_as_json, raw)))
    except _NO_JSON:
        return None


def _as_json(found: re.Match[bytes]) -> bytes:
    """Bytes of a letter as they are; marks and controls as JSON writes them. What no escape is was meant so."""
    if found[1] is None:
        return found[0] if found[2] in _KNOWN else cast(bytes, found[2])
    meant = bytes.fromhex(found[1].decode())
    return b"\\u00" + found[1] if meant < b" " or meant in (b'"', b"\\") else meant
