"""An answer given on *Your data*: it counts for the account, and in every browser in which it is signed in.

On the choices page a browser speaks for itself. Whoever is signed in speaks for themselves, wherever they are
(GDPR Art. 7(3): taking a yes back is as easy as giving it, so once is enough). Before that, each browser keeps to
its own answer, and the page names the strictest.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from starlette.responses import RedirectResponse, Response

from kept.base.language import Language, marked
from kept.policy.compiled import NO_ANSWER, Answer, CompiledPolicy
from kept.web.authority import Asked
from kept.web.house import CentreHouse, NewAnswer, PersonView, Spoken, Visitor
from kept.web.pages import answers, question
from kept.web.pages.choosing import form_answers
from kept.web.pages.draw import HEADERS
from kept.web.pages.speaking import Speaking, speaking
from kept.web.pages.visitor import Answered, answer_now, remember, visitor_of
from kept.web.pages.words import day

EVERYWHERE = marked(
    "What you save here counts in every browser in which you signed in here, from now on. A no also counts in those in "
    "which you sign in later; a yes does not: there you are asked."
)
KEPT_NO = marked("A browser that remembers a no of its own keeps to it until you say yes there.")
SIGNALLED = marked(
    "This browser sends the Global Privacy Control signal: here it is a no to all that is a matter of choice, "
    "whatever you save for the others."
)


def answer_for_account(asked: Asked[CentreHouse]) -> Response:
    """`POST data/choices`: take the answer down for the account and its browsers; this one hears it at once."""
    policy, here = asked.house.policy(), visitor_of(asked)
    view = asked.house.person_view(asked.who, here.token)
    person = speaker(here, view.spoken)
    said = question.bits_of(policy, person, form_answers(policy, person, asked.form))
    back = RedirectResponse(f"../data?{urlencode({'token': asked.token, 'saved': 'yes'})}", 303, HEADERS)
    if said == NO_ANSWER:
        return back
    spoken = speaking(asked, here)
    words = f"{question.shown_words(spoken.policy, person, spoken.say)}\n{spoken.say(EVERYWHERE)}"
    asked.house.record_account_answer(asked.who, NewAnswer(said.yes, said.no, "account", words))
    return remember(asked, back, policy, _heard_here(asked, here, said, view))


def _heard_here(asked: Asked[CentreHouse], here: Visitor, said: Answer, view: PersonView) -> Answered:
    """The same for the browser at which it was said. One that is not known as the person's may be somebody else's
    too: it takes over the noes, and nothing is written under its id."""
    is_mine = any(each.is_here for each in view.spoken)
    if here.token is not None and not is_mine:
        return answer_now(asked, here, Answer(no=said.no), "account", is_written=True)
    return answer_now(asked, here, said, "account", is_written=is_mine)


def speaker(here: Visitor, spoken: Iterable[Spoken]) -> Visitor:
    """Who answers: the person, with what all their browsers agree on. The signal is one browser's, not theirs."""
    said = [each.answer for each in spoken]
    yes = no = (1 << 63) - 1 if said else 0
    for each in said:
        yes, no = yes & each.yes, no & each.no
    return replace(here, signal=False, answer=Answer(yes, no))


def shown(asked: Asked[CentreHouse], view: PersonView, spoken: Speaking) -> dict[str, Any]:
    """What *Your data* says of answers: the strictest, each browser's own where they differ, the form."""
    policy, say, here = spoken.policy, spoken.say, visitor_of(asked)
    differing = differs(view.spoken)
    return {
        "answers": [
            (title, said, bool(mask & differing)) for title, said, mask in _answered(policy, view.answer)
        ],
        "browsers": [_row(policy, each, say) for each in view.spoken]
        if len({each.answer for each in view.spoken}) > 1
        else [],
        "questions": _questions(policy, speaker(here, view.spoken), differing),
        "everywhere": say(EVERYWHERE),
        "kept_no": say(KEPT_NO),
        "signal_line": say(SIGNALLED) if here.signal else "",
        "saved": "saved" in asked.request.query_params,
    }


def differs(spoken: Iterable[Spoken]) -> int:
    """The bits of purposes to which one answer says yes and another no. To say nothing contradicts nobody."""
    yes = no = 0
    for each in spoken:
        yes, no = yes | each.answer.yes, no | each.answer.no
    return yes & no


def _answered(policy: CompiledPolicy, answer: Answer) -> list[tuple[str, bool, int]]:
    """Each purpose that was answered: its title, the answer, its bit."""
    return [
        (purpose.title, bool(answer.yes & purpose.mask), purpose.mask)
        for purpose in policy.purposes.values()
        if (answer.yes | answer.no) & purpose.mask
    ]


def _questions(
    policy: CompiledPolicy, person: Visitor, differing: int
) -> list[tuple[question.Question, tuple[question.AskedPurpose, ...]]]:
    return [
        (
            each,
            tuple(
                replace(purpose, differs=bool(policy.purposes[purpose.name].mask & differing))
                for purpose in each.purposes
            ),
        )
        for each in question.questions(policy, person)
    ]


def _row(policy: CompiledPolicy, each: Spoken, say: Language) -> tuple[str, ...]:
    if each.since_ms is None:
        name = say("What you said on this page, for browsers to come")
    elif each.is_here:
        name = say("This browser, yours since {day}", day=day(each.since_ms, say))
    else:
        name = say("A browser, yours since {day}", day=day(each.since_ms, say))
    yes, no = (say.listing(answers.titles(policy, bits)) for bits in (each.answer.yes, each.answer.no))
    return (name, yes or say("nothing"), no or say("nothing"))
