"""One segment of a path: what may stay of it, and what gives way to a placeholder.

People's identifiers travel in paths: a mail address in an unsubscribe link, a key in a password reset. What
looks like one is replaced as a whole segment: `:person` for what holds an "@", `:token` for what looks
random (UUIDs and keys of 16 characters or more), `:number` for ten digits or more in a row and for what
`words` finds in any text (telephones, cards; but nine digits alone are an id like any other), `:address` for
internet addresses, `:long` for what is too long to judge. It is a net with a mesh: a plain name in a path, or a
key of 15 letters, passes.
"""

import re
from itertools import pairwise
from urllib.parse import quote, unquote

from kept.gather.minimise.address import packed
from kept.gather.minimise.identifiers import INTERNET
from kept.gather.minimise.reading import bare
from kept.gather.minimise.words import HANDLE, MAIL, find

PERSON, TOKEN, NUMBER, ADDRESS, LONG = ":person", ":token", ":number", ":address", ":long"
SEGMENT = 100
TOKEN_LENGTH = 16
_ROUNDS = 8
_PLAIN_MARKS = frozenset("-._~!$&'()*+,=:")
_HEX = frozenset("0123456789abcdefABCDEF")
_VOWELS = frozenset("aeiouyAEIOUY")

# Words and short numbers between marks, no two numbers in a row but for a day; or nine digits alone, which are an
# id: nothing to decode, nothing that could be a key, an address or a telephone.
# Every repetition is possessive, so the pattern reads a text once, whatever stands in it.
_ONE = "[A-Za-z][a-z]{0,14}+"
_DAY = "(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?![-_]?[0-9])"
_MANY = rf"{_ONE}(?:[-_](?:{_ONE}|{_DAY}|[0-9]{{1,4}}+(?![-_][0-9]))|\.{_ONE})*+"
_ID = r"[0-9]{1,9}+(?=/|\Z)"
PLAIN = f"(?:{_MANY}|{_ID})"
"""The pattern of a segment that stays as it is, unless it is ragged or long."""
_PLAIN = re.compile(PLAIN)

# Each of these reads any text once, from left to right: no repetition can overlap with what follows it.
_WORDS = re.compile(r"[A-Za-z0-9]{16,}+")
_RUNS = re.compile(r"[a-z]++|[A-Z]++|[0-9]++|[^a-zA-Z0-9]++")
_DIGITS = re.compile(r"[0-9]{10}")
_FOUR_NUMBERS = re.compile(r"(?<![0-9])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9])")
_OF_SCRIPTS = re.compile("%u([0-9A-Fa-f]{4})")  # "%u0040", as JavaScript's escape() writes it
_KINDS = {INTERNET: ADDRESS, MAIL: PERSON, HANDLE: PERSON}
_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")


def is_plain(segment: str) -> bool:
    """Whether a segment stays as it is, told at a glance: whoever judges it longer comes to the same."""
    if not _PLAIN.fullmatch(segment):
        return False
    return len(segment) < TOKEN_LENGTH or (len(segment) <= SEGMENT and not is_token(segment))


def clean_segment(segment: str, more_marks: str = "") -> str:
    """A segment decoded to the end, judged, and encoded once; a placeholder for what may tell who someone is.

    What follows ";", "?" or "#", encoded or not, falls away: matrix parameters carry session ids. Cleaning
    twice gives what cleaning once gives. `more_marks` are further characters to leave unencoded.
    """
    return segment if is_plain(segment) else judge_segment(segment, more_marks)


def judge_segment(segment: str, more_marks: str = "") -> str:
    """The same for any segment, plain ones too."""
    if len(segment) > 8 * SEGMENT:
        return LONG
    text = decode(segment.partition(";")[0])
    if text is None:
        return TOKEN
    text = _before(text, ";?#")
    return _placeholder(bare(text)) or _encode(text, more_marks)  # enforces: path-segments


def decode(text: str) -> str | None:
    """Percent-decoded until nothing changes, without characters that do not print; None if that never ends.

    "%2540" hides an "@" from whoever decodes once; a control character inside "%4\\x000" hides it again.
    """
    for _ in range(_ROUNDS):
        plain = "".join(c for c in unquote(_OF_SCRIPTS.sub(_character, text)) if c.isprintable())
        if plain == text:
            return plain
        text = plain
    return None


def _character(found: re.Match[str]) -> str:
    return chr(int(found[1], 16))


def is_token(text: str) -> bool:
    """Whether a text holds something that looks random: made by a machine to be unguessable or unique."""
    if len(text) < TOKEN_LENGTH:
        return False
    if _UUID.search(text) or any(_looks_random(word) for word in _WORDS.findall(text)):
        return True
    joined = text.replace("-", "").replace("_", "").replace(".", "")  # base64url, JWT
    return len(joined) >= 20 and joined.isascii() and joined.isalnum() and _is_ragged(text)


def _placeholder(text: str) -> str | None:
    if "@" in text:
        return PERSON
    if len(text) > SEGMENT:
        return LONG
    if _FOUR_NUMBERS.search(text) or (text.count(":") > 1 and packed(text.strip("[]"))):
        return ADDRESS
    if is_token(text):
        return TOKEN
    if _DIGITS.search(text):
        return NUMBER
    found = () if text.isdigit() else find(text.replace("_", "-"))
    return _KINDS.get(found[0].kind, NUMBER) if found else None


def _before(text: str, ends: str) -> str:
    for end in ends:
        text = text.partition(end)[0]
    return text


def _encode(text: str, more_marks: str) -> str:
    return "".join(
        c if c.isalnum() or c in _PLAIN_MARKS or c in more_marks or ord(c) > 127 else quote(c, safe="")
        for c in text
    )


def _looks_random(word: str) -> bool:
    """Hexadecimal, or ever switching between letters and digits or between cases, or hardly a vowel."""
    digits = sum(c.isdigit() for c in word)
    if 0 < digits < len(word) and _HEX.issuperset(word):
        return True
    changes = sum(a.isdigit() != b.isdigit() for a, b in pairwise(word))
    if changes >= 3 or _is_ragged(word):
        return True
    letters = len(word) - digits
    return letters >= TOKEN_LENGTH and sum(c in _VOWELS for c in word) < letters / 5


def _is_ragged(text: str) -> bool:
    """Whether its runs of one kind (small, capital, digit, mark) are shorter than two on average."""
    return len(text) < 2 * len(_RUNS.findall(text))  # whoever asks has only ASCII
