"""The notice: three layers (a sentence, the facts, the tables), and the visitor's own state in the margin."""

from dataclasses import dataclass

from starlette.responses import Response

from kept.policy.compiled import CompiledPolicy
from kept.web.authority import Asked
from kept.web.house import CentreHouse, Visitor
from kept.web.pages import cookies, question
from kept.web.pages.draw import page
from kept.web.pages.sections import MOST_COLUMNS, more_of
from kept.web.pages.visitor import visitor_of
from kept.web.pages.words import day


@dataclass(frozen=True, slots=True)
class Aside:
    """A line in the margin: a state with its word, a sentence, a link."""

    says: str
    state: str = ""
    word: str = ""
    link: str = ""
    link_words: str = ""


def show_notice(asked: Asked[CentreHouse]) -> Response:
    """The notice of the policy in force, for whoever looks at it."""
    policy, visitor = asked.house.policy(), visitor_of(asked)
    return page(
        asked.request,
        "privacy.html",
        {
            "here": "privacy",
            "policy": policy,
            "notice": asked.house.notice(),
            "more_of": more_of,
            "most_columns": MOST_COLUMNS,
            "asides": asides(policy, visitor, set(asked.request.cookies)),
            "signal": visitor.signal,
            "signal_line": question.signal_line(policy, visitor),
            "log_line": question.log_line(policy, visitor),
        },
    )


def asides(policy: CompiledPolicy, visitor: Visitor, in_browser: set[str]) -> dict[str, tuple[Aside, ...]]:
    """The visitor's own state, by the section that it belongs to."""
    return {
        "why": _said(policy, visitor),
        "cookies": (_cookies(policy, in_browser),),
        "what": (Aside("What do we hold about you?", link="data", link_words="Your data"),),
        "rights": (Aside("Use them here:", link="data", link_words="Your data"),),
    }


def _said(policy: CompiledPolicy, visitor: Visitor) -> tuple[Aside, ...]:
    if visitor.signal:
        return (Aside("to all that is a matter of choice, by your browser’s signal.", "refused", "No"),)
    asked = [each for each in question.questions(policy, visitor) if not each.objection]
    lines = [_answer(each, visitor.answered_ms) for each in asked if each.said is not None]
    mixed = [
        each for each in asked if each.said is None and any(one.said is not None for one in each.purposes)
    ]
    lines += [Aside(f"to parts of “{each.title}”.", "due", "Yes and no") for each in mixed]
    if not lines and not asked:
        return ()
    if not lines:
        return (Aside("You have not been asked, or have not answered.", link="choices", link_words="Choose"),)
    return (*lines, Aside("", link="choices", link_words="Change"))


def _answer(asked: question.Question, at_ms: int | None) -> Aside:
    when = f" on {day(at_ms)}" if at_ms else ""
    if asked.said:
        return Aside(f"to “{asked.title}”{when}.", "kept", "Yes")
    return Aside(f"to “{asked.title}”{when}.", "refused", "No")


def _cookies(policy: CompiledPolicy, in_browser: set[str]) -> Aside:
    ours = sorted(
        in_browser & set(policy.cookies) | in_browser & {cookies.CHOICE, cookies.VISIT, cookies.SESSION}
    )
    if not ours:
        return Aside("None of these stands in your browser now.")
    return Aside(f"In your browser now: {', '.join(ours)}.")
