"""Someone who was deleted, at the door: nothing is gathered under their ids until they choose anew.

The company's server knows its visitors by ids of its own and goes on sending; where the law is opt-out, no yes is
missing. What was deleted would be built up again, under the same pseudonym.
"""

from dataclasses import replace

import pytest

from kept.app.house import House
from kept.app.people import People
from kept.gather.arrival import SentEvent, ServerBatch
from kept.gather.day import DayKey
from kept.gather.door import Door, DoorKeys
from kept.gather.meeting import Words, meet, meet_by_server
from kept.gather.minimise import origin_of
from kept.gather.minimiser import Minimiser
from kept.gather.refusals import AtDoor, Counts
from kept.gather.steps import admit
from kept.gather.terms import SERVER, TRACKER
from kept.policy.compiled import CellMasks
from kept.policy.places import Residence
from kept.rights import Stage
from kept.subject import Answers, Choices
from tests.collecting import AMERICAN, IMPROVE, NOW, OBEY_LAW, PROTECT, small_policy

CUSTOMER = "customer-17"
"""Cy, as the company's own server names him."""


@pytest.fixture
def answers(house: House) -> Answers:
    return Answers(house.records)


def door(house: House, answers: Answers, *, free: bool = False, source: str = SERVER) -> Door:
    """A door of the small policy, American: opt-out. `free`: a purpose with the visitor's cookie needs no choice."""
    policy = small_policy()
    view = replace(policy.events["page_view"], sources=(TRACKER, SERVER))
    policy = replace(policy, events={"page_view": view})
    if free:
        masks = tuple(CellMasks(OBEY_LAW | PROTECT, 0, 0, IMPROVE, 0) for _ in policy.cells)
        policy = replace(policy, masks=masks)
    keys = DoorKeys(visitor=house.identities.visitor_key, event=house.event_key)
    return Door(
        policy,
        1,
        workspace=1,
        keys=keys,
        answers=answers,
        day=DayKey(),
        minimiser=Minimiser(policy),
        source=source,
    )


def by_server(at: Door, counts: Counts, visitor: str = CUSTOMER) -> tuple[int, list[str]]:
    """How many events the company's server gets in, and why not."""
    batch = ServerBatch(visitor=visitor, events=[SentEvent(name="page_view")], residence=Residence("US"))
    stored, away = admit(at, meet_by_server(at, batch, NOW, signal=False), batch.events, counts)
    return len(stored), [told.reason for told in away]


def by_page(at: Door, counts: Counts, noes: int = 0) -> tuple[int, list[str]]:
    words = Words(CUSTOMER, AMERICAN, origin_of(AMERICAN), b"Firefox/140.0", signal=False, noes=noes)
    stored, away = admit(at, meet(at, words, NOW), [SentEvent(name="page_view")], counts)
    return len(stored), [told.reason for told in away]


def delete(people: People, visitor: str = CUSTOMER) -> int:
    number = people.erase(people.plan(people.house.identities.person_of_visitor(visitor)))
    assert isinstance(number, int)
    return number


@pytest.mark.parametrize("free", [False, True])
def test_the_companys_server_builds_nobody_up_again(
    house: House, people: People, answers: Answers, *, free: bool
) -> None:
    at, counts = door(house, answers, free=free), Counts()
    assert by_server(at, counts) == (1, []), "under opt-out law nobody was asked"
    delete(people)
    answers.refresh()
    assert by_server(at, counts) == (0, ["deleted"])
    assert counts.of()[AtDoor.DELETED] == 1
    assert by_server(at, counts, "customer-18") == (1, []), "others are as they were"


@pytest.mark.parametrize("noes", [0, IMPROVE])
def test_a_page_is_refused_too_and_not_told_who_was_deleted(
    house: House, people: People, answers: Answers, noes: int
) -> None:
    """A write key is public, and ids of the site's own making may be guessed: customer-17, customer-18, …"""
    at, counts = door(house, answers, free=True, source=TRACKER), Counts()
    delete(people)
    answers.refresh()
    assert by_page(at, counts, noes) == (0, ["no purpose"])
    assert (counts.of()[AtDoor.DELETED], counts.of()[AtDoor.NO_PURPOSE]) == (1, 0), (
        "it is counted as what it is"
    )


def test_a_collector_that_starts_later_knows_it_too(house: House, people: People) -> None:
    delete(people)
    assert by_server(door(house, Answers(house.records)), Counts()) == (0, ["deleted"])


def test_it_holds_when_the_deletion_is_done(house: House, people: People, answers: Answers) -> None:
    """Of all rows one tombstone is left, and it is enough."""
    from kept.app.committing import carry_on_once

    people.answer(CUSTOMER, yes=1, no=0, how="page", words="May we?")
    number = delete(people)
    carry_on_once(house.settings)
    done = people.deletions.get(number)
    assert done is not None
    assert done.stage is Stage.DONE
    answers.refresh()
    for known in (answers, Answers(house.records)):
        assert by_server(door(house, known), Counts()) == (0, ["deleted"])


def test_a_new_choice_opens_the_door_again(house: House, people: People, answers: Answers) -> None:
    improve = house.policies.now().policy.purposes["improve"].mask
    at = door(house, answers)
    delete(people)
    people.answer(CUSTOMER, yes=improve, no=0, how="page", words="May we?")
    answers.refresh()
    assert by_server(at, Counts()) == (1, [])
    assert by_server(door(house, Answers(house.records)), Counts()) == (1, [])


def test_an_answer_that_was_under_way_opens_it_not_for_long(
    house: House, people: People, answers: Answers
) -> None:
    delete(people)
    people.answer(CUSTOMER, yes=1, no=0, how="page", words="May we?")  # sent before, written after
    Choices(house.records).erase(house.identities.person_of_visitor(CUSTOMER))
    answers.refresh()
    assert by_server(door(house, answers), Counts()) == (0, ["deleted"])


def test_a_hold_revives_nothing(house: House, people: People, answers: Answers) -> None:
    """A deletion that a hold has stopped stands where it is, and so does the door."""
    delete(people)
    di = house.identities.person_of_visitor(CUSTOMER)
    people.voice.hold(di, ground="case 7", owner="legal", review_ms=0, now_ms=0)
    answers.refresh()
    assert by_server(door(house, answers), Counts()) == (0, ["deleted"])
