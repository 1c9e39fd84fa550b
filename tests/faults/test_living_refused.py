"""What must not start does not, and says why: a second one, another key, no keys, records of yesterday."""

import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from kept.storage.keys.master import create_master
from tests.faults.living_eyes import kill_all, none_left
from tests.living import Browser, Living, free_port, living

LONG = bool(os.environ.get("KEPT_LONG"))
TAKEN, DAMAGED = 3, 5


@dataclass
class Past:
    """An installation that has stopped, what its records were earlier, and who has withdrawn since."""

    house: Living
    old_records: Path
    cy: Browser

    def refuses(self, what: str, *, everything: bool = LONG) -> None:
        """Whether `kept up` and the commands that would show something end with the reason."""
        cy = ("--visitor", self.cy.cookies["was"])
        asked = [
            ("up",),
            ("query", "--for", "improve", "select count(*) from page_view"),
            ("person", "show", *cy),
            ("person", "erase", *cy, "--apply"),
        ]
        with ThreadPoolExecutor(2) as at_once:
            for said in at_once.map(
                lambda words: self.house.run(*words, code=DAMAGED), asked if everything else asked[:2]
            ):
                assert what in said
                assert "Traceback" not in said


@pytest.fixture(scope="module")
def past(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Past]:
    """Cy said yes and looked at a page; the records were copied; Cy withdrew, and life went on."""
    folder = tmp_path_factory.mktemp("house")
    with none_left(), living(folder) as house:
        cy, ana = house.browser(), house.browser("84.128.9.1")
        cy.answer(by_choice=True)
        cy.send({"name": "page_view", "page": "https://www.workhirespot.example/jobs"})
        cy.cookies["was"] = cy.visitor
        house.stop()
        old = folder / "records.old"
        shutil.copy(house.data / "records.db", old)
        house.start()
        cy.answer(by_choice=False)
        ana.answer(by_choice=True)
        ana.send({"name": "page_view", "page": "https://www.workhirespot.example/salary"})
        assert looks(house) == 1, "Ana's alone"
        yield Past(house, old, cy)


@pytest.fixture
def stopped(past: Past) -> Past:
    """The same, once it has stopped cleanly."""
    if past.house.process is not None and past.house.process.poll() is None:
        past.house.stop()
    return past


def looks(house: Living) -> int:
    """How many page views the purpose `improve` sees."""
    said = house.run("query", "--for", "improve", "--json", "select count(*) as looks from page_view")
    return int(json.loads(said)["looks"])


def test_a_second_start_on_the_folder_is_refused_whatever_its_ports(past: Past) -> None:
    second = replace(past.house, public_port=free_port(), console_port=free_port())
    said = second.run("up", code=TAKEN)
    assert "already runs on this data folder" in said
    assert past.house.process is not None
    assert f"process {past.house.process.pid}" in said


def test_the_lock_of_a_killed_process_stands_in_nobodys_way(past: Past) -> None:
    kill_all(past.house)
    assert (past.house.data / "lock").read_text().isdigit()
    past.house.start()
    assert looks(past.house) == 1


def test_another_master_key_is_refused(stopped: Past) -> None:
    master, aside = stopped.house.folder / "master.key", stopped.house.folder / "aside.key"
    master.rename(aside)
    try:
        stopped.refuses("master key")
        assert not master.exists(), "none is made anew"
        create_master(master)  # one that is whole, and another
        stopped.refuses("master key")
    finally:
        aside.replace(master)


def test_missing_keys_are_refused_and_not_made_anew(stopped: Past) -> None:
    keys, aside = stopped.house.data / "keys.db", stopped.house.folder / "keys.aside"
    keys.rename(aside)
    try:
        stopped.refuses("their keys are not")
        assert not keys.exists()
    finally:
        aside.rename(keys)


def test_records_that_are_older_than_the_lake_are_refused(stopped: Past) -> None:
    records, aside = stopped.house.data / "records.db", stopped.house.folder / "records.aside"
    assert not Path(f"{records}-wal").exists(), "a clean stop leaves no log that would heal the copy"
    records.rename(aside)
    shutil.copy(stopped.old_records, records)
    try:
        stopped.refuses("older than the lake", everything=True)
    finally:
        aside.replace(records)
        for rest in ("-wal", "-shm"):
            Path(f"{records}{rest}").unlink(missing_ok=True)
    assert looks(stopped.house) == 1


def test_records_that_are_gone_are_not_made_anew_under_a_lake(stopped: Past) -> None:
    records, aside = stopped.house.data / "records.db", stopped.house.folder / "records.aside"
    records.rename(aside)
    try:
        assert "older than the lake" in stopped.house.run("up", code=DAMAGED)
    finally:
        aside.replace(records)
        for rest in ("-wal", "-shm"):
            Path(f"{records}{rest}").unlink(missing_ok=True)
    assert looks(stopped.house) == 1
