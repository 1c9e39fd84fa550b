"""What makes it certain that a text which looks like somebody's number is one: check digits, dates, words before it.

Each takes the text, a place and what looks like a number there, and gives how many characters of it count: 0 for none.
"""

import re
from collections.abc import Callable

from kept.gather.minimise import checksums as sums
from kept.gather.minimise.address import packed

_ALONE = re.compile(r"\s*+([0-9]{9})\s*+")
Check = Callable[[str, int, str], int]
_SIGNS = re.compile(r"[^0-9A-Za-z]")
_DATE = re.compile(
    r"(?<![0-9])(?:[0-9]{1,2}([-./ ])[0-9]{1,2}\1[0-9]{4}|[0-9]{4}([-./ ])[0-9]{1,2}\2[0-9]{1,2}"
    r"|[0-9]{1,2}[-./](?:19|20)[0-9]{2})(?![0-9])"
)
_VERSION = re.compile(r"(?:\bv|version|release)[ :.]{0,2}$", re.IGNORECASE)
_DUTCH = re.compile(r"(?:\bbsn|burgerservicenummer|\bsofi(?:nummer)?)[ :#.=]{0,4}$", re.IGNORECASE)
_AMERICAN = re.compile(r"(?:\bssn|social security(?: number| no\.?)?)[ :#.=]{0,4}$", re.IGNORECASE)
_SEVEN = re.compile(r"[0-9](?:[ -]?[0-9]){6}")
_BEFORE = 40


def whole(_text: str, _start: int, found: str) -> int:
    """Certain by its looks alone."""
    return len(found)


def checked(right: Callable[[str], bool]) -> Check:
    """Certain if check digits are right, whatever the separators."""
    return lambda _text, _start, found: len(found) if right(_SIGNS.sub("", found)) else 0


def iban(text: str, start: int, found: str) -> int:
    """As long as the country's are: what follows may be the next word."""
    length = sums.IBAN_LENGTHS.get(found[:2].upper(), 0)
    end = _end_of(found, length)
    number = _SIGNS.sub("", found[:end])
    ends_there = not text[start + end : start + end + 1].isalnum()
    return end if end and ends_there and _SEVEN.search(found) and sums.iban(number) else 0


def card(text: str, start: int, found: str) -> int:
    """As long as the issuer's are (ISO/IEC 7812), and Luhn."""
    for length in _card_lengths(_SIGNS.sub("", found)):
        end = _end_of(found, length)
        digits = _SIGNS.sub("", found[:end])
        if (
            end
            and not text[start + end : start + end + 1].isdigit()
            and len(set(digits)) > 1
            and sums.luhn(digits)
        ):
            return end
    return 0


def _card_lengths(digits: str) -> tuple[int, ...]:
    two, four = int(digits[:2]), int(digits[:4])
    if two in (34, 37):
        return (15,)
    if two in (36, 38) or 3000 <= four <= 3059:
        return (14,)
    if digits[0] == "4":
        return (16, 19, 13)
    if 51 <= two <= 55 or 2200 <= four <= 2720 or 3528 <= four <= 3589:
        return (16,)
    return (16, 19, 18, 17) if digits[0] in "56" else ()


def _end_of(found: str, count: int) -> int:
    """The place after the given number of letters and digits; 0 if there are not so many."""
    for place, character in enumerate(found, 1):
        count -= character.isalnum()
        if count == 0:
            return place
    return 0


def _behind(words: re.Pattern[str], text: str, start: int) -> bool:
    return words.search(text[max(0, start - _BEFORE) : start]) is not None


def bsn(text: str, start: int, found: str) -> int:
    """One number of nine digits in eleven passes the test, so a word must say so, or nothing else stand there."""
    told = "." in found or _behind(_DUTCH, text, start) or _ALONE.fullmatch(text)
    return len(found) if told and sums.bsn(found.replace(".", "")) else 0


def ssn(text: str, start: int, found: str) -> int:
    """No check digit; hyphens after three and five digits are its mark, or a word that says so."""
    return len(found) if "-" in found or _behind(_AMERICAN, text, start) else 0


def address_4(text: str, start: int, found: str) -> int:
    """A network (.0.0.0) is nobody's, and four numbers behind "version" are one."""
    if packed(found) is None or found.endswith(".0.0.0") or _behind(_VERSION, text, start):
        return 0
    return len(found)


def address_6(_text: str, _start: int, found: str) -> int:
    """An address, and not the time of day or a name in a program: it has groups, and digits among them."""
    bare = found.rstrip(".")
    bare = bare[:-1] if bare.endswith(":") and not bare.endswith("::") else bare
    groups = sum(1 for group in bare.split(":") if group)
    certain = groups > 1 and any(c.isdigit() for c in bare) and packed(bare) is not None
    return len(bare) if certain else 0


def no_date(_text: str, _start: int, found: str) -> int:
    """Days and months, too, begin with a zero."""
    return 0 if _DATE.search(found) else len(found)


def finnish(_text: str, _start: int, found: str) -> int:
    """Its sign of the century is no separator."""
    return len(found) if sums.henkilotunnus(found) else 0


def book(_text: str, _start: int, found: str) -> int:
    """An ISBN, whose last sign of ten may be an X."""
    number = _SIGNS.sub("", found)
    good = len(number) in (10, 13) and (number.isdigit() or (len(number) == 10 and number[:-1].isdigit()))
    return len(found) if good and sums.isbn(number) else 0
