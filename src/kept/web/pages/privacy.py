"""The notice: three layers (a sentence, the facts, the tables), and the visitor's own state in the margin."""

from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from kept.base.language import Language
from kept.policy.compiled import CompiledPolicy
from kept.policy.posted import Posted
from kept.web.authority import Asked, Because
from kept.web.house import CentreHouse, Visitor
from kept.web.pages import cookies, question
from kept.web.pages.draw import HEADERS, page, root_of
from kept.web.pages.errors import deny
from kept.web.pages.sections import MOST_COLUMNS, more_of
from kept.web.pages.speaking import SPOKEN_BY, Speaking, feed_at, notice_at, of_notice, others, speaking
from kept.web.pages.visitor import visitor_of
from kept.web.pages.which import HTML, SUFFIXES, form_of
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
    visitor = visitor_of(asked)
    return _shown(asked, speaking(asked, visitor).posted, visitor)


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
    spoken = of_notice(asked.house.policy(), one)
    return page(
        asked.request,
        "privacy.html",
        {
            "here": "privacy",
            "policy": spoken.policy,
            "notice": one.notice,
            "feed": feed_at(one),
            "forms": [notice_at(one, suffix) for suffix in SUFFIXES],
            "others": others(asked, spoken, notice_at),
            "more_of": more_of,
            "most_columns": MOST_COLUMNS,
            "asides": asides(spoken, visitor, set(asked.request.cookies)),
            "signal": visitor.signal,
            "signal_line": question.signal_line(spoken.policy, visitor, spoken.say),
            "log_line": question.log_line(spoken.policy, visitor, spoken.say),
        },
        headers={"Content-Language": one.notice.language, "Vary": f"Accept, {SPOKEN_BY}"},
        say=spoken.say,
    )


def asides(spoken: Speaking, visitor: Visitor, in_browser: set[str]) -> dict[str, tuple[Aside, ...]]:
    """The visitor's own state, by the section that it belongs to."""
    policy, say = spoken.policy, spoken.say
    return {
        "why": _said(policy, visitor, say),  # enforces: own-answer
        "cookies": (_cookies(policy, in_browser, say),),
        "what": (Aside(say("What do we hold about you?"), link="data", link_words=say("Your data")),),
        "rights": (Aside(say("Use them here:"), link="data", link_words=say("Your data")),),
    }


def _said(policy: CompiledPolicy, visitor: Visitor, say: Language) -> tuple[Aside, ...]:
    if visitor.signal:
        words = say("to all that is a matter of choice, by your browser’s signal.")
        return (Aside(words, "refused", say("No")),)
    asked = [each for each in question.questions(policy, visitor) if not each.objection]
    lines = [_answer(each, visitor.answered_ms, say) for each in asked if each.said is not None]
    mixed = [
        each for each in asked if each.said is None and any(one.said is not None for one in each.purposes)
    ]
    lines += [
        Aside(say("to parts of “{question}”.", question=each.title), "due", say("Yes and no"))
        for each in mixed
    ]
    if not lines and not asked:
        return ()
    if not lines:
        nothing = say("You have not been asked, or have not answered.")
        return (Aside(nothing, link="choices", link_words=say("Choose")),)
    return (*lines, Aside("", link="choices", link_words=say("Change")))


def _answer(asked: question.Question, at_ms: int | None, say: Language) -> Aside:
    words = (
        say("to “{question}” on {day}.", question=asked.title, day=day(at_ms, say))
        if at_ms
        else say("to “{question}”.", question=asked.title)
    )
    return Aside(words, "kept", say("Yes")) if asked.said else Aside(words, "refused", say("No"))


def _cookies(policy: CompiledPolicy, in_browser: set[str], say: Language) -> Aside:
    ours = sorted(
        in_browser & set(policy.cookies) | in_browser & {cookies.CHOICE, cookies.VISIT, cookies.SESSION}
    )
    if not ours:
        return Aside(say("None of these stands in your browser now."))
    return Aside(say("In your browser now: {cookies}.", cookies=", ".join(ours)))
