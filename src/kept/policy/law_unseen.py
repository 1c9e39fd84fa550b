"""What a purpose uses and can never see: events that come with a browser's id alone, bound by a cookie for others."""

from collections.abc import Iterator

from kept.policy.compiled import Choice
from kept.policy.draft import Entry
from kept.policy.enforced import EVENT_SOURCES
from kept.policy.grammar import COOKIE_FOR, FROM, HOLDS, ON_DEMAND, STRICTLY_NECESSARY, USES
from kept.policy.opened import Opened, names
from kept.policy.problems import Problems
from kept.policy.terms import terms_in


def warn_of_unseen(opened: Opened, problems: Problems) -> None:
    """One warning for each purpose that uses such events, with the first of them."""
    bound = _bound_to_cookies(opened)
    for name, purpose in opened.draft.section("purposes").items():
        if name in bound or purpose.want(ON_DEMAND, False):
            continue
        unseen = sorted(_unseen(opened, name, purpose))
        if unseen:
            more = f" (and {len(unseen) - 1} more)" if len(unseen) > 1 else ""
            problems.warn(
                "E02",
                purpose.at(USES),
                f"`{name}` never sees `{unseen[0]}`{more}.",
                why="It comes from browsers alone, under an id that is kept for other purposes.",
                next_step=f"Name `{name}` in the cookie that holds `visitor_id`; or gather the event "
                "`from: server`, and send it of the account.",
            )


def _bound_to_cookies(opened: Opened) -> frozenset[str]:
    """The purposes for which a browser's id is kept."""
    cookies = opened.draft.section("cookies").values()
    return frozenset(
        name
        for cookie in cookies
        if cookie.get(HOLDS) == "visitor_id" and not cookie.want(STRICTLY_NECESSARY, False)
        for name in names(cookie.get(COOKIE_FOR))
    )


def _unseen(opened: Opened, name: str, purpose: Entry) -> Iterator[str]:
    nameless = _ways_without_id(opened) if _needs_no_id(opened, purpose) else frozenset()
    for used in opened.uses[name].names:
        if opened.draft.is_event(used):
            sources = {ref.name for ref in opened.draft.held[used].want(FROM, ())}
            if sources & EVENT_SOURCES and not sources & ({"server"} | nameless):
                yield used


def _needs_no_id(opened: Opened, purpose: Entry) -> bool:
    """Whether somewhere it needs no answer, so that it may see what comes without an id."""
    return any(terms_in(purpose, cell).choice in {Choice.NONE, Choice.OBJECTION} for cell in opened.cells)


def _ways_without_id(opened: Opened) -> frozenset[str]:
    counted = "counting without cookies" in opened.draft.single
    return frozenset({"server log", "tracker"} if counted else {"server log"})
