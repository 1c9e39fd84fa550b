"""`kept demo` at the terminal: what it prints is true, it stops with all it started, and it goes on where it was."""

import os
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.demo import LOG, ROOT, Demo, demo
from tests.living import wait_until

PROCESSES = ("run public", "run console", "run committer", "examples.careers_site")
PAGES_IN_LOG = 2720
"""Lines of the real log that are whole pages: counted another way in the tests of server logs."""


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


def got(address: str) -> tuple[int, str]:
    host, _, path = address.removeprefix("http://").partition("/")
    connection = HTTPConnection(host, timeout=30)
    try:
        connection.request("GET", f"/{path}")
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


def printed_commands(out: str) -> list[str]:
    """The commands under "Try this", as one would copy them."""
    return re.findall(r"^ {7}(\S(?:.*\\\n)*.*)$", out, re.MULTILINE)


def pasted(at: Demo, line: str) -> subprocess.CompletedProcess[str]:
    """A line typed in a fresh shell, in the folder in which the demo was started; with what it says must be set."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("KEPT_")}
    if "set KEPT_RECORDS" in at.out:
        plain["KEPT_RECORDS"] = at.environment["KEPT_RECORDS"]
    return subprocess.run(
        ["/bin/sh", "-c", line], cwd=ROOT, env=plain, capture_output=True, text=True, timeout=60, check=False
    )


def test_every_address_that_is_printed_answers(at: Demo) -> None:
    addresses = re.findall(r"^  [A-Z].*?(http://\S+)", at.out, re.MULTILINE)
    assert len(addresses) == 4
    assert [got(address)[0] for address in addresses] == [200] * 4
    assert at.owner_token in at.out


def test_the_commands_that_are_printed_work_when_pasted(at: Demo, tmp_path: Path) -> None:
    verify, query, prove = printed_commands(at.out)
    asked = pasted(at, query)
    assert (asked.returncode, asked.stdout.split()[:3]) == (0, ["name", "events", "people"]), asked.stderr
    cy = at.browser()
    cy.answer(by_choice=True)
    receipt = tmp_path / "receipt.json"
    at.run("person", "erase", "--visitor", cy.visitor, "--apply", "--receipt", str(receipt))
    verified = pasted(at, verify.replace("receipt.json", shlex.quote(str(receipt))))
    assert verified.stdout.startswith("● kept"), verified.stderr
    proven = pasted(at, f"{prove} G1")
    assert "● 1 kept   ✕ 0 broken" in proven.stdout, proven.stderr


def test_four_processes_and_no_secret_on_any_command_line(at: Demo) -> None:
    lines = list(at.alive().values())
    assert all(any(name in line for line in lines) for name in PROCESSES)
    secret = (at.folder / "secret.key").read_text()
    assert secret.startswith("sk_")
    assert [line for line in lines if secret in line or at.owner_token in line] == []
    assert {path.name: oct(path.stat().st_mode)[-3:] for path in secrets_of(at)} == {
        "secret.key": "600",
        "owner-token": "600",
        "master.key": "600",
    }


def secrets_of(at: Demo) -> list[Path]:
    return [at.folder / name for name in ("secret.key", "owner-token", "master.key")]


def test_a_second_demo_on_the_folder_refuses_with_the_reason(at: Demo) -> None:
    second = Demo(at.folder)
    ended = subprocess.run(second.command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 3
    assert "Kept already runs on this data folder" in ended.stderr
    assert got(at.site + "/")[0] == 200


@pytest.mark.parametrize("port", ["public", "console", "site"])
def test_a_port_that_a_stranger_has_is_refused_before_anything_is_sent_there(
    at: Demo, tmp_path: Path, port: str
) -> None:
    other, name = Demo(tmp_path), f"{port}_port"
    taken = getattr(at, name)
    setattr(other, name, taken)
    ended = subprocess.run(other.command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 3
    assert f"port {taken} of 127.0.0.1 cannot be had" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_notice_follows_a_changed_line(at: Demo) -> None:
    whole, line = at.policy.read_text(), "To study work and hiring."
    assert line in at.out
    notice = f"{at.site}/kept/privacy"
    at.policy.write_text(whole.replace(line, "To study work, pay and hiring."))
    wait_until(lambda: "names another policy already" in at.out, "a version names one policy for good")
    at.policy.write_text(
        whole.replace(line, "To study work, pay and hiring.").replace('version: "', 'version: "2027-', 1)
    )
    wait_until(lambda: "To study work, pay and hiring." in got(notice)[1], "the notice follows")
    at.policy.write_text(whole)
    wait_until(lambda: "To study work, pay and hiring." not in got(notice)[1], "and back")


def test_a_misspelt_line_is_named_and_the_version_in_force_stays(at: Demo) -> None:
    whole, before = at.policy.read_text(), got(f"{at.site}/kept/privacy")[1]
    number = whole[: whole.index("      research:")].count("\n") + 2
    misspelt = whole.replace("called: Research on work", "caled: Research on work")
    at.policy.write_text(misspelt)
    try:
        wait_until(lambda: f"policy.yaml:{number}" in at.out, "the line is named")
        said = at.out[at.out.index(f"policy.yaml:{number}") :]
        assert "called" in said
        assert "The version in force stays." in said
        assert got(f"{at.site}/kept/privacy")[1] == before
    finally:
        at.policy.write_text(whole)


def test_it_stops_with_all_it_started_and_goes_on_where_it_was(at: Demo) -> None:
    ana = at.browser()
    ana.answer(by_choice=True)
    ana.send({"name": "job_view", "properties": {"job": "j-17"}})
    token, shown = at.owner_token, at.out.count(at.owner_token)
    stop_within(at, 15)
    at.start()
    assert [visit["name"] for visit in at.shown(ana.visitor)] == ["job_view"]
    assert at.out.count(token) == shown + 1


def stop_within(at: Demo, seconds: float) -> None:
    """Ctrl-C, and what must be so afterwards."""
    began = time.monotonic()
    assert at.stop(signal.SIGINT) == 0
    assert time.monotonic() - began < seconds
    assert at.alive() == {}
    assert "Traceback" not in at.out


@pytest.mark.skipif(not LOG.exists(), reason=f"no real log at {LOG}: bringing it in was not tried")
def test_the_real_log_comes_in_once_also_when_the_demo_is_stopped_in_between(tmp_path: Path) -> None:
    with demo(tmp_path, empty=False) as at:
        wait_until(lambda: f"{PAGES_IN_LOG:,} page views kept" in at.out, "the log is in", 120)
        wait_until(lambda: views(at) == PAGES_IN_LOG, "all of it can be asked about")
        wait_until(lambda: "Bringing in job_views.csv" in at.out, "the next list has begun")
        stop_within(at, 15)
        at.start()
        wait_until(lambda: at.out.count("Bringing in job_views.csv") > 1, "it goes on with the list")
        assert at.out.count("Bringing in the server log") == 1
        assert views(at) == PAGES_IN_LOG
        stop_within(at, 15)


def views(at: Demo) -> int:
    return int(at.asked("performance", "select count(*) as many from page_view")[0]["many"])


def test_ctrl_c_while_it_starts(tmp_path: Path) -> None:
    at = Demo(tmp_path)
    with (tmp_path / "out").open("w") as out:
        at.process = subprocess.Popen(
            at.command, cwd=ROOT, env=at.environment, stdout=out, stderr=subprocess.STDOUT, text=True
        )
    wait_until(lambda: "is in force" in at.out, "it has begun")
    stop_within(at, 15)
