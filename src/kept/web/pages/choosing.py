"""Choices: the page, the question alone, and the two calls that the script makes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from starlette.responses import JSONResponse, RedirectResponse, Response

from kept.base.language import Language, marked
from kept.gather.arrival import Unreadable, decode
from kept.policy.compiled import CompiledPolicy
from kept.web.authority import Asked, origins_of
from kept.web.house import CentreHouse, Visitor
from kept.web.pages import answers, cookies, question
from kept.web.pages.draw import HEADERS, page
from kept.web.pages.sections import marks
from kept.web.pages.speaking import SPOKEN_BY, Speaking, named_at, others, speaking
from kept.web.pages.visitor import answer_now, catch_up, remember, visitor_of

YES_NO = {"yes": True, "no": False}
NOTHING_BEFORE = marked("Nothing is stored until you answer.")
SAME_EITHER_WAY = marked("The site works the same either way.")


class SentAnswers(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST v1/choices`."""

    key: Annotated[str, msgspec.Meta(max_length=128)]
    answers: dict[Annotated[str, msgspec.Meta(max_length=128)], bool]
    how: str = "dialog"


_ANSWERS = msgspec.json.Decoder(SentAnswers)


def show_choices(asked: Asked[CentreHouse]) -> Response:
    """The choices page."""
    house, visitor = asked.house, visitor_of(asked)
    house.note_shown("choices")
    spoken = speaking(asked, visitor)
    policy, say = spoken.policy, spoken.say
    history = house.history_of(visitor.token) if visitor.token else ()
    shown = question.questions(policy, visitor)
    shown_page = page(
        asked.request,
        "choices.html",
        {
            "here": "choices",
            "policy": policy,
            "visitor": visitor,
            "marks": marks(spoken.posted.notice, say),
            "questions": shown,
            "said": question.said_line(shown, say),
            "signal_line": question.signal_line(policy, visitor, say),
            "log_line": question.log_line(policy, visitor, say),
            "saved": "saved" in asked.request.query_params,
            "history": answers.past_rows(policy, history, say),
            "cookies": answers.cookie_rows(policy, say),
            "others": others(asked, spoken, named_at("choices")),
            "query": _query(asked),
        },
        headers={"Content-Language": say.tag, "Vary": SPOKEN_BY},
        say=say,
    )
    return catch_up(asked, shown_page)


def show_dialog(asked: Asked[CentreHouse]) -> Response:
    """The question alone, for sites that show it in a frame or link to it; they may be of the company's site."""
    visitor = visitor_of(asked)
    spoken = speaking(asked, visitor)
    policy, say = spoken.policy, spoken.say
    _count_question(asked, policy, visitor)
    framed_by = " ".join(("'self'", *sorted(asked.house.origins())))
    shown_page = page(
        asked.request,
        "dialog.html",
        {
            "policy": policy,
            "ask": question.is_due(policy, visitor),
            "signal": visitor.signal,
            "texts": texts(policy, visitor, say),
            "items": items(policy, visitor),
            "query": _query(asked),
            "back": local_path(asked.request.query_params.get("back", "")),
        },
        framed_by=framed_by,
        headers={"Content-Language": say.tag, "Vary": SPOKEN_BY},
        say=say,
    )
    return catch_up(asked, shown_page)


def take_choices(asked: Asked[CentreHouse]) -> Response:
    """A plain form with answers. Sends the browser back to where it came from."""
    policy, before = asked.house.policy(), visitor_of(asked)
    said = question.bits_of(policy, before, form_answers(policy, before, asked.form))
    how = "dialog" if asked.form.get("how") == "dialog" else "page"
    answered = answer_now(asked, before, said, how)
    return remember(asked, RedirectResponse(_next_page(asked), 303, HEADERS), policy, answered)


def form_answers(policy: CompiledPolicy, visitor: Visitor, form: Mapping[str, str]) -> dict[str, bool]:
    """The answers in a form: a button for everything or for one group, else one field a purpose."""
    if form.get("everything") in YES_NO:
        return question.every_answer(policy, visitor, said=YES_NO[form["everything"]])
    group, _, word = form.get("group", "").partition(" ")
    if group in policy.groups and word in YES_NO:
        return {group: YES_NO[word]}
    return {name: YES_NO[word] for name, word in form.items() if name in policy.purposes and word in YES_NO}


def tell_choices(asked: Asked[CentreHouse]) -> Response:
    """`GET v1/choices`: what the script needs to know."""
    there = _by_key(asked, asked.request.query_params.get("key", ""))
    if there is None:
        return _json(asked, {"error": "That is no key of this installation."}, 401)
    visitor = visitor_of(there)
    _count_question(there, there.house.policy(), visitor)
    return catch_up(there, _json(asked, state(speaking(there, visitor), visitor, there.house.now_ms())))


def _count_question(asked: Asked[CentreHouse], policy: CompiledPolicy, visitor: Visitor) -> None:
    if question.is_due(policy, visitor):
        asked.house.note_shown("question")


def _by_key(asked: Asked[CentreHouse], key: str) -> Asked[CentreHouse] | None:
    """The same request, to the workspace that a write key leads to; None where it leads nowhere."""
    there = next((house for house in asked.house.spaces() if house.knows_key(key)), None)
    return None if there is None else replace(asked, house=there)


def answer_choices(asked: Asked[CentreHouse]) -> Response:
    """`POST v1/choices`: an answer from the script. The reply is what the script needs to know from now on."""
    sent = decode(asked.body, _ANSWERS)
    if isinstance(sent, Unreadable):
        return _json(asked, {"error": sent.what, "where": sent.where}, 400)
    policy, there = asked.house.policy(), _by_key(asked, sent.key)
    if there is None:
        return _json(asked, {"error": "That is no key of this installation."}, 401)
    if unknown := question.unknown_names(policy, sent.answers):
        return _json(asked, {"error": "The policy has no such purpose or group.", "where": unknown}, 400)
    before = visitor_of(there)
    said = question.bits_of(policy, before, sent.answers)
    answered = answer_now(there, before, said, "page" if sent.how == "page" else "dialog")
    told = state(speaking(there, answered.visitor), answered.visitor, there.house.now_ms())
    return remember(there, _json(there, told), policy, answered)


def state(spoken: Speaking, visitor: Visitor, now_ms: int) -> dict[str, object]:
    """What the script needs: whether to ask, what it may send, how long a session cookie may live (seconds)."""
    policy = spoken.policy
    events = question.open_events(policy, visitor)
    holds_visit = visitor.token is not None and question.may_set(
        policy, visitor, visitor.answer, cookies.SESSION
    )
    return {
        "ask": question.is_due(policy, visitor),
        "collect": bool(events),
        "signal": visitor.signal,
        "events": events,
        "session": cookies.seconds_of(policy, cookies.SESSION, now_ms) if holds_visit else 0,
        "items": items(policy, visitor),
        "groups": [
            {"name": each.name, "title": each.title, "says": each.says, "answer": each.said}
            for each in _first_questions(policy, visitor)
        ],
        "texts": texts(policy, visitor, spoken.say),
        "lang": spoken.say.tag,
    }


def texts(policy: CompiledPolicy, visitor: Visitor, say: Language) -> dict[str, str]:
    """The words of the dialog. A no costs what the policy says it costs, and that is said beforehand."""
    asked = _first_questions(policy, visitor)
    return {
        "title": _title(policy, asked, say),
        "after": f"{say(NOTHING_BEFORE)} {_cost(question.losses(asked), say)}",
        "yes": say("Yes, you may"),
        "no": say("No, you may not"),
        "more": say("Choose purpose by purpose"),
        "said": question.said_line(asked, say),
        "change": say("See your choices") if visitor.signal else say("Change your choice"),
        "hide": say("Hide this line"),
        "signal": question.signal_line(policy, visitor, say),
        "failed": say("Your answer could not be saved. Nothing was stored. Please try again."),
    }


def items(policy: CompiledPolicy, visitor: Visitor) -> list[str]:
    """What is asked, a sentence each; nothing when the title asks it already."""
    asked = _first_questions(policy, visitor)
    return [] if _is_one_question(asked) else [each.says for each in asked]


def local_path(text: str) -> str:
    """A path on this host to go back to, or nothing: never another host, however it is written."""
    plain = text.isascii() and text.isprintable() and "\\" not in text
    return text if plain and text.startswith("/") and not text.startswith("//") else ""


def _is_one_question(asked: tuple[question.Question, ...]) -> bool:
    return len(asked) == 1 and asked[0].says.endswith("?")


def _title(policy: CompiledPolicy, asked: tuple[question.Question, ...], say: Language) -> str:
    if _is_one_question(asked):
        return asked[0].says
    if all(each.says.endswith("?") for each in asked):
        return say("{company} asks", company=policy.company.name)
    return say("May we use your data?")


def _cost(losses: tuple[str, ...], say: Language) -> str:
    return say("If you say no: {cost}", cost=" ".join(losses)) if losses else say(SAME_EITHER_WAY)


def _first_questions(policy: CompiledPolicy, visitor: Visitor) -> tuple[question.Question, ...]:
    return tuple(each for each in question.questions(policy, visitor) if not each.objection)


def _query(asked: Asked[CentreHouse]) -> str:
    """What in the address names a language stays there: an answer is kept with the words that were shown."""
    query = asked.request.query_params
    named = {name: query[name] for name in ("notice", "lang") if query.get(name)}
    return f"?{urlencode(named)}" if named else ""


def _next_page(asked: Asked[CentreHouse]) -> str:
    back, query = local_path(asked.form.get("back", "")), _query(asked)
    if back:
        return back
    page_at = "dialog" if asked.form.get("how") == "dialog" else "choices"
    return f"{page_at}{query}&saved=yes" if query else f"{page_at}?saved=yes"


def _json(asked: Asked[CentreHouse], said: object, status: int = 200) -> Response:
    """JSON for our own pages, and for scripts on origins that the house knows (Fetch standard, CORS)."""
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Vary": "Origin, Accept-Language, Sec-GPC, Cookie",
    }
    origin = asked.request.headers.get("origin")
    if origin is not None and origin in origins_of(asked.house):
        headers |= {"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": "true"}
    return JSONResponse(said, status, headers)
