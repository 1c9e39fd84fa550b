"""An installation under a service manager: watched from outside, at rest, and stopped in the middle of things."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.living import Living, free_port, living, wait_until
from tests.unit.test_metrics import samples

TYPED = (
    "ana.typed@example.org",
    "job-typed-4711",
    "Typed/9.9 (Agent)",
    "typed-path",
    "typed-token",
    "typed_cookie",
    "192.0.2.177",
    "typed.example.net",
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    settings = {"KEPT_LOG": "json", "KEPT_REST_SECONDS": "2", "KEPT_METRICS_PORT": str(free_port())}
    with living(tmp_path_factory.mktemp("operation"), **settings) as started:
        yield started


def see(port: int, path: str, **headers: str) -> tuple[int, str]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path, headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


def watched(house: Living, path: str) -> tuple[int, str]:
    return see(int(house.more["KEPT_METRICS_PORT"]), path)


def figures(house: Living) -> dict[tuple[str, str], float]:
    return samples(watched(house, "/-/metrics")[1])


def has_loaded(pid: int, name: str) -> bool:
    return name in Path(f"/proc/{pid}/maps").read_text()


def engines(pid: int) -> bool:
    return has_loaded(pid, "duckdb")


def keys(house: Living) -> dict[str, str]:
    """What `kept keys show` prints: a log in JSON names no key."""
    return {"key": house.run("keys", "show").split()[-1]}


def test_watchers_have_a_port_of_their_own(house: Living) -> None:
    wait_until(lambda: watched(house, "/-/ready")[0] == 200, "it is ready")
    assert watched(house, "/-/health") == (200, '{"healthy":true}')
    assert see(house.console_port, "/-/metrics")[0] == 404
    assert watched(house, "/reports")[0] == 404


def test_what_came_in_and_what_was_refused_is_counted(house: Living) -> None:
    ana = house.browser()
    told = {
        "visitor": "kv_" + "a" * 43,
        "events": [{"name": "page_view", "page": "/jobs"}, {"name": "typed"}],
    }
    status, said = ana.ask("POST", "/v1/events", {**keys(house), **told})
    assert status == 200, said
    wait_until(
        lambda: figures(house).get(("kept_events_refused_total", "undeclared event/")) == 1,
        "the refusal counts",
    )
    assert figures(house)["kept_event_requests_total", "200"] == 1


def test_no_log_holds_what_was_typed(house: Living) -> None:
    mail, job, agent, path, token, cookie, address, site = TYPED
    for way in ("/v1/events", "/v1/choices", "/v1/join", "/data/erase", f"/{path}"):
        for body in (
            json.dumps({"key": mail, "visitor": job, "events": [{"name": mail}]}),
            f'{{"key": "{mail}", ',
            f'{{"{mail}": 1}}',
        ):
            connection = HTTPConnection("127.0.0.1", house.public_port, timeout=30)
            headers = {
                "User-Agent": agent,
                "X-Forwarded-For": address,
                "Referer": f"https://{site}/",
                "Cookie": f"kept_visit={cookie}",
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
            }
            connection.request("POST", f"{way}?token={token}", body, headers)
            connection.getresponse().read()
            connection.close()
            see(house.public_port, f"{way}?token={token}&q={mail}", Cookie=f"kept_visit={cookie}")
    see(house.console_port, f"/reports?for={mail}", Authorization=f"Bearer {token}")
    broken = HTTPConnection("127.0.0.1", house.public_port, timeout=30)
    broken.connect()
    broken.sock.sendall(f"GET {mail} {token}\r\n{job}\r\n\r\n".encode())
    broken.sock.recv(4096)
    broken.close()
    house.policy.write_text(house.policy.read_text() + "\nnonsense here\n")
    wait_until(lambda: "The version in force stays" in house.out, "the policy is refused")
    for typed in TYPED:
        assert typed not in house.out
    lines = [json.loads(line) for line in house.out.splitlines()]
    assert {"at", "level", "process", "of", "says"} <= set(lines[0])
    assert "ot_" not in house.out


def test_who_has_nothing_to_do_gives_its_memory_back_and_wakes_again(house: Living) -> None:
    token = house.run("keys", "owner").split()[-1]
    connection = HTTPConnection("127.0.0.1", house.console_port, timeout=60)
    connection.request(
        "POST", "/sign-in", f"token={token}", {"Content-Type": "application/x-www-form-urlencoded"}
    )
    reply = connection.getresponse()
    reply.read()
    connection.close()
    cookie, seat = reply.headers["set-cookie"].partition(";")[0], reply.headers["location"].partition("/")[0]
    assert see(house.console_port, f"/{seat}/reports.json?for=performance", Cookie=cookie)[0] == 200
    before = house.children()
    wait_until(lambda: not any(map(engines, before.values())), "no process carries an engine", 60)
    assert house.children() == before  # the same processes, begun anew
    resting = "until somebody calls, the console holds its ports alone"
    wait_until(lambda: not has_loaded(before["console"], "httptools"), resting, 60)
    assert house.children() == before
    assert see(house.console_port, f"/{seat}/ledger", Cookie=cookie)[0] == 200, "the session goes on"
    ben = house.browser()
    status, said = ben.ask(
        "POST", "/v1/choices", {**keys(house), "answers": {"by_choice": True}, "how": "page"}
    )
    assert status == 200, said
    told = {**keys(house), "events": [{"name": "page_view", "page": "/jobs"}]}
    assert json.loads(ben.ask("POST", "/v1/events", told)[1])["accepted"] == 1
    shown = ["person", "show", "--visitor", ben.visitor, "--json"]
    wait_until(lambda: len(json.loads(house.run(*shown))["your visits"]) == 1, "the event is in the lake", 60)


def test_a_stop_in_the_middle_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """SIGTERM while eight browsers send: each is answered or turned away, and every yes is there afterwards."""
    with living(tmp_path) as house:
        ana = house.browser()
        ana.answer(by_choice=True, outward=False)
        key, accepted, enough = house.write_key, [0] * 8, threading.Event()

        def send(place: int) -> None:
            while True:
                told = {"key": key, "events": [{"name": "page_view", "page": "/jobs"}] * 5}
                try:
                    status, said = ana.ask("POST", "/v1/events", told)
                except OSError:  # the door is shut
                    return
                if status == 200:
                    accepted[place] += json.loads(said)["accepted"]
                if sum(accepted) > 300:
                    enough.set()

        senders = [threading.Thread(target=send, args=(place,)) for place in range(8)]
        for sender in senders:
            sender.start()
        assert enough.wait(60)
        began = time.monotonic()
        assert house.stop(signal.SIGTERM) == 0
        assert time.monotonic() - began < 20
        for sender in senders:
            sender.join()
        house.start()
        shown = ["person", "show", "--visitor", ana.visitor, "--json"]
        kept = len(json.loads(house.run(*shown))["your visits"])
        assert kept >= sum(accepted) > 300
