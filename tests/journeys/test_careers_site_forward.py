"""The site's forwarder, against servers on loopback that answer well, late, early, halfway or not at all."""

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, closing, contextmanager
from http.client import HTTPConnection, HTTPResponse, IncompleteRead
from pathlib import Path
from queue import SimpleQueue

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from examples.careers_site.app import careers_site
from examples.careers_site.forward import cookies_without, end_to_end, forwarded_for, framing
from examples.careers_site.settings import Settings
from tests.serving import serving

METHODS = ["GET", "POST", "PUT", "DELETE", "OPTIONS"]
go_on = threading.Event()
"""Set by a test to let a listener go on that waits halfway."""


async def tell(request: Request) -> Response:
    """Say what arrived."""
    body = await request.body()
    target = request.scope["raw_path"] + b"?" + request.scope["query_string"]
    headers = [[name.decode(), value.decode("latin-1")] for name, value in request.scope["headers"]]
    told = {
        "method": request.method,
        "target": target.decode(),
        "headers": headers,
        "body": body.decode("latin-1"),
    }
    return JSONResponse(told)


async def set_cookies(_request: Request) -> Response:
    answer = RedirectResponse("choices?saved=yes", 303)
    answer.set_cookie("kept_choice", "1.2.3")
    answer.set_cookie("kept_visit", "kv_x")
    answer.headers["Connection"] = "close, X-Hop"
    answer.headers["X-Hop"] = "one"
    return answer


async def wait_halfway(_request: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first"
        await asyncio.to_thread(go_on.wait, 5)
        yield b"second"

    return StreamingResponse(parts())


async def hear_halfway(request: Request) -> Response:
    stream = request.stream()
    first = await anext(stream)
    go_on.set()
    return Response(first + b"|" + b"".join([part async for part in stream]))


async def not_modified(_request: Request) -> Response:
    return Response(status_code=304, headers={"ETag": '"1"'})


LISTENER = Starlette(
    routes=[
        Route("/set", set_cookies),
        Route("/wait", wait_halfway),
        Route("/hear", hear_halfway, methods=["POST"]),
        Route("/same", not_modified),
        Route("/{rest:path}", tell, methods=METHODS),
    ]
)


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with serving(LISTENER) as kept, serving(_site(kept, tmp_path_factory.mktemp("site"))) as port:
        yield port


def _site(kept_port: int, folder: Path) -> Starlette:
    return careers_site(
        Settings(f"http://127.0.0.1:{kept_port}", folder=folder, job_views=Path("nowhere.csv"))
    )


def ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[HTTPResponse, bytes]:
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request(method, path, body, headers or {})
        answer = connection.getresponse()
        return answer, answer.read()


def arrived(answer: bytes) -> tuple[dict[str, object], dict[str, str]]:
    told = json.loads(answer)
    return told, {name: ", ".join(v for n, v in told["headers"] if n == name) for name, _ in told["headers"]}


# ---- what arrives there


@pytest.mark.parametrize("method", METHODS)
def test_method_path_query_and_body_arrive_as_they_were_sent(port: int, method: str) -> None:
    _, text = ask(port, method, "/kept/v1/a%20b%2Fc?x=%26&y", b"\x00\xffbody")
    told, headers = arrived(text)
    assert told["method"] == method
    assert told["target"] == "/v1/a%20b%2Fc?x=%26&y"
    assert told["body"] == "\x00\xffbody"
    assert headers["content-length"] == "6"


def test_kept_learns_by_whom_and_where_it_was_asked(port: int) -> None:
    sent = {
        "Host": "careers.example",
        "Origin": "https://careers.example",
        "User-Agent": "Invented/1",
        "Sec-GPC": "1",
        "X-Forwarded-For": "203.0.113.7",
        "Content-Type": "text/plain",
    }
    headers = arrived(ask(port, "POST", "/kept/v1/events", b"{}", sent)[1])[1]
    for name in ("Host", "Origin", "User-Agent", "Sec-GPC", "Content-Type"):
        assert headers[name.lower()] == sent[name]
    assert headers["x-forwarded-for"] == "203.0.113.7, 127.0.0.1"
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-prefix"] == "/kept"


def test_what_only_the_site_may_say_is_not_believed_from_a_visitor(port: int) -> None:
    claims = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Prefix": "/evil",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "for=192.0.2.1",
        "X-Real-IP": "192.0.2.1",
    }
    headers = arrived(ask(port, "GET", "/kept/x", headers=claims)[1])[1]
    assert headers["x-forwarded-proto"] == "http"
    assert headers["x-forwarded-prefix"] == "/kept"
    assert not {"x-forwarded-host", "forwarded", "x-real-ip"} & set(headers)


def test_headers_of_one_connection_stop_here(port: int) -> None:
    sent = {"Connection": "keep-alive, X-Hop", "X-Hop": "1", "TE": "trailers", "Upgrade": "websocket"}
    headers = arrived(ask(port, "GET", "/kept/x", headers=sent)[1])[1]
    assert headers["connection"] == "close"
    assert not {"x-hop", "te", "upgrade"} & set(headers)


def test_the_sites_own_sign_in_stays_with_the_site(port: int) -> None:
    sent = {"Cookie": "kept_visit=kv_1; kept_login=private; kept_choice=1.2.3"}
    assert (
        arrived(ask(port, "GET", "/kept/x", headers=sent)[1])[1]["cookie"]
        == "kept_visit=kv_1; kept_choice=1.2.3"
    )
    only = {"Cookie": "kept_login=private"}
    assert "cookie" not in arrived(ask(port, "GET", "/kept/x", headers=only)[1])[1]


def test_a_body_without_a_length_arrives_whole(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/kept/x", iter([b"one,", b"two"]), {}, encode_chunked=True)
    told, headers = arrived(connection.getresponse().read())
    connection.close()
    assert told["body"] == "one,two"
    assert headers["transfer-encoding"] == "chunked"
    assert "content-length" not in headers


def test_a_body_is_passed_on_while_it_still_comes(port: int) -> None:
    go_on.clear()
    connection = HTTPConnection("127.0.0.1", port, timeout=10)

    def parts() -> Iterator[bytes]:
        yield b"one"
        assert go_on.wait(5), "the first part had to arrive before the second is sent"
        yield b"two"

    connection.request("POST", "/kept/hear", parts(), {}, encode_chunked=True)
    assert connection.getresponse().read() == b"one|two"
    connection.close()


@pytest.mark.parametrize("path", ["/kept/../x", "/kept/a/%2e%2e/x", "/kept/a/..%2f..%2fx"])
def test_nobody_climbs_out_of_the_folder(port: int, path: str) -> None:
    assert ask(port, "GET", path)[0].status in (404, 502)


# ---- what comes back


def test_status_location_and_each_cookie_come_back(port: int) -> None:
    answer, _ = ask(port, "GET", "/kept/set")
    assert answer.status == 303
    assert answer.getheader("Location") == "choices?saved=yes"
    cookies = answer.headers.get_all("set-cookie") or []
    assert [cookie.partition("=")[0] for cookie in cookies] == ["kept_choice", "kept_visit"]
    assert answer.getheader("X-Hop") is None
    assert len(answer.headers.get_all("date") or []) == 1
    assert answer.getheader("Content-Security-Policy") is None, "Kept's pages say their own"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("HEAD", "/kept/set", 303), ("GET", "/kept/same", 304)]
)
def test_an_answer_without_a_body_ends(port: int, method: str, path: str, status: int) -> None:
    answer, text = ask(port, method, path)
    assert (answer.status, text) == (status, b"")


def test_an_answer_is_passed_on_while_it_still_comes(port: int) -> None:
    go_on.clear()
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/kept/wait")
    answer = connection.getresponse()
    assert answer.read(5) == b"first"
    go_on.set()
    assert answer.read() == b"second"
    connection.close()


# ---- when it goes wrong


@contextmanager
def raw(answer: bytes, *, read_first: int = 1) -> Iterator[int]:
    """A listener that reads a little, says these bytes and hangs up."""
    ports: SimpleQueue[int] = SimpleQueue()
    loop, done = asyncio.new_event_loop(), asyncio.Event()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(read_first)
        writer.write(answer)
        await writer.drain()
        writer.close()

    async def listen() -> None:
        async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
            ports.put(server.sockets[0].getsockname()[1])
            await done.wait()

    # In a thread of its own: the browser's tests keep a loop running in this one.
    thread = threading.Thread(target=loop.run_until_complete, args=(listen(),))
    thread.start()
    try:
        yield ports.get(timeout=10)
    finally:
        loop.call_soon_threadsafe(done.set)
        thread.join()
        loop.close()


@contextmanager
def site_before(answer: bytes, folder: Path, **how: int) -> Iterator[int]:
    with ExitStack() as stack:
        kept = stack.enter_context(raw(answer, **how))
        yield stack.enter_context(serving(_site(kept, folder)))


@pytest.mark.parametrize(
    "nonsense", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\nContent-", b"\x00" * 40_000]
)
def test_nonsense_becomes_the_sites_own_page(tmp_path: Path, nonsense: bytes) -> None:
    with site_before(nonsense, tmp_path) as port:
        answer, text = ask(port, "POST", "/kept/v1/events", b"{}")
        assert answer.status == 502
        assert b"cannot be reached just now" in text


@pytest.mark.parametrize(
    "head", [b"Content-Length: 10\r\n\r\nhalf", b"Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"]
)
def test_half_an_answer_is_seen_to_be_half(tmp_path: Path, head: bytes) -> None:
    with (
        site_before(b"HTTP/1.1 200 OK\r\n" + head, tmp_path) as port,
        pytest.raises((IncompleteRead, ConnectionError)),
    ):
        ask(port, "GET", "/kept/x")


def test_a_refusal_before_the_bodys_end_reaches_the_visitor(tmp_path: Path) -> None:
    refusal = b"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig"
    with site_before(refusal, tmp_path, read_first=65_536) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        connection.putrequest("POST", "/kept/v1/events")
        connection.putheader("Content-Length", "1000000")
        connection.endheaders(b"x" * 1_000)
        answer = connection.getresponse()
        assert (answer.status, answer.read()) == (413, b"big")
        connection.close()


def test_a_visitor_who_leaves_halfway_hurts_nobody(port: int) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", "/kept/x")
    connection.putheader("Content-Length", "1000")
    connection.endheaders(b"x")
    connection.close()
    assert ask(port, "GET", "/kept/x")[0].status == 200


# ---- headers, in general

CALMLY = settings(deadline=None)  # how long one case takes depends on who shares the machine

NAMES = st.sampled_from([b"cookie", b"connection", b"x-forwarded-for", b"accept", b"te", b"content-length"])
VALUES = st.lists(
    st.sampled_from([b"a=1", b"kept_login=x", b" kept_login = y", b"accept", b"te", b"203.0.113.1"]),
    max_size=4,
)
HEADERS = st.lists(st.tuples(NAMES, st.one_of(VALUES.map(b"; ".join), VALUES.map(b",".join))), max_size=6)


@CALMLY
@given(HEADERS)
def test_the_withheld_cookie_never_goes_on(headers: list[tuple[bytes, bytes]]) -> None:
    for _, value in cookies_without(headers, "kept_login"):
        assert all(pair.partition(b"=")[0].strip() != b"kept_login" for pair in value.split(b";"))


@CALMLY
@given(HEADERS)
def test_nothing_that_connection_names_goes_on(headers: list[tuple[bytes, bytes]]) -> None:
    named = {word.strip() for name, value in headers if name == b"connection" for word in value.split(b",")}
    left = {name for name, _ in end_to_end(headers)}
    assert not left & (named | {b"connection", b"te"})


@CALMLY
@given(HEADERS, st.booleans())
def test_a_body_has_one_length(headers: list[tuple[bytes, bytes]], chunked: bool) -> None:
    sent = headers + ([(b"transfer-encoding", b"chunked")] if chunked else [])
    said = framing(sent)
    assert len(said) <= 1
    assert not chunked or said == [(b"transfer-encoding", b"chunked")]


@CALMLY
@given(HEADERS)
def test_the_address_we_saw_stands_last(headers: list[tuple[bytes, bytes]]) -> None:
    assert forwarded_for(headers, {"client": ("198.51.100.9", 1)}).split(b", ")[-1] == b"198.51.100.9"
