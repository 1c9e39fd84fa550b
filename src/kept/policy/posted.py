"""The notices of a policy as they are posted: each for some people, in a language, at an address of its own."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from kept.policy.compiled import CompiledPolicy, NoticeFor
from kept.policy.notice import Notice, notice_of
from kept.policy.notice_json_ld import notice_json_ld
from kept.policy.notice_model import Section

EVERYONE = "everyone"
FIRST_AT = "/privacy"
"""Where the notice stands that a policy makes without a word about notices."""

TOLD_IN: Mapping[str, tuple[str, ...]] = {
    "company": ("who",),
    "controllers": ("who",),
    "people": ("who",),
    "staff": ("who",),
    "audiences": ("where",),
    "guardians": ("children",),
    "services": ("services",),
    "data": ("what",),
    "events": ("what",),
    "cookies": ("cookies",),
    "counting without cookies": ("cookies",),
    "partners": ("given",),
    "sources": ("given",),
    "purposes": ("why",),
    "decisions": ("decisions",),
    "messages": ("messages",),
    "recipients": ("given",),
    "clients": ("clients",),
    "systems": ("given",),
    "aggregates": ("figures",),
    "retention": ("long",),
    "rights": ("rights",),
    "links": ("links",),
    "measures": ("protect",),
    "changes": ("changes",),
    "never": ("never",),
}
"""In which sections of a notice a section of the policy is told."""
ABOUT_HELD = ("what", "long")
"""The sections of a notice whose rows are about one item or event each."""


@dataclass(frozen=True, slots=True)
class Posted:
    """One notice as people read it, complete: it needs neither the file nor the language it was made from."""

    name: str
    at: str  # its path below the pages' root, with a slash before it
    audiences: tuple[str, ...]  # `everyone` among them: for all
    language: str
    reading_age: int
    notice: Notice
    json_ld: Mapping[str, Any]

    @property
    def for_all(self) -> bool:
        """Whether it speaks to everyone."""
        return EVERYONE in self.audiences


def posted_of(policy: CompiledPolicy) -> tuple[Posted, ...]:
    """Every notice that a policy posts, the one that people meet first before the others."""
    return tuple(_posted(policy, one) for one in policy.notices.values() or (_only(policy),))


def _only(policy: CompiledPolicy) -> NoticeFor:
    return NoticeFor("main", (EVERYONE,), policy.company.languages[0], 12, FIRST_AT, ())


def _posted(policy: CompiledPolicy, one: NoticeFor) -> Posted:
    cell = cell_for(policy, one)
    whole = notice_of(policy, cell)
    notice = replace(whole, language=one.language, sections=narrowed(policy, whole.sections, one.parts))
    return Posted(
        name=one.name,
        at=one.at,
        audiences=one.audiences,
        language=one.language,
        reading_age=one.reading_age,
        notice=notice,
        json_ld=notice_json_ld(policy, notice, cell, one.at),
    )


def narrowed(
    policy: CompiledPolicy, sections: tuple[Section, ...], parts: tuple[str, ...]
) -> tuple[Section, ...]:
    """The sections that a notice's parts name: sections of the policy, and items or events.

    Of an item or event alone, a notice tells the rows that are about it. Who answers is always told.
    """
    if not parts:
        return sections
    whole = {slug for part in parts for slug in TOLD_IN.get(part, ())} | {"who"}
    named = {held.title for part in parts if (held := policy.items.get(part) or policy.events.get(part))}
    found = (
        section if section.slug in whole else _about(section, named) if section.slug in ABOUT_HELD else None
        for section in sections
    )
    return tuple(section for section in found if section is not None)


def _about(section: Section, titles: Collection[str]) -> Section | None:
    """A section with those rows alone that are about the items or events of these titles."""
    kept = (replace(t, rows=tuple(row for row in t.rows if row[0] in titles)) for t in section.tables)
    tables = tuple(table for table in kept if table.rows)
    return replace(section, tables=tables) if tables else None


def cell_for(policy: CompiledPolicy, one: NoticeFor) -> int | None:
    """The cell of those whom a notice for a single audience speaks to; None where it speaks to several or all.

    A notice for several tells what differs among them, as the one for everyone does.
    """
    if len(one.audiences) != 1 or EVERYONE in one.audiences:
        return None
    alone = frozenset({frozenset(one.audiences)})
    return policy.possible.index(alone) if alone in policy.possible else None
