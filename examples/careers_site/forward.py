"""Forward one folder of the site to Kept, as a company's nginx would, so that all of it is first-party.

    location /kept/ {
        proxy_pass http://127.0.0.1:8600/;
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_set_header X-Forwarded-Prefix /kept;
    }

Bodies stream both ways, a connection serves one request, and whatever goes wrong before the answer has
begun becomes the site's own 502 page.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote_to_bytes, urlsplit

import h11
from starlette.types import ASGIApp, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]

CONNECT_SECONDS = 3.0
SILENT_SECONDS = 30.0  # the longest Kept may say nothing before or within an answer
CHUNK = 64 * 1024

# RFC 9110 section 7.6.1: they speak of one connection, not of the message.
HOP_BY_HOP = frozenset(
    (b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade")
)
# What only we may say: a visitor who sends these is not believed. Expect is answered by our own server.
OURS = (
    b"forwarded",
    b"x-forwarded-host",
    b"x-forwarded-proto",
    b"x-forwarded-prefix",
    b"x-real-ip",
    b"expect",
)
REWRITTEN = frozenset((*OURS, b"x-forwarded-for", b"content-length", b"cookie"))
# Our own server writes these two into every answer.
SERVERS_OWN = frozenset((b"date", b"server"))


class Gone(Exception):
    """The visitor left before the answer."""


class Forwarder:
    """An ASGI application that hands `prefix`/anything on to `target`/anything.

    `not_reached` answers when Kept cannot. The cookie `withheld` (the site's own sign-in) is not passed on:
    it is no business of Kept's.
    """

    def __init__(self, prefix: str, target: str, not_reached: ASGIApp, withheld: str = "") -> None:
        parts = urlsplit(target)
        self.prefix = prefix.encode("ascii")
        self.host, self.port = parts.hostname or "127.0.0.1", parts.port or 80
        self.base = parts.path.rstrip("/").encode("ascii")
        self.not_reached = not_reached
        self.withheld = withheld

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward one request, or answer 502."""
        exchange = Exchange(receive, send)
        try:
            request = self._request(scope)
            async with _connection(self.host, self.port) as (reader, writer):
                await exchange.run(request, reader, writer)
        except Gone:
            return
        except (OSError, TimeoutError, h11.ProtocolError):
            if exchange.begun:
                raise  # too late for a page of ours: the server cuts the connection off, as it must
            await self.not_reached(scope, receive, send)

    def _request(self, scope: Scope) -> h11.Request:
        path = bytes(scope["raw_path"]).removeprefix(self.prefix)
        if b".." in unquote_to_bytes(path).split(b"/"):
            raise h11.LocalProtocolError("a path may not climb out of the folder")
        target = self.base + (path or b"/")
        if scope["query_string"]:
            target += b"?" + scope["query_string"]
        return h11.Request(method=scope["method"], target=target, headers=self._headers(scope))

    def _headers(self, scope: Scope) -> Headers:
        sent: Headers = list(scope["headers"])
        headers = [pair for pair in end_to_end(sent) if pair[0] not in REWRITTEN]
        headers += framing(sent)
        headers += cookies_without(sent, self.withheld)
        headers += [
            (b"x-forwarded-for", forwarded_for(sent, scope)),
            (b"x-forwarded-proto", scope["scheme"].encode("ascii")),
            (b"x-forwarded-prefix", self.prefix),
            (b"connection", b"close"),
        ]
        return headers


class Exchange:
    """One request on its way there, and its answer on the way back."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self.receive = receive
        self.send = send
        self.begun = False

    async def run(
        self, request: h11.Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Send the body while the answer is awaited: a refusal may come before the body's end."""
        connection = h11.Connection(h11.CLIENT)
        writer.write(connection.send(request) or b"")
        body = asyncio.create_task(self._send_body(connection, writer))
        answer = asyncio.create_task(self._pass_answer(connection, reader))
        try:
            await _first_trouble(body, answer)
        finally:
            for task in (body, answer):
                task.cancel()
            await asyncio.gather(body, answer, return_exceptions=True)

    async def _send_body(self, connection: h11.Connection, writer: asyncio.StreamWriter) -> None:
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise Gone
            writer.write(connection.send(h11.Data(data=message.get("body", b""))) or b"")
            more = message.get("more_body", False)
            await writer.drain()
        writer.write(connection.send(h11.EndOfMessage()) or b"")
        await writer.drain()

    async def _pass_answer(self, connection: h11.Connection, reader: asyncio.StreamReader) -> None:
        async for event in _events(connection, reader):
            if isinstance(event, h11.Response):
                self.begun = True
                await self.send(_start(event))
            elif isinstance(event, h11.Data):
                await self.send({"type": "http.response.body", "body": bytes(event.data), "more_body": True})
        await self.send({"type": "http.response.body", "body": b"", "more_body": False})


async def _first_trouble(body: asyncio.Task[None], answer: asyncio.Task[None]) -> None:
    """Wait for the answer; trouble with the body counts only while the answer has not come.

    Whoever refuses a body closes its end, and then writing fails although the answer is on its way.
    """
    await asyncio.wait((body, answer), return_when=asyncio.FIRST_COMPLETED)
    if body.done() and not answer.done() and isinstance(body.exception(), Gone):
        raise Gone
    await answer


async def _events(
    connection: h11.Connection, reader: asyncio.StreamReader
) -> AsyncIterator[h11.InformationalResponse | h11.Response | h11.Data]:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await asyncio.wait_for(reader.read(CHUNK), SILENT_SECONDS))
        elif isinstance(event, h11.InformationalResponse | h11.Response | h11.Data):
            yield event
        elif isinstance(event, h11.EndOfMessage):
            return
        else:
            raise h11.RemoteProtocolError("the answer broke off")


@asynccontextmanager
async def _connection(
    host: str, port: int
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), CONNECT_SECONDS)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


def _start(response: h11.Response) -> dict[str, object]:
    headers = [pair for pair in end_to_end(list(response.headers)) if pair[0] not in SERVERS_OWN]
    return {"type": "http.response.start", "status": response.status_code, "headers": headers}


def end_to_end(headers: Headers) -> Headers:
    """The headers that travel on: none that speak of one connection, nor any that Connection names."""
    named = {
        word.strip().lower() for name, value in headers if name == b"connection" for word in value.split(b",")
    }
    return [pair for pair in headers if pair[0] not in HOP_BY_HOP | named]


def framing(headers: Headers) -> Headers:
    """How long the body is, said anew and once: two lengths that disagree let one request hide in another."""
    given = dict(headers)
    if b"transfer-encoding" in given:
        return [(b"transfer-encoding", b"chunked")]
    return [(b"content-length", given[b"content-length"])] if b"content-length" in given else []


def forwarded_for(headers: Headers, scope: Scope) -> bytes:
    """The chain of addresses, with the one we saw ourselves at its end."""
    chain = [value for name, value in headers if name == b"x-forwarded-for"]
    if scope.get("client"):
        chain.append(scope["client"][0].encode("ascii"))
    return b", ".join(chain)


def cookies_without(headers: Headers, withheld: str) -> Headers:
    """The Cookie header without the one named `withheld`; none at all where nothing is left."""
    pairs = [pair.strip() for name, value in headers if name == b"cookie" for pair in value.split(b";")]
    left = [pair for pair in pairs if pair and pair.partition(b"=")[0].strip() != withheld.encode("ascii")]
    return [(b"cookie", b"; ".join(left))] if left else []
