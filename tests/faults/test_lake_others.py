"""Others act in the middle of a step: people withdraw, queries run, another committer takes over."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.base.errors import InUse
from kept.storage.committer import Committer, LeaseLost
from kept.storage.files import Files
from kept.storage.lake import Lake, Snapshot
from kept.storage.records import Records
from tests.faults.life import PEOPLE, PROGRAM, STEPS, Life, erase, memory_folder, settle
from tests.faults.power import ModelDisk
from tests.faults.test_lake_power import length

TAKEOVERS = int(os.environ.get("KEPT_TAKEOVERS", "5"))


@pytest.fixture
def life() -> Iterator[Life]:
    with memory_folder() as place:
        made = new_life(place)
        yield made
        end(made)


def new_life(place: Path) -> Life:
    root = place / "data"
    root.mkdir(parents=True)
    return Life(root, Records(place / "records.db"), ModelDisk(root))


def end(life: Life) -> None:
    assert isinstance(life.files, ModelDisk)
    life.files.release()
    life.records.close()


def interrupt(life: Life, act: object) -> None:
    assert isinstance(life.files, ModelDisk)
    life.files.before = act  # type: ignore[assignment]


def test_a_query_at_every_moment_sees_neither_gaps_nor_doubles(life: Life) -> None:
    life.start()
    interrupt(life, lambda _call, _path: life.check_views())
    for name in PROGRAM:
        STEPS[name](life)
    life.stop()


@pytest.mark.parametrize("seed", range(2))
def test_withdrawals_inside_every_step(life: Life, seed: int) -> None:
    """People choose between any two calls; the very next query already obeys, and later ones still do."""
    chance = random.Random(seed)

    def someone_chooses(_call: str, _path: Path) -> None:
        if chance.random() < 0.4:
            who = chance.choice(list(PEOPLE.values()))
            life.hide(who) if chance.random() < 0.15 else life.withdraw(who, chance.choice((0, 1, 2, 4, 7)))
            life.check_views()

    life.start()
    interrupt(life, someone_chooses)
    for name in PROGRAM:
        if name == "erase":
            life.roll()
            life.committer.erase_pending()  # type: ignore[union-attr]  # others hide more meanwhile
        else:
            STEPS[name](life)
        life.check_views()
        life.check_gone()
    interrupt(life, lambda _call, _path: None)
    settle(life)
    life.check_all()
    life.check_gone()
    life.stop()


def paused_at(place: Path, call: int, *, vacuums: bool) -> None:
    """One life whose committer is paused before a call, while another takes over, works, and stays."""
    life = new_life(place)
    life.start()
    paused = life.committer
    disk = life.files
    assert isinstance(disk, ModelDisk)

    def overtake(_call: str, _path: Path) -> None:
        if len(disk.calls) == call:
            disk.before = lambda _call, _path: None
            life.clock.advance(60_000)
            life.committer = Committer(life.root, life.records, clock=life.clock)
            _work(life, vacuums=vacuums)

    disk.before = overtake
    for name in PROGRAM:
        try:
            STEPS[name](life)
        except LeaseLost:
            assert life.committer is not paused, "it gave way to nobody"
            STEPS[name](life)  # by the one that holds the lease
        life.check_views()
    settle(life)
    life.check_all()
    life.check_gone()
    assert paused is not None
    if life.committer is not paused:
        with pytest.raises(LeaseLost):
            paused.flush()
        paused.close()
    life.stop()
    end(life)


def _work(life: Life, *, vacuums: bool) -> None:
    assert life.committer is not None
    life.committer.flush_all()
    life.committer.compact()
    if vacuums:
        life.committer.vacuum()
    life.committer.checkpoint()


@pytest.mark.parametrize("part", range(TAKEOVERS))
def test_a_paused_committer_wakes_after_another_took_over(part: int) -> None:
    call = part * length() // TAKEOVERS + random.Random(part).randrange(length() // TAKEOVERS)
    with memory_folder() as place:
        paused_at(place, call, vacuums=part % 2 == 0)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_a_paused_committer_wakes_anywhere() -> None:
    for call in range(30, length()):
        with memory_folder() as place:
            paused_at(place, call, vacuums=call % 2 == 0)


def test_a_second_committer_waits_while_the_first_lives(life: Life) -> None:
    life.start()
    with pytest.raises(InUse):
        Committer(life.root, life.records, clock=life.clock)
    assert life.committer is not None
    life.committer.close()  # its process ends: nobody waits for the lease to expire
    second = Committer(life.root, life.records, clock=life.clock)
    assert second.epoch == 2
    life.committer = second
    life.stop()


def test_a_long_reader_begins_again_when_files_go_and_gives_up_after_five(life: Life) -> None:
    life.start()
    STEPS["send"](life)
    STEPS["flush"](life)
    lake, seen = Lake(life.root), []

    def slowly(snapshot: Snapshot, *, times: int) -> list[int]:
        seen.append(snapshot.version)
        if len(seen) <= times:  # while it reads, its files are rewritten and removed
            for step in ("compact", "vacuum", "send", "flush"):
                STEPS[step](life)
        return life.views(lake, snapshot)[1]

    found = lake.read(lambda snapshot: slowly(snapshot, times=2))
    assert len(found) == 15
    assert len(seen) == 3
    seen.clear()
    with pytest.raises(InUse, match="faster"):
        lake.read(lambda snapshot: slowly(snapshot, times=99))
    assert len(seen) == 5
    life.stop()


def test_an_erasure_waits_for_a_silent_collector_and_for_nothing_else(life: Life) -> None:
    life.start()
    STEPS["send"](life)
    STEPS["hide Cy"](life)
    assert life.committer is not None
    blocked = life.committer.erase_pending()
    assert (blocked.waiting, blocked.done) == ((1,), {})
    life.check_views()
    life.roll()
    assert list(life.committer.erase_pending().done) == [PEOPLE["Cy"]]
    life.check_gone()
    STEPS["hide Bo, Eve"](life)
    assert life.journal is not None
    life.journal.close()  # dead, not silent: its segment is closed for it
    life.journal = None
    assert len(life.committer.erase_pending().done) == 2
    life.check_gone()
    life.stop()


def test_a_zombie_cannot_report_an_erasure(life: Life) -> None:
    """It is paused before its last write; another takes over; the report must come from the other."""
    life.start()
    for name in ("send", "flush", "hide Cy", "roll"):
        STEPS[name](life)
    zombie, other = life.committer, []

    def overtake(call: str, path: Path) -> None:
        if call == "unlink" and path.parent.name == "lake":
            interrupt(life, lambda _call, _path: None)
            life.clock.advance(60_000)
            other.append(Committer(life.root, life.records, clock=life.clock, files=Files()))

    interrupt(life, overtake)
    assert zombie is not None
    with pytest.raises(LeaseLost):
        zombie.erase_pending()
    life.check_views()
    zombie.close()
    life.committer = other[0]
    erase(life)
    life.check_gone()
    life.stop()
