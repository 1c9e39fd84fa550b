"""The notices of a policy as they are posted: each for some people, in a language, at an address of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kept.base.language import informal
from kept.policy.compiled import CompiledPolicy
from kept.policy.compiled_rest import NoticeFor
from kept.policy.notice import Notice, notice_of
from kept.policy.notice_json_ld import notice_json_ld
from kept.policy.notice_model import PARTS_OF
from kept.policy.worded import section_worded, worded

EVERYONE = "everyone"
GROWN = 16
"""From this age people are spoken to as grown (in German: with *Sie*)."""
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
    return tuple(_posted(policy, one) for one in notices_of(policy))


def notices_of(policy: CompiledPolicy) -> tuple[NoticeFor, ...]:
    """What the file says of its notices; of the one that it makes where it says nothing."""
    return tuple(policy.notices.values()) or (_only(policy),)


def _only(policy: CompiledPolicy) -> NoticeFor:
    return NoticeFor("main", (EVERYONE,), policy.company.languages[0], 12, FIRST_AT, ())


def _posted(policy: CompiledPolicy, one: NoticeFor) -> Posted:
    cell = cell_for(policy, one)
    said, notice = _told(policy, one, cell)
    return Posted(
        name=one.name,
        at=one.at,
        audiences=one.audiences,
        language=one.language,
        reading_age=one.reading_age,
        notice=notice,
        json_ld=notice_json_ld(said, notice, cell, one.at),
    )


def _told(policy: CompiledPolicy, one: NoticeFor, cell: int | None) -> tuple[CompiledPolicy, Notice]:
    said = worded(policy, one.words)
    whole = notice_of(said, cell, tongue(policy, one))
    wanted = {PARTS_OF.get(part, "why" if part in policy.groups else "what") for part in one.parts}
    parts = (one for one in whole.sections if not wanted or one.slug in wanted)
    return said, replace(whole, sections=tuple(section_worded(section, one.words) for section in parts))


def tongue(policy: CompiledPolicy, one: NoticeFor) -> str:
    """The language in which a notice is said: to children alone as one speaks to children.

    By its audience and not by its reading age: plain words may be for grown people too.
    """
    ages = [policy.audiences[name].age if name in policy.audiences else None for name in one.audiences]
    is_for_children = bool(ages) and all(age is not None and age[1] < GROWN for age in ages)
    return informal(one.language) if is_for_children else one.language


def told_in(policy: CompiledPolicy, language: str, cell: int | None) -> tuple[CompiledPolicy, Notice]:
    """The notice in a language, with the policy in its words: those of the notice that it posts in that language,
    the company's own where it posts none."""
    one = _in(policy, language)
    return _told(policy, replace(one, language=language, parts=()), cell)


def said_in(policy: CompiledPolicy, language: str) -> CompiledPolicy:
    """The policy in the words of the notice that it posts in a language."""
    return worded(policy, _in(policy, language).words)


def _in(policy: CompiledPolicy, language: str) -> NoticeFor:
    there = [one for one in policy.notices.values() if one.language == language]
    for_all = [one for one in there if EVERYONE in one.audiences]
    return next(iter(for_all or there), _only(policy))


def cell_for(policy: CompiledPolicy, one: NoticeFor) -> int | None:
    """The cell of those whom a notice for a single audience speaks to; None where it speaks to several or all.

    A notice for several tells what differs among them, as the one for everyone does.
    """
    if len(one.audiences) != 1 or EVERYONE in one.audiences:
        return None
    alone = frozenset({frozenset(one.audiences)})
    return policy.possible.index(alone) if alone in policy.possible else None
