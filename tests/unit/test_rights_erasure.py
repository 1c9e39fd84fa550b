"""Deletion by stages: hidden at once, resumed after any failure, stopped by a hold, never reported early."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kept.base.clock import SetClock
from kept.base.ids import MASK_63
from kept.ledger import EVIDENCE, Proven, facts, verify, verify_receipt
from kept.rights import Deletions, Plan, Stage, Stopped, TracesFound, plan_erasure
from kept.storage import withdrawals
from kept.storage.keys import Keys
from kept.storage.records import Records
from kept.subject import (
    Bindings,
    Choices,
    Duty,
    Held,
    Holding,
    Identities,
    NotCorrectable,
    Person,
    Said,
    place_hold,
    record_answer,
)


@dataclass
class Notes:
    """A Holding of notes about people, kept in a list, that can be made to fail."""

    rows: list[int] = field(default_factory=list)
    fail_next: bool = False
    forgets: bool = True
    name: str = "notes"

    def find(self, person: Person) -> list[Held]:
        count = self.remains(person)
        return [Held("note", "Notes", count, ("form",), (), 1, 2, None)] if count else []

    def export(self, person: Person) -> Iterator[Mapping[str, object]]:
        return iter([])

    def correct(self, person: Person, item: str, value: object) -> NotCorrectable | None:
        return NotCorrectable("a test's notes")

    def erase(self, person: Person) -> None:
        if self.fail_next:
            self.fail_next = False
            raise OSError("the disk is gone for a moment")
        if self.forgets:
            self.rows = [row for row in self.rows if row not in person.subjects]

    def duties(self, person: Person) -> list[Duty]:
        return []

    def remains(self, person: Person) -> int:
        return sum(row in person.subjects for row in self.rows)


@dataclass
class House:
    records: Records
    keys: Keys
    identities: Identities
    notes: Notes
    deletions: Deletions

    def meet(self, account: str, visitor: str) -> Person:
        with self.records.write() as connection:
            person = self.identities.join(connection, visitor, account, "secret key")
            assert isinstance(person, Person)
            record_answer(connection, person.subjects[-1], Said(1, 0, 1, "dialog", "May we?", 5))
        self.notes.rows.extend(person.subjects)
        return person

    def plan(self, person: Person) -> Plan:
        return plan_erasure(person, {"notes": self.notes.find(person)}, [], [])


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    (tmp_path / "data").mkdir()
    records = Records(tmp_path / "data" / "records.db")
    keys = Keys.open(tmp_path / "data" / "keys.db", tmp_path / "master.key")
    identities = Identities(1, b"v" * 32, b"b" * 32, b"k" * 32, SetClock(10))
    notes = Notes()
    holdings: list[Holding] = [Choices(records), notes, Bindings(records, identities)]
    deletions = Deletions(records, keys, holdings, SetClock(10))
    yield House(records, keys, identities, notes, deletions)
    records.close()
    keys.close()


def test_a_person_is_hidden_before_anything_else_is_done(house: House) -> None:
    cy = house.meet("cy", "laptop")
    number = house.deletions.begin(house.plan(cy))
    assert isinstance(number, int)
    with house.records.read() as connection:
        hidden = withdrawals.choice.c.bits == MASK_63
        rows = connection.execute(withdrawals.choice.select().where(hidden)).all()
    assert {row.subject for row in rows} == set(cy.subjects)
    assert not any(row.dropped for row in rows), (
        "dropping cannot be undone, and waits for the last look at holds"
    )
    begun = house.deletions.get(number)
    assert begun is not None
    assert begun.stage is Stage.HIDDEN
    assert house.deletions.receipt(number) is None


def test_it_ends_with_a_receipt_that_verifies_without_the_database(house: House) -> None:
    cy = house.meet("cy", "laptop")
    number = house.deletions.begin(house.plan(cy))
    assert isinstance(number, int)
    done = house.deletions.carry_on(number)
    assert not isinstance(done, Stopped)
    assert done.stage is Stage.DONE
    assert done.person.subjects == ()
    assert done.report == {"notes": 2}
    text = house.deletions.receipt(number)
    assert text is not None
    proven = verify_receipt(text, house.keys.signing_key().public_key().public_bytes_raw())
    assert isinstance(proven, Proven)
    assert isinstance(proven.fact, facts.ErasureDone)
    assert proven.fact.erasure == number


def test_nothing_of_the_person_is_left(house: House) -> None:
    cy, ana = house.meet("cy", "laptop"), house.meet("ana", "phone")
    number = house.deletions.begin(house.plan(cy))
    assert isinstance(number, int)
    house.deletions.carry_on(number)
    with house.records.read() as connection:
        assert house.identities.person_of_account(connection, "cy") is None
        assert house.identities.person_of_account(connection, "ana") == ana
    assert not verify(house.records, house.keys.signing_key().public_key().public_bytes_raw()).findings
    assert all(house.keys.person_key(subject, EVIDENCE, create=False) is None for subject in cy.subjects)
    assert house.notes.remains(ana) == 2


def test_a_failure_on_the_way_is_resumed_and_reported_only_at_the_end(house: House) -> None:
    cy = house.meet("cy", "laptop")
    number = house.deletions.begin(house.plan(cy))
    assert isinstance(number, int)
    house.notes.fail_next = True
    with pytest.raises(OSError, match="disk"):
        house.deletions.carry_on(number)
    assert house.deletions.open() == [number]
    assert house.deletions.receipt(number) is None
    house.deletions.carry_on(number)
    assert house.deletions.open() == []
    assert house.deletions.receipt(number) is not None


def test_a_trace_that_is_found_keeps_it_from_being_done(house: House) -> None:
    cy = house.meet("cy", "laptop")
    house.notes.forgets = False
    number = house.deletions.begin(house.plan(cy))
    assert isinstance(number, int)
    with pytest.raises(TracesFound):
        house.deletions.carry_on(number)
    assert house.deletions.receipt(number) is None


def test_a_hold_stops_it_before_it_begins(house: House) -> None:
    di = house.meet("di", "laptop")
    with house.records.write() as connection:
        place_hold(connection, di, ground="case 14/26", owner="legal", review_ms=9, now_ms=1)
    assert isinstance(house.deletions.begin(house.plan(di)), Stopped)
    assert house.notes.remains(di) == 2


def test_a_hold_that_comes_in_between_stops_what_is_left(house: House) -> None:
    di = house.meet("di", "laptop")
    number = house.deletions.begin(house.plan(di))
    assert isinstance(number, int)
    with house.records.write() as connection:
        place_hold(connection, di, ground="case 14/26", owner="legal", review_ms=9, now_ms=1)
    assert isinstance(house.deletions.carry_on(number), Stopped)
    assert house.notes.remains(di) == 2
    assert house.deletions.receipt(number) is None
    with house.records.read() as connection:
        assert withdrawals.last_dropped(connection) == 0, "the committer was never told to drop the events"
