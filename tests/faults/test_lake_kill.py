"""The process is killed: by itself before any call to the disk, or from outside while an engine works."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.base.errors import InUse
from kept.storage.files import Files
from kept.storage.records import Records
from tests.faults.killed import Teller
from tests.faults.life import memory_folder, settle

KILLS = int(os.environ.get("KEPT_KILLS", "2"))
ROOT = Path(__file__).parents[2]


@pytest.fixture
def place() -> Iterator[Path]:
    with memory_folder() as made:
        (made / "data").mkdir(parents=True)
        yield made


def begin(place: Path, call: int, seed: int) -> subprocess.Popen[bytes]:
    arguments = [place / "data", place / "records.db", place / "told", call, seed]
    return subprocess.Popen(
        [sys.executable, "-m", "tests.faults.killed", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"},
        stdout=subprocess.PIPE,
    )


def check(place: Path) -> None:
    """Start anew on what the killed process left; all that it confirmed must be there, once."""
    life = Teller(place / "data", Records(place / "records.db"), Files())
    life.told = place / "told"
    life.recall()
    life.start()  # at once: a dead holder's lease need not expire
    life.check_views()
    life.check_gone()
    life.append([event for event in life.attempted.values() if event.event_id not in life.acknowledged])
    settle(life)
    life.check_all()
    life.check_gone()
    life.stop()
    life.records.close()


def test_killed_before_any_call(place: Path) -> None:
    """One installation, one process after another killed by itself, each a little further on."""
    chance = random.Random(1)
    for seed in range(KILLS):
        process = begin(place, 30 + chance.randrange(200), seed)
        assert process.wait(timeout=120) in (0, -signal.SIGKILL)
        assert process.stdout is not None
        process.stdout.close()
        check(place)


def test_killed_from_outside_at_any_time(place: Path) -> None:
    chance = random.Random(2)
    for seed in range(KILLS):
        process = begin(place, -1, seed)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(chance.random() * 2)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(timeout=60)
        process.stdout.close()
        check(place)


def test_a_stopped_committer_keeps_its_lease_until_it_expires(place: Path) -> None:
    """Paused is not dead: the lock still stands, so another waits, and then fences it off."""
    process = begin(place, -1, 3)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    os.kill(process.pid, signal.SIGSTOP)
    life = Teller(place / "data", Records(place / "records.db"), Files())
    life.told = place / "told"
    try:
        with pytest.raises(InUse):
            life.start()
        life.clock.advance(60_000)
        with pytest.raises(InUse, match="Collector"):  # the lease is ours, the collector's number is not
            life.start()
        os.kill(process.pid, signal.SIGCONT)
        assert process.wait(timeout=120) == 1  # LeaseLost ends it
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
    life.stop()
    life.recall()
    life.clock.advance(60_000)
    life.start()
    settle(life)
    life.check_all()
    life.check_gone()
    life.stop()
