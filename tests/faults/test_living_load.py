"""Everything is killed under load, or the watcher alone: what was acknowledged is there once, nobody stays behind."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import sleep

import pytest

from tests.faults.living_eyes import descendants, kill, kill_all, none_left
from tests.living import Browser, Living, living, wait_until

LONG = bool(os.environ.get("KEPT_LONG"))
SENDERS, BATCH = 4, 5
KILLS = 10 if LONG else 1


@dataclass
class Sender:
    """Sends batch after batch over one connection, each again with the same ids until it is acknowledged."""

    browser: Browser
    name: str
    stop: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    tries: int = 0

    def run(self) -> None:
        """Send until told to stop; a batch that was begun is always brought to its end."""
        connection, number = self._connect(), 0
        while not self.stop.is_set():
            jobs = [f"{self.name}-{number + place}" for place in range(BATCH)]
            while not self._takes(connection, jobs):
                connection.close()
                sleep(0.05)
            self.acknowledged += jobs
            number += BATCH
        connection.close()

    def _takes(self, connection: HTTPConnection, jobs: list[str]) -> bool:
        self.tries += 1
        events = [{"name": "job_view", "id": job, "properties": {"job": job}} for job in jobs]
        headers = {
            "Content-Type": "application/json",
            "X-Forwarded-For": self.browser.address,
            "Cookie": f"kept_visit={self.browser.visitor}",
        }
        try:
            told = json.dumps({"key": self.browser.living.write_key, "events": events})
            connection.request("POST", "/v1/events", told, headers)
            reply = connection.getresponse()
            said = reply.read()
        except (OSError, HTTPException):
            return False
        if reply.status in (429, 503):  # what a client that keeps to the rules waits for
            return False
        assert reply.status == 200, said
        assert json.loads(said) == {"accepted": BATCH, "refused": []}
        return True

    def _connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.browser.living.public_port, timeout=30)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with none_left(), living(tmp_path_factory.mktemp("house")) as started:
        yield started


def in_lake(house: Living) -> tuple[int, int]:
    """How many looks at jobs the lake holds, and at how many jobs."""
    sql = "select count(*) as looks, count(distinct job) as jobs from job_view"
    (line,) = house.run("query", "--for", "improve", "--json", sql).splitlines()
    found = json.loads(line)
    return int(found["looks"]), int(found["jobs"])


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


@contextmanager
def sending(senders: list[Sender], stop: threading.Event) -> Iterator[None]:
    """Let them send; at the end each brings its last batch to its end. A failure lets them go."""
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "a batch was never acknowledged"


def someone(house: Living, number: int) -> Browser:
    """Someone who said yes, at an address of their own: there is a limit for each."""
    found = house.browser(f"84.128.{number}.1")
    found.answer(by_choice=True)
    return found


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
