"""Answers in words: the table of what somebody said, and of the cookies that stand in their browser."""

from collections.abc import Iterable

from kept.policy.compiled import CompiledPolicy, Cookie
from kept.web.house import PastAnswer
from kept.web.pages.sections import Link, version_link
from kept.web.pages.words import listed, moment

Row = tuple[str | Link, ...]


def titles(policy: CompiledPolicy, bits: int) -> list[str]:
    """The titles of the purposes in a mask."""
    return [purpose.title for purpose in policy.purposes.values() if purpose.mask & bits]


def past_rows(policy: CompiledPolicy, history: Iterable[PastAnswer]) -> list[Row]:
    """When, yes to, no to, under which version of the policy; in the order given."""
    return [
        (
            moment(past.at_ms),
            listed(titles(policy, past.yes)) or "nothing",
            listed(titles(policy, past.no)) or "nothing",
            version_link(past.number, past.version),
        )
        for past in history
    ]


def cookie_rows(policy: CompiledPolicy) -> list[Row]:
    """Name, what it does, how long it lasts, when it is set."""
    return [
        (cookie.name, cookie.says, str(cookie.lasts), _when(cookie)) for cookie in policy.cookies.values()
    ]


def _when(cookie: Cookie) -> str:
    if not cookie.strictly_necessary:
        return "only with your yes"
    return "with your answer" if cookie.holds == "choice" else "when the service needs it"
