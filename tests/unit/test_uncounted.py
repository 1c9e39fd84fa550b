"""Counting without cookies stops where a browser says no, at the door as on the pages: one rule, one wording."""

import pytest

from kept.base.ids import MASK_63
from kept.base.language import ENGLISH
from kept.gather.arrival import SentEvent
from kept.gather.meeting import Words, meet
from kept.gather.minimise import origin_of
from kept.gather.refusals import Counts
from kept.gather.steps import admit
from kept.policy.compiled import NO_ANSWER, Answer, counted
from kept.policy.notice import notice_of
from kept.web.centre import centre_app
from kept.web.pages import question
from kept.web.pages.people import Visitor
from tests.collecting import AMERICAN, GERMAN, IMPROVE, NOW, PROTECT, small_door
from tests.pages_call import call
from tests.pages_house import KEY, MemoryHouse

DOOR = small_door()
SILENT = "tell us nothing of your visit"


def at_door(*, signal: bool, noes: int = 0, address: str = AMERICAN) -> tuple[int, list[str]]:
    words = Words(None, address, origin_of(address), b"Firefox/140.0", signal=signal, noes=noes)
    stored, away = admit(DOOR, meet(DOOR, words, NOW), [SentEvent(name="page_view")], Counts())
    return (stored[0].mask if stored else 0), [told.reason for told in away]


@pytest.mark.parametrize(
    ("signal", "noes", "address", "reason"),
    [
        (False, 0, AMERICAN, ""),
        (True, 0, AMERICAN, "signal"),
        (False, IMPROVE, AMERICAN, "no purpose"),
        (True, IMPROVE, AMERICAN, "no purpose"),
        (False, MASK_63, AMERICAN, "no purpose"),
        (False, 0, GERMAN, "no visitor"),
        (True, 0, GERMAN, "no visitor"),
    ],
)
def test_who_is_counted_without_an_id(signal: bool, noes: int, address: str, reason: str) -> None:
    mask, reasons = at_door(signal=signal, noes=noes, address=address)
    assert bool(mask & PROTECT) == (not reason)
    assert reasons == ([reason] if reason else [])


@pytest.mark.parametrize("signal", [False, True])
@pytest.mark.parametrize("answer", [NO_ANSWER, Answer(no=1), Answer(yes=1), Answer(yes=2, no=1)])
@pytest.mark.parametrize("residence", ["US", "DE", None])
def test_the_script_sends_nothing_that_the_door_would_not_count(
    signal: bool, answer: Answer, residence: str | None
) -> None:
    policy = MemoryHouse().policy()
    visitor = Visitor(residence=residence, signal=signal, answer=answer)
    if question.open_events(policy, visitor):
        assert counted(answer, signal=signal)
        assert residence in policy.counting_in


def test_pages_promise_the_silence_that_the_script_keeps() -> None:
    house = MemoryHouse(country="US")
    app, signal = centre_app(house), {"sec-gpc": "1"}
    assert call(app, f"/v1/choices?key={KEY}").json["events"]
    told = call(app, f"/v1/choices?key={KEY}", headers=signal).json
    assert told["events"] == {}
    assert SILENT in told["texts"]["signal"]
    for page in ("/choices", "/privacy", "/dialog"):
        assert SILENT in call(app, page, headers=signal).text


def test_what_goes_on_without_a_yes_is_named_and_not_called_silence() -> None:
    policy, visitor = MemoryHouse().policy(), Visitor(residence="US", signal=True)
    assert "page view" not in question.signal_line(policy, visitor, ENGLISH)
    line = question.signal_line(policy, Visitor(residence="US"), ENGLISH)  # as if the signal changed nothing
    assert "page view" in line
    assert SILENT not in line


def test_server_logs_which_no_answer_reaches_are_named_beside_the_silence() -> None:
    text = call(centre_app(MemoryHouse(country="US")), "/choices", headers={"sec-gpc": "1"}).text
    assert "log files of the site’s server carry neither answers nor the signal" in text


def test_the_notice_says_who_is_left_out_of_the_count() -> None:
    cookies = next(
        section for section in notice_of(MemoryHouse().policy()).sections if section.slug == "cookies"
    )
    said = " ".join(cookies.paragraphs)
    assert (
        "A browser that said no to anything or that sends the Global Privacy Control signal is not counted."
        in said
    )
