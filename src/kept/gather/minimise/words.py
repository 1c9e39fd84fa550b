"""Words that stand in a text: a page's title, a search, a place. What names a person directly gives way.

An event says what someone did, under a pseudonym. "Inbox of ana@example.com" in a title would name them, and an
event cannot be encrypted with the person's own key. So each word with an "@" in it gives way to `[e-mail]` or
`[handle]`, and what `identifiers` finds to the name of its kind: `[phone]`, `[card]`, `[bank account]`,
`[national id]`, `[IP address]`, and `[number]` for ten digits or more in a row. Characters that do not show are
left out: they hide an "@" from whoever looks for it, and take hold of terminals.

It is a net with a mesh: a name that is a plain word passes. Which texts are gathered at all, and who may read
them, the policy says.
"""

import re
from collections.abc import Iterator

from kept.base.printing import is_clean
from kept.gather.minimise.identifiers import (
    BOOKS,
    NUMBER,
    PATTERNS,
    SIX_MORE,
    THREE_MORE,
    Span,
    beginnings,
    masked,
    spans_of,
)
from kept.gather.minimise.reading import bare, places

MAIL, HANDLE = "[e-mail]", "[handle]"
LEAST = 200
_ROUNDS = 4

# Whether anything below may be there: one look at each character, and a bounded one at what begins with it.
_SUSPECT = re.compile(
    rf"[@%&:0-9](?:(?<=@)|(?<=%)[24]|(?<=&)[#Cc]|(?<=:)[0-9A-Fa-f]{{0,4}}+:|(?<=[0-9])(?:{SIX_MORE}|{THREE_MORE}"
    "|[0-9]{5}[A-Ya-y+-][0-9]{3}|[0-9][A-Ta-t][0-9L-Vl-v]{2}[A-Za-z]))"
)
_AT = re.compile(
    "[@%&](?:(?<=@)|(?<=%)(?:25){0,8}40|(?<=&)(?:#0{0,8}64|#x0{0,8}40|commat);?)", re.IGNORECASE | re.ASCII
)
_WORD = re.compile(r"\S++")
_DIGITS = re.compile(r"[0-9]++")
_PART_OF_KIND = re.compile(r"\[[A-Za-z -]{0,12}$")


def clean_words(text: str) -> str:
    """A text without what names a person directly; no longer than it was, or than 200 characters.

    Cleaning twice gives what cleaning once gives: what is kept is looked at again as it will be read, since
    `[handle] 0300001452` may begin a telephone number where `@ISBN 0300001452` did not.
    """
    if text.isprintable() and not _SUSPECT.search(bare(text)):
        return text
    most = max(len(text), LEAST)
    shown = text if text.isprintable() else "".join(c for c in text if is_clean(c, but="\n\t"))
    for _ in range(_ROUNDS):
        spans = find(bare(shown))  # enforces: free-text
        if not spans:
            return shown
        shown = _fit(replaced(shown, spans), most)
    return _fit(replaced(shown, list(_numbers(bare(shown)))), most)


def without_mail(text: str) -> str:
    """An id as it is, but for one that is an address of mail: ids may be as long and as random as they like."""
    return MAIL if _AT.search(bare(text)) else text  # enforces: mail-as-id


def find(text: str) -> list[Span]:
    """What names a person directly in a text as it is read, from left to right.

    What gives way changes what stands beside it, so it is looked again until nothing more is found; if that
    does not end, all digits give way.
    """
    found: list[Span] = []
    rest, at = text, beginnings(text)
    for book in BOOKS:
        rest = masked(rest, spans_of(rest, book, at))
    for _ in range(_ROUNDS):
        before = len(found)
        rest = _look_once(rest, at, found)
        if len(found) == before:
            return sorted(found)
        at = beginnings(rest)
    return sorted([*found, *_numbers(rest)])


def _numbers(text: str) -> Iterator[Span]:
    """Every digit there is: what is left to take when looking again would not end."""
    return (Span(*each.span(), NUMBER) for each in _DIGITS.finditer(text))


def _look_once(rest: str, at: list[int], found: list[Span]) -> str:
    new = list(_mails(rest)) if _AT.search(rest) else []
    for pattern in PATTERNS:
        found += new
        rest = masked(rest, new)
        new = list(spans_of(rest, pattern, at))
    found += new
    return masked(rest, new)


def _mails(text: str) -> Iterator[Span]:
    """Words in which something follows an "@": a mere "@" between words is how people write "at"."""
    for word in _WORD.finditer(text):
        at = _AT.search(word[0])
        if at is not None and at.end() < len(word[0]):
            named = any(c.isalnum() for c in word[0][: at.start()])
            yield Span(*word.span(), MAIL if named else HANDLE)


def replaced(text: str, spans: list[Span]) -> str:
    """Kinds' names for what stands at these places of the text as it is read."""
    at = range(len(text) + 1) if text.isascii() else places(text)
    parts, end = [], 0
    for span in spans:
        parts += [text[end : at[span.start]], span.kind]
        end = at[span.end - 1] + 1
    return "".join([*parts, text[end:]])


def _fit(text: str, most: int) -> str:
    """Names of kinds may be longer than what they stand for; and a cut could make a new number of half an old one."""
    if len(text) <= most:
        return text
    text = _PART_OF_KIND.sub("", text[:most])
    for _ in range(_ROUNDS):
        spans = find(bare(text))
        if not spans:
            return text
        text = text[: places(text)[spans[0].start]]
    return ""
