"""What is past its time goes from the disk; what a law or a hold keeps does not (GDPR Art. 5(1)(e))."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from kept.app.house import House
from kept.app.opening import open_people
from kept.app.using import Installation
from kept.base.clock import SetClock
from kept.base.settings import Settings
from kept.gather.profiles import Expiring, FileTold, Telling
from kept.gather.profiles.store import profile_part, profile_value
from kept.ledger import entries, facts
from kept.subject.store import known
from tests.mutants.world import HERE

BEGAN_MS = 1_795_435_200_000
DAY_MS = 86_400_000
TWO_YEARS_MS = 731 * DAY_MS
NAMED = "Ana the 2031st"


@pytest.fixture(name="house")
def a_house(tmp_path: Path) -> Iterator[House]:
    """The mutants' policy: what is told is kept for two years."""
    settings = Settings(data=tmp_path / "data", master_key=tmp_path / "master.key")
    made = House.open(settings, SetClock(BEGAN_MS))
    made.policies.put_in_force((HERE / "policy.yaml").read_text(), "policy.yaml")
    yield made
    made.close()


def tell(house: House, account: str = "u-4711", **values: object) -> None:
    told = house.tellings.tell(account, Telling({"name": NAMED, **values}, residence="US"))
    assert not told.refused


def at(house: House, now_ms: int) -> None:
    assert isinstance(house.clock, SetClock)
    house.clock.at_ms = now_ms


def step(house: House, policy: str = "") -> int:
    if policy:
        house.policies.put_in_force(policy, "policy.yaml")
    now = house.policies.now()
    return Expiring(house.records).step(now.policy, now.number, house.clock.now_ms())


def rows(house: House) -> tuple[int, int, int]:
    with house.records.read() as connection:
        tables = (profile_value, profile_part, known)
        values, parts, names = (len(connection.execute(select(table)).all()) for table in tables)
    return values, parts, names


def test_what_is_in_its_time_stays(house: House) -> None:
    tell(house, cv=FileTold("cv.pdf", b"%PDF-1.7 Ana"))
    at(house, BEGAN_MS + TWO_YEARS_MS - 3 * DAY_MS)
    assert step(house) == 0
    assert rows(house) == (2, 1, 2)


def test_what_is_over_is_in_no_answer_before_it_goes(house: House) -> None:
    tell(house)
    question = "select name from people"
    with Installation(house).use("operate") as use:
        assert use.ask(question).rows == ((NAMED,),)
    at(house, BEGAN_MS + TWO_YEARS_MS)
    with Installation(house).use("operate") as use:
        assert use.ask(question).rows == ()


def test_what_is_over_goes_with_its_history_its_file_and_its_name(house: House) -> None:
    tell(house, name="Ana the 2030th", cv=FileTold("cv.pdf", b"%PDF-1.7 Ana"))
    tell(house)
    at(house, BEGAN_MS + DAY_MS)
    tell(house, account="u-4712")
    at(house, BEGAN_MS + TWO_YEARS_MS)
    assert step(house) == 3
    assert rows(house) == (1, 0, 3)  # two accounts, and what the second is called
    with house.records.read() as connection:
        told = [each.fact for each in entries(connection, 0) if isinstance(each.fact, facts.ValuesExpired)]
    assert {(fact.item, fact.values) for fact in told} == {("name", 2), ("cv", 1)}
    assert step(house) == 0


@pytest.mark.sqlite  # it reads the file: a deleted row's bytes on PostgreSQL are looked for in its own tests
def test_what_is_over_is_gone_from_the_file(house: House) -> None:
    tell(house, name="Ana the 2030th")
    at(house, BEGAN_MS + DAY_MS)
    tell(house, account="u-4712")
    with house.records.read() as connection:
        sealed = list(connection.execute(select(profile_value.c.sealed)).scalars())
    at(house, BEGAN_MS + TWO_YEARS_MS)
    assert step(house) > 0
    stored = (house.settings.data / "records.db").read_bytes()
    assert sum(part in stored for part in sealed) == 1
    assert not (house.settings.data / "records.db-wal").stat().st_size


def test_what_a_law_may_keep_and_what_is_held_stays(house: House) -> None:
    text = (HERE / "policy.yaml").read_text()
    by_law = text.replace("    keep: 2 years\n", "    keep: {at most: 2 years, duty: books}\n").replace(
        "notices:\n",
        "retention:\n  duties:\n    books: {says: Books., at least: 10 years, by: Law., only for: operate}\n"
        "  backups: 35 days\n  backups of keys: 7 days\nnotices:\n",
    )
    tell(house)
    at(house, BEGAN_MS + TWO_YEARS_MS)
    assert step(house, by_law.replace('version: "1"', 'version: "2"')) == 0
    people = open_people(house)
    who = people.of_account("u-4711")
    assert who is not None
    people.voice.hold(who, ground="Case 7", owner="counsel", review_ms=1, now_ms=2)
    assert step(house, text) == 0
    people.voice.release(who, 3)
    assert step(house) == 1


def test_a_browser_that_is_held_holds_its_account(house: House) -> None:
    tell(house)
    house.voice.join("kv_1", "u-4711", "site", {})
    browser = house.identities.person_of_visitor("kv_1")
    house.voice.hold(browser, ground="Case 7", owner="counsel", review_ms=1, now_ms=2)
    at(house, BEGAN_MS + TWO_YEARS_MS)
    assert step(house) == 0


def test_rows_stay_in_the_log_while_somebody_reads_and_go_with_the_next_step(house: House) -> None:
    tell(house)
    at(house, BEGAN_MS + TWO_YEARS_MS)
    now, expiring = house.policies.now(), Expiring(house.records)
    with house.records.read() as connection:
        connection.execute(select(profile_value)).all()
        assert expiring.step(now.policy, now.number, house.clock.now_ms()) == 1
        assert expiring.log_holds_some
    assert expiring.step(now.policy, now.number, house.clock.now_ms()) == 0
    assert not expiring.log_holds_some
