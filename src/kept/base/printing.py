"""Text that others wrote, made fit to be shown: in a terminal, a log, a line of an error.

A page's title or a file's name may hold an escape sequence that rewrites the screen, sets the window's title
or makes a line read backwards (CWE-150; CVE-2021-42574, "Trojan Source"). Whoever reads a report must see
what is there, and nothing else may happen.
"""

from unicodedata import category

_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_JOINERS = frozenset("\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}\N{SOFT HYPHEN}")
"""Unseen, but part of how words and emoji are written."""


def is_clean(text: str, but: str = "") -> bool:
    """Whether every character of a text shows itself and does nothing more, those in `but` aside."""
    return text.isprintable() or all(_shows(c) or c in but for c in text)


def clean(text: str, but: str = "") -> str:
    r"""A text with every character that does not show itself written as its escape: \x1b, \u202e.

    `but` are characters to leave as they are, such as a line's end where lines are wanted.
    """
    if is_clean(text, but):
        return text
    return "".join(c if _shows(c) or c in but else c.encode("unicode_escape").decode() for c in text)


def _shows(character: str) -> bool:
    return category(character) not in _UNSEEN or character in _JOINERS
