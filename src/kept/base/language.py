"""Kept's own words in the languages that it speaks: one catalogue each, loaded when that language is asked for.

A sentence stands in the code in English, and in `languages/de.po` beside it in German: the form that translators'
tools read (GNU gettext). Whoever says a sentence is handed a `Language`, so none can be said in the wrong one.
"""

import re
from collections.abc import Iterable
from datetime import date
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

CATALOGUES = Path(__file__).parent / "languages"
ENGLISH_TAG = "en"
INFORMAL = "-x-informal"
"""How a tag ends where children are spoken to (RFC 5646, 2.2.7), in a language that has another form for that."""
DATED = re.compile(r"\d{4}-\d{2}-\d{2}")


def marked(words: str) -> str:
    """Words that stand in a table of the code, to be said later: so they are found for the catalogues."""
    return words


def several(one: str, many: str) -> tuple[str, str]:
    """The same for words about a number `{n}`."""
    return one, many


MONTHS = (
    marked("January"),
    marked("February"),
    marked("March"),
    marked("April"),
    marked("May"),
    marked("June"),
    marked("July"),
    marked("August"),
    marked("September"),
    marked("October"),
    marked("November"),
    marked("December"),
)


class Language:
    """A language with Kept's words in it. Called with an English sentence it says the same in that language."""

    def __init__(self, tag: str, catalogue: NullTranslations) -> None:
        self.tag = tag
        self._catalogue = catalogue

    def __call__(self, words: str, /, **values: object) -> str:
        """The sentence, with `{name}` in it replaced; a value is never read as a sentence."""
        said = self._catalogue.gettext(words) if words else ""
        return said.format_map(values) if values else said

    def within(self, context: str, words: str, /, **values: object) -> str:
        """The sentence as it stands in a context that changes its form: a place after `in`."""
        said = self._catalogue.pgettext(context, words)
        return said.format_map(values) if values else said

    def plural(self, one: str, many: str, n: int, /, **values: object) -> str:
        """The sentence about the number `{n}`, in the form that the language has for it."""
        said = self._catalogue.ngettext(one, many, n)
        return said.format_map({"n": f"{n:,}".replace(",", "\N{NARROW NO-BREAK SPACE}"), **values})

    def listing(self, words: Iterable[str]) -> str:
        """Words in one phrase: a, b and c."""
        return self._listed(words, self(marked("{some} and {last}")))

    def either(self, words: Iterable[str]) -> str:
        """Words of which one holds: a, b or c."""
        return self._listed(words, self(marked("{some} or {last}")))

    def either_clause(self, words: Iterable[str]) -> str:
        """The same where they may be clauses, which some languages part by a comma."""
        return self._listed(words, self.within("clauses", "{some} or {last}"))

    @staticmethod
    def _listed(words: Iterable[str], frame: str) -> str:
        every = [word for word in words if word]
        if len(every) < 2:
            return "".join(every)
        return frame.format(some=", ".join(every[:-1]), last=every[-1])

    def inside(self, title: str) -> str:
        """A title as it stands inside a sentence: small at first in English, as it is where nouns are capitals."""
        small = self.within("a title inside a sentence begins", "small") == "small"
        is_acronym = title[1:2].isupper()
        return title if is_acronym or not small else title[:1].lower() + title[1:]

    def day(self, text: str) -> str:
        """An ISO date as people write it: 9 November 2026; any other text as it is."""
        if not DATED.fullmatch(text):
            return text
        on = date.fromisoformat(text)
        return self(
            marked("{day} {month} {year}"), day=on.day, month=self(MONTHS[on.month - 1]), year=on.year
        )


ENGLISH = Language(ENGLISH_TAG, NullTranslations())


def spoken() -> tuple[str, ...]:
    """The languages in which Kept has its words."""
    return ENGLISH_TAG, *sorted(
        path.stem for path in CATALOGUES.glob("*.mo") if not path.stem.endswith(INFORMAL)
    )


def is_spoken(tag: str) -> bool:
    """Whether Kept has its words in a language, told by its tag (RFC 5646): de, or de-AT."""
    return _primary(tag) == ENGLISH_TAG or _catalogue(_primary(tag)).is_file()


def informal(tag: str) -> str:
    """The tag of a language as one speaks it to children; the same where it knows no difference."""
    return f"{tag}{INFORMAL}" if _catalogue(f"{_primary(tag)}{INFORMAL}").is_file() else tag


def language_of(tag: str) -> Language:
    """The language of a tag; English where Kept has no words in it, which `Language.tag` then says."""
    if not is_spoken(tag):
        return ENGLISH
    return Language(tag, NullTranslations()) if _primary(tag) == ENGLISH_TAG else _loaded(tag)


@cache
def _loaded(tag: str) -> Language:
    whole, apart = _read(_primary(tag)), f"{_primary(tag)}{INFORMAL}"
    if not tag.endswith(INFORMAL) or not _catalogue(apart).is_file():
        return Language(tag, whole)
    own = _read(apart)
    own.add_fallback(whole)  # it holds what it says otherwise, and nothing else
    return Language(tag, own)


def _read(name: str) -> GNUTranslations:
    with _catalogue(name).open("rb") as file:
        return GNUTranslations(file)


def _catalogue(name: str) -> Path:
    return CATALOGUES / f"{name}.mo"


def _primary(tag: str) -> str:
    primary = tag.partition("-")[0].lower()
    return primary if primary.isascii() and primary.isalpha() else ""
