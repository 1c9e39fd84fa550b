"""Questions while the lake moves under them: flushed, compacted, split, worked in, erased, rewritten, restored."""

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from sqlalchemy.exc import SQLAlchemyError

from kept.base.errors import Damaged, InUse
from kept.gate import InForce, Permit
from kept.policy import CompiledPolicy, load_policy
from kept.storage.files import Files
from kept.storage.lake import Lake, Snapshot
from kept.storage.query import No, QueryWorker, Refused, Rows
from kept.storage.records import Records
from kept.use import Reader
from tests.asking import House, event
from tests.faults import life as cast
from tests.faults.life import ANA, BITS, BO, CY, DI, EVE, PROGRAM, STEPS, Life, committer

POLICY = """
company: {name: Example, site: https://example.com, contact: a@example.com, country: US}
version: "1"
in force: 2026-01-01
people: {visitor: {says: Someone who looks.}}
events:
  page_view: {about: visitor, category: behaviour, from: tracker, identifies: indirectly, keep: 100 years}
purposes:
  one: {uses: page_view, basis: contract, form: pseudonymous}
  two: {uses: page_view, basis: contract, form: pseudonymous}
  four: {uses: page_view, basis: contract, form: pseudonymous}
"""
NAMES = dict(zip(("one", "two", "four"), BITS, strict=True))
COUNT = "select person, count(*) from events group by 1 order by 1"


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    return load_policy(POLICY, "policy.yaml", {name: bit.bit_length() - 1 for name, bit in NAMES.items()})


@pytest.fixture
def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Life]:
    named = msgspec.structs.replace(cast.A_PAGE_VIEW, name="page_view")  # as a policy can name it
    monkeypatch.setattr(cast, "A_PAGE_VIEW", named)
    records = Records(tmp_path / "records.db")
    started = Life(tmp_path, records, Files())
    started.start()
    yield started
    started.stop()
    records.close()


def reader(life: Life, policy: CompiledPolicy, purpose: str) -> Reader:
    permit = Permit(policy.purposes[purpose], InForce(1, policy, ""), life.clock.at_ms)
    return Reader(permit, life.lake, life.records, workspace=1)


def counted(asked: Reader) -> dict[int, int]:
    found = asked.ask(COUNT)
    assert isinstance(found, Rows), found
    return {int(person): int(count) for person, count in found.rows}  # type: ignore[arg-type]


def test_after_every_step_each_purpose_sees_what_it_may(life: Life, policy: CompiledPolicy) -> None:
    """Held against another reading of the same lake: every mask and every choice, row by row."""
    readers = {bit: reader(life, policy, name) for name, bit in NAMES.items()}
    try:
        for name in PROGRAM:
            STEPS[name](life)
            for bit, asked in readers.items():
                due: dict[int, int] = {}
                for event_id in life.seen_twice(bit):
                    subject = life.attempted[event_id].subject
                    due[subject] = due.get(subject, 0) + 1
                assert counted(asked) == due, f"after {name}, under the purpose with bit {bit}"
    finally:
        for asked in readers.values():
            asked.close()


def test_a_no_counts_in_the_very_next_question(life: Life, policy: CompiledPolicy) -> None:
    life.send()
    committer(life).flush_all()
    with reader(life, policy, "two") as asked:
        assert set(counted(asked)) == {ANA, BO, CY, DI, EVE}
        life.withdraw(CY, 2)
        assert set(counted(asked)) == {ANA, BO, DI, EVE}
        life.hide(DI)
        assert set(counted(asked)) == {ANA, BO, EVE}
        life.withdraw(CY, 0)  # a yes widens nothing that was gathered before
        assert set(counted(asked)) == {ANA, BO, EVE}


class Behind(Lake):
    """A lake whose reader is told an old version, so many times."""

    times = 0
    old: Snapshot | None = None

    def snapshot(self) -> Snapshot:
        if self.old is not None and self.times:
            self.times -= 1
            return self.old
        return super().snapshot()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.records.close()


def behind(house: House, times: int) -> Behind:
    """A file was rewritten: the old version names one that is no longer there."""
    gone = house.put([event(3, 1_000, mask=1)])
    found = Behind(house.data)
    found.old, found.times = house.lake.snapshot(), times
    house.put([event(4, 2_000, mask=1)], gone=[gone])
    (house.data / "lake" / gone.name).unlink()
    return found


def ask(
    house: House, policy: CompiledPolicy, lake: Lake, worker: QueryWorker | None = None
) -> Rows | Refused:
    permit = Permit(policy.purposes["one"], InForce(1, policy, ""), 10_000)
    with Reader(permit, lake, house.records, 1, worker=worker) as asked:
        return asked.ask("select person from events")


def test_a_file_that_is_gone_begins_the_question_again(house: House, policy: CompiledPolicy) -> None:
    found = ask(house, policy, behind(house, times=3))
    assert isinstance(found, Rows)
    assert found.rows == [(4,)]


def test_after_five_times_the_question_is_refused(house: House, policy: CompiledPolicy) -> None:
    """Never answered from a version that is not there, and never as if the lake were empty."""
    with pytest.raises(InUse):
        ask(house, policy, behind(house, times=20))


def test_a_list_of_withdrawals_older_than_the_lake_refuses(house: House, policy: CompiledPolicy) -> None:
    house.put([event(3, 1_000, mask=1)], floor=5)
    with pytest.raises(Damaged):
        ask(house, policy, house.lake)


def test_a_list_of_withdrawals_that_cannot_be_read_refuses(house: House, policy: CompiledPolicy) -> None:
    house.put([event(3, 1_000, mask=1)])
    house.choose(3, 1)
    with house.records.write() as connection:
        connection.exec_driver_sql("drop table choice")
    with pytest.raises((Damaged, SQLAlchemyError)):
        ask(house, policy, house.lake)


def test_a_lake_that_is_not_there_yet_has_no_rows(tmp_path: Path, policy: CompiledPolicy) -> None:
    records = Records(tmp_path / "records.db")
    permit = Permit(policy.purposes["one"], InForce(1, policy, ""), 10_000)
    with Reader(permit, Lake(tmp_path), records, 1) as asked:
        assert asked.ask("select count(*) from events").rows == [(0,)]  # type: ignore[union-attr]
    records.close()


def test_a_worker_that_dies_in_the_middle_is_replaced(house: House, policy: CompiledPolicy) -> None:
    house.put([event(3, 1_000, mask=1)])
    with QueryWorker() as worker:
        permit = Permit(policy.purposes["one"], InForce(1, policy, ""), 10_000)
        asked = Reader(permit, house.lake, house.records, 1, worker=worker)
        assert isinstance(asked.ask("select 1"), Rows)
        threading.Timer(0.3, os.kill, (worker.pid, signal.SIGKILL)).start()
        slow = "select count(*) from range(1000000) a, range(1000000) b where a.range * b.range = 7"
        assert asked.ask(slow) == Refused(No.STOPPED)
        assert isinstance(asked.ask("select person from events"), Rows)


def test_a_damaged_file_is_a_refusal_without_its_bytes(house: House, policy: CompiledPolicy) -> None:
    file = house.put([event(3, 1_000, mask=1)])
    path = house.data / "lake" / file.name
    path.write_bytes(path.read_bytes()[:-40] + b"ana@example.com" * 3)
    found = ask(house, policy, house.lake)
    assert isinstance(found, Refused)
    assert "ana" not in str(found)
