"""Deletions met by something else on the way: an answer under way, a hold on the account, a stranger who asks."""

import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from kept.app.house import House
from kept.app.opening import open_people
from kept.app.people import People
from kept.base.settings import Settings
from kept.policy.compiled import NO_ANSWER
from kept.rights import Stage, Stopped
from kept.storage import erasures
from kept.subject import Answers, Choices, Person
from kept.subject.answers import DELETED
from kept.web.centre import centre_app
from kept.web.living import LivingCentre
from kept.web.whence import Proxies
from tests.pages_call import call

POLICY = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
PHONE, LAPTOP = "kv_a-phone-0123456789", "kv_a-laptop-0123456789"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House.open(Settings(data=tmp_path / "data", master_key=tmp_path / "master.key"))
    made.policies.put_in_force(POLICY.read_text(), "workhirespot.yaml")
    yield made
    made.close()


def say_yes(people: People, visitor: str) -> int:
    improve = people.house.policies.now().policy.purposes["improve"].mask
    people.answer(visitor, yes=improve, no=0, how="dialog", words="May we?")
    return people.house.identities.visitor(visitor)


def test_a_hold_on_an_account_holds_its_browsers_too(house: House) -> None:
    """Di is under hold. Naming Di by one of her browsers must not get around it."""
    people = open_people(house)
    say_yes(people, PHONE)
    di = people.join(PHONE, "di", "site")
    assert isinstance(di, Person)
    people.voice.hold(di, ground="case 7", owner="legal", review_ms=0, now_ms=0)
    phone = house.identities.person_of_visitor(PHONE)
    assert people.plan(phone).stopped
    assert isinstance(people.erase(people.plan(phone)), Stopped)
    assert people.answer_in_force(PHONE) != NO_ANSWER, "nothing was taken out of force"
    assert people.voice.release(phone, 0) == 0, "whoever holds a cookie releases nothing"


def test_an_answer_under_way_while_a_deletion_begins_does_not_outlive_it_in_the_collector(
    house: House,
) -> None:
    people = open_people(house)
    subject = say_yes(people, PHONE)
    person = house.identities.person_of_visitor(PHONE)
    assert isinstance(people.erase(people.plan(person)), int)
    say_yes(people, PHONE)  # it was sent before the deletion, and written after it
    collector = Answers(house.records)
    assert collector.of(subject)[0] != NO_ANSWER
    Choices(house.records).erase(person)
    assert collector.refresh(), "the end of an answer must move the head, or nobody notices"
    assert collector.of(subject)[0] is DELETED
    with house.records.read() as connection:
        assert erasures.state_of(connection, subject) is erasures.State.HIDDEN, "its events go too"


def test_nothing_is_put_in_hand_twice_where_no_answer_came_in_between(house: House) -> None:
    people = open_people(house)
    subject = say_yes(people, PHONE)
    person = house.identities.person_of_visitor(PHONE)
    people.erase(people.plan(person))
    Choices(house.records).erase(person)
    with house.records.read() as connection:
        assert erasures.state_of(connection, subject) is None


def centre(house: House) -> LivingCentre:
    return LivingCentre(house, open_people(house), Proxies(()))


def token(house: House, account: str, **claims: object) -> str:
    return jwt.encode({"sub": account, "exp": int(time.time()) + 300, **claims}, house.api_keys.secret)


def test_a_stranger_who_asks_for_deletion_is_told_that_there_is_nothing(house: House) -> None:
    app, eve = centre_app(centre(house)), token(house, "eve")
    plan = hashlib.sha256(repr(([], [], "()")).encode()).hexdigest()
    assert call(app, "/data/erase", form={"token": eve, "plan": plan}).status == 409
    assert open_people(house).deletions.open() == []


def test_the_same_deletion_asked_for_twice_at_once_ends_once_for_the_person(house: House) -> None:
    people = open_people(house)
    say_yes(people, PHONE)
    ana = people.join(PHONE, "ana", "site")
    assert isinstance(ana, Person)
    plan = people.plan(ana)
    first, second = people.erase(plan), people.erase(plan)
    assert isinstance(first, int)
    assert isinstance(second, int)
    found = [people.deletions.get(number) for number in (first, second)]
    assert [each.stage for each in found if each] == [Stage.SHREDDED, Stage.SHREDDED]
    assert all(house.keys.person_key(subject, "evidence", create=False) is None for subject in ana.subjects)
