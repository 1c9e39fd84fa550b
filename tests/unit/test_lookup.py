"""Looking events up on a real journal and a real lake."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from kept.gather.holding import Events
from kept.policy import load_policy
from kept.storage import erasures, withdrawals
from kept.storage.committer import Committer
from kept.storage.event import StoredEvent
from kept.storage.files import Files
from kept.storage.journal import Journal
from kept.storage.lake import Lake
from kept.storage.lookup import events_of, known_ids
from kept.storage.records import Records
from kept.subject import Person

ANA, CY = 7 << 40, 9 << 40
POLICY = load_policy(
    (Path(__file__).parents[2] / "policies" / "workhirespot.yaml").read_text(), "policy.yaml"
)
IMPROVE = POLICY.purposes["improve"].mask


def view(subject: int, number: int, cv: int = 0) -> StoredEvent:
    return StoredEvent(
        workspace=1,
        subject=subject,
        ts=1_790_000_000_000 + number,
        event_id=number,
        name="page_view",
        page="/jobs",
        properties='{"title":"Jobs"}',
        session=3,
        source="tracker",
        device="desktop",
        browser="Firefox",
        country="DE",
        referrer=None,
        campaign=None,
        address=None,
        crawler=False,
        policy=1,
        mask=IMPROVE,
        cv=cv,
    )


class House:
    def __init__(self, data: Path) -> None:
        (data / "journal").mkdir(parents=True)
        self.records = Records(data / "records.db")
        self.journal = Journal(Files(), data / "journal", 1, 0)
        self.committer = Committer(data, self.records)
        self.lake = Lake(data)
        self.events = Events(self.lake, self.records, lambda: POLICY)

    def gather(self, *events: StoredEvent) -> None:
        self.journal.append_now([msgspec.json.encode(event) for event in events])

    def close(self) -> None:
        self.committer.close()
        self.journal.close()
        self.records.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path / "data")
    yield made
    made.close()


def ids(house: House, subject: int) -> list[int]:
    return [event.event_id for event in events_of(house.lake, house.records, [subject])]


def test_an_event_is_found_once_wherever_it_lies(house: House) -> None:
    house.gather(view(ANA, 1), view(CY, 2))
    assert ids(house, ANA) == [1]
    house.committer.flush_all()
    house.gather(view(ANA, 3))
    assert ids(house, ANA) == [1, 3]
    house.committer.flush_all()
    house.committer.compact()
    assert ids(house, ANA) == [1, 3]
    assert known_ids(house.lake, [1, 2, 3, 4]) == {1, 2, 3}


def test_a_withdrawal_shows_at_once_in_what_may_be_used(house: House) -> None:
    house.gather(view(CY, 2))
    house.committer.flush_all()
    cy = Person(1, None, (CY,))
    assert "improve" in house.events.find(cy)[0].purposes
    with house.records.write() as connection:
        withdrawals.append(connection, CY, IMPROVE)
    assert house.events.find(cy)[0].purposes == ()
    assert [row["purposes"] for row in house.events.export(cy)] == [[]]


def test_what_is_hidden_is_not_found_and_what_is_gathered_later_is(house: House) -> None:
    house.gather(view(CY, 2))
    house.committer.flush_all()
    with house.records.write() as connection:
        seq = erasures.hide(connection, [CY])
        withdrawals.append(connection, CY, 0, dropped=True)
    house.gather(view(CY, 5, cv=seq + 1))
    assert ids(house, CY) == [5]


def test_a_person_reads_what_is_held_from_where_and_until_when(house: House) -> None:
    house.gather(view(ANA, 1), view(ANA, 2))
    [held] = house.events.find(Person(1, None, (ANA,)))
    assert (held.item, held.count, held.sources) == ("page_view", 2, ("tracker",))
    assert held.until_ms is not None
    assert held.until_ms > 1_790_000_000_000
    assert all("subject" not in row for row in house.events.export(Person(1, None, (ANA,))))
