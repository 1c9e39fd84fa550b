"""The power is cut at any moment: what was acknowledged is in the lake once, what was dropped stays away."""

import os
import random
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import duckdb
import pytest

from kept.base.errors import Damaged
from kept.storage.records import Records
from tests.faults.life import PROGRAM, STEPS, Life, memory_folder, settle, wait_for_lease
from tests.faults.power import Forget, ModelDisk, PowerCut, never

CUTS = int(os.environ.get("KEPT_POWER_CUTS", "8"))


@pytest.fixture
def place() -> Iterator[Path]:
    with memory_folder() as made:
        yield made


def live(place: Path, cut_at: int, seed: int | None, forget: Forget = never) -> int:
    """One life with a power cut before its call number `cut_at`; how many calls it made in all."""
    shutil.rmtree(place, ignore_errors=True)
    root = place / "data"
    root.mkdir(parents=True)
    records = Records(place / "records.db")
    disk = ModelDisk(root, cut_at=cut_at, forget=forget)
    life = Life(root, records, disk)
    try:
        life.start()
        for name in PROGRAM:
            STEPS[name](life)
    except PowerCut:
        pass
    life.stop()
    disk.cut(None if seed is None else random.Random(seed))
    life.files = again = ModelDisk(root)
    try:
        _after(life)
    finally:
        life.stop()
        again.release()
        records.close()
    return len(disk.calls)


def _after(life: Life) -> None:
    """The machine is on again. Clients send once more what nobody confirmed; then all must be as promised."""
    wait_for_lease(life)
    life.check_views()
    life.check_gone()
    life.append([event for event in life.attempted.values() if event.event_id not in life.acknowledged])
    settle(life)
    life.check_all()
    life.check_gone()
    life.send()
    settle(life)
    life.check_all()


@cache
def length() -> int:
    """How many calls a life without a cut makes."""
    with memory_folder() as made:
        return live(made, -1, None)


def test_a_life_without_a_cut() -> None:
    assert length() > 200


@pytest.mark.parametrize("part", range(CUTS))
def test_power_cut_anywhere(place: Path, part: int) -> None:
    chance = random.Random(part)
    calls = length()
    cut_at = part * calls // CUTS + chance.randrange(max(calls // CUTS, 1))
    live(place, cut_at, None if part % 3 == 0 else part)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_power_cut_everywhere(place: Path) -> None:
    calls = length()
    for cut_at in range(calls):
        for seed in (None, cut_at, cut_at + 100_000):
            live(place, cut_at, seed)


def of_journal(call: str, path: Path) -> bool:
    return call == "sync_data" and path.suffix == ".journal"


def of_journal_folder(call: str, path: Path) -> bool:
    return call == "sync_folder" and path.name == "journal"


def of_data_file(call: str, path: Path) -> bool:
    return call == "sync_file" and path.suffix == ".parquet" and "checkpoint" not in path.name


def of_lake_folder(call: str, path: Path) -> bool:
    return call == "sync_folder" and path.name == "lake"


def of_entry(call: str, path: Path) -> bool:
    return call == "sync_data" and path.suffix == ".json"


def of_log_folder(call: str, path: Path) -> bool:
    return call == "sync_folder" and path.name == "_delta_log"


def of_checkpoint(call: str, path: Path) -> bool:
    return call == "sync_file" and "checkpoint" in path.name


@pytest.mark.parametrize(
    "forget",
    [of_journal, of_journal_folder, of_data_file, of_lake_folder, of_entry, of_log_folder, of_checkpoint],
)
def test_each_sync_is_needed(place: Path, forget: Forget) -> None:
    """Without any one of the syncs the model finds a loss: so it would have found one that is missing."""
    calls = length()
    assert any(_loses(place, cut_at, forget) for cut_at in range(calls - 2, 20, -7)), "nothing was noticed"


def _loses(place: Path, cut_at: int, forget: Forget) -> bool:
    try:
        live(place, cut_at, None, forget)
    except (AssertionError, Damaged, duckdb.Error):  # missing, alarmed at, or unreadable
        return True
    return False
