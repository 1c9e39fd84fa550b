"""Slow, greedy, half-gone and far too many senders at a living installation, under the deadlines and caps that it has.

Each is cut off in its time with the reason, everybody else is served meanwhile, what was acknowledged is there, and
the process is as large as before.
"""

import resource
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

import pytest

from kept.bench.memory import pss_below
from kept.web.watch import Guards
from tests.collecting import post, read_reply
from tests.faults.living_eyes import none_left
from tests.faults.living_insider import Insider
from tests.living import Living, living, wait_until

GUARDS = Guards()
LATE = 2.0
"""Deadlines are kept to within half a second; the rest is a busy machine's."""
OF_EACH_KIND = 10
PAUSE = 0.4
MEGABYTE = 1 << 20
PATHS = ("/v1/events", "/v1/choices", "/v1/batch")


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    """One that starts with as few files as many systems allow at first."""
    with few_files(1_024), none_left(), living(tmp_path_factory.mktemp("house")) as started:
        yield started


@contextmanager
def few_files(most: int) -> Iterator[None]:
    """A low soft limit for what is started within; back at once for the tests, which open many themselves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    with ExitStack() as back:
        back.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        yield


@pytest.fixture(autouse=True)
def many_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def event(
    house: Living, visitor: str, job: str, path: str = "/v1/events", address: str = "84.130.1.1"
) -> bytes:
    said = f'{{"key":"{house.write_key}","visitor":"{visitor}","events":[{{"name":"job_view","id":"{job}",'
    body = (said + f'"properties":{{"job":"{job}"}}}}]}}').encode()
    return post(body, path=path, x_forwarded_for=address)


def connect(house: Living) -> socket.socket:
    return socket.create_connection(("127.0.0.1", house.public_port), timeout=60)


@dataclass
class Sender:
    """Sends `first` at once, then `slowly` a byte at a time, then nothing; and waits for its end."""

    connection: socket.socket
    expects: bytes
    within: float
    slowly: bytes = b""
    said: bytes = b""
    took: float = 0.0

    def run(self) -> None:
        """Until the other side has closed."""
        began, more, closed = time.monotonic(), list(self.slowly), False
        self.connection.settimeout(PAUSE)
        while not closed and time.monotonic() - began < 60:
            with suppress(OSError):
                if more:
                    self.connection.send(bytes([more.pop(0)]))
            try:
                part = self.connection.recv(65_536)
                self.said, closed = self.said + part, not part
            except TimeoutError:
                pass
            except OSError:
                closed = True
        self.took = time.monotonic() - began
        self.connection.close()


def kinds(house: Living) -> Iterator[Sender]:
    """One sender of each kind, with what it must hear and by when."""
    whole = event(house, "someone", "slow")
    for path in PATHS:
        request = event(house, "someone", "slow", path)
        head, body = request.split(b"\r\n\r\n", 1)
        yield sender(house, b"HTTP/1.1 408 ", GUARDS.head_seconds, b"", request)
        yield sender(house, b"HTTP/1.1 408 ", GUARDS.body_seconds, head + b"\r\n\r\n", body)
        yield sender(house, b"HTTP/1.1 408 ", GUARDS.body_seconds, request[:-1])
        yield sender(house, b"HTTP/1.1 400 ", LATE, b"\x16\x03\x01\x02" + request)
    yield sender(house, b"HTTP/1.1 408 ", GUARDS.head_seconds, b"")
    yield sender(house, b"HTTP/1.1 200 ", GUARDS.idle_seconds, whole)
    yield sender(house, b"HTTP/1.1 200 ", GUARDS.idle_seconds, whole + whole[:1])


def sender(house: Living, expects: bytes, within: float, first: bytes, slowly: bytes = b"") -> Sender:
    connection = connect(house)
    connection.sendall(first)
    return Sender(connection, expects, within, slowly)


@dataclass
class Honest:
    """Someone who sends one event after the other, all the while, and expects each answered soon."""

    house: Living
    visitor: str
    name: str = field(default_factory=lambda: f"honest{secrets.token_hex(3)}-")
    stop: threading.Event = field(default_factory=threading.Event)
    taken: int = 0
    longest: float = 0.0
    wrong: list[bytes] = field(default_factory=list)

    def run(self) -> None:
        """Over one connection, until told to stop."""
        with connect(self.house) as connection:
            while not self.stop.is_set():
                began = time.monotonic()
                connection.sendall(
                    event(self.house, self.visitor, f"{self.name}{self.taken}", address="84.131.1.1")
                )
                got = read_reply(connection)
                self.longest = max(self.longest, time.monotonic() - began)
                if got.status == 200 and got.json()["accepted"] == 1:
                    self.taken += 1
                else:
                    self.wrong.append(got.body)
                time.sleep(0.03)


@contextmanager
def honest(house: Living) -> Iterator[Honest]:
    """Somebody sends while whatever happens."""
    browser = house.browser("84.131.1.1")
    browser.answer(by_choice=True)
    one = Honest(house, browser.visitor)
    thread = threading.Thread(target=one.run, daemon=True)
    thread.start()
    yield one
    one.stop.set()
    thread.join(30)
    assert not thread.is_alive()
    assert one.wrong == []
    assert one.taken > 5
    assert one.longest < 3.0
    with Insider(house) as insider:
        wait_until(lambda: insider.seen(f"{one.name}{one.taken - 1}"), "what was acknowledged is in the lake")
        seen = insider.jobs(one.name)
        assert len(seen) >= one.taken
        assert set(seen.values()) == {1}


def size_of(house: Living) -> int:
    """Memory of the public process, bytes."""
    return pss_below(house.children()["public"])["public"]


def test_the_slow_are_cut_off_in_their_time_and_told_why(house: Living) -> None:
    with honest(house):
        senders = [each for _ in range(OF_EACH_KIND) for each in kinds(house)]
        threads = [threading.Thread(target=each.run, daemon=True) for each in senders]
        before = size_of(house)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(90)
        for each in senders:
            assert each.said.startswith(each.expects), (each.expects, each.said[:60])
            assert each.took < each.within + LATE, each
        assert size_of(house) - before < 16 * MEGABYTE


def test_who_closes_one_half_still_hears_the_answer(house: Living) -> None:
    browser = house.browser("84.132.1.1")
    browser.answer(by_choice=True)
    for path in ("/v1/events", "/v1/batch", "/privacy"):
        with connect(house) as connection:
            connection.sendall(event(house, browser.visitor, f"half{path}", path))
            connection.shutdown(socket.SHUT_WR)
            assert read_reply(connection).status in (200, 400, 405)
            assert connection.recv(1) == b"", "and then it is closed"
    with connect(house) as connection:
        connection.sendall(b"".join(event(house, browser.visitor, f"half-{n}") for n in range(50)))
        connection.shutdown(socket.SHUT_WR)
        assert [read_reply(connection).status for _ in range(50)] == [200] * 50
    with connect(house) as connection:
        connection.sendall(event(house, browser.visitor, "half-cut")[:-3])
        connection.shutdown(socket.SHUT_WR)
        assert read_reply(connection).status == 400


def test_pipelined_requests_of_all_kinds_are_answered_in_their_order(house: Living) -> None:
    browser = house.browser("84.133.1.1")
    browser.answer(by_choice=True)
    asked = [
        (event(house, browser.visitor, "piped", address="84.133.1.1"), 200),
        (b"GET /kept.js HTTP/1.1\r\nhost: a\r\n\r\n", 200),
        (post(b"{", path="/v1/events", x_forwarded_for="84.133.1.1"), 400),
        (b"GET /no/such/page HTTP/1.1\r\nhost: a\r\n\r\n", 404),
        (post(b"{}", path="/v1/batch", x_forwarded_for="84.133.1.1"), 400),
    ] * 40
    with connect(house) as connection:
        threading.Thread(
            target=connection.sendall, args=(b"".join(request for request, _ in asked),), daemon=True
        ).start()
        assert [read_reply(connection).status for _ in asked] == [status for _, status in asked]


def test_bodies_that_do_not_come_to_an_end_have_one_bound_together(house: Living) -> None:
    unfinished = post(b" " * (GUARDS.body_bytes - 10))[:-1]
    many = 3 * GUARDS.held_bytes // len(unfinished)
    before = size_of(house)
    with honest(house):
        connections = [connect(house) for _ in range(many)]
        for connection in connections:
            with suppress(OSError):  # those that are refused
                connection.sendall(unfinished)
        assert size_of(house) - before < GUARDS.held_bytes + 40 * MEGABYTE
        said = [_all_of(connection) for connection in connections]
    statuses = [part[9:12] for part in said if part]
    assert statuses.count(b"408") <= GUARDS.held_bytes // (GUARDS.body_bytes - 11)
    assert statuses.count(b"503") > many // 3, "the others were told that it is too much"
    assert set(statuses) == {b"408", b"503"}
    wait_until(lambda: size_of(house) - before < 40 * MEGABYTE, "it is as small as before", 15)


def _all_of(connection: socket.socket) -> bytes:
    said = b""
    with suppress(OSError), connection:
        while part := connection.recv(65_536):
            said += part
    return said


def test_more_connections_than_it_takes_keep_nobody_out_who_is_in(house: Living) -> None:
    before = size_of(house)
    with honest(house):
        held = [connect(house) for _ in range(GUARDS.connections + 300)]
        said = [_all_of(connection) for connection in held]
    told = [part for part in said if part]
    assert sum(part.startswith(b"HTTP/1.1 503 ") for part in told) >= 200
    assert sum(part.startswith(b"HTTP/1.1 408 ") for part in told) >= GUARDS.connections - 100
    assert len(told) == len(said), "each heard why"
    assert size_of(house) - before < 32 * MEGABYTE


def test_nobody_gave_up(house: Living) -> None:
    assert "Traceback" not in house.out
    assert "ended with code" not in house.out
