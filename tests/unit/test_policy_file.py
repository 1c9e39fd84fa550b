"""The policy file, followed: a version of a later day waits for it, and then comes into force by itself."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from click.testing import CliRunner

from kept.app.coming_into_force import go_on_under, start_under
from kept.app.house import House
from kept.app.policy_file import PolicyFile, read_file
from kept.base.clock import SetClock, SystemClock
from kept.base.errors import Away, BadInput, InUse, KeptError, NoRoom
from kept.base.settings import Settings
from kept.cli.policy import policy_group, waits_for
from kept.cli.up import _try as put_in_force_beside
from kept.gate import InForce, NotYet
from kept.policy import read_policy

STARTER = (Path(__file__).parents[2] / "src/kept/policy/starter.yaml").read_text()
NEXT = STARTER.replace('version: "1"', 'version: "2"').replace("in force: 2026-01-01", "in force: 2027-01-15")
DAY_MS = 86_400_000


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.fixture(name="clock")
def a_clock() -> SetClock:
    return SetClock(at("2026-12-01T12:00"))


@pytest.fixture(name="house")
def a_house(tmp_path: Path, clock: SetClock) -> Iterator[House]:
    house = House.open(Settings(data=tmp_path / "data", master_key=tmp_path / "master.key"), clock)
    yield house
    house.close()


@pytest.fixture(name="file")
def a_file(tmp_path: Path) -> PolicyFile:
    (tmp_path / "policy.yaml").write_text(STARTER)
    return PolicyFile(tmp_path / "policy.yaml")


def follow(file: PolicyFile, house: House) -> InForce | KeptError | None:
    """What the watcher does when it looks, in one process."""
    now_ms = house.clock.now_ms()
    if not file.is_due(now_ms):
        return None
    found = go_on_under(house, file.path)
    file.note(read_file(file.path), now_ms, waits=isinstance(found, NotYet))
    return found


def test_a_version_of_a_later_day_comes_into_force_by_itself_on_that_day(
    house: House, file: PolicyFile, clock: SetClock
) -> None:
    follow(file, house)
    file.path.write_text(NEXT)
    early = follow(file, house)
    assert isinstance(early, NotYet)
    assert "2027-01-15" in str(early)
    for moment in ("2026-12-02T00:00", "2027-01-14T23:59:59.999"):
        clock.at_ms = at(moment)
        assert not isinstance(follow(file, house), InForce)
        assert follow(file, house) is None  # said once a day, and not again until something changes
        assert house.policies.now().policy.version == "1"
    clock.at_ms = at("2027-01-15T00:00")
    assert isinstance(follow(file, house), InForce)
    assert house.policies.now().policy.version == "2"
    assert follow(file, house) is None


def test_what_is_corrected_before_its_day_waits_no_longer(
    house: House, file: PolicyFile, clock: SetClock
) -> None:
    follow(file, house)
    file.path.write_text(NEXT)
    follow(file, house)
    file.path.write_text(NEXT.replace("basis: consent", "basis: konsent"))
    assert isinstance(follow(file, house), BadInput)
    clock.at_ms = at("2027-01-15T00:00")
    assert follow(file, house) is None
    assert house.policies.now().policy.version == "1"


def test_a_waiting_version_stops_no_start_under_the_one_in_force(
    house: House, file: PolicyFile, clock: SetClock
) -> None:
    follow(file, house)
    file.path.write_text(NEXT)
    again = PolicyFile(file.path)
    assert isinstance(start_under(house, file.path), NotYet)
    again.note(NEXT, house.clock.now_ms(), waits=True)
    assert house.policies.now().policy.version == "1"
    clock.at_ms = at("2027-03-01T00:00")
    assert isinstance(follow(again, house), InForce)


def test_without_any_version_in_force_a_waiting_one_cannot_start(house: House, file: PolicyFile) -> None:
    file.path.write_text(NEXT)
    with pytest.raises(NotYet):
        start_under(house, file.path)


def test_what_failed_for_something_that_passes_is_tried_again(
    house: House, file: PolicyFile, clock: SetClock
) -> None:
    """The database was away as the day began, say: the version must not wait for the next change of its file."""
    file.path.write_text(NEXT)
    file.note(NEXT, clock.at_ms, waits=True)
    clock.at_ms = at("2027-01-15T00:00")
    assert file.is_due(clock.at_ms)
    file.note(NEXT, clock.at_ms, waits=False, passes=True)
    assert not file.is_due(clock.at_ms + 4_999), "not at every look"
    clock.at_ms += 5_000
    assert isinstance(follow(file, house), InForce)
    assert not file.is_due(clock.at_ms + DAY_MS)


@pytest.mark.parametrize(("kind", "again"), [(Away, True), (InUse, True), (NoRoom, True), (BadInput, False)])
def test_the_watcher_tells_what_passes_by_how_its_process_ended(
    monkeypatch: pytest.MonkeyPatch, file: PolicyFile, kind: type[KeptError], again: bool
) -> None:
    monkeypatch.setattr(
        "kept.cli.up.subprocess.run", lambda *_a, **_k: CompletedProcess((), returncode=kind.exit_code)
    )
    put_in_force_beside(file, {}, "policy")
    assert file.is_due(SystemClock().now_ms() + DAY_MS) is again


@pytest.mark.parametrize(
    ("now", "day"), [("2027-01-14T23:59:59", date(2027, 1, 15)), ("2027-01-15T00:00", None)]
)
def test_the_check_knows_what_a_version_waits_for(now: str, day: date | None) -> None:
    assert waits_for(read_policy(NEXT, "p"), SetClock(at(now))) == day


def test_the_check_says_what_a_version_waits_for(tmp_path: Path) -> None:
    later = tmp_path / "later.yaml"
    later.write_text(STARTER.replace("in force: 2026-01-01", "in force: 9000-01-01"))
    said = CliRunner().invoke(policy_group, ["check", str(later)])
    assert said.exit_code == 0
    assert "Not in force before 9000-01-01" in said.output
    as_json = CliRunner().invoke(policy_group, ["check", "--json", str(later)])
    assert json.loads(as_json.output)["waits for"] == "9000-01-01"
