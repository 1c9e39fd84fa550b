"""The § that stands in the margin of every page: the notice's own number, with a link that lasts."""

from collections.abc import Mapping
from dataclasses import dataclass

from kept.base.language import Language
from kept.policy.notice import NUMBERS, Notice, Section

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


def marks(notice: Notice, say: Language) -> Mapping[str, Mark]:
    """The mark of each kind of section, by its slug; kinds that this notice lacks keep their number."""
    return {slug: _mark(number, slug, notice.section(slug), say) for slug, number in NUMBERS.items()}


def more_of(section: Section, say: Language) -> str:
    """The words that open the deeper layers of a section."""
    rows = sum(len(table.rows) for table in section.tables)
    if rows < 2:
        return say("The details")
    return say.plural("{n} entry, with the details", "All {n} entries, with the details", rows)


def _mark(number: int, slug: str, section: Section | None, say: Language) -> Mark:
    to = f"privacy#{slug}" if section else "privacy"
    return Mark(
        f"§{number}",
        say("Section {number} of the notice", number=number),
        section.title if section else "",
        to,
    )
