"""What tests of languages share: a language of dots, and the texts that are a policy's own."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from gettext import NullTranslations
from typing import Any

NAMED = frozenset({"name", "title", "group", "cells", "possible", "properties", "posted", "agreement"})
"""Fields in which a word is the company's, even if the policy language has the same one."""


class Dots(NullTranslations):
    """A language in which every letter of Kept's is a dot: what is left of letters is the company's."""

    def gettext(self, message: str) -> str:
        return re.sub(r"(\{\w+\})|[^\W\d_]", lambda found: found[1] or "·", message)

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self.gettext(one if n == 1 else many)


def texts_in(value: Any, named: bool = False) -> Iterator[tuple[str, bool]]:
    """Every text of a policy, and whether it surely is the company's: a fixed word of the language may be no name."""
    if isinstance(value, str):
        yield from ((value, named), (value.replace("_", " "), named))
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from (*texts_in(key, named), *texts_in(one))
    elif isinstance(value, tuple | frozenset | list):
        for one in value:
            yield from texts_in(one, named)
    elif is_dataclass(value):
        for one in fields(value):
            yield from texts_in(getattr(value, one.name), one.name in NAMED)


def left(text: str, own: Iterable[str]) -> str:
    """The letters of a text that are in none of the company's own."""
    rest = text.casefold()
    for words in sorted({one.casefold().rstrip(".") for one in own}, key=len, reverse=True):
        if words and words in rest:
            rest = rest.replace(words, "")
    return "".join(re.findall(r"[^\W\d_]+", rest))
