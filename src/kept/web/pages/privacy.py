"""The notice: three layers (a sentence, the facts, the tables), and the visitor's own state in the margin."""

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from kept.policy.compiled import CompiledPolicy
from kept.policy.posted import FIRST_AT, Posted
from kept.web.authority import Asked, Because
from kept.web.house import CentreHouse, Visitor
from kept.web.pages import cookies, question
from kept.web.pages.draw import HEADERS, page, root_of
from kept.web.pages.errors import deny
from kept.web.pages.sections import MOST_COLUMNS, Link, more_of
from kept.web.pages.visitor import visitor_of
from kept.web.pages.which import HTML, SUFFIXES, called, chosen, form_of
from kept.web.pages.words import day
from kept.web.pages.written import plainly


@dataclass(frozen=True, slots=True)
class Aside:
    """A line in the margin: a state with its word, a sentence, a link."""

    says: str
    state: str = ""
    word: str = ""
    link: str = ""
    link_words: str = ""


def show_notice(asked: Asked[CentreHouse]) -> Response:
    """A notice of the policy in force: for whoever looks, in the language that they wish."""
    request, visitor = asked.request, visitor_of(asked)
    named = request.query_params.get("notice")
    language = request.headers.get("accept-language", "")
    audiences = question.audiences_of(asked.house.policy(), visitor)
    return _shown(asked, chosen(asked.house.posted(), language, audiences, named), visitor)


def show_at(asked: Asked[CentreHouse]) -> Response:
    """A notice at its own address. One that the policy in force no longer posts leads to those that it does."""
    at = _without_form(f"/{asked.request.path_params['at']}")
    found = next((one for one in asked.house.posted() if one.at == at), None)
    if found is not None:
        return _shown(asked, found, visitor_of(asked))
    if any(one.at == at for past in asked.house.past() for one in asked.house.posted(past.number)):
        return RedirectResponse(f"{root_of(asked.request)}privacy", 303, HEADERS)
    return deny(asked, Because.NO_SUCH_PAGE)


def _without_form(path: str) -> str:
    ending = next((suffix for suffix in SUFFIXES if path.endswith(suffix)), "")
    return path.removesuffix(ending)


def _shown(asked: Asked[CentreHouse], one: Posted, visitor: Visitor) -> Response:
    asked.house.note_shown(one.name)
    form = form_of(asked.request.scope["path"], asked.request.headers.get("accept", ""))
    return _page(asked, one, visitor) if form == HTML else plainly(one, form)


def _page(asked: Asked[CentreHouse], one: Posted, visitor: Visitor) -> Response:
    policy = asked.house.policy()
    return page(
        asked.request,
        "privacy.html",
        {
            "here": "privacy",
            "policy": policy,
            "notice": one.notice,
            "forms": [_to(one, suffix) for suffix in SUFFIXES],
            "others": [
                Link(_to(each), called(each), each.language) for each in asked.house.posted() if each != one
            ],
            "more_of": more_of,
            "most_columns": MOST_COLUMNS,
            "asides": asides(policy, visitor, set(asked.request.cookies)),
            "signal": visitor.signal,
            "signal_line": question.signal_line(policy, visitor),
            "log_line": question.log_line(policy, visitor),
        },
        headers={"Content-Language": one.language, "Vary": "Accept, Accept-Language, Cookie, Sec-GPC"},
    )


def _to(one: Posted, suffix: str = "") -> str:
    """Where a notice is met for sure, in a form: at the door that all share, it must be named."""
    at = f"{one.at.removeprefix('/')}{suffix}"
    return f"{at}?notice={one.name}" if one.at == FIRST_AT else at


def asides(policy: CompiledPolicy, visitor: Visitor, in_browser: set[str]) -> dict[str, tuple[Aside, ...]]:
    """The visitor's own state, by the section that it belongs to."""
    return {
        "why": _said(policy, visitor),  # enforces: own-answer
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
