"""Senders who are slow, broken, greedy or gone: each is cut off in time, and the others are served."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from kept.web.watch import Guards
from tests.collecting import Notebook, Running, ask, body, collector, post, read_reply, running

QUICK = Guards(
    head_seconds=0.4,
    body_seconds=0.4,
    idle_seconds=0.6,
    write_seconds=0.5,
    linger_seconds=0.3,
    stop_seconds=5,
    head_bytes=2_000,
    header_lines=20,
    body_bytes=5_000,
    held_bytes=12_000,
    connections=8,
    turned_away=4,
    sweep_seconds=0.05,
)
VIEW = {"name": "page_view"}
CENTRE = "/privacy"


@pytest.fixture(name="notebook")
def a_notebook() -> Notebook:
    return Notebook()


@pytest.fixture(name="server")
def a_server(notebook: Notebook) -> Iterator[Running]:
    with running(collector(notebook), QUICK) as server:
        yield server
        assert ask(server, post(body(VIEW))).status == 200  # whatever happened: the next is served


def until_closed(connection: socket.socket, most: float = 3.0) -> tuple[bytes, float]:
    """Everything that still comes, and how long it took until the server closed."""
    began, said = time.monotonic(), b""
    connection.settimeout(most)
    while True:
        try:
            part = connection.recv(65_536)
        except ConnectionResetError:
            part = b""
        if not part:
            return said, time.monotonic() - began
        said += part


def trickle(connection: socket.socket, data: bytes, pause: float = 0.05) -> None:
    """Byte by byte, for as long as the server listens."""

    def send() -> None:
        for at in range(len(data)):
            try:
                connection.send(data[at : at + 1])
            except OSError:
                return
            time.sleep(pause)

    threading.Thread(target=send, daemon=True).start()


@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
def test_a_trickled_head_is_cut_off(server: Running, path: str) -> None:
    with server.connect() as connection:
        trickle(connection, post(body(VIEW), path=path))
        said, took = until_closed(connection)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert took < 2.0


@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
def test_a_trickled_body_is_cut_off(server: Running, notebook: Notebook, path: str) -> None:
    request = post(body(VIEW, visitor="ana" * 20), path=path)
    head, content = request.split(b"\r\n\r\n", 1)
    with server.connect() as connection:
        connection.sendall(head + b"\r\n\r\n")
        trickle(connection, content)
        said, took = until_closed(connection)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert took < 2.0
    assert notebook.events == []


def test_a_connection_that_says_nothing_is_cut_off(server: Running) -> None:
    with server.connect() as connection:
        said, took = until_closed(connection)
    assert said.startswith(b"HTTP/1.1 408 ")
    assert took < 2.0


@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
def test_an_idle_connection_is_closed_without_a_word(server: Running, path: str) -> None:
    with server.connect() as connection:
        connection.sendall(post(body(VIEW), path=path))
        assert read_reply(connection).status == 200
        said, took = until_closed(connection)
    assert said == b""
    assert 0.4 < took < 2.0


def test_one_connection_serves_many_requests_and_both_sides_of_the_house(server: Running) -> None:
    with server.connect() as connection:
        for path, expected in (("/v1/events", 200), (CENTRE, 200), ("/v1/events", 200)) * 5:
            connection.sendall(post(body(VIEW), path=path))
            assert read_reply(connection).status == expected


@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_large(server: Running, notebook: Notebook, path: str, chunked: bool) -> None:
    content = body(VIEW, visitor="a" * 100) + b" " * 200_000
    request = post(content, path=path)
    if chunked:
        head = request.split(b"content-length")[0] + b"transfer-encoding: chunked\r\n\r\n"
        request = head + b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
    with server.connect() as connection:
        with suppress(OSError):  # the server may close while we still send
            connection.sendall(request)
        said, took = until_closed(connection)
    assert said.startswith(b"HTTP/1.1 413 ")
    assert took < 2.0
    assert notebook.events == []


@pytest.mark.parametrize(
    "more",
    [
        b"x-much: " + b"x" * 3_000 + b"\r\n",
        b"".join(b"x-%d: y\r\n" % number for number in range(30)),
        b"x-endless: " + b"y" * 300_000,
    ],
    ids=["long", "many", "endless"],
)
@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
def test_a_head_that_is_too_large(server: Running, path: str, more: bytes) -> None:
    request = post(body(VIEW), path=path).replace(b"content-length", more + b"content-length", 1)
    with server.connect() as connection:
        with suppress(OSError):  # the server may close while we still send
            connection.sendall(request)
        said, _ = until_closed(connection)
    assert said.startswith(b"HTTP/1.1 431 ")


def test_an_endless_path(server: Running) -> None:
    with server.connect() as connection:
        with suppress(OSError):  # the server may close while we still send
            connection.sendall(b"GET /" + b"a" * 100_000)
        said, _ = until_closed(connection)
    assert said.startswith(b"HTTP/1.1 431 ")


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 50 + b"\r\n\r\n",  # TLS to a plain port
        b"HELLO\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nhost: a\r\n\r\n",
        b"CONNECT evil.example:443 HTTP/1.1\r\nhost: a\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        b"POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ncontent-length: 4\r\n\r\nabc",
        b"POST /v1/events HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_garbage(server: Running, garbage: bytes) -> None:
    with server.connect() as connection:
        connection.sendall(garbage)
        said, took = until_closed(connection)
    assert said.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 413 ")), said
    assert took < 2.0


@pytest.mark.parametrize("cut", [1, 20, 150, -10, -1])
@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
def test_a_sender_who_leaves_within_the_request(
    server: Running, notebook: Notebook, path: str, cut: int
) -> None:
    with server.connect() as connection:
        connection.sendall(post(body(VIEW), path=path)[:cut])
    time.sleep(0.1)
    assert notebook.events == []


def test_a_sender_who_leaves_before_the_answer(server: Running, notebook: Notebook) -> None:
    notebook.holds = True
    with server.connect() as connection:
        connection.sendall(post(body(VIEW)))
        while not notebook.events:
            time.sleep(0.01)
    time.sleep(0.1)
    server.do(notebook.let_go)
    notebook.holds = False
    assert len(notebook.events) == 1  # what was sent is stored, though nobody waits


def test_pipelined_requests_are_answered_in_their_order(server: Running, notebook: Notebook) -> None:
    paths = ["/v1/events", CENTRE, "/v1/events", "/v1/events", CENTRE] * 6
    requests = [
        post(body({"name": "page_view", "id": str(number)}) if number % 3 else b"{", path=path)
        for number, path in enumerate(paths)
    ]
    with server.connect() as connection:
        connection.sendall(b"".join(requests))
        replies = [read_reply(connection) for _ in paths]
    for number, (path, reply) in enumerate(zip(paths, replies, strict=True)):
        if path == CENTRE:
            assert reply.body.startswith(b"/privacy ")
        else:
            assert reply.status == (200 if number % 3 else 400)
    assert len(notebook.events) == sum(path != CENTRE and number % 3 > 0 for number, path in enumerate(paths))


def test_thousands_of_pipelined_faults_do_not_pile_up(server: Running) -> None:
    with server.connect() as connection:
        sender = threading.Thread(target=connection.sendall, args=(post(b"{") * 2_000,), daemon=True)
        sender.start()
        assert {read_reply(connection).status for _ in range(2_000)} == {400, 429}
        sender.join(5)


def test_a_refusal_waits_for_the_answers_before_it(server: Running, notebook: Notebook) -> None:
    notebook.holds = True
    with server.connect() as connection:
        connection.sendall(post(body(VIEW)) + b"GARBAGE\r\n\r\n")
        while not notebook.held:
            time.sleep(0.01)
        time.sleep(0.1)
        server.do(notebook.let_go)
        assert read_reply(connection).status == 200
        assert read_reply(connection).status == 400
    notebook.holds = False


@pytest.mark.parametrize("held", [True, False])
@pytest.mark.parametrize(
    ("then", "status"),
    [
        (post(body(VIEW) + b" " * 200_000), 413),
        (post(body(VIEW), path="/privacy") + post(b" " * 200_000, path="/privacy"), 413),
        (post(body(VIEW), x_much="x" * 3_000), 431),
        (post(body(VIEW), connection="Upgrade", upgrade="h2c"), 400),
    ],
)
def test_what_is_refused_by_its_head_leaves_the_answers_before_it_alone(
    server: Running, notebook: Notebook, then: bytes, status: int, held: bool
) -> None:
    notebook.holds = held
    first = [post(body({**VIEW, "id": str(number)})) for number in range(3)]
    with server.connect() as connection:
        sending = threading.Thread(target=_send, args=(connection, b"".join(first) + then), daemon=True)
        sending.start()
        for _ in first:
            while held and not notebook.held:
                time.sleep(0.01)
            server.do(notebook.let_go)
            assert read_reply(connection).json() == {"accepted": 1, "refused": []}
        if b"/privacy" in then:
            assert read_reply(connection).status == 200
        assert read_reply(connection).status == status
        sending.join(5)
    notebook.holds = False


def _send(connection: socket.socket, data: bytes) -> None:
    with suppress(OSError):  # the server may close while we still send
        connection.sendall(data)


def test_a_reader_who_does_not_read_is_cut_off(notebook: Notebook) -> None:
    ended = threading.Event()

    async def large(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(400):
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
        ended.set()

    with running(collector(notebook), QUICK, app=large) as server, server.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        connection.sendall(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
        assert not ended.wait(0.3)  # stuck: the reader's window is full
        assert ended.wait(3.0)  # the sender is told that nobody is there any more


def test_more_connections_than_allowed_are_turned_away(server: Running) -> None:
    held = [server.connect() for _ in range(QUICK.connections)]
    try:
        with server.connect() as connection:
            said, took = until_closed(connection)
        assert said.startswith(b"HTTP/1.1 503 ")
        assert took < 2.0
    finally:
        for connection in held:
            connection.close()
        time.sleep(0.2)


def test_far_too_many_connections_are_ended_without_a_word(server: Running) -> None:
    most = QUICK.connections + QUICK.turned_away
    held = [server.connect() for _ in range(most)]
    try:
        with server.connect() as connection:
            said, took = until_closed(connection)
        assert (said, took < 0.2) == (b"", True)
    finally:
        for connection in held:
            connection.close()
        time.sleep(0.5)


@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
def test_unfinished_bodies_have_one_bound_together(server: Running, path: str) -> None:
    unfinished = post(b" " * 4_900, path=path)[:-1]
    held = [server.connect() for _ in range(4)]
    for connection in held:
        connection.sendall(unfinished)
        time.sleep(0.02)
    said = [until_closed(connection)[0][:13] for connection in reversed(held)]
    assert sorted(said) == [b"HTTP/1.1 408 "] * 2 + [b"HTTP/1.1 503 "] * 2
    for connection in held:
        connection.close()


@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
def test_what_came_at_last_or_whose_sender_left_is_not_held_any_more(server: Running, path: str) -> None:
    request = post(body(VIEW) + b" " * 4_000, path=path)
    for _ in range(2 * QUICK.held_bytes // len(request)):
        with server.connect() as connection:
            connection.sendall(request[:-1])
            time.sleep(0.03)
            connection.sendall(request[-1:])
            assert read_reply(connection).status == 200
            connection.sendall(request[:-1])
            time.sleep(0.03)


@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
def test_who_closes_one_half_still_hears_the_answer(server: Running, notebook: Notebook, path: str) -> None:
    notebook.holds = True
    with server.connect() as connection:
        connection.sendall(post(body(VIEW), path=path) * 3)
        connection.shutdown(socket.SHUT_WR)
        time.sleep(0.1)
        for _ in range(3):
            while path != CENTRE and not notebook.held:
                time.sleep(0.01)
            server.do(notebook.let_go)
            assert read_reply(connection).status == 200
        assert until_closed(connection)[0] == b""
    notebook.holds = False


@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
@pytest.mark.parametrize("cut", [40, -2])
def test_who_closes_one_half_within_a_request_is_told(server: Running, path: str, cut: int) -> None:
    with server.connect() as connection:
        connection.sendall(post(body(VIEW), path=path)[:cut])
        connection.shutdown(socket.SHUT_WR)
        assert read_reply(connection).status == 400


def test_expectations_are_met(server: Running) -> None:
    request = post(body(VIEW), expect="100-continue")
    head, content = request.split(b"\r\n\r\n", 1)
    with server.connect() as connection:
        connection.sendall(head + b"\r\n\r\n")
        assert read_reply(connection).status == 100
        connection.sendall(content)
        assert read_reply(connection).status == 200


def test_an_offer_to_change_the_protocol_is_declined(server: Running) -> None:
    request = b"GET / HTTP/1.1\r\nhost: a\r\nconnection: Upgrade, HTTP2-Settings\r\nupgrade: h2c\r\n\r\n"
    with server.connect() as connection:
        connection.sendall(request + request)
        assert [read_reply(connection).status for _ in range(2)] == [200, 200]


@pytest.mark.parametrize("path", ["/v1/events", CENTRE])
def test_an_offer_to_change_the_protocol_with_a_body_is_refused_in_words(server: Running, path: str) -> None:
    with server.connect() as connection:
        connection.sendall(post(body(VIEW), path=path, connection="Upgrade", upgrade="h2c"))
        said, _ = until_closed(connection)
    assert said.startswith(b"HTTP/1.1 400 ")
    assert b"Upgrade" in said


def test_http_1_0_is_answered_and_closed(server: Running) -> None:
    request = post(body(VIEW)).replace(b"HTTP/1.1", b"HTTP/1.0")
    with server.connect() as connection:
        connection.sendall(request)
        said, took = until_closed(connection)
    assert said.startswith(b"HTTP/1.1 200 ")
    assert b"connection: close" in said
    assert took < 0.5
    kept = request.replace(b"content-type", b"connection: keep-alive\r\ncontent-type", 1)
    with server.connect() as connection:
        for _ in range(2):
            connection.sendall(kept)
            assert read_reply(connection).headers["connection"] == "keep-alive"


def test_what_is_under_way_is_answered_before_the_server_stops(notebook: Notebook) -> None:
    notebook.holds = True
    with running(collector(notebook), QUICK) as server, server.connect() as connection:
        connection.sendall(post(body(VIEW)))
        while not notebook.held:
            time.sleep(0.01)
        server.loop.call_soon_threadsafe(server.stop.set)
        time.sleep(0.3)
        with pytest.raises(ConnectionRefusedError):
            server.connect()
        server.do(notebook.let_go)
        said, _ = until_closed(connection)
    assert said.startswith(b"HTTP/1.1 200 ")
