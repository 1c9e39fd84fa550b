"""What the committer puts on record: what was refused, which keys were made, what a day's uses came to. Once each."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kept.app.evidence import people_of, tell, tell_keys
from kept.app.house import House
from kept.app.workspaces import workspaces
from kept.base.clock import SetClock
from kept.base.settings import Settings
from kept.gate import NotNow, Permit, tell_uses
from kept.gather.refusals import AtDoor, Counts
from kept.gather.tally import Tally, tallied, tell_refusals
from kept.ledger import Fact, entries, facts
from kept.storage.records import Records
from tests.asking import House as SmallLake
from tests.asking import event

STARTER = (Path(__file__).parents[2] / "src/kept/policy/starter.yaml").read_text()
DAY = 86_400_000
NOON = int(datetime(2026, 11, 23, 12, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(name="clock")
def a_clock() -> SetClock:
    return SetClock(NOON)


@pytest.fixture(name="house")
def a_house(tmp_path: Path, clock: SetClock) -> Iterator[House]:
    house = House.open(Settings(data=tmp_path / "data", master_key=tmp_path / "master.key"), clock)
    house.policies.put_in_force(STARTER, "policy.yaml")
    yield house
    house.close()


def told(records: Records, kind: type[Fact]) -> list[Fact]:
    with records.read() as connection:
        return [entry.fact for entry in entries(connection) if isinstance(entry.fact, kind)]


def without_time(found: list[Fact]) -> list[tuple[object, ...]]:
    return [tuple(getattr(fact, name) for name in fact.__struct_fields__ if name != "at") for fact in found]


# --- refusals -------------------------------------------------------------------------------------


def test_what_was_refused_is_told_once_for_each_day_that_is_over(house: House, clock: SetClock) -> None:
    counts = Counts()
    tally = Tally(house.records, counts, clock)
    counts.add(AtDoor.NO_PURPOSE, "page_view")
    counts.add(AtDoor.NO_PURPOSE, "apply")
    counts.add(AtDoor.UNDECLARED_EVENT)
    counts.accepted = 7
    tally.write()
    assert tell_refusals(house.records, NOON + DAY // 2) == 0  # midnight: a last count may be on its way
    clock.advance(DAY)
    counts.add(AtDoor.NO_PURPOSE)
    tally.write()
    assert [tell_refusals(house.records, clock.now_ms()) for _ in range(2)] == [1, 0]
    assert without_time(told(house.records, facts.EventsRefused)) == [
        ("2026-11-23", "no_purpose", 2),
        ("2026-11-23", "undeclared_event", 1),
    ]
    assert tell_refusals(house.records, clock.now_ms() + DAY) == 1
    assert without_time(told(house.records, facts.EventsRefused))[2:] == [("2026-11-24", "no_purpose", 1)]


def test_counts_are_said_to_begin_when_they_did(house: House) -> None:
    """Not thirty days ago, on an installation that was made today."""
    month = 30 * DAY
    assert tallied(house.records, NOON - month).since_ms is None
    counts = Counts()
    counts.accepted = 1
    Tally(house.records, counts, SetClock(NOON)).write()
    assert tallied(house.records, NOON - month).since_ms == NOON - DAY // 2
    assert tallied(house.records, NOON + month).since_ms == NOON - DAY // 2 + month


@pytest.mark.parametrize("reason", AtDoor)
def test_every_reason_of_the_door_can_be_told(house: House, clock: SetClock, reason: AtDoor) -> None:
    counts = Counts()
    counts.add(reason)
    Tally(house.records, counts, clock).write()
    assert tell_refusals(house.records, NOON + 2 * DAY) == 1


# --- keys -----------------------------------------------------------------------------------------


def test_every_key_of_a_workspace_is_told_once(house: House) -> None:
    assert tell_keys(house) == 0
    _ = house.event_key
    assert [house.in_workspace(each.number).api_keys for each in workspaces(house)]  # made when asked for
    house.keys.person_key(5, "evidence", create=True)  # a person's key is nobody's business
    assert [tell_keys(house) for _ in range(2)] == [5, 0]
    assert sorted(without_time(told(house.records, facts.KeyCreated))) == [
        (0, "secret_key"),
        (0, "write_key"),
        (1, "event"),
        (1, "secret_key"),
        (1, "write_key"),
    ]


# --- uses -----------------------------------------------------------------------------------------


def use(house: House, purpose: str, times: int) -> None:
    for _ in range(times):
        assert isinstance(house.gate.use(purpose), Permit)


def test_a_use_is_told_at_once_and_after_the_day_how_often_and_among_how_many(
    house: House, clock: SetClock
) -> None:
    use(house, "improve", 3)
    use(house, "protect", 1)
    first = [("improve", "2026-11-23", None, None), ("protect", "2026-11-23", None, None)]
    assert without_time(told(house.records, facts.PurposeUsed)) == first
    seen = {"improve": 812, "protect": None}
    assert tell_uses(house.records, clock.now_ms(), seen.__getitem__) == 0  # the day is not over
    clock.advance(DAY)
    use(house, "improve", 1)
    assert [tell_uses(house.records, clock.now_ms(), seen.__getitem__) for _ in range(2)] == [2, 0]
    assert without_time(told(house.records, facts.PurposeUsed)) == [
        *first,
        ("improve", "2026-11-24", None, None),
        ("improve", "2026-11-23", 812, 3),
        ("protect", "2026-11-23", None, 1),
    ]


def test_people_who_cannot_be_counted_now_are_counted_later(house: House, clock: SetClock) -> None:
    use(house, "improve", 2)
    clock.advance(DAY)

    def not_now(_purpose: str) -> int:
        raise NotNow

    assert tell_uses(house.records, clock.now_ms(), not_now) == 0
    assert tell_uses(house.records, clock.now_ms(), lambda _purpose: 5) == 1
    assert without_time(told(house.records, facts.PurposeUsed))[1:] == [("improve", "2026-11-23", 5, 2)]


def test_todays_people_are_not_taken_for_those_of_long_ago(house: House, clock: SetClock) -> None:
    use(house, "improve", 2)
    clock.advance(2 * DAY)
    assert tell_uses(house.records, clock.now_ms(), lambda _purpose: 5) == 1
    assert without_time(told(house.records, facts.PurposeUsed))[1:] == [("improve", "2026-11-23", None, 2)]


def test_people_are_those_whom_the_purpose_sees_and_counting_is_no_use(house: House) -> None:
    improve = house.policies.now().policy.purposes["improve"].mask
    lake = SmallLake(house.settings.data)
    lake.put(
        [
            event(who, NOON - at, event_id=at, mask=mask)
            for at, (who, mask) in enumerate([(1, improve), (1, improve), (2, improve), (3, 0)])
        ]
    )
    lake.records.close()
    assert people_of(house, "improve") == 2
    assert people_of(house, "no_such") is None
    assert people_of(house, "honour_choices") == 0  # it uses no event
    assert told(house.records, facts.PurposeUsed) == []


def test_all_of_it_goes_together_and_a_second_round_adds_nothing(house: House, clock: SetClock) -> None:
    use(house, "improve", 1)
    counts = Counts()
    counts.add(AtDoor.TOO_OLD)
    Tally(house.records, counts, clock).write()
    assert [house.in_workspace(each.number).api_keys for each in workspaces(house)]  # made when asked for
    clock.advance(DAY)
    tell(house)
    size = len(told(house.records, Fact))
    tell(house)
    assert len(told(house.records, Fact)) == size
    kinds = {type(fact) for fact in told(house.records, Fact)}
    assert {facts.EventsRefused, facts.KeyCreated, facts.PurposeUsed} <= kinds
