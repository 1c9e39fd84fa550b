"""Several collectors on one port: what one hears the others know, visitors count once, and each may be killed."""

import json
import socket
from collections.abc import Iterator

import pytest

from tests.collecting import post, read_reply
from tests.faults.living_eyes import kill, none_left
from tests.faults.living_insider import Insider
from tests.faults.living_member import member
from tests.living import Browser, Living, living, wait_until

COLLECTORS = 3
TURNS = 24
"""New connections: that all of them fall to one of three has a chance of 1 in 10^11."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    more = {"KEPT_COLLECTORS": str(COLLECTORS)}
    with none_left(), living(tmp_path_factory.mktemp("house"), **more) as started:
        wait_until(lambda: len(journals(started)) == COLLECTORS, "each has its journal")
        yield started


def journals(house: Living) -> set[str]:
    """The collectors that write."""
    return {path.name.split("-")[0] for path in (house.data / "journal").glob("*.journal")}


def look(house: Living, who: Browser, job: str) -> int:
    """One event over a connection of its own; how many were accepted."""
    said = {"key": house.write_key, "events": [{"name": "job_view", "id": job, "properties": {"job": job}}]}
    cookies = "; ".join(f"{name}={value}" for name, value in who.cookies.items())
    with socket.create_connection(("127.0.0.1", house.public_port), timeout=30) as connection:
        connection.sendall(post(json.dumps(said).encode(), x_forwarded_for=who.address, cookie=cookies))
        got = read_reply(connection)
    assert got.status == 200, got.body
    return int(got.json()["accepted"])


def test_a_yes_is_known_to_all_at_once_and_all_take_part(house: Living) -> None:
    with Insider(house) as insider:
        for number in range(TURNS):
            ana = house.browser(f"84.134.{number}.1")
            ana.answer(by_choice=True)
            assert look(house, ana, f"first-{number}") == 1, "she said yes a moment ago, to another perhaps"
        wait_until(lambda: len(insider.jobs("first-")) == TURNS, "all are in the lake")
        assert set(insider.jobs("first-").values()) == {1}
    assert journals(house) == {f"{number:04d}" for number in range(1, COLLECTORS + 1)}


def test_an_event_that_is_sent_again_to_another_collector_is_one(house: Living) -> None:
    bo = house.browser("84.135.1.1")
    bo.answer(by_choice=True)
    for _ in range(TURNS):
        assert look(house, bo, "again") == 1
    with Insider(house) as insider:
        assert look(house, bo, "marker") == 1
        wait_until(lambda: insider.seen("marker"), "it is in the lake")
        assert insider.seen("again") == 1


def test_a_no_hides_at_once_what_any_of_them_still_takes(house: Living) -> None:
    cy = house.browser("84.136.1.1")
    cy.answer(by_choice=True)
    with Insider(house) as insider:
        for number in range(TURNS):
            look(house, cy, f"cy-{number}")
        before = Browser(house, cy.address, cookies=dict(cy.cookies))
        cy.answer(by_choice=False)
        for number in range(TURNS):
            look(house, before, f"late-{number}")
        wait_until(lambda: not insider.jobs("cy-"), "it is hidden")
        dee = house.browser("84.137.1.1")
        dee.answer(by_choice=True)
        look(house, dee, "dee")
        wait_until(lambda: insider.seen("dee"), "what came before is in the lake")
        assert insider.jobs("cy-") == insider.jobs("late-") == {}


def test_a_deletion_waits_for_all_of_them_and_is_done(house: Living) -> None:
    with Insider(house) as insider:
        eve = member(house, insider, insider.secret_key())
        number = eve.asks_for_deletion()
        assert number is not None
        wait_until(lambda: eve.receipt(number), "the deletion is done", 60)
        assert insider.uses(eve.account, eve.subjects) == []


def test_one_that_is_killed_comes_back_and_what_it_acknowledged_is_there(house: Living) -> None:
    fay = house.browser("84.138.1.1")
    fay.answer(by_choice=True)
    taken = []
    for number in range(TURNS):
        if number == TURNS // 2:
            kill(house.children()["public"])  # one of them
        try:
            taken += [f"fay-{number}"] * look(house, fay, f"fay-{number}")
        except OSError:
            continue  # it fell to the one that died
    assert len(taken) > TURNS // 2
    with Insider(house) as insider:
        wait_until(lambda: set(taken) <= set(insider.jobs("fay-")), "all of it is in the lake")
    wait_until(lambda: house.out.count("starts again") == 1, "it is missed")
