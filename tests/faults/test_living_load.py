"""Everything is killed under load, or the watcher alone: what was acknowledged is there once, nobody stays behind."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest

from tests.faults.living_eyes import descendants, kill, kill_all, none_left
from tests.faults.living_senders import BATCH, Sender, in_lake, sending, someone
from tests.living import Living, living, wait_until

LONG = bool(os.environ.get("KEPT_LONG"))
SENDERS = 4
KILLS = 10 if LONG else 1


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with none_left(), living(tmp_path_factory.mktemp("house")) as started:
        yield started


def test_killed_under_load_everything_acknowledged_is_there_once(house: Living) -> None:
    stop = threading.Event()
    senders = [Sender(someone(house, number), f"sender{number}", stop) for number in range(SENDERS)]
    with sending(senders, stop):
        for _ in range(KILLS):
            so_far = sum(len(sender.acknowledged) for sender in senders)
            wait_until(lambda: sum(len(s.acknowledged) for s in senders) > so_far + 500, "they are under way")  # noqa: B023
            kill_all(house)
            house.start()
    acknowledged = sum(len(sender.acknowledged) for sender in senders)
    tries = sum(sender.tries for sender in senders)
    assert tries > acknowledged / BATCH, "some had to send again"
    wait_until(lambda: in_lake(house)[0] >= acknowledged, "all of it is in the lake")
    assert in_lake(house) == (acknowledged, acknowledged)


def test_when_the_watcher_dies_its_children_end_and_a_new_start_finds_everything(house: Living) -> None:
    ana = someone(house, 99)
    ana.send({"name": "job_view", "id": "ana", "properties": {"job": "ana"}})
    assert house.process is not None
    below = set(descendants(house.process.pid))
    assert len(below) >= 3
    house.process.kill()
    house.process.wait()
    wait_until(lambda: not below & set(descendants(os.getpid())), "its children have ended", 15)
    house.start()
    held = json.loads(house.run("person", "show", "--visitor", ana.visitor, "--json"))
    assert [visit["name"] for visit in held["your visits"]] == ["job_view"]


@pytest.mark.parametrize("wait", [0.0] if not LONG else [0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.2])
def test_a_watcher_that_dies_while_it_starts_leaves_nobody_behind(tmp_path: Path, wait: float) -> None:
    house = Living(tmp_path)
    house.policy.write_text((Path(__file__).parents[2] / "policies" / "workhirespot.yaml").read_text())
    with none_left(15), (tmp_path / "out").open("a") as out:
        starting = subprocess.Popen(
            [sys.executable, "-m", "kept.cli", "up"], env=house.environment, stdout=out, stderr=out
        )
        wait_until(lambda: len(descendants(starting.pid)) == 3, "it has started its children")
        sleep(wait)
        kill(starting.pid)
        starting.wait()
