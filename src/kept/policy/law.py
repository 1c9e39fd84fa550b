"""The last layer, law: what the words must add up to. Looked at only when every word and name is right."""

from kept.policy.bits import MOST
from kept.policy.cells import MANY_ROLES, Names
from kept.policy.compiled import Choice
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import (
    COOKIE_FOR,
    IS,
    STRICTLY_NECESSARY,
)
from kept.policy.law_decided import check_decided
from kept.policy.law_given import check_given
from kept.policy.law_held import check_held
from kept.policy.law_never import check_never
from kept.policy.law_notice import check_notice
from kept.policy.law_posting import check_posting
from kept.policy.law_purposes import check_purpose
from kept.policy.law_unsaid import check_unsaid
from kept.policy.law_unseen import warn_of_unseen
from kept.policy.opened import Opened, audiences_of, names, open_draft
from kept.policy.places import TERMINAL_LAW
from kept.policy.problems import Once, Problems
from kept.policy.sayings import check_sayings
from kept.policy.terms import terms_for


def check_law(draft: Draft, problems: Problems, *, in_force: bool = False) -> None:
    """Note what a policy may not do, or may not leave out, with the article where a law says so.

    `in_force`: what a law wants of a notice is an error, since the version is to be put in force.
    """
    check_sayings(draft, problems)
    check_posting(draft, problems)
    check_unsaid(draft, problems)
    if not _few_roles(draft, problems):
        return
    opened, once = open_draft(draft), Once(problems)
    _few_purposes(draft, problems)
    for purpose in draft.section("purposes").values():
        check_purpose(opened, purpose, once)
    for held in draft.held.values():
        check_held(opened, held, once)
    for cookie in draft.section("cookies").values():
        _cookie(opened, cookie, once)
    check_never(opened, once)
    check_given(opened, once)
    check_decided(opened, once)
    warn_of_unseen(opened, problems)
    check_notice(opened, problems, in_force=in_force)


def _few_roles(draft: Draft, problems: Problems) -> bool:
    """Whether the roles that audiences name can be combined in reasonable time."""
    roles = {role for audience in audiences_of(draft).values() for role in audience.people}
    if len(roles) <= MANY_ROLES:
        return True
    at = next(entry.at(IS) for entry in draft.section("audiences").values() if entry.get(IS))
    problems.error("F06", at, f"Audiences name {len(roles)} kinds of people here; {MANY_ROLES} are the most.")
    return False


def _few_purposes(draft: Draft, problems: Problems) -> None:
    purposes = list(draft.section("purposes").values())
    if len(purposes) > MOST:
        problems.error(
            "U05",
            purposes[MOST].place,
            f"This is purpose {MOST + 1}; there is room for {MOST}.",
            next_step="Join purposes that people are asked about together.",
        )


def _cookie(opened: Opened, entry: Entry, once: Once) -> None:
    if entry.want(STRICTLY_NECESSARY, False):
        return
    for name in names(entry.get(COOKIE_FOR)):
        purpose = opened.draft.section("purposes")[name]
        if any(_unasked(purpose, one) and opened.may_live_in(one, TERMINAL_LAW) for one in opened.certain):
            once.error(
                "L03",
                entry.at(COOKIE_FOR),
                f"`{entry.name}` serves `{name}`, for which people in Europe are not asked.",
                why="Cookies that are not strictly necessary need consent (ePrivacy Directive Art. 5(3)).",
                next_step=f"Ask first there (`for` in `{name}`), or say `strictly necessary: yes` if it is.",
            )


def _unasked(purpose: Entry, people: Names) -> bool:
    """Whether these people are not asked; where the basis is notice, L02 has said more already."""
    terms = terms_for(purpose, people)
    return terms.choice < Choice.OPT_IN and terms.basis != "notice"
