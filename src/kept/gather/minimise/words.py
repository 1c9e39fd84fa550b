"""Words that stand in a text: a page's title, a search, a place. What names a person directly gives way.

An event says what someone did, under a pseudonym. "Inbox of ana@example.com" in a title would name them, and an
event cannot be encrypted with the person's own key. So each word with an "@" in it becomes `:person`, and
telephone numbers, and ten digits or more in a row, become `:number`, as they do in paths (`segment`). Characters
that do not show are left out: they hide an "@" from whoever looks for it, and take hold of terminals.

It is a net with a mesh: a name that is a plain word passes. Which texts are gathered at all, and who may read
them, the policy says.
"""

import re

from kept.base.printing import is_clean
from kept.gather.minimise.segment import NUMBER, PERSON

# Each reads any text once from left to right; the repetition after "+" is bounded.
_SUSPECT = re.compile(r"[@＠﹫%+]|[0-9]{10}")
_AT = re.compile(r"[@＠﹫]|%(?:25){0,4}40", re.IGNORECASE)
_SPACE = re.compile(r"(\s+)")
_TELEPHONE = re.compile(r"\+[0-9][0-9 ()./-]{6,40}[0-9]|[0-9]{10,}+")


def clean_words(text: str) -> str:
    """A text without what names a person directly. Cleaning twice gives what cleaning once gives."""
    if text.isprintable() and not _SUSPECT.search(text):
        return text
    shown = "".join(c for c in text if is_clean(c, but="\n\t"))
    words = (PERSON if _names(word) else word for word in _SPACE.split(shown))
    return _TELEPHONE.sub(NUMBER, "".join(words))


def without_mail(text: str) -> str:
    """An id as it is, but for one that is an address of mail: ids may be as long and as random as they like."""
    return PERSON if _AT.search(text) else text


def _names(word: str) -> bool:
    """Whether something follows an "@": a mere "@" between words is how people write "at"."""
    found = _AT.search(word)
    return found is not None and found.end() < len(word)
