"""A little site in front of the centre: its own pages, and the centre under /kept/, as a proxy would put it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from kept.web.centre import centre_app
from tests.pages_house import KEY, MemoryHouse

STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; font-src 'self'; base-uri 'none'"
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<script src="/kept/kept.js" data-key="{key}"{more} defer></script><script src="/site.js" defer></script></head>
<body><main><h1>{title}</h1><p>Words of the page.</p>
<p><button id="tool" data-kept-event="tool_used" data-kept-tool="salary" data-kept-not-declared="x">Salary</button>
<a id="out" href="https://other.example/path?mail=ana%40example.com">Elsewhere</a> <a id="in" href="/two">Two</a></p>
<form id="form" data-kept-event="tool_used" data-kept-tool="form"><input aria-label="Words"><button>Go</button></form>
</main></body></html>"""
SCRIPT = """
document.getElementById("out").addEventListener("click", (event) => event.preventDefault())
document.getElementById("form").addEventListener("submit", (event) => event.preventDefault())
"""


@dataclass
class Site:
    """Remembers what reached it: `events` as sent, `asked` the paths under /kept/."""

    house: MemoryHouse = field(default_factory=MemoryHouse)
    batches: list[dict[str, Any]] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    cookies_sent: list[str] = field(default_factory=list)
    fail_next: int = 0
    more: str = ""

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for batch in self.batches for event in batch["events"]]

    def names(self) -> list[str]:
        return [event["name"] for event in self.events]

    def app(self) -> Any:
        site = Starlette(
            routes=[
                Route("/site.js", lambda _request: Response(SCRIPT, media_type="text/javascript")),
                Route("/kept/v1/events", self._events, methods=["POST"]),
                Mount("/kept", centre_app(self.house)),
                Route("/{path:path}", self._page),
            ]
        )

        async def counted(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["path"].startswith("/kept/"):
                self.asked.append(f"{scope['method']} {scope['path']}")
            await site(scope, receive, send)

        return counted

    async def _page(self, request: Request) -> Response:
        title = f"Page {request.url.path}"
        text = PAGE.format(title=title, key=KEY, more=self.more)
        return HTMLResponse(text, headers={"Content-Security-Policy": STRICT})

    async def _events(self, request: Request) -> Response:
        body = await request.body()
        self.kinds.append(request.headers.get("content-type", ""))
        self.cookies_sent.append(request.headers.get("cookie", ""))
        if self.fail_next:
            self.fail_next -= 1
            return JSONResponse({"error": "busy"}, 503, {"Retry-After": "1"})
        batch = msgspec.json.decode(body)
        self.batches.append(batch)
        await asyncio.sleep(0)
        return JSONResponse({"accepted": len(batch["events"]), "refused": []})
