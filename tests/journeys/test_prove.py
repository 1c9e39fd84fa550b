"""The auditor's table: `kept prove` beside a running installation, which goes on with its own work meanwhile."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from kept.app.house import House
from kept.base.settings import Settings
from kept.prove.browser import Browser
from kept.prove.waiting import until
from kept.storage.event import StoredEvent
from kept.storage.files import Files
from kept.storage.journal import Journal
from kept.storage.lake import Lake
from kept.storage.search import rows_in
from tests import postgresql

POLICY = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
GERMAN = POLICY.with_name("buecherei.yaml")
BUILT = ("G1", "G2", "G3", "U1", "S1")
STRAY_COLLECTOR = 77


@dataclass(frozen=True)
class Living:
    """A running installation."""

    settings: Settings
    environment: dict[str, str]

    def prove(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "kept.cli", "prove", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def rows(self, workspace: int) -> int:
        lake = Lake(self.settings.data)
        return lake.read(lambda now: len(rows_in(lake.paths(list(now.files.values())), workspace)))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def living(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with _under(POLICY, tmp_path_factory.mktemp("living")) as started:
        yield started


@contextmanager
def _under(policy: Path, folder: Path) -> Iterator[Living]:
    """An installation under this policy."""
    public, console = _free_port(), _free_port()
    environment = {
        **os.environ,
        "KEPT_DATA": str(folder / "data"),
        "KEPT_MASTER_KEY": str(folder / "master.key"),
        "KEPT_POLICY": str(policy),
        "KEPT_PUBLIC_PORT": str(public),
        "KEPT_CONSOLE_PORT": str(console),
        "KEPT_FLUSH_SECONDS": "0.2",
        "KEPT_RECORDS": postgresql.instead_of(folder / "data" / "records.db"),
    }
    settings = Settings(data=folder / "data", master_key=folder / "master.key", public_port=public)
    with (folder / "said").open("wb") as said:
        child = subprocess.Popen(
            [sys.executable, "-m", "kept.cli", "up"], env=environment, stdout=said, stderr=said
        )
    try:
        assert until(lambda: _answers(public) or child.poll() is not None, 60)
        assert child.poll() is None, (folder / "said").read_text()
        yield Living(settings, environment)
    finally:
        child.send_signal(signal.SIGTERM)
        child.wait(60)


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_beside_a_running_installation_every_built_promise_is_kept_and_nothing_is_left(
    living: Living,
) -> None:
    _gather_someone(living)
    first = subprocess.Popen(
        [sys.executable, "-m", "kept.cli", "prove", "--json"],
        env=living.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    lock = living.settings.data / "prove.lock"
    assert until(lambda: lock.exists() and bool(lock.read_text()), 60), "it did not begin"
    second = living.prove()
    assert second.returncode == 3
    assert "already runs" in second.stderr
    table = {each["id"]: each for each in json.loads(first.communicate(timeout=300)[0])}
    assert {name: table[name]["evidence"] for name in BUILT if table[name]["state"] != "kept"} == {}
    assert first.returncode == 0
    assert table["D1"]["state"] == "not built"
    assert living.rows(0) == 0, "every canary is gone"
    assert living.rows(1) == 1, "and the company's own visitor is not"


def test_what_no_version_declares_is_found_wherever_it_came_from(living: Living) -> None:
    """Somebody wrote to the journal beside every door."""
    stray = StoredEvent(
        1, 12345, time.time_ns() // 1_000_000, 54321, "mouse_moved", "/", None, None, "tracker", None, None, None,
        None, None, None, False, 1, 1, 0,
    )  # fmt: skip
    journal = Journal(Files(), living.settings.data / "journal", STRAY_COLLECTOR, 0)
    journal.append_now([msgspec.json.encode(stray)])
    journal.close()
    said = living.prove("g1")
    assert said.returncode == 1
    assert "✕ G1  broken" in said.stdout
    assert "in no version of the policy: mouse_moved" in said.stdout


def test_pages_in_another_language_keep_the_promise_too(tmp_path: Path) -> None:
    """The pages of a canary, who wishes no language, are in the company's first."""
    with _under(GERMAN, tmp_path) as buecherei:
        done = buecherei.prove("M3", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [each["state"] for each in json.loads(done.stdout)] == ["kept"]


def test_a_promise_that_there_is_not(living: Living) -> None:
    said = living.prove("Z9")
    assert said.returncode == 2
    assert "there is no promise Z9" in said.stderr


def test_without_an_installation_there_is_nothing_to_prove(living: Living, tmp_path: Path) -> None:
    said = living.prove("--data", str(tmp_path))
    assert said.returncode == 2
    assert "there is no installation here" in said.stderr


def _gather_someone(living: Living) -> None:
    house = House.open_existing(living.settings)
    try:
        key = house.api_keys.write
    finally:
        house.close()
    ana = Browser(f"http://127.0.0.1:{living.settings.public_port}", key, "84.128.9.9")
    ana.says({"improve": True})
    assert ana.sends({"name": "page_view", "page": "/jobs"}).accepted == 1
