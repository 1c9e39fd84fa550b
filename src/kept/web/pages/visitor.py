"""Who is at the browser, and what a new answer of theirs changes there."""

from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from kept.base.ids import token
from kept.policy.compiled import NO_ANSWER, Answer, CompiledPolicy
from kept.web.authority import Asked
from kept.web.house import CentreHouse, NewAnswer, Visitor
from kept.web.pages import cookies
from kept.web.pages.question import asked_bits, may_set, shown_words
from kept.web.pages.speaking import speaking

TRUE = frozenset({"1", "true"})


def visitor_of(asked: Asked[CentreHouse]) -> Visitor:
    """Whoever asks. Where browser and house remember different answers, each no counts (it fails closed)."""
    request, house = asked.request, asked.house
    remembered, visit = cookies.read_choice(request), cookies.read_visit(request)
    ours = house.answer_of(visit) if visit else NO_ANSWER
    known = (
        visit if ours != NO_ANSWER else None
    )  # a token nobody answered under is no visitor's, or an erased one's
    theirs = remembered.answer if remembered else NO_ANSWER
    no = ours.no | theirs.no
    found = Visitor(
        token=known,
        residence=house.residence_of(peer_of(request), lines_of(request, "x-forwarded-for")),
        signal=has_signal(asked),
        answer=Answer((ours.yes if known else theirs.yes) & ~no, no),
        answered_ms=remembered.at_ms if remembered else None,
    )
    return found if known else _without_lost_yes(house.policy(), found)


def has_signal(asked: Asked[CentreHouse]) -> bool:
    """Global Privacy Control: the header `Sec-GPC: 1`, or the script's word on `navigator.globalPrivacyControl`."""
    request = asked.request
    return request.headers.get("sec-gpc") == "1" or request.query_params.get("gpc") in TRUE


@dataclass(frozen=True, slots=True)
class Answered:
    """A visitor after an answer, and what the browser must remember or forget."""

    visitor: Visitor
    forget: bool


def answer_now(
    asked: Asked[CentreHouse], before: Visitor, said: Answer, how: str, *, is_written: bool = False
) -> Answered:
    """Write an answer down. An id is made only where a yes allows one; without an id nothing is kept here.

    What was not mentioned stays as it was. `is_written` says that the house has it already, under this very id.
    """
    house, policy = asked.house, asked.house.policy()
    answer = Answer(
        yes=(before.answer.yes & ~said.no) | said.yes, no=(before.answer.no & ~said.yes) | said.no
    )
    keep = may_set(policy, before, answer, cookies.VISIT)
    visit = before.token or (token("kv") if keep else None)
    if visit is not None and not is_written:
        told = said if before.token else _taken_along(policy, before, answer)
        spoken = speaking(asked, before)
        words = shown_words(spoken.policy, before, spoken.say)
        house.record_answer(visit, NewAnswer(told.yes, told.no, how, words))
    after = replace(before, token=visit if keep else None, answer=answer, answered_ms=house.now_ms())
    return Answered(after, forget=not keep)


def _taken_along(policy: CompiledPolicy, before: Visitor, answer: Answer) -> Answer:
    """A new visitor's earlier words come along. They stand in a cookie that anyone can write: a yes to what was
    never asked, or to a purpose that does not exist yet, must not become a record of consent (Art. 7(1))."""
    return Answer(answer.yes & asked_bits(policy, before), answer.no)


def remember(
    asked: Asked[CentreHouse], response: Response, policy: CompiledPolicy, answered: Answered
) -> Response:
    """Tell the browser: the answer, and the id where a yes allows one."""
    now_ms, after = asked.house.now_ms(), answered.visitor
    cookies.put_choice(response, asked.request, policy, after.answer, now_ms)
    if answered.forget:
        cookies.drop_visit(response, asked.request)
    elif after.token is not None:
        cookies.put_visit(response, asked.request, policy, after.token, now_ms)
    return response


def catch_up(asked: Asked[CentreHouse], response: Response) -> Response:
    """Put into the browser a no that was said for it elsewhere: on *Your data*, in another browser.

    With its last yes a browser loses its id, and with the id all that we know of its answers; if it did not carry the
    no itself, it would be asked again, as if nothing had been said.
    """
    request, house, policy = asked.request, asked.house, asked.house.policy()
    visit, remembered = cookies.read_visit(request), cookies.read_choice(request)
    known = remembered.answer.no if remembered else 0
    if visit is None or not house.answer_of(visit).no & ~known:
        return response
    visitor = visitor_of(asked)
    history = house.history_of(visit)
    cookies.put_choice(response, request, policy, visitor.answer, house.now_ms(), said_ms=history[0].at_ms)
    if not may_set(policy, visitor, visitor.answer, cookies.VISIT):
        cookies.drop_visit(response, request)
    return response


def forget(asked: Asked[CentreHouse], response: Response) -> Response:
    """After a deletion: this browser forgets its id, and the yes that stood under it. A no stays its own."""
    visit, remembered = cookies.read_visit(asked.request), cookies.read_choice(asked.request)
    if visit is None or asked.house.answer_of(visit) != NO_ANSWER:
        return response  # it is somebody else's, or of nobody
    cookies.drop_visit(response, asked.request)
    if remembered and remembered.answer.no:
        no = Answer(0, remembered.answer.no)
        cookies.put_choice(response, asked.request, asked.house.policy(), no, asked.house.now_ms())
    else:
        cookies.drop_choice(response, asked.request)
    return response


def _without_lost_yes(policy: CompiledPolicy, visitor: Visitor) -> Visitor:
    """A yes that made an id counts under that id alone. Where the id is gone, erased or deleted in the browser,
    the yes is gone with it, and the question is open again."""
    lost = may_set(policy, visitor, visitor.answer, cookies.VISIT)
    return replace(visitor, answer=Answer(0, visitor.answer.no)) if lost else visitor


def peer_of(request: Request) -> str | None:
    """Who holds the connection; None when nothing tells."""
    return request.client.host if request.client else None


def lines_of(request: Request, name: str) -> bytes | None:
    """All lines of a header, joined as the collector has them: some proxies add a line of their own at the end."""
    values = request.headers.getlist(name)
    return ", ".join(values).encode("latin-1") if values else None
