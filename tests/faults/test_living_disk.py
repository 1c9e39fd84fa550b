"""A full disk under a living installation: what cannot be stored is refused in words, and room is all it needs."""

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from time import sleep

import pytest

from tests.faults.living_eyes import Eyes, none_left
from tests.faults.living_insider import Insider
from tests.faults.living_member import Member, member
from tests.faults.living_senders import Sender, in_lake, sending, someone
from tests.faults.living_traces import keys_of, traces
from tests.living import Browser, Living, living, wait_until

MEGABYTES = 16
LOOKERS = 40
SENDERS = 4
TIMES_FULL = 10 if os.environ.get("KEPT_LONG") else 2


@contextmanager
def small_disk(at: Path) -> Iterator[None]:
    """A file system of its own, small enough to be filled."""
    at.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "kept-test", str(at)],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted, so a full one was not tried: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", str(at)], check=True)


def fill(data: Path) -> Path:
    """Take all room that is left; the file that holds it."""
    ballast = data / "ballast"
    handle = os.open(ballast, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 20, 1 << 12, 1):
            while True:
                os.write(handle, b"\1" * size)
    except OSError:
        pass
    finally:
        os.close(handle)
    return ballast


@dataclass
class Looker:
    """Someone who looks at jobs, and keeps what was not taken, to send it again with the same id."""

    browser: Browser
    name: str
    taken: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def looks(self) -> int:
        """One look at one job of its own; the status."""
        job = f"{self.name}-{len(self.taken) + len(self.refused)}"
        return self._send(job)

    def tries_again(self) -> None:
        """Send everything that was refused."""
        again, self.refused = self.refused, []
        for job in again:
            assert self._send(job) == 200

    def _send(self, job: str) -> int:
        status, said, headers = told(
            self.browser,
            "/v1/events",
            {"events": [{"name": "job_view", "id": job, "properties": {"job": job}}]},
        )
        if status == 200:
            assert json.loads(said)["accepted"] == 1
            self.taken.append(job)
        else:
            assert (status, headers["retry-after"]) == (503, "30")
            assert "stored" in json.loads(said)["error"]
            self.refused.append(job)
        return status


def told(browser: Browser, path: str, body: dict[str, object]) -> tuple[int, bytes, dict[str, str]]:
    """Send JSON, with the key for pages; status, body, headers. Cookies are taken as the answer sets them."""
    connection = HTTPConnection("127.0.0.1", browser.living.public_port, timeout=40)
    try:
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        headers = {"Content-Type": "application/json", "X-Forwarded-For": browser.address, "Cookie": cookies}
        connection.request("POST", path, json.dumps({"key": browser.living.write_key, **body}), headers)
        reply = connection.getresponse()
        browser._remember(reply)
        return reply.status, reply.read(), {name.lower(): value for name, value in reply.getheaders()}
    finally:
        connection.close()


def says_no(browser: Browser) -> bool:
    """Withdraw. Whether it was taken; when it was not, that is said, and the browser still knows its yes."""
    before = dict(browser.cookies)
    status, said, headers = told(browser, "/v1/choices", {"answers": {"by_choice": False}, "how": "page"})
    if status == 200:
        assert {group["name"]: group["answer"] for group in json.loads(said)["groups"]}["by_choice"] is False
        assert "kept_visit" not in browser.cookies
        return True
    assert (status, headers["retry-after"]) == (503, "30")
    assert "not saved" in json.loads(said)["error"]
    assert browser.cookies == before
    return False


def test_a_full_disk_is_said_and_room_is_all_it_needs(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "data"),
        none_left(),
        living(tmp_path) as house,
        Insider(house) as insider,
    ):
        secret = insider.secret_key()
        lookers = [looker(house, number) for number in range(LOOKERS)]
        cy = member(house, insider, secret)
        assert [who.looks() for who in lookers] == [200] * LOOKERS
        before = house.children()
        ballast = fill(house.data)
        said = [who.looks() for who in lookers for _ in range(3)]
        assert 503 in said
        went = {who.name: says_no(who.browser) for who in lookers[::2]}
        assert False in went.values()
        number = cy.asks_for_deletion()  # None: a page has said that nothing was saved
        pages_answer(cy)
        sleep(6.0)  # longer than anything waits that is written now and then
        assert house.children() == before, "nobody gave up"
        assert number is None or cy.receipt(number) is None
        ballast.unlink()
        for who in lookers:
            if not went.get(who.name):
                who.tries_again()
        assert all(says_no(who.browser) for who in lookers[::2] if not went[who.name])
        done_at_last(house, cy, number)
        expected = {job: 1 for who in lookers[1::2] for job in who.taken}
        assert insider.jobs("looker") == expected, "each once, and none of who withdrew"
        assert house.children() == before
        assert "Traceback" not in house.out
        assert "parameters" not in house.out, "the values of a statement are people's"


def test_full_under_load_it_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data"), none_left(), living(tmp_path) as house:
        stop = threading.Event()
        senders = [Sender(someone(house, number), f"sender{number}", stop) for number in range(SENDERS)]
        before = house.children()
        with sending(senders, stop):
            for _ in range(TIMES_FULL):
                so_far, refused = acknowledged(senders), refusals(senders)
                wait_until(lambda: acknowledged(senders) > so_far + 200, "they are under way")  # noqa: B023
                ballast = fill(house.data)
                wait_until(lambda: refusals(senders) > refused + 50, "they are refused")  # noqa: B023
                ballast.unlink()
        assert {waits for sender in senders for waits in sender.refused} == {(503, "30")}
        taken = acknowledged(senders)
        wait_until(lambda: in_lake(house)[0] >= taken, "all of it is in the lake")
        assert in_lake(house) == (taken, taken)
        assert house.children() == before
        assert "Traceback" not in house.out


def acknowledged(senders: list[Sender]) -> int:
    return sum(len(sender.acknowledged) for sender in senders)


def refusals(senders: list[Sender]) -> int:
    return sum(sum(sender.refused.values()) for sender in senders)


def looker(house: Living, number: int) -> Looker:
    """Someone who said yes."""
    browser = house.browser(f"84.128.{number}.1")
    browser.answer(by_choice=True, outward=False)
    return Looker(browser, f"looker{number}")


def pages_answer(someone: Member) -> None:
    """What only shows something still shows it."""
    for path in ("/privacy", "/choices", "/kept.js"):
        assert someone.browser.ask("GET", path)[0] == 200
    assert "Job view" in someone.opens("data"), "it is still there, and shown"


def done_at_last(house: Living, someone: Member, number: int | None) -> None:
    """The deletion is done, whether it was begun before or only now."""
    with Eyes(house.data):
        begun = number or someone.asks_for_deletion()
    assert begun is not None
    wait_until(lambda: someone.receipt(begun), "the deletion is done", 60)
    assert traces(house.data, someone.left) == []
    assert keys_of(house.data, someone.left) == 0
