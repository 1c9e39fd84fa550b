"""The notices of a policy as they are posted: each for some people, in a language, at an address of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kept.policy.compiled import CompiledPolicy
from kept.policy.compiled_rest import NoticeFor
from kept.policy.notice import Notice, notice_of
from kept.policy.notice_json_ld import notice_json_ld
from kept.policy.notice_model import PARTS_OF
from kept.policy.worded import section_worded, worded

EVERYONE = "everyone"
SPOKEN = ("en",)
"""Languages in which Kept can say its own part: of grounds, times, choices."""
FIRST_AT = "/privacy"
"""Where the notice stands that a policy makes without a word about notices."""


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
    said = worded(policy, one.words)
    whole = notice_of(said, cell)
    wanted = {PARTS_OF.get(part, "why" if part in policy.groups else "what") for part in one.parts}
    parts = tuple(
        section_worded(section, one.words)
        for section in whole.sections
        if not one.parts or section.slug in wanted
    )
    notice = replace(whole, language=spoken(one.language), sections=parts)
    return Posted(
        name=one.name,
        at=one.at,
        audiences=one.audiences,
        language=one.language,
        reading_age=one.reading_age,
        notice=notice,
        json_ld=notice_json_ld(said, notice, cell, one.at),
    )


def spoken(language: str) -> str:
    """The language in which a notice is said: its own where Kept has it, else English, and marked as that."""
    return language if language.split("-", maxsplit=1)[0] in SPOKEN else SPOKEN[0]


def cell_for(policy: CompiledPolicy, one: NoticeFor) -> int | None:
    """The cell of those whom a notice for a single audience speaks to; None where it speaks to several or all.

    A notice for several tells what differs among them, as the one for everyone does.
    """
    if len(one.audiences) != 1 or EVERYONE in one.audiences:
        return None
    alone = frozenset({frozenset(one.audiences)})
    return policy.possible.index(alone) if alone in policy.possible else None
