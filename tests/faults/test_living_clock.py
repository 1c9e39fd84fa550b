"""The machine's clock is set under a living installation, by hours and by days, ahead and back.

What an event's time, the 48 hours in which repeats are known, rates, deadlines, permission and a deletion then do.
"""

import json
import os
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.faults.living_eyes import none_left
from tests.faults.living_insider import Insider
from tests.faults.living_member import member
from tests.living import Browser, Living, living, wait_until

HOUR = 3_600_000
DAY = 24 * HOUR
LONG = bool(os.environ.get("KEPT_LONG"))
FOLDER = Path(__file__).parent / "set_clock"


@dataclass
class SetClock:
    """The clock of every process of one installation."""

    file: Path

    def ahead(self, milliseconds: int) -> None:
        """Let it tell so much more than the true time; less, where that is negative."""
        with self.file.open("r+b") as file:  # in place: the processes look into this very file
            file.write(milliseconds.to_bytes(8, "little", signed=True))


@dataclass
class World:
    """An installation, its clock, someone who asks it from inside, and what was acknowledged."""

    house: Living
    clock: SetClock
    insider: Insider
    taken: dict[str, int] = field(default_factory=dict)

    def looker(self, number: int) -> Browser:
        """Someone who said yes."""
        found = self.house.browser(f"84.129.{number}.1")
        found.answer(by_choice=True)
        return found

    def look(self, who: Browser, job: str, **more: Any) -> dict[str, Any]:
        """One look at a job, with its name for an id; the reply."""
        said = who.send({"name": "job_view", "id": job, "properties": {"job": job}, **more})
        self.taken[job] = self.taken.get(job, 0) + said["accepted"]
        return said

    def seen(self) -> Counter[str]:
        """How many looks at each job there are, once everything that was acknowledged before is in the lake."""
        marker = f"marker-{time.monotonic_ns()}"
        self.look(self.looker(200), marker)
        wait_until(lambda: self.insider.jobs(marker), "the marker is in the lake")
        return Counter(self.insider.jobs(""))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("house")
    clock = SetClock(folder / "clock")
    clock.file.write_bytes(bytes(8))
    more = {"PYTHONPATH": str(FOLDER), "KEPT_TEST_CLOCK": str(clock.file)}
    with none_left(), living(folder, **more) as house, Insider(house) as insider:
        yield World(house, clock, insider)


@pytest.fixture(autouse=True)
def true_time_at_the_end(world: World) -> Iterator[None]:
    before = world.house.children()
    yield
    world.clock.ahead(0)
    assert world.house.children() == before, "nobody gave up"
    assert "Traceback" not in world.house.out
    wait_until(lambda: is_ready(world.house), "all processes speak again", 15)


def is_ready(house: Living) -> bool:
    connection = HTTPConnection("127.0.0.1", house.console_port, timeout=10)
    try:
        connection.request("GET", "/-/ready")
        return connection.getresponse().status == 200
    finally:
        connection.close()


def true_ms() -> int:
    return time.time_ns() // 1_000_000


@pytest.mark.parametrize(
    ("ahead", "reason"),
    [
        (HOUR, None),
        (3 * DAY, None),
        (8 * DAY, "too old"),  # longer ago than anything may be
        (-HOUR, "in future"),
        (-3 * DAY, "in future"),
        (400 * DAY, "too old"),
    ],
)
def test_a_time_that_the_clock_cannot_believe_is_refused_with_its_reason(
    world: World, ahead: int, reason: str | None
) -> None:
    ana = world.looker(abs(ahead) // HOUR % 97)
    world.clock.ahead(ahead)
    said = world.look(ana, f"told-{ahead}", at=true_ms())
    assert [each["reason"] for each in said["refused"]] == ([reason] if reason else [])
    said = world.look(ana, f"untold-{ahead}")
    assert said == {"accepted": 1, "refused": []}, "what names no time is of now, by whatever clock"
    world.clock.ahead(0)
    seen = world.seen()
    assert seen[f"told-{ahead}"] == (0 if reason else 1)
    assert seen[f"untold-{ahead}"] == 1


def test_what_is_sent_again_with_its_time_is_known_however_the_clock_was_set(world: World) -> None:
    ana, at = world.looker(101), true_ms()
    for ahead in (0, 47 * HOUR, 6 * DAY, 0):
        world.clock.ahead(ahead)
        assert world.look(ana, "again", at=at)["accepted"] == 1
    assert world.seen()["again"] == 1


def test_without_a_time_a_repeat_is_one_up_to_48_hours_by_the_clock(world: World) -> None:
    ana = world.looker(102)
    for ahead, seen in ((0, 1), (47 * HOUR, 1), (49 * HOUR, 2), (1 * HOUR, 2), (0, 2)):
        world.clock.ahead(ahead)
        world.look(ana, "edge")
        world.clock.ahead(0)
        assert world.seen()["edge"] == seen, ahead


@pytest.mark.parametrize("ahead", [2 * DAY, -2 * DAY] if LONG else [-2 * DAY])
def test_a_no_counts_in_the_order_in_which_it_was_said(world: World, ahead: int) -> None:
    bo = world.looker(103 if ahead > 0 else 104)
    world.look(bo, f"before-{ahead}")
    world.clock.ahead(ahead)
    world.look(bo, f"between-{ahead}")
    seen = world.seen()
    assert seen[f"before-{ahead}"] == seen[f"between-{ahead}"] == 1
    world.clock.ahead(-ahead)
    bo.answer(by_choice=False)
    for now in (-ahead, 0, ahead):
        world.clock.ahead(now)
        seen = world.seen()
        assert seen[f"before-{ahead}"] == seen[f"between-{ahead}"] == 0


def test_rates_and_deadlines_do_not_hear_of_it(world: World) -> None:
    ana = world.looker(105)
    with socket.create_connection(("127.0.0.1", world.house.public_port), timeout=30) as slow:
        slow.sendall(b"POST /v1/events HTTP/1.1\r\nhost: a\r\n")
        for number, ahead in enumerate((DAY, -DAY, 30 * DAY, -30 * DAY)):
            world.clock.ahead(ahead)
            for turn in range(20):
                assert world.look(ana, f"rate-{number}-{turn}")["accepted"] == 1
        world.clock.ahead(0)
        slow.sendall(b"content-length: 1\r\n\r\n{")
        assert slow.recv(64).startswith(b"HTTP/1.1 400 "), "still within its ten seconds"
    statuses = {ana.ask("POST", "/v1/events", {"key": "wk_none", "events": []})[0] for _ in range(700)}
    assert statuses == {401, 429}, "who exceeds the rate is still told so"


@pytest.mark.parametrize("ahead", [40 * DAY, -40 * DAY] if LONG else [-40 * DAY])
def test_a_deletion_comes_to_its_end(world: World, ahead: int) -> None:
    cy = member(world.house, world.insider, world.insider.secret_key())
    number = cy.asks_for_deletion()
    assert number is not None
    world.clock.ahead(ahead)
    wait_until(lambda: cy.receipt(number), "the deletion is done", 60)
    assert world.insider.uses(cy.account, cy.subjects) == []


def test_reports_lose_nothing_for_good_by_a_clock_that_ran_ahead(world: World) -> None:
    dee = world.looker(106)
    world.look(dee, "kept-safe")
    world.clock.ahead(3_000 * DAY)
    assert world.seen()["kept-safe"] == 0, "by that clock it is past its time"
    world.clock.ahead(0)
    assert world.seen()["kept-safe"] == 1
    said = json.loads(world.house.run("person", "show", "--visitor", dee.visitor, "--json"))
    assert [visit["name"] for visit in said["your visits"]] == ["job_view"]
