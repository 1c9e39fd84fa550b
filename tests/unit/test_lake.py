"""The lake's rules, one at a time: leaves, intervals of choices, what queries must not see, ids seen twice."""

import errno
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from kept.base.errors import Damaged, InUse, NoRoom
from kept.storage import withdrawals
from kept.storage.committer import Committer, TooSlow
from kept.storage.committer.choices import Chosen, Interval, intervals
from kept.storage.committer.run import Cadence, run
from kept.storage.committer.seen import WINDOW_MS
from kept.storage.event import StoredEvent
from kept.storage.files import Files
from kept.storage.journal import Journal
from kept.storage.lake import Lake, exceptions
from kept.storage.lake.leaves import leaf_of, leaves
from kept.storage.records import Records
from tests.faults.life import A_PAGE_VIEW, ANA, BO, CY, DI, MONTH, TODAY, Life, begun_life, do, encode

HOUR = 3_600_000


@pytest.fixture
def life() -> Iterator[Life]:
    with begun_life() as made:
        yield made


def event(event_id: int, ts: int, *, subject: int = ANA, cv: int = 0) -> StoredEvent:
    return msgspec.structs.replace(A_PAGE_VIEW, subject=subject, ts=ts, event_id=event_id, cv=cv)


def test_leaves_cover_everyone_once() -> None:
    splits = {"b", "b1", "b10"}
    assert list(leaves(splits)) == ["b0", "b100", "b101", "b11"]
    assert [leaf_of(n, splits) for n in (0, 0b001, 0b101, 0b011, 0b111)] == [
        "b0",
        "b100",
        "b101",
        "b11",
        "b11",
    ]


def test_a_persons_choices_cut_their_past_into_intervals() -> None:
    rows = [
        Chosen(ANA, 3, 1, False),
        Chosen(ANA, 5, 0, False),
        Chosen(ANA, 8, 6, False),
        Chosen(BO, 4, 0, True),
    ]
    assert sorted(intervals(rows)) == [
        Interval(ANA, -1, 3, 7, False),  # gathered knowing less than 3: loses all of it
        Interval(ANA, 3, 8, 6, False),
        Interval(BO, -1, 4, 0, True),
    ]  # the yes, number 5, is no border: it clears nothing


def test_an_erasure_hides_what_came_before_an_earlier_withdrawal_too() -> None:
    rows = [Chosen(ANA, 3, 1, False), Chosen(ANA, 5, 0, True), Chosen(ANA, 9, 2, False)]
    assert sorted(intervals(rows)) == [
        Interval(ANA, -1, 3, 3, True),
        Interval(ANA, 3, 5, 2, True),
        Interval(ANA, 5, 9, 2, False),
    ]


def test_exceptions_name_the_greatest_choice_above_the_floor(life: Life) -> None:
    do(life, "send", "flush")
    life.withdraw(CY, 2)
    life.withdraw(CY, 4)
    life.withdraw(ANA, 0)
    life.hide(BO)
    snapshot = life.lake.snapshot()
    with life.records.read() as connection:
        assert sorted(exceptions(connection, snapshot, 2)) == [(BO, 4), (CY, 1)]
        assert exceptions(connection, snapshot, 1) == [(BO, 4)]
        assert sorted(exceptions(connection, snapshot, 6)) == [(BO, 4), (CY, 2)]
    do(life, "work in")
    with life.records.read() as connection:
        assert exceptions(connection, life.lake.snapshot(), 7) == []


def test_a_list_of_choices_that_ends_too_early_is_refused(life: Life, tmp_path: Path) -> None:
    life.withdraw(CY, 2)
    do(life, "send", "flush")
    old = Records(tmp_path / "an older copy.db")
    with old.read() as connection, pytest.raises(Damaged, match="older"):
        exceptions(connection, life.lake.snapshot(), 1)
    with old.write() as connection:
        connection.exec_driver_sql("drop table choice")
    with old.read() as connection, pytest.raises(Damaged, match="cannot be read"):
        exceptions(connection, life.lake.snapshot(), 1)
    old.close()


def test_the_committer_refuses_a_stale_list_too(life: Life, tmp_path: Path) -> None:
    life.withdraw(CY, 2)
    do(life, "send", "flush", "send")
    life.stop()
    old = Records(tmp_path / "an older copy.db")
    with Committer(life.root, old, clock=life.clock) as committer, pytest.raises(Damaged, match="older"):
        committer.flush()
    old.close()


def test_a_yes_later_widens_nothing(life: Life) -> None:
    do(life, "send")
    life.withdraw(CY, 7)
    life.withdraw(CY, 0)
    do(life, "flush", "work in", "compact")
    assert life.seen(2) == life.seen(1)
    life.check_all()
    assert len(life.seen(2)) == 4


def test_an_event_gathered_under_the_choice_keeps_its_mask(life: Life) -> None:
    life.withdraw(CY, 2)
    do(life, "send", "flush", "compact", "work in")
    assert len(life.seen(2)) == 5


@pytest.mark.parametrize("apart", [0, HOUR, WINDOW_MS - 1])
@pytest.mark.parametrize("between", [(), ("flush",), ("flush", "restart"), ("flush", "compact", "restart")])
def test_the_same_id_within_48_hours_is_the_same_event(
    life: Life, apart: int, between: tuple[str, ...]
) -> None:
    life.journal_append(event(77, TODAY - MONTH))
    _between(life, between)
    life.journal_append(event(77, TODAY - MONTH + apart))
    do(life, "flush")
    assert life.seen_twice(1) == [77]


@pytest.mark.parametrize("apart", [WINDOW_MS, WINDOW_MS + 1, MONTH])
@pytest.mark.parametrize("ago", [0, MONTH])
@pytest.mark.parametrize("between", [(), ("flush",), ("flush", "compact", "restart")])
def test_an_id_older_than_48_hours_is_a_new_event(
    life: Life, apart: int, ago: int, between: tuple[str, ...]
) -> None:
    life.journal_append(event(77, TODAY - ago))
    _between(life, between)
    life.journal_append(event(77, TODAY - ago - apart))
    do(life, "flush")
    assert life.seen_twice(1) == [77, 77]


def _between(life: Life, names: tuple[str, ...]) -> None:
    for name in names:
        if name == "restart":
            life.stop()
            life.start()
        else:
            do(life, name)


def test_the_first_of_an_id_stands(life: Life) -> None:
    life.journal_append(event(77, TODAY, subject=DI), event(77, TODAY + 5, subject=CY))
    do(life, "flush")
    assert life.subjects() == {DI}


def test_times_far_out_are_sorted_and_found(life: Life) -> None:
    for n, ts in enumerate((-5, 0, TODAY, 4_102_444_800_000, (1 << 63) - 1)):
        life.journal_append(event(100 + n, ts))
    do(life, "flush", "compact")
    assert sorted(file.period for file in life.lake.snapshot().files.values()) == [
        "1970-01",
        "2026-11",
        "other",
    ]
    life.stop()
    life.start()
    for n, ts in enumerate((-5, 0, TODAY, 4_102_444_800_000, (1 << 63) - 1)):
        life.journal_append(event(100 + n, ts))
    do(life, "flush")
    assert len(life.seen_twice(1)) == 5


def test_a_full_disk_changes_nothing_and_says_so(life: Life) -> None:
    class Full(Files):
        def rename(self, source: Path, target: Path) -> None:
            raise OSError(errno.ENOSPC, "full")

    do(life, "send")
    life.stop()
    with Committer(life.root, life.records, files=Full(), clock=life.clock) as committer:
        with pytest.raises(NoRoom, match="disk is full"):
            committer.flush()
        assert not Lake(life.root).snapshot().files
    life.start()
    do(life, "flush")
    life.check_all()


def test_a_step_beyond_its_deadline_is_broken_off(life: Life) -> None:
    do(life, "send")
    assert life.committer is not None
    engine = life.committer._engine
    with pytest.raises(TooSlow), engine.within(0.2, "test"):
        engine.run("select count(*) from range(1000000000000) a")
    do(life, "flush")
    life.check_all()


def test_there_is_no_lake_before_a_committer(tmp_path: Path) -> None:
    with pytest.raises(InUse, match="not there yet"):
        Lake(tmp_path).snapshot()


def test_the_process_does_all_of_it_by_itself(tmp_path: Path) -> None:
    """Appended, seen two seconds later, compacted, erased and checkpointed without being told to."""
    records, stop = Records(tmp_path / "records.db"), threading.Event()
    data = tmp_path / "data"
    quick = Cadence(tick=0.02, hot_files=2, exceptions=0, vacuum=0.0, log_entries=3)
    worker = threading.Thread(target=run, args=(data, records, stop, quick))
    worker.start()
    try:
        lake = Lake(data)
        _until(lambda: _rows(lake) == 0)
        journal = Journal(Files(), data / "journal", 1, 0)
        for n in range(12):
            journal.append_now([encode(event(n, TODAY, subject=(ANA, CY)[n % 2]))])
            _until(partial(_holds, lake, n + 1))
        with records.write() as connection:
            withdrawals.append(connection, CY, 1)
        _until(lambda: lake.snapshot().low == 1)
        _until(lambda: any((data / "lake" / "_delta_log").glob("*.checkpoint.parquet")))
        journal.close()
    finally:
        stop.set()
        worker.join(timeout=30)
    assert not worker.is_alive()
    records.close()


def _rows(lake: Lake) -> int:
    try:
        return sum(file.rows for file in lake.snapshot().files.values())
    except InUse:
        return -1


def _holds(lake: Lake, rows: int) -> bool:
    return _rows(lake) == rows


def _until(true: Callable[[], bool]) -> None:
    for _ in range(500):
        if true():
            return
        threading.Event().wait(0.02)
    raise AssertionError("it did not happen within ten seconds")
