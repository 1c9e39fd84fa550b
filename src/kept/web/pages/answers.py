"""Answers in words: the table of what somebody said, and of the cookies that stand in their browser."""

from collections.abc import Iterable

from kept.base.language import Language
from kept.policy.compiled import CompiledPolicy, Cookie
from kept.policy.wording import length
from kept.web.house import PastAnswer
from kept.web.pages.sections import Link, version_link
from kept.web.pages.words import moment

Row = tuple[str | Link, ...]


def titles(policy: CompiledPolicy, bits: int) -> list[str]:
    """The titles of the purposes in a mask."""
    return [purpose.title for purpose in policy.purposes.values() if purpose.mask & bits]


def past_rows(policy: CompiledPolicy, history: Iterable[PastAnswer], say: Language) -> list[Row]:
    """When, yes to, no to, under which version of the policy; in the order given."""
    return [
        (
            moment(past.at_ms, say),
            say.listing(titles(policy, past.yes)) or say("nothing"),
            say.listing(titles(policy, past.no)) or say("nothing"),
            version_link(past.number, past.version),
        )
        for past in history
    ]


def cookie_rows(policy: CompiledPolicy, say: Language) -> list[Row]:
    """Name, what it does, how long it lasts, when it is set."""
    return [
        (cookie.name, cookie.says, length(cookie.lasts, say), _when(cookie, say))
        for cookie in policy.cookies.values()
    ]


def _when(cookie: Cookie, say: Language) -> str:
    if not cookie.strictly_necessary:
        return say("only with your yes")
    return say("with your answer") if cookie.holds == "choice" else say("when the service needs it")
