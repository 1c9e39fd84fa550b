"""A deletion on a living installation, with its processes killed at every step of the way.

From the moment that it has begun no purpose sees the person; it goes on after any crash; and whenever it is
reported done, a search that shares no code with Kept finds nothing.
"""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from time import sleep

import pytest

from kept.ledger import Proven, facts, verify_receipt
from tests.faults.living_eyes import MOMENTS, Eyes, freeze, go_on, kill, kill_all, none_left, pause, watch_for
from tests.faults.living_insider import Insider
from tests.faults.living_member import LOOKS, Member, joins, member
from tests.faults.living_traces import keys_of, traces
from tests.living import Living, living, wait_until

LONG = bool(os.environ.get("KEPT_LONG"))
EVERYTHING = "everything"
QUICK = [("hidden", "public"), ("in hand", EVERYTHING), ("proven", "committer")]
CASES = (
    [(moment, victim) for moment in MOMENTS for victim in ("committer", "public", EVERYTHING)]
    if LONG
    else QUICK
)
HOLD = ("--ground", "case 14/26", "--owner", "legal", "--review", "2027-02-01")
RANDOM_MOMENTS = 12 if LONG else 1


@dataclass
class World:
    """An installation, who asks it from inside, and the site's key."""

    house: Living
    insider: Insider
    secret: str

    def member(self) -> Member:
        """Someone whose visits are held, and can be found wherever they are looked for."""
        someone = member(self.house, self.insider, self.secret)
        assert set(self.insider.uses(someone.account, someone.subjects)) == {
            "personalise",
            "improve",
            "research",
        }
        places = traces(self.house.data, someone.left)
        for kind in ("lake/", "records.db", "keys.db"):
            assert any(place.startswith(kind) for place in places), f"the search would find nothing in {kind}"
        return someone

    def strike(self, victim: str, parts: dict[str, int]) -> None:
        """Kill a process, or all of them."""
        if victim == EVERYTHING:
            kill_all(self.house)
        else:
            kill(parts[victim])

    def come_back(self, victim: str, parts: dict[str, int]) -> None:
        """Start again, or wait until the watcher has."""
        if victim == EVERYTHING:
            self.house.start()
        else:
            wait_until(
                lambda: self.house.children().get(victim, parts[victim]) != parts[victim], "it is back"
            )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with none_left(), living(tmp_path_factory.mktemp("house")) as house, Insider(house) as insider:
        yield World(house, insider, insider.secret_key())


def test_killed_at_each_step_it_is_resumed_and_never_reported_early(world: World) -> None:
    for moment, victim in CASES:
        print(f"{moment}: {victim}")
        killed_at(world, lambda eyes, name=moment: MOMENTS[name](eyes), victim)


def test_killed_at_any_moment_it_is_resumed_and_never_reported_early(world: World) -> None:
    chance = random.Random(os.environ.get("KEPT_SEED", "a deletion"))
    for _ in range(RANDOM_MOMENTS):
        victim, wait = chance.choice(("committer", EVERYTHING)), chance.uniform(0.0, 1.2)
        print(f"after {wait:.3f} s: {victim}")
        killed_at(world, lambda eyes, s=wait: slept(eyes, s), victim)


def slept(eyes: Eyes, seconds: float) -> bool:
    """Some time after it has begun."""
    if eyes.stage() is None:
        return False
    sleep(seconds)
    return True


def killed_at(world: World, moment: object, victim: str) -> None:
    """One person's deletion, cut off at a moment."""
    assert callable(moment)
    someone, house = world.member(), world.house
    with Eyes(house.data) as eyes:
        parts = house.children()
        asking = threading.Thread(target=someone.asks_for_deletion)
        asking.start()
        watch_for(lambda: moment(eyes))
        world.strike(victim, parts)
        asking.join()
        if eyes.stage() == "done":
            assert traces(house.data, someone.left) == [], "nothing, before anyone starts again"
        eyes.close()
        world.come_back(victim, parts)
        wait_until(lambda: follow(world, someone, eyes), "it is done", 90)
    assert_gone(world, someone)


def follow(world: World, someone: Member, eyes: Eyes) -> bool:
    """Look once; whether the deletion is done. Before that no purpose sees anything, and there is no receipt."""
    number = eyes.number()
    assert number is not None, "it had begun before the kill"
    assert world.insider.seen(someone.job) == 0
    assert world.insider.uses(someone.account, someone.subjects) == []
    receipt = someone.receipt(number)
    if receipt is None:
        return False
    assert eyes.stage() == "done"
    proven = verify_receipt(receipt, world.insider.public_key())
    assert isinstance(proven, Proven)
    assert isinstance(proven.fact, facts.ErasureDone)
    assert proven.fact.erasure == number
    return True


def assert_gone(world: World, someone: Member) -> None:
    """Nothing of a person is left, wherever it stood."""
    assert traces(world.house.data, someone.left) == []
    assert keys_of(world.house.data, someone.left) == 0
    assert world.insider.subjects(someone.account) == []


def test_a_hold_between_two_stages_stops_what_is_left_until_it_is_released(world: World) -> None:
    di, house = world.member(), world.house
    with Eyes(house.data) as eyes:
        committer = freeze(house, "committer")
        number = di.asks_for_deletion()
        assert number is not None
        assert eyes.stage() == "shredded"
        house.run(
            "person",
            "hold",
            "--account",
            di.account,
            *HOLD,
        )
        go_on(committer)
        ana = world.member()  # time in which the committer takes many looks
        assert (eyes.stage(), eyes.in_hand()) == ("shredded", False)
        assert sum(place.startswith("lake/") for place in traces(house.data, di.left)) > 0, "it is all there"
        assert follow(world, di, eyes) is False, "and no purpose sees it"
        assert "1 released" in house.run("person", "release", "--account", di.account)
        wait_until(lambda: follow(world, di, eyes), "it goes on by itself")
    assert_gone(world, di)
    assert world.insider.seen(ana.job) == LOOKS + 1


def test_who_signs_in_elsewhere_meanwhile_is_not_left_joined_to_nobody(world: World) -> None:
    cy, house = world.member(), world.house
    phone = house.browser()
    phone.answer(by_choice=True)
    with Eyes(house.data) as eyes:
        committer = freeze(house, "committer")
        cy.asks_for_deletion()
        joins(house, phone.visitor, cy.account, world.secret)
        go_on(committer)
        wait_until(lambda: follow(world, cy, eyes), "it is done")
    assert_gone(world, cy)
    joins(house, phone.visitor, cy.account, world.secret)
    assert not set(world.insider.subjects(cy.account)) & set(cy.subjects)


def test_whoever_was_paused_on_the_way_sets_nothing_back(world: World) -> None:
    cy, house = world.member(), world.house
    asked = subprocess.Popen(
        [sys.executable, "-m", "kept.cli", "person", "erase", "--account", cy.account, "--apply"],
        env=house.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    with Eyes(house.data) as eyes:
        watch_for(lambda: eyes.has_reached("hidden"))
        pause(asked.pid, house.data)
        wait_until(lambda: eyes.has_reached("done"), "the committer has done all of it")
        go_on(asked.pid)
        assert "● done" in asked.communicate(timeout=30)[0]
        assert asked.returncode == 0
        assert eyes.has_reached("done")
    assert_gone(world, cy)


@pytest.mark.long
@pytest.mark.skipif(not LONG, reason="runs for minutes; KEPT_LONG=1 runs it")
def test_killed_again_and_again_it_is_done_in_the_end(tmp_path: Path) -> None:
    chance = random.Random(7)
    with none_left(), living(tmp_path) as house, Insider(house) as insider:
        world = World(house, insider, insider.secret_key())
        someone = world.member()
        with Eyes(house.data) as eyes:
            asking = threading.Thread(target=someone.asks_for_deletion)
            asking.start()
            watch_for(lambda: eyes.has_reached("hidden"))
            for _ in range(8):
                sleep(chance.uniform(0, 0.4))
                kill_all(house)
                asking.join()
                if eyes.stage() == "done":
                    assert traces(house.data, someone.left) == []
                eyes.close()
                house.start()
            wait_until(lambda: follow(world, someone, eyes), "it is done", 90)
        assert_gone(world, someone)
