"""The process that ranks: a person's own past and profile under the purpose, and everyone's order when they said no."""

import signal
import time
from collections.abc import Iterator

import pytest

from kept.app.house import House
from kept.app.people import People
from kept.app.ranking import Ranker
from kept.app.ranking_words import NOT_NOW, RankAsked
from kept.gather.profiles import Telling
from kept.policy import Answer
from kept.rank import Because, Offer, Order, Ranking, Thing, WhyGeneral, offer
from kept.web.ranker import STUCK_SECONDS, RankingProcess

KIND, SPACE = "job_view.job", 1
OFFERS = [Offer("1", "Line cook, kitchen"), Offer("2", "Head chef, kitchen"), Offer("3", "Night guard")]


@pytest.fixture
def ranker(house: House) -> Iterator[Ranker]:
    with house.records.write() as connection:
        offer(connection, SPACE, KIND, OFFERS)
    made = Ranker(house)
    yield made
    made.close()


def ask(ranker: Ranker, account: str, answer: Answer, residence: str | None = "US") -> Ranking:
    return ranker.rank(RankAsked(SPACE, KIND, [], answer.yes, answer.no, residence, account=account))


def test_a_profile_that_kept_holds_ranks_and_says_so(house: House, ranker: Ranker) -> None:
    house.tellings.tell("u-1", Telling({"occupation": "Chef", "email": "cook@example.com"}, residence="US"))
    found = ask(ranker, "u-1", Answer())
    assert found == Ranking(Order.OWN, (Thing("2", Because(profile="occupation")),))


def test_a_no_counts_in_the_next_ranking(house: House, people: People, ranker: Ranker) -> None:
    house.tellings.tell("u-1", Telling({"occupation": "Chef"}, residence="US"))
    no = house.policies.now().policy.purposes["personalise"].mask
    assert ask(ranker, "u-1", Answer()).order is Order.OWN
    found = ask(ranker, "u-1", Answer(0, no))
    assert (found.order, found.why, found.clause) == (
        Order.GENERAL,
        WhyGeneral.NO_LEAVE,
        "purposes.personalise",
    )
    assert [each.id for each in found.things] == ["3", "2", "1"], "the newest first"
    people.answer_for_account("u-1", yes=0, no=no, how="page", words="")
    assert ask(ranker, "u-1", Answer()).why is WhyGeneral.NOTHING_KNOWN, "nor is the profile read any more"


def test_of_a_stranger_nothing_is_known(ranker: Ranker) -> None:
    assert ask(ranker, "u-9", Answer()).why is WhyGeneral.NOTHING_KNOWN
    assert ask(ranker, "u-9", Answer(), None).why is WhyGeneral.NO_LEAVE, (
        "unsure of residence: the strictest law"
    )


def test_what_is_newly_offered_is_ranked_at_once(house: House, ranker: Ranker) -> None:
    house.tellings.tell("u-1", Telling({"occupation": "Chef"}, residence="US"))
    assert len(ask(ranker, "u-1", Answer()).things) == 1
    with house.records.write() as connection:
        offer(connection, SPACE, KIND, [Offer("4", "Pastry chef")])
    assert {each.id for each in ask(ranker, "u-1", Answer()).things} == {"2", "4"}


@pytest.fixture
def process(house: House) -> Iterator[RankingProcess]:
    with house.records.write() as connection:
        offer(connection, SPACE, KIND, OFFERS)
    made = RankingProcess(house.settings)
    yield made
    made.close()


def ranked(process: RankingProcess, kind: str = KIND) -> list[str]:
    """The order, once it can be had: a process takes its time to start on a busy machine, and goes on starting."""
    asked, end = RankAsked(SPACE, kind, [], 0, 0, "US"), time.monotonic() + STUCK_SECONDS
    while (found := process.ask(asked)) == NOT_NOW:
        assert time.monotonic() < end, "no ranking could be had"
    return [each[0] for each in found.things]


def test_over_the_pipe_and_after_it_died(process: RankingProcess) -> None:
    assert ranked(process) == ["3", "2", "1"]
    assert process._process is not None
    process._process.kill()
    process._process.wait()
    assert ranked(process) == ["3", "2", "1"]


def test_one_that_is_slow_goes_on_and_what_it_still_owes_is_nobody_s(
    process: RankingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kept.web.ranker.FIRST_SECONDS", 0.0)
    assert process.ask(RankAsked(SPACE, KIND, [], 0, 0, "US")) == NOT_NOW
    started = process._process
    assert ranked(process, "job_view.place") == [], "nothing is on offer there: what is told was asked"
    assert ranked(process) == ["3", "2", "1"]
    assert process._process is started


def test_one_that_is_stuck_is_ended_and_another_answers(
    process: RankingProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ranked(process) == ["3", "2", "1"]
    stuck = process._process
    assert stuck is not None
    stuck.send_signal(signal.SIGSTOP)
    with monkeypatch.context() as impatient:
        impatient.setattr("kept.web.ranker.SECONDS", 0.0)
        impatient.setattr("kept.web.ranker.STUCK_SECONDS", -1.0)
        assert process.ask(RankAsked(SPACE, KIND, [], 0, 0, "US")) == NOT_NOW
    assert stuck.poll() is not None
    assert ranked(process) == ["3", "2", "1"]
