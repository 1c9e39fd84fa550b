"""Whatever bytes come, in whatever pieces: an answer below 500 or none, no exception, and the next is served."""

import asyncio
import json
import logging
import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from uvicorn.config import Config
from uvicorn.server import ServerState

from kept.web.http import GuardedProtocol
from kept.web.limits import Limits, Rate
from kept.web.watch import Guards, Watch
from tests.collecting import KEY, Notebook, body, collector, plain_app, post

FREE = Limits(Rate(1e9, 1e9), Rate(1e9, 1e9), backlog=1_000_000_000)
STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) ")
VIEW = {"name": "page_view", "page": "/a", "properties": {"title": "b"}}


class Wire:
    """A transport that remembers what was written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    abort = write_eof = close

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def get_extra_info(self, name: str, default: object = None) -> object:
        return ("127.0.0.1", 4711) if name == "peername" else default


class Server:
    """Connections without sockets, each fed at once."""

    def __init__(self) -> None:
        self.notebook = Notebook()
        taken = collector(self.notebook, limits=FREE)
        self.watch = Watch(Guards(head_bytes=4_096, body_bytes=8_192, header_lines=16), taken)
        self.config = Config(plain_app, log_config=None, lifespan="off", ws="none")
        self.config.load()

    async def feed(self, pieces: list[bytes]) -> Wire:
        """A connection that gets these pieces, and then as long as it needs to answer."""
        wire, state = Wire(), ServerState()
        connection = GuardedProtocol(config=self.config, server_state=state, app_state={}, watch=self.watch)
        connection.connection_made(cast(asyncio.Transport, wire))
        for piece in pieces:
            connection.data_received(piece)
            await asyncio.sleep(0)
        for _ in range(6):
            await asyncio.sleep(0)
        connection.connection_lost(None)
        if state.tasks:
            await asyncio.wait(state.tasks)
        return wire


@pytest.fixture(name="runner", scope="module")
def a_runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture(name="server", scope="module")
def a_server() -> Server:
    return Server()


def check(runner: asyncio.Runner, server: Server, pieces: list[bytes]) -> list[int]:
    """Feed, and require that nothing failed; the statuses that were answered."""
    failures: list[dict[str, Any]] = []
    runner.get_loop().set_exception_handler(lambda _, context: failures.append(context))
    wire = runner.run(server.feed(pieces))
    statuses = [int(found) for found in STATUS.findall(wire.written)]
    assert not failures
    assert all(status < 500 for status in statuses)
    assert STATUS.search(runner.run(server.feed([post(body(VIEW))])).written)
    return statuses


@given(pieces=st.lists(st.binary(max_size=300), max_size=8))
@settings(max_examples=200, deadline=None)
def test_any_bytes_on_the_wire(runner: asyncio.Runner, server: Server, pieces: list[bytes]) -> None:
    check(runner, server, pieces)


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_a_request_in_any_pieces(runner: asyncio.Runner, server: Server, data: st.DataObject) -> None:
    requests = data.draw(
        st.lists(st.sampled_from([post(body(VIEW)), post(b"xy", path="/privacy")]), max_size=4)
    )
    whole = b"".join(requests)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=12)))
    pieces = [whole[start:end] for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert check(runner, server, pieces) == [200] * len(requests)


@given(at=st.integers(0, 400), noise=st.binary(min_size=1, max_size=20))
@settings(max_examples=300, deadline=None)
def test_a_request_with_noise_in_it(runner: asyncio.Runner, server: Server, at: int, noise: bytes) -> None:
    request = post(body(VIEW), cookie="kept_visit=ana; a=b", origin="https://jobs.example.com")
    check(runner, server, [request[:at] + noise + request[at:] + b"\r\n\r\n"])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
EVENT = st.fixed_dictionaries(
    {"name": st.sampled_from(["page_view", "job_search", "nothing"]) | st.text()},
    optional={name: JSON | st.text() for name in ("id", "at", "page", "referrer", "session", "properties")},
)


@given(content=st.binary(max_size=400))
@settings(max_examples=300, deadline=None)
def test_any_bytes_as_a_body(runner: asyncio.Runner, server: Server, content: bytes) -> None:
    (status,) = check(runner, server, [post(content)])
    assert status in (400, 401)


@given(events=st.lists(EVENT, max_size=4) | JSON, visitor=JSON)
@settings(max_examples=400, deadline=None)
def test_any_json_as_a_body(runner: asyncio.Runner, server: Server, events: object, visitor: object) -> None:
    content = json.dumps({"key": KEY, "events": events, "visitor": visitor}).encode()
    (status,) = check(runner, server, [post(content)])
    assert status in (200, 400, 413)


@given(
    headers=st.dictionaries(
        st.sampled_from(
            [
                "cookie",
                "user-agent",
                "origin",
                "sec-gpc",
                "x-forwarded-for",
                "content-type",
                "host",
                "connection",
            ]
        ),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60),
    )
)
@settings(max_examples=300, deadline=None)
def test_any_header_values(runner: asyncio.Runner, server: Server, headers: dict[str, str]) -> None:
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    for status in check(runner, server, [post(body(VIEW, visitor=None), **named)]):
        assert status in (200, 400, 403, 415)


@pytest.fixture(autouse=True)
def no_error_is_logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    with caplog.at_level(logging.ERROR):
        yield
    assert [record.getMessage() for record in caplog.records] == []
