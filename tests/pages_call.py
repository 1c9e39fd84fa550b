"""One request to an ASGI app, without a network."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import Morsel, SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit


@dataclass(frozen=True)
class Reply:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def cookies(self) -> dict[str, Morsel[str]]:
        found: SimpleCookie = SimpleCookie()
        for key, value in self.headers:
            if key == "set-cookie":
                found.load(value)
        return dict(found)

    @property
    def kept(self) -> dict[str, str]:
        """Cookies that the browser now holds, those deleted left out."""
        return {name: each.value for name, each in self.cookies.items() if each["max-age"] != "0"}


def call(
    app: Any,
    target: str,
    method: str = "GET",
    *,
    headers: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
    body: bytes = b"",
    form: Mapping[str, str] | None = None,
    data: object = None,
    told: list[Reply] | None = None,
    more: Sequence[tuple[str, str]] = (),
) -> Reply:
    """`form` is sent as a plain form from our own page; `data` as JSON text, as the script does.

    The reply is put into `told` too: it is there even where the app raises after it. `more` are header lines
    that may repeat a name.
    """
    sent = {"host": "site.example", **(headers or {})}
    if cookies:
        sent["cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
    if form is not None:
        method, body = "POST", urlencode(form).encode()
        sent.setdefault("sec-fetch-site", "same-origin")
    if data is not None:
        method, body = "POST", json.dumps(data).encode()
        sent.setdefault("sec-fetch-site", "same-origin")
    lines = [*sent.items(), *more]
    return asyncio.run(_call(app, method, target, lines, body, [] if told is None else told))


async def _call(
    app: Any, method: str, target: str, headers: Sequence[tuple[str, str]], body: bytes, told: list[Reply]
) -> Reply:
    parts = urlsplit(target)
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode()) for name, value in headers],
        "client": ("203.0.113.9", 4711),
        "server": ("site.example", 80),
        "state": {},
    }
    messages = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[dict[str, Any]] = []
    answered = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if not messages:  # whoever asks stays until the answer is whole
            await answered.wait()
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body", False):
            answered.set()

    try:
        await app(scope, receive, send)
    finally:
        start = next(message for message in sent if message["type"] == "http.response.start")
        whole = b"".join(
            message.get("body", b"") for message in sent if message["type"] == "http.response.body"
        )
        headers_sent = tuple((key.decode(), value.decode()) for key, value in start["headers"])
        told.append(Reply(start["status"], headers_sent, whole))
    return told[0]
