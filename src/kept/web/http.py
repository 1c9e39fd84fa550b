"""The HTTP server: uvicorn, with the deadlines and caps that it leaves to us, and a short way for one route.

Requests for the collector's path, and for those of other makes' clients, are handed over whole, as a `Call`, and
answered by whoever takes it; everything else runs as ASGI. All pass the same guards: deadlines for the head, the
body, the idle connection and the reader who does not read; caps on head, body and connections.

One sweeper looks at all connections twice a second: a timer of its own for every request would cost more than
the guards themselves (`docs/adr/0008-hot-path.md`).
"""

import asyncio
from typing import Any

import httptools
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from kept.web.call import Call
from kept.web.reply import BUSY, HEAD_TOO_BIG, NO_UPGRADE, TOO_BIG, TOO_MUCH, UNREADABLE, Reply
from kept.web.watch import BETWEEN, BODY, DEAF, HEAD, Watch


class GuardedProtocol(HttpToolsProtocol):
    """One connection. What it reads is in a phase; what it answers stands in line, the front first."""

    cycle: Any  # the latest request: a RequestResponseCycle of uvicorn's, or a Call

    def __init__(self, *args: Any, watch: Watch, **named: Any) -> None:
        super().__init__(*args, **named)
        self.watch = watch
        self.guards = watch.guards
        self.phase = HEAD
        self.since = watch.now
        self.peer: str | None = None
        self.fields: dict[bytes, bytes] = {}
        self.repeated = 0  # lines that name a header again
        self.head_bytes = 0
        self.chunk_bytes = 0  # of what is being parsed: several heads may stand in it
        self.body_bytes = 0
        self.most_body = self.guards.body_bytes
        self.held = 0  # bytes of a body that is not whole yet, as the watch counts them
        self.front: Any = None
        self._moving = False

    # ---- the connection

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Greet, or turn away when there are too many; when far too many, without a word."""
        super().connection_made(transport)
        self.peer = self.client[0] if self.client else None
        self.since = self.watch.now
        over = len(self.connections) - self.guards.connections
        if over > self.guards.turned_away:
            transport.abort()
        elif over > 0:
            self.refuse(BUSY)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell every request in line that its sender is gone."""
        for cycle in (self.front, *(waiting for waiting, _ in self.pipeline)):
            if cycle is not None and not cycle.response_complete:
                cycle.disconnected = True
                cycle.message_event.set()
        self.pipeline.clear()
        self._let_go()
        super().connection_lost(exc)

    def eof_received(self) -> bool:  # type: ignore[override]  # asyncio asks whether to keep the connection
        """The sender will say no more, and may still listen (RFC 9293, 3.6): what is owed is answered first."""
        if self.phase == BODY or (self.phase == HEAD and self.head_bytes):
            self.refuse(UNREADABLE)
        elif self.is_idle():
            return False
        else:
            self.cycle.keep_alive = False
        return True

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless the sender has been refused already."""
        if self.phase == DEAF:
            return
        self.chunk_bytes = len(data)
        if self.phase != BODY:
            self.head_bytes += self.chunk_bytes
        try:
            self._parse(data)
        except httptools.HttpParserError:
            self.refuse(UNREADABLE)
        if self.phase == HEAD and self.head_bytes > self.guards.head_bytes:
            self.refuse(HEAD_TOO_BIG)
        elif self.phase == BODY:
            self._hold()

    def _hold(self) -> None:
        """A body that comes in pieces waits in memory: all of them together have a cap, since each connection
        may have one. An application that has answered already keeps nothing."""
        watch, waits = self.watch, 0 if self.cycle.response_complete else self.body_bytes
        watch.held += waits - self.held
        self.held = waits
        if watch.held > self.guards.held_bytes:
            self.refuse(TOO_MUCH)

    def _let_go(self) -> None:
        self.watch.held -= self.held
        self.held = 0

    def _parse(self, data: bytes) -> None:
        """Feed the parser. An offer to change the protocol is declined by going on (RFC 9110, 7.8)."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as declined:
            rest = data[declined.args[0] :]
            if rest and len(rest) < len(data):
                self._parse(rest)

    def pause_writing(self) -> None:
        """The reader does not keep up: take nothing more from it until it does."""
        super().pause_writing()
        self.flow.pause_reading()
        self.since = self.watch.now

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self.flow.resume_reading()
        self.since = self.watch.now

    # ---- what the parser finds

    def on_message_begin(self) -> None:
        """A head begins. The scope for ASGI is built later, and only for requests that need one."""
        if self.phase != DEAF:
            self.url = b""
            self.fields = {}
            self.repeated = 0
            self.phase = HEAD
            self.since = self.watch.now

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line, by its name. A dictionary at once: this runs a dozen times a request."""
        name, fields = name.lower(), self.fields
        if name in fields:
            self._repeat(name, value)
        else:
            fields[name] = value

    def _repeat(self, name: bytes, value: bytes) -> None:
        """Two lines of one header are one (RFC 9110, 5.3; RFC 9113, 8.2.3 for cookies). Past the cap on lines
        the head will be refused, and joining would only be work."""
        self.repeated += 1
        if self.repeated <= self.guards.header_lines:
            self.fields[name] += (b"; " if name == b"cookie" else b", ") + value

    def on_headers_complete(self) -> None:
        """The head is whole: the caps are checked before anything is made of it."""
        if self.phase == DEAF:
            return
        fields, watch = self.fields, self.watch
        self.most_body = self._most_of(fields)
        refusal = self._refusal_of(fields)
        if refusal is not None:  # while it is a head: it must not fall upon the request before it
            self.refuse(refusal)
            return
        self.phase, self.since, self.body_bytes = BODY, watch.now, 0
        path = self.url.partition(b"?")[0]
        if path.endswith(watch.taker.path):
            self._open_call(fields)
        elif watch.others.speaks(path):
            self._open_call(fields, self.url)
        else:
            self._open_asgi(fields)

    def on_body(self, body: bytes) -> None:
        """A piece of the body; without a declared length the cap is found out here."""
        if self.phase == DEAF:
            return
        self.body_bytes += len(body)
        if self.body_bytes > self.most_body:
            self.refuse(TOO_BIG)
        elif type(self.cycle) is Call:
            self.cycle.add(body)
        else:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        if self.phase == DEAF:
            return
        self.phase, self.since, self.head_bytes = BETWEEN, self.watch.now, 0
        call = self.cycle
        if type(call) is Call:
            call.end()
            if call.begun:
                self.watch.give(call)
        else:
            super().on_message_complete()

    def _refusal_of(self, headers: dict[bytes, bytes]) -> Reply | None:
        guards = self.guards
        if int(headers.get(b"content-length", b"0")) > self.most_body:
            return TOO_BIG
        if b"upgrade" in headers and self.parser.should_upgrade() and _has_body(headers):
            return NO_UPGRADE  # the parser would take the body for the other protocol's first words
        if len(headers) + self.repeated > guards.header_lines:
            return HEAD_TOO_BIG
        most = max(self.head_bytes, self.chunk_bytes)
        if most > guards.head_bytes and self._exact_head(headers) > guards.head_bytes:
            return HEAD_TOO_BIG
        return None

    def _most_of(self, headers: dict[bytes, bytes]) -> int:
        """How large this body may be: a file for someone's profile is larger, and comes with a credential."""
        guards = self.guards
        is_file = b"authorization" in headers and b"/v1/people/" in self.url
        return guards.file_bytes if is_file else guards.body_bytes

    def _exact_head(self, headers: dict[bytes, bytes]) -> int:
        return len(self.url) + sum(len(name) + len(value) + 4 for name, value in headers.items())

    # ---- the line of requests

    def _open_call(self, headers: dict[bytes, bytes], url: bytes = b"") -> None:
        if headers.get(b"expect", b"").lower() == b"100-continue":
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        method, stays = self.parser.get_method(), self.parser.should_keep_alive()
        self._line_up(Call(self, self.peer, method, headers, stays, url))

    def _line_up(self, call: Call) -> None:
        free = self.cycle is None or self.cycle.response_complete
        self.cycle = call  # uvicorn asks no more of it than a call can answer
        if free:
            self.front = call
            self._begin(call)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def _begin(self, call: Call) -> None:
        call.begun = True
        if call.refusal is not None:
            call.reply(call.refusal.head, call.refusal.body)
        elif not call.more_body:
            self.watch.give(call)

    def _open_asgi(self, headers: dict[bytes, bytes]) -> None:
        url, lines = self.url, list(headers.items())
        super().on_message_begin()
        self.url, self.headers = url, lines
        self.scope["headers"] = lines
        self.expect_100_continue = headers.get(b"expect", b"").lower() == b"100-continue"
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: Any, app: ASGI3Application) -> None:
        """Called by uvicorn when a request comes to the front."""
        self.front = cycle
        if isinstance(cycle, Call):
            self._begin(cycle)
        else:
            super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """The front has been answered: the next in line begins."""
        self.since = self.watch.now
        if not self.pipeline:
            if self.held:
                self._let_go()
            if self.flow.read_paused and not self.flow.write_paused:
                self.flow.resume_reading()
        elif not self._moving and not self.transport.is_closing():
            self._move_up()

    def _move_up(self) -> None:
        self._moving = True  # the next may be answered at once and call here again: a loop, not a recursion
        while self.pipeline and self.front is not None and self.front.response_complete:
            self._start_asgi_task(*self.pipeline.pop())
        self._moving = False
        if not self.pipeline and not self.flow.write_paused:
            self.flow.resume_reading()

    def write_reply(self, call: Call, head: bytes, body: bytes) -> None:
        """Called by the front call alone."""
        if call.method == b"HEAD":
            body = b""
        if call.keep_alive:
            self.transport.write(head + self.watch.stays + body)
        else:
            self.transport.write(head + self.watch.closes + body)
            self.leave()
        self.on_response_complete()

    # ---- the end

    def is_idle(self) -> bool:
        """Nothing is being answered."""
        return self.cycle is None or self.cycle.response_complete

    def refuse(self, reply: Reply) -> None:
        """Answer with `reply` when its turn comes, take nothing more, then cut the connection."""
        half = self.cycle if self.phase == BODY else None
        self.phase, self.since = DEAF, self.watch.now
        self._let_go()
        if isinstance(half, Call):
            half.refusal, half.keep_alive = reply, False
            half.drop()
            if half.begun:
                self._begin(half)
        elif half is None:
            self._refuse_head(reply)
        else:
            self._refuse_asgi(half, reply)

    def _refuse_head(self, reply: Reply) -> None:
        call = Call(self, self.peer, b"", {}, keep_alive=False)
        call.refusal = reply
        self._line_up(call)

    def _refuse_asgi(self, cycle: RequestResponseCycle, reply: Reply) -> None:
        """The application already runs: to it the sender is gone. If it has not answered, we do."""
        if cycle is not self.front or cycle.response_started:
            self.transport.abort()
            return
        cycle.disconnected = True
        cycle.message_event.set()
        cycle.response_complete = True
        self._refuse_head(reply)

    def leave(self) -> None:
        """Close. A refused sender may still be sending, and a reset could destroy the answer before it is
        read: our side is closed first, and the sweeper does the rest (RFC 9112, 9.6)."""
        if self.phase == DEAF and self.transport.can_write_eof():
            self.transport.write_eof()
        else:
            self.transport.close()


def _has_body(headers: dict[bytes, bytes]) -> bool:
    return headers.get(b"content-length", b"0") != b"0" or b"transfer-encoding" in headers
