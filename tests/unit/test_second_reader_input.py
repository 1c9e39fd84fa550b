"""Input made to break what reads it: huge and odd policies, days at the end of the calendar."""

import gzip
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.app.house import House
from kept.app.owner import make_owner_token
from kept.base.settings import Settings
from kept.gather.weblog.line import Fault, Malformed
from kept.gather.weblog.reading import read_log
from kept.policy import read_policy
from kept.web.console import console_app
from kept.web.office import LivingConsole
from tests.pages_call import call

POLICY = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
HUGE = {
    "brackets": "a: " + "[" * 400_000,
    "maps": "company: " + "{a: " * 50_000,
    "sections": "\n".join(f"k{number}: 1" for number in range(60_000)),
    "one key": "x" * 900_000 + ": 1",
    "a list": "a: [" + "1, " * 200_000 + "1]",
    "steps": "\n".join(" " * depth + "a:" for depth in range(1_300)),
    "backslashes": 'a: "' + "\\" * 500_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_hostile_policy_is_refused_in_seconds_with_a_place(name: str) -> None:
    begun = time.process_time()
    draft = read_policy(HUGE[name], "policy.yaml")
    assert draft.errors
    assert all(problem.line for problem in draft.errors)
    assert time.process_time() - begun < 10


def test_as_many_problems_as_a_file_may_have_are_said_in_seconds() -> None:
    begun = time.process_time()
    draft = read_policy("\n".join(f"k{number}: 1" for number in range(2_000)), "policy.yaml")
    assert len(draft.errors) > 2_000
    assert time.process_time() - begun < 5


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House.open(Settings(data=tmp_path / "data", master_key=tmp_path / "master.key"))
    made.policies.put_in_force(POLICY.read_text(), "workhirespot.yaml")
    yield made
    made.close()


@pytest.mark.parametrize("path", ["/reports", "/reports.json", "/reports/days.csv"])
def test_the_last_day_of_the_calendar_is_no_error_of_ours(house: House, path: str) -> None:
    owner = {"authorization": f"Bearer {make_owner_token(house.settings.data)}"}
    app = console_app(LivingConsole(house))
    reply = call(app, f"{path}?since=9999-01-01&until=9999-12-31", headers=owner)
    assert reply.status == 400
    assert "last day" in reply.text


def test_a_compressed_line_without_end_is_passed_over_in_little_memory(tmp_path: Path) -> None:
    line = b'192.0.2.1 - - [10/Oct/2025:13:55:36 +0000] "GET / HTTP/1.1" 200 9 "-" "Mozilla/5.0"\n'
    with gzip.open(tmp_path / "access.log.gz", "wb", compresslevel=1) as log:
        log.write(line)
        for _ in range(64):
            log.write(b"a" * (1 << 20))
        log.write(b"\n" + line)
    found = [
        each.fault if isinstance(each, Malformed) else each.target
        for each in read_log(tmp_path / "access.log.gz")
    ]
    assert found == ["/", Fault.TOO_LONG, "/"]
