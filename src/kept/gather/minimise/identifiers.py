"""Numbers and addresses that lead to one person, found in a text as it is read (`reading.bare`).

Patterns find what may be one, `certain` tells it from an order number. Each pattern is tried at each place at
most once and reads a bounded number of characters there (digits in a row apart), so the work grows with the text
and never faster. What fails at one place hides nothing that begins within it.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from kept.gather.minimise import certain
from kept.gather.minimise import checksums as sums
from kept.gather.minimise.certain import Check, checked, whole

BANK, CARD, NATIONAL = "[bank account]", "[card]", "[national id]"
INTERNET, PHONE, NUMBER = "[IP address]", "[phone]", "[number]"
_MASK = "]"


class Span(NamedTuple):
    """Where something stands in a text, and the name of its kind that takes its place."""

    start: int
    end: int
    kind: str


class Pattern(NamedTuple):
    """One way to write something: what it looks like, as the first group, and what makes it certain."""

    kind: str
    looks: re.Pattern[str]
    check: Check


# Wherever one of the patterns below may begin: what they have in common, so that most places are passed over.
SIX_MORE = "(?:[ ()./+-]{0,3}+[0-9]){6}"
THREE_MORE = r"[0-9]{0,2}+\.[0-9]{1,3}+\.[0-9]{1,3}+\.[0-9]"
_BEGINS = re.compile(
    rf"(?<![0-9])(?=[0-9](?:{SIX_MORE}|{THREE_MORE}|[0-9]{{5}}[A-Y]))|(?=[+(][0-9]{SIX_MORE})"
    "|(?<![0-9A-Z])(?=[0-9A-F]{0,4}+:[0-9A-F]{0,4}+:|[A-Z]{2}[0-9]{2}|[A-Z]{6}[0-9]{2}[A-Z]|[XYZ]-?[0-9]{7}|isbn)",
    re.ASCII | re.IGNORECASE,
)


def beginnings(text: str) -> list[int]:
    """The places at which patterns are tried."""
    return [found.start() for found in _BEGINS.finditer(text)]


def spans_of(text: str, pattern: Pattern, places: Iterable[int]) -> Iterator[Span]:
    """Where it stands in the text, beginning at one of these places, from left to right, never overlapping."""
    end = 0
    for place in places:
        found = pattern.looks.match(text, place) if place >= end else None
        if found and (length := pattern.check(text, found.start(1), found[1])):
            end = found.start(1) + length
            yield Span(found.start(1), end, pattern.kind)


def masked(text: str, spans: Iterable[Span]) -> str:
    """The text with marks of the same length for what was found, which stop what reads on from either side."""
    parts, end = [], 0
    for span in spans:
        parts += [text[end : span.start], _MASK * (span.end - span.start)]
        end = span.end
    return "".join([*parts, text[end:]]) if parts else text


def _at(begins: str, looks: str) -> re.Pattern[str]:
    return re.compile(f"{begins}({looks})", re.IGNORECASE | re.ASCII)


_FREE = "(?<![0-9A-Z])"
_STOP = "(?![0-9A-Z])"
_APART = "(?<![0-9A-Z.,/#-])"
_UNDOTTED = "(?<![0-9A-Z.-])"
_LATE = "[0-9L-NP-V]"  # a digit, or the letter that takes its place where two people would have the same code


def _national(looks: str, check: Check, begins: str = _FREE) -> Pattern:
    return Pattern(NATIONAL, _at(begins, looks + _STOP), check)


BOOKS = (
    Pattern("", _at(r"isbn(?:-1[03])?[: ]{0,2}", "[0-9](?:-?[0-9]){8,11}-?[0-9X]" + _STOP), certain.book),
    Pattern("", _at(_FREE, "97[89][0-9]{10}" + _STOP), checked(sums.isbn)),
)
"""Numbers of books, which would be taken for something else."""

_NATIONAL = (
    _national(f"[A-Z]{{6}}[0-9]{{2}}[A-T]{_LATE}{{2}}[A-Z]{_LATE}{{3}}[A-Z]", checked(sums.codice_fiscale)),
    _national(r"(?:[XYZ]-?[0-9]{7}|[0-9]{8}|[0-9]{2}\.[0-9]{3}\.[0-9]{3})-?[A-Z]", checked(sums.dni)),
    _national(
        "[1-478](?:[ .-]?[0-9]{2}){2}[ .-]?(?:[0-9]{2}|2[AB])(?:[ .-]?[0-9]{3}){2}[ .-]?[0-9]{2}",
        checked(sums.nir),
    ),
    _national("[0-9]{11}", checked(sums.pesel)),
    _national("(?:[0-9]{2})?[0-9]{6}[-+][0-9]{4}", checked(sums.personnummer)),
    _national(r"[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}\.[0-9]{2}", checked(sums.rijksregister)),
    _national("[0-9]{6}[-+A-FU-Y][0-9]{3}[0-9A-FHJ-NPR-Y]", certain.finnish),
    _national(r"756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}", checked(sums.ean)),
    _national(r"(?:[0-9]{9}|[0-9]{4}\.[0-9]{2}\.[0-9]{3})", certain.bsn, _UNDOTTED),
    _national(
        r"(?!000|666)[0-9]{3}([- ]?)(?!00)[0-9]{2}\2(?!0000)[0-9]{4}(?!-[0-9])", certain.ssn, _UNDOTTED
    ),
)

_INTERNET = (
    Pattern(
        INTERNET,
        _at("(?<![0-9A-Z:.])", r"[0-9A-F]{0,4}(?::[0-9A-F]{0,4}){2,8}(?:\.[0-9]{1,3}){0,3}" + _STOP),
        certain.address_6,
    ),
    Pattern(INTERNET, _at("(?<![0-9.])", r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?!\.?[0-9])"), certain.address_4),
)

_AREA = r"(?:1[-. ])?(?:\([2-9][0-9]{2}\) ?|[2-9][0-9]{2}[-. ])"
_PHONES = (
    Pattern(PHONE, _at("(?<![0-9+])", r"\+[0-9](?:[ ()./-]{0,3}[0-9]){6,16}"), whole),
    Pattern(PHONE, _at(_APART, r"\(?00[1-9](?:[ ()./-]{0,3}[0-9]){6,13}(?![0-9])"), certain.no_date),
    Pattern(PHONE, _at(_APART, r"\(?0[1-9](?:[ )./-]{0,3}[0-9]){7,10}(?![0-9])"), certain.no_date),
    Pattern(PHONE, _at(_UNDOTTED, _AREA + "[2-9][0-9]{2}[-. ][0-9]{4}(?!-[0-9])" + _STOP), whole),
)

PATTERNS = (
    Pattern(BANK, _at(_FREE, "[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30}"), certain.iban),
    Pattern(CARD, _at("(?<![0-9])(?=[2-6][0-9]{3})", "[0-9](?:[ -]?[0-9]){12,18}"), certain.card),
    *_NATIONAL,
    *_INTERNET,
    *_PHONES,
    Pattern(NUMBER, re.compile("([0-9]{10,}+)"), whole),
)
"""In the order in which they are looked for: the surest first."""
