"""A small policy, keys, and a living server for the tests of the collector.

Bits: improve 0 (asked first in Germany, opt-out elsewhere), protect 1 (objection), obey_law 2 (no choice, on
demand), personalise 3 (as improve). Addresses of Deutsche Telekom and of a US university stand for countries.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import uvloop

from kept.app.ports import listen
from kept.base.clock import SetClock
from kept.gather.day import DayKey
from kept.gather.door import AnswersInMemory, Door, DoorKeys
from kept.gather.minimise import Known
from kept.gather.minimiser import Minimiser
from kept.policy.cells import all_cells, union
from kept.policy.compiled import (
    Answer,
    Audience,
    CellMasks,
    Company,
    CompiledPolicy,
    Cookie,
    Event,
    Item,
)
from kept.policy.compiled_rest import Role
from kept.policy.grammar import CLASS_OF_SITE
from kept.policy.times import Span
from kept.storage.event import StoredEvent
from kept.web.collect import Collector, WriteKey
from kept.web.limits import Limits
from kept.web.serve import serve
from kept.web.watch import Guards

IMPROVE, PROTECT, OBEY_LAW, PERSONALISE = 1, 2, 4, 8
GERMAN, AMERICAN, NOWHERE = "84.128.0.1", "128.103.0.1", "192.0.2.7"
NOW = 1_790_000_000_000
KEY, SECRET = "wk_test", "sk_test"
ORIGIN = b"https://jobs.example.com"
YEAR = (Span(1, "year"),)


def event(name: str, uses: int, properties: Mapping[str, tuple[str, int]], source: str = "tracker") -> Event:
    return Event(
        name=name,
        title=name,
        says="",
        group="usage",
        category="behaviour",
        identifies="indirectly",
        about=("visitor",),
        sources=tuple(source.split(", ")),
        uses=uses,
        properties={key: kind for key, (kind, _) in properties.items()},
        property_uses={key: mask for key, (_, mask) in properties.items()},
        keep=(YEAR, YEAR),
    )


def item(name: str, uses: int, source: str = "tracker") -> Item:
    return Item(
        name=name,
        title=name,
        says="",
        group="technical",
        category="technical",
        type="text",
        identifies="indirectly",
        about=("visitor",),
        sources=tuple(source.split(", ")),
        derived_from=(),
        reduced_to="",
        required=False,
        uses=uses,
        keep=(YEAR, YEAR),
    )


EVENTS = [
    event(
        "page_view",
        IMPROVE | PROTECT | OBEY_LAW | PERSONALISE,
        {"path": ("text", IMPROVE | PROTECT), "title": ("text", IMPROVE)},
    ),
    event(
        "job_search",
        IMPROVE | PERSONALISE,
        {
            "words": ("free text", PERSONALISE),
            "place": ("place", IMPROVE | PERSONALISE),
            "radius": ("number", IMPROVE),
            "remote": ("yes or no", IMPROVE),
            "since": ("date", IMPROVE),
            "fields": ("list of text", IMPROVE),
            "job": ("id", IMPROVE),
            "target": ("web address", IMPROVE),
            "mail": ("email", IMPROVE),
        },
    ),
    event("demand_only", OBEY_LAW, {}),
    event("application", IMPROVE | PROTECT, {"letter": ("free text", IMPROVE)}, source="form"),
    event("order", IMPROVE | PROTECT, {"total": ("number", IMPROVE)}, source="server"),
    event("sign_up", IMPROVE | PROTECT, {}, source="tracker, server"),
]
ITEMS = [
    item("ip_address", PROTECT),
    item("device", IMPROVE | PROTECT),
    item("browser", IMPROVE),
    item("country", IMPROVE | PROTECT, source="tracker, server"),
    item("referrer", IMPROVE),
    item("campaign", IMPROVE, source="server log"),
]


def small_policy() -> CompiledPolicy:
    audiences = {"germany": Audience("germany", ("DE",), None, ())}
    cells = all_cells(audiences, {})
    chosen = IMPROVE | PERSONALISE
    return CompiledPolicy(
        version="1",
        in_force="2026-01-01",
        fingerprint="",
        canonical=b"",
        company=Company("Example", "https://example.com", "privacy@example.com", "US", ("en",)),
        purposes={},
        groups={},
        items={each.name: each for each in ITEMS},
        events={each.name: each for each in EVENTS},
        cookies={
            "kept_visit": Cookie(
                "kept_visit", "", IMPROVE | PROTECT | PERSONALISE, Span(1, "year"), "visitor_id", "us", False
            ),
            "kept_session": Cookie("kept_session", "", IMPROVE, Span(1, "hour"), "session_id", "us", False),
        },
        people={"visitor": Role(name="visitor", title="Visitor", says="Someone who looks.")},
        audiences=audiences,
        cells=tuple(union(cell) for cell in cells),
        possible=cells,
        masks=tuple(
            CellMasks(OBEY_LAW, PROTECT, 0, chosen, 0)
            if "germany" in union(cell)
            else CellMasks(OBEY_LAW, PROTECT, chosen, 0, 0)
            for cell in cells
        ),
        on_demand=OBEY_LAW,
        if_unknown={},
        counting_in=frozenset({"US"}),
        assumptions=(),
    )


POLICY = small_policy()


def with_classes_of_sites(policy: CompiledPolicy) -> CompiledPolicy:
    """The same, with `reduced to: class of site` at the referrer."""
    by_class = replace(policy.items["referrer"], reduced_to=CLASS_OF_SITE)
    return replace(policy, items={**policy.items, "referrer": by_class})


KEYS = DoorKeys(visitor=b"v" * 32, event=b"e" * 32)


def small_door(
    answers: Mapping[int, Answer] | None = None,
    head: int = 7,
    source: str = "tracker",
    workspace: int = 1,
    known: Known | None = None,
    policy: CompiledPolicy = POLICY,
) -> Door:
    return Door(
        policy,
        3,
        workspace=workspace,
        keys=KEYS,
        answers=AnswersInMemory(dict(answers or {}), head),
        day=DayKey(),
        minimiser=Minimiser(policy, known),
        source=source,
    )


@dataclass
class Notebook:
    """Where tests that need no disk let events be written; `breaks` makes it fail, `holds` makes it wait."""

    events: list[StoredEvent] = field(default_factory=list)
    breaks: Exception | None = None
    holds: bool = False
    held: list[asyncio.Future[None]] = field(default_factory=list)

    def append_nowait(self, frames: Sequence[bytes]) -> asyncio.Future[None]:
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if self.breaks is not None:
            durable.set_exception(self.breaks)
            return durable
        self.events += msgspec.json.Decoder(StoredEvent).decode_lines(b"\n".join(frames))
        if self.holds:
            self.held.append(durable)
        else:
            durable.set_result(None)
        return durable

    def let_go(self) -> None:
        """What was held is on the disk now."""
        while self.held:
            self.held.pop(0).set_result(None)


def collector(
    journal: Any,
    door: Door | None = None,
    limits: Limits | None = None,
    is_fresh: Callable[[], bool] = lambda: True,
) -> Collector:
    proxies = ("127.0.0.1", "::1")
    taken = Collector(journal, SetClock(NOW), limits=limits, proxies=proxies, is_fresh=is_fresh)
    taken.use(
        {KEY: WriteKey(door or small_door(), frozenset({ORIGIN}))}, {SECRET: small_door(source="server")}
    )
    return taken


async def plain_app(scope: Any, receive: Any, send: Any) -> None:
    """The rest of the house: says which path it got and how long the body was."""
    if scope["type"] == "lifespan":
        while True:
            kind = (await receive())["type"]
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = f"{scope['path']} {size}".encode()
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", str(len(body)).encode())],
        }
    )
    await send({"type": "http.response.body", "body": body})


@dataclass
class Running:
    """A server on loopback, in a thread with a loop of its own."""

    port: int
    loop: asyncio.AbstractEventLoop
    stop: asyncio.Event
    thread: threading.Thread

    def do(self, action: Callable[[], Any]) -> Any:
        """Run something on the server's loop and give back what it gave."""
        done = threading.Event()
        result: list[Any] = []

        def run() -> None:
            result.append(action())
            done.set()

        self.loop.call_soon_threadsafe(run)
        assert done.wait(5)
        return result[0]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=5)

    def end(self) -> None:
        if self.thread.is_alive():
            self.loop.call_soon_threadsafe(self.stop.set)
            self.thread.join(15)


@contextmanager
def running(
    taker: Any, guards: Guards | None = None, app: Any = plain_app, others: Any = None
) -> Iterator[Running]:
    ready = threading.Event()
    found: dict[str, Any] = {}
    listener = listen("127.0.0.1", 0)

    async def main() -> None:
        found["loop"], found["stop"] = asyncio.get_running_loop(), asyncio.Event()
        await serve(app, taker, listener, stop=found["stop"], others=others, guards=guards, ready=ready.set)

    thread = threading.Thread(target=lambda: uvloop.run(main()), daemon=True)
    port = listener.getsockname()[1]
    thread.start()
    assert ready.wait(10)
    server = Running(port, found["loop"], found["stop"], thread)
    try:
        yield server
    finally:
        server.end()
        assert not thread.is_alive()


def body(*events: Mapping[str, Any], visitor: str | None = "ana", key: str = KEY) -> bytes:
    said: dict[str, Any] = {"key": key, "events": list(events)}
    if visitor is not None:
        said["visitor"] = visitor
    return json.dumps(said).encode()


def post(content: bytes, path: str = "/kept/v1/events", **headers: str) -> bytes:
    """A whole request. Header names are given with _ for -."""
    lines = {"host": "jobs.example.com", "content-type": "application/json", "x-forwarded-for": AMERICAN}
    lines |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}content-length: {len(content)}\r\n\r\n".encode() + content


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


def read_reply(connection: socket.socket) -> Got:
    """One reply, exactly: what comes after it stays unread."""
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        part = connection.recv(1)
        if not part:
            raise ConnectionError(f"closed after {head!r}")
        head += part
    first, *lines = head.decode().rstrip().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    length, content = int(headers.get("content-length", "0")), b""
    while len(content) < length:
        part = connection.recv(length - len(content))
        if not part:
            raise ConnectionError("closed within the body")
        content += part
    return Got(int(first.split()[1]), headers, content)


def ask(server: Running, request: bytes) -> Got:
    with server.connect() as connection:
        connection.sendall(request)
        return read_reply(connection)
