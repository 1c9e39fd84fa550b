"""Several collectors on PostgreSQL under load: a no that one took is heard at each, and a restart loses nothing."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from time import sleep
from typing import Literal

import pytest

from kept.base.ids import random_63
from tests.faults.living_insider import Insider
from tests.faults.living_senders import Sender, sending, someone
from tests.faults.test_living_collectors import journals, look
from tests.living import Browser, Living, living, wait_until
from tests.postgresql import MUST_RUN, Cluster, programs

pytestmark = pytest.mark.skipif(not MUST_RUN and programs() is None, reason="PostgreSQL is not installed")
LONG = bool(os.environ.get("KEPT_LONG"))
COLLECTORS = 2
SENDERS = 3
TURNS = 16
"""New connections: that all of them fall to one of two has a chance of 1 in 32,768."""
HEARD_SECONDS = 5.0
RESTARTS: tuple[Literal["immediate", "fast"], ...] = ("immediate", "fast") * (10 if LONG else 1)
"""A crash, and an orderly restart."""


@pytest.fixture
def house(server: Cluster, tmp_path: Path) -> Iterator[Living]:
    more = {"KEPT_RECORDS": server.url(f"s_{random_63()}"), "KEPT_COLLECTORS": str(COLLECTORS)}
    with living(tmp_path, **more) as started:
        wait_until(lambda: len(journals(started)) == COLLECTORS, "each has its journal")
        yield started


@dataclass
class Chooser:
    """One person after the other comes, says yes, looks at a job and says no, whatever becomes of the records."""

    house: Living
    number: int
    stop: threading.Event
    noes: dict[str, Browser] = field(default_factory=dict)
    """What those looked at whose no was taken, and a browser of each that does not know of it."""

    def run(self) -> None:
        """Until told to stop."""
        while not self.stop.is_set():
            number = len(self.noes)
            who = self.house.browser(f"{85 + self.number}.{number // 250}.{number % 250}.1")
            if not says(who, yes=True):
                continue
            before = Browser(self.house, who.address, cookies=dict(who.cookies))
            job = f"no-{self.number}-{number}"
            taken(before, job)
            while not says(who, yes=False):
                if self.stop.is_set():
                    return
            self.noes[job] = before


def says(who: Browser, *, yes: bool) -> bool:
    """Whether an answer was taken; nobody may be told so and be forgotten."""
    told = {"key": who.living.write_key, "answers": {"by_choice": yes}, "how": "dialog"}
    try:
        status, said = who.ask("POST", "/v1/choices", told)
    except (OSError, HTTPException):
        status, said = 503, b""
    assert status in (200, 503), said
    if status == 503:
        sleep(0.1)
    return status == 200


def taken(who: Browser, job: str) -> int | None:
    """How many looks were taken, of one over a connection of its own; None where nobody can say."""
    event = {"name": "job_view", "id": job, "properties": {"job": job}}
    try:
        status, said = who.ask("POST", "/v1/events", {"key": who.living.write_key, "events": [event]})
    except (OSError, HTTPException):
        return None
    assert status in (200, 503), said
    return int(json.loads(said)["accepted"]) if status == 200 else None


def is_shut(house: Living, who: Browser) -> bool:
    """Whether no collector takes anything."""
    return all(taken(who, "shut") is None for _ in range(TURNS))


def test_a_no_that_one_of_them_took_is_heard_at_each_under_load(house: Living) -> None:
    stop = threading.Event()
    senders = [Sender(someone(house, number), f"sender{number}", stop) for number in range(SENDERS)]
    ana = house.browser("84.140.1.1")
    with sending(senders, stop):
        wait_until(lambda: all(sender.acknowledged for sender in senders), "they are under way")
        for turn in range(3):
            ana.answer(by_choice=True)
            before = Browser(house, ana.address, cookies=dict(ana.cookies))
            assert [look(house, before, f"ana-{turn}") for _ in range(TURNS)] == [1] * TURNS
            ana.answer(by_choice=False)
            wait_until(
                lambda: not any(look(house, before, "late") for _ in range(TURNS)),  # noqa: B023
                "each of them has heard of it",
                HEARD_SECONDS,
            )
    with Insider(house) as insider:
        assert insider.jobs("ana-") == insider.jobs("late") == {}


def test_nothing_acknowledged_is_lost_when_postgresql_is_restarted_under_load(
    house: Living, server: Cluster
) -> None:
    stop = threading.Event()
    senders = [Sender(someone(house, number), f"sender{number}", stop) for number in range(SENDERS)]
    choosers = [Chooser(house, number, stop) for number in range(2)]
    ana = someone(house, 90)
    threads = [threading.Thread(target=each.run, daemon=True) for each in choosers]
    with sending(senders, stop):
        for thread in threads:
            thread.start()
        for how in RESTARTS:
            both_go_on(senders, choosers)
            server.stop(how)
            wait_until(lambda: is_shut(house, ana), "each of them keeps its door shut", 10)
            server.start()
            wait_until(lambda: taken(ana, "open"), "it opens again")
        both_go_on(senders, choosers)
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    noes = {job: who for each in choosers for job, who in each.noes.items()}
    wait_until(lambda: not any(map(is_taken, noes.values())), "each no is known to each collector", 10)
    acknowledged = dict.fromkeys((job for sender in senders for job in sender.acknowledged), 1)
    with Insider(house) as insider:
        wait_until(lambda: len(insider.jobs("sender")) >= len(acknowledged), "all is in the lake", 90)
        assert insider.jobs("sender") == acknowledged
        assert not insider.jobs("no-").keys() & noes


def is_taken(who: Browser) -> bool:
    return any(look(who.living, who, "late") for _ in range(3))


def both_go_on(senders: list[Sender], choosers: list[Chooser]) -> None:
    """Wait until more events and more noes have been acknowledged."""
    events, noes = so_far(senders, choosers)
    wait_until(lambda: so_far(senders, choosers)[0] > events, "events are taken")
    wait_until(lambda: so_far(senders, choosers)[1] > noes, "answers are taken")


def so_far(senders: list[Sender], choosers: list[Chooser]) -> tuple[int, int]:
    """How many events and noes were acknowledged."""
    return sum(len(each.acknowledged) for each in senders), sum(len(each.noes) for each in choosers)
