r"""A text as people read it: what looks like a digit or an "@" is one, and what shows nothing is left out.

"４１１１" and "4\u00ad111" are the same card number to whoever reads them, so they must be to whoever looks for
it (Unicode NFKC, UAX 15, as far as a character becomes one character of ASCII; decimal digits of every script).
"""

import re
import unicodedata
from functools import lru_cache
from itertools import chain

_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"
# Variation selectors, the frame of keycaps, joiners, the soft hyphen, and letters that have no shape (Hangul).
_SHAPELESS = (
    "".join(map(chr, range(0xFE00, 0xFE10)))
    + "\u20e3\u00ad\u200b\u200c\u200d\u2060\ufeff\u115f\u1160\u3164\uffa0"
)
_END = 0x20000


def bare(text: str) -> str:
    """The text as it is read. For ASCII, itself."""
    return text if text.isascii() or not _read_otherwise().search(text) else text.translate(_table())


def places(text: str) -> list[int]:
    """The place in the text of each character of `bare(text)`, and at last the text's end."""
    gone = frozenset(_SHAPELESS)
    return [*(place for place, c in enumerate(text) if c not in gone), len(text)]


@lru_cache(maxsize=1)
def _table() -> dict[int, str | None]:
    """About 1,700 characters, made in some hundredths of a second when the first of them may be there."""
    found: dict[int, str | None] = {}
    for code in chain(range(0x80, 0xD800), range(0xF900, _END)):
        read = _read(chr(code))
        if read is not None:
            found[code] = read
    found.update((ord(c), "-") for c in _DASHES)
    found.update((ord(c), None) for c in _SHAPELESS)
    return found


def _read(character: str) -> str | None:
    digit = unicodedata.decimal(character, None)
    read = unicodedata.normalize("NFKC", character) if digit is None else str(digit)
    return read if len(read) == 1 and read.isascii() else None


@lru_cache(maxsize=1)
def _read_otherwise() -> re.Pattern[str]:
    return re.compile(f"[{re.escape(''.join(map(chr, _table())))}]")
