"""In which language a page speaks: that of the notice that is for whoever looks, with the policy in its words."""

from collections.abc import Callable
from dataclasses import dataclass

from kept.base.language import Language, language_of
from kept.policy.compiled import CompiledPolicy
from kept.policy.posted import FIRST_AT, Posted
from kept.policy.worded import worded
from kept.web.authority import Asked
from kept.web.house import CentreHouse, Visitor
from kept.web.pages.question import audiences_of
from kept.web.pages.sections import Link
from kept.web.pages.which import called, chosen, speaks

SPOKEN_BY = "Accept-Language, Cookie, Sec-GPC"
"""What a page's words depend on (RFC 9110, 12.5.5)."""


@dataclass(frozen=True, slots=True)
class Speaking:
    """The notice that is for a visitor; `policy` has its words, and `say` says Kept's own in its language."""

    posted: Posted
    policy: CompiledPolicy
    say: Language


def speaking(asked: Asked[CentreHouse], visitor: Visitor) -> Speaking:
    """By the visitor's language and audience, or by a word in the address: `notice`, a notice's name, or `lang`, the
    language of the page on which the question stands."""
    return _chosen(asked, audiences_of(asked.house.policy(), visitor))


def plainly_speaking(asked: Asked[CentreHouse]) -> Speaking:
    """The same for whoever it is: by what they wish alone. For what anyone may keep, and where something went wrong."""
    return _chosen(asked, frozenset())


def _chosen(asked: Asked[CentreHouse], audiences: frozenset[str]) -> Speaking:
    policy, request = asked.house.policy(), asked.request
    posted, named = asked.house.posted(), request.query_params.get("notice")
    wished = request.query_params.get("lang", "")
    if not any(speaks(one, wished) for one in posted):
        wished = request.headers.get("accept-language", "")
    return of_notice(policy, chosen(posted, wished, audiences, named))


def of_notice(policy: CompiledPolicy, posted: Posted) -> Speaking:
    """A page about that notice speaks as it does."""
    own = policy.notices.get(posted.name)
    return Speaking(posted, worded(policy, own.words if own else {}), language_of(posted.notice.language))


def others(asked: Asked[CentreHouse], spoken: Speaking, to: Callable[[Posted], str]) -> list[Link]:
    """Links to the same page in the words of each other notice."""
    every = (one for one in asked.house.posted() if one != spoken.posted)
    return [Link(to(one), called(one), one.notice.language) for one in every]


def named_at(path: str) -> Callable[[Posted], str]:
    """Where a page is met in the words of a notice."""
    return lambda one: f"{path}?notice={one.name}"


def notice_at(one: Posted, suffix: str = "") -> str:
    """Where a notice is met for sure, in a form: at the door that all share, it must be named."""
    at = f"{one.at.removeprefix('/')}{suffix}"
    return f"{at}?notice={one.name}" if one.at == FIRST_AT else at


def feed_at(one: Posted) -> str:
    """Where the readers of a notice follow its changes, in its words."""
    return named_at("privacy/changes.atom")(one)
