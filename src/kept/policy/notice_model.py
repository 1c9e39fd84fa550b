"""The notice as plain facts by §, in three layers: a sentence, details, tables. Any face can render it."""

from dataclasses import dataclass

NUMBERS = {
    "who": 1,
    "what": 2,
    "why": 3,
    "cookies": 4,
    "given": 5,
    "long": 6,
    "where": 7,
    "rights": 8,
    "changes": 9,
    "children": 10,
    "services": 11,
    "decisions": 12,
    "figures": 13,
    "links": 14,
    "protect": 15,
    "messages": 16,
    "never": 17,
    "clients": 18,
    "assumed": 19,
}
"""The § number of each kind of section. It never changes, so that clauses can be cited; gaps are normal."""


PARTS_OF = {
    "company": "who",
    "controllers": "who",
    "people": "who",
    "data": "what",
    "events": "what",
    "sources": "what",
    "partners": "what",
    "purposes": "why",
    "cookies": "cookies",
    "counting without cookies": "cookies",
    "recipients": "given",
    "clients": "clients",
    "retention": "long",
    "audiences": "where",
    "rights": "rights",
    "systems": "rights",
    "changes": "changes",
    "guardians": "children",
    "services": "services",
    "messages": "messages",
    "decisions": "decisions",
    "aggregates": "figures",
    "links": "links",
    "measures": "protect",
    "never": "never",
}
"""Which section of a notice tells of which section of the file."""


@dataclass(frozen=True, slots=True)
class Table:
    """The third layer. Each row has as many cells as there are headers; the first names the row."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def with_rows(*tables: Table | None) -> tuple[Table, ...]:
    """Those that have something to say."""
    return tuple(table for table in tables if table is not None and table.rows)


@dataclass(frozen=True, slots=True)
class Section:
    """One § of the notice: `short` is its one sentence, `paragraphs` the details, `tables` everything."""

    slug: str
    title: str
    short: str
    paragraphs: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def number(self) -> int:
        """Its § number, the same in every notice."""
        return NUMBERS[self.slug]

    @property
    def mark(self) -> str:
        """How it is cited: §3."""
        return f"§{self.number}"


@dataclass(frozen=True, slots=True)
class Notice:
    """A whole notice: for everyone, or, with `audience`, for people in one cell."""

    company: str
    title: str
    version: str
    in_force: str  # ISO date
    fingerprint: str
    language: str
    audience: str  # words for whom it is; empty: everyone
    sections: tuple[Section, ...]

    def section(self, slug: str) -> Section | None:
        """The section of that kind, if this notice has it."""
        return next((section for section in self.sections if section.slug == slug), None)
