"""`kept import log` on an installation of its own: figures, a second time, and what it says of mistakes."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kept.app.house import House
from kept.base.errors import BadInput, InUse
from kept.base.settings import Settings
from kept.cli import kept
from kept.cli.import_ import open_intake
from tests.weblog_world import POLICY, line, write

LINES = [line(f"/{number}", at=f"{number:02d}/May/2015:12:00:00 +0000") for number in range(1, 21)]
TEXT = (
    POLICY.replace("SOURCES", "tracker, server log")
    .replace("    for: PROTECT\n", "")
    .replace("    for: IMPROVE\n", "")
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(data=tmp_path / "data", master_key=tmp_path / "master.key")
    house = House.open(settings)
    house.policies.put_in_force(TEXT, "policy.yaml")
    house.close()
    return settings


def run(settings: Settings, *words: str) -> Result:
    where = ["--data", str(settings.data), "--master-key", str(settings.master_key)]
    return CliRunner().invoke(kept, ["import", "log", *words, *where])


def journal(settings: Settings) -> bytes:
    return b"".join(path.read_bytes() for path in sorted((settings.data / "journal").glob("*.journal")))


def test_a_log_is_taken_once(settings: Settings, tmp_path: Path) -> None:
    path = str(write(tmp_path / "a.log", LINES))
    first = json.loads(run(settings, path, "--shift-to", "today", "--json").output)
    assert (first["lines"], first["kept"], first["malformed"]) == (20, 20, 0)
    assert journal(settings).count(b'"page_view"') == 20
    again = json.loads(run(settings, path, "--shift-to", "2020-01-01", "--json").output)
    assert (again["kept"], again["refused"]["too_old"] + again["refused"]["known"]) == (0, 20)
    assert journal(settings).count(b'"page_view"') == 20


def test_the_figures_are_shown(settings: Settings, tmp_path: Path) -> None:
    told = run(settings, str(write(tmp_path / "a.log.gz", LINES)), "--shift-to", "today").output
    assert "page views kept" in told
    assert "weeks for the demonstration" in told


def test_the_form_is_told_and_can_be_named(settings: Settings, tmp_path: Path) -> None:
    path = str(write(tmp_path / "a.log", LINES))
    assert "read as combined" in run(settings, path, "--shift-to", "today").output
    named = run(settings, path, "--form", "common", "--json").output
    assert json.loads(named)["forms"] == ["common"]


def test_a_date_that_is_none_is_explained(settings: Settings, tmp_path: Path) -> None:
    result = run(settings, str(write(tmp_path / "a.log", LINES)), "--shift-to", "tomorrow")
    assert result.exit_code == 2
    assert "YYYY-MM-DD, or today" in result.output


def test_what_is_no_log_ends_with_the_reason(settings: Settings, tmp_path: Path) -> None:
    result = run(settings, str(write(tmp_path / "a.log", ["no log"])))
    assert isinstance(result.exception, BadInput)


def test_two_imports_at_once_are_refused(settings: Settings, tmp_path: Path) -> None:
    with open_intake(settings):
        result = run(settings, str(write(tmp_path / "a.log", LINES)))
    assert isinstance(result.exception, InUse)


def test_without_an_installation_it_says_how_to_start_one(tmp_path: Path) -> None:
    nowhere = Settings(data=tmp_path / "none", master_key=tmp_path / "none.key")
    result = run(nowhere, str(write(tmp_path / "a.log", LINES)))
    assert isinstance(result.exception, BadInput)
    assert "kept up" in result.exception.next_step
