"""The § that stands in the margin of every page: the notice's own number, with a link that lasts."""

from collections.abc import Mapping
from dataclasses import dataclass

from kept.policy.notice import NUMBERS, Notice, Section
from kept.web.pages.words import count

MOST_COLUMNS = 4
"""Tables with more are read as entries, one below the other: no line of text can hold seven columns."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A § as a page's margin shows it. `to` is the section's address on the notice page, if it is there."""

    number: str
    label: str  # as it is read aloud
    title: str
    to: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link within the pages, from their root; with the language that it leads to, where that is another."""

    to: str
    words: str
    language: str = ""


def version_link(number: int, version: str) -> Link | str:
    """A version's name, as a link to its page where that is known."""
    return Link(f"privacy/versions/{number}", version) if number else version


def marks(notice: Notice) -> Mapping[str, Mark]:
    """The mark of each kind of section, by its slug; kinds that this notice lacks keep their number."""
    return {slug: _mark(number, slug, notice.section(slug)) for slug, number in NUMBERS.items()}


def more_of(section: Section) -> str:
    """The words that open the deeper layers of a section."""
    rows = sum(len(table.rows) for table in section.tables)
    return f"All {count(rows, 'entry', 'entries')}, with the details" if rows > 1 else "The details"


def _mark(number: int, slug: str, section: Section | None) -> Mark:
    to = f"privacy#{slug}" if section else "privacy"
    return Mark(f"§{number}", f"Section {number}", section.title if section else "", to)
