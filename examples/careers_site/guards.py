"""What the site sends with every page of its own, and which forms it takes."""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    # Kept's script and dialog come from this site's own address, so 'self' is all that is needed.
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
}


class OwnHeaders:
    """Add HEADERS, each where the page does not say otherwise itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers)


class OwnForms:
    """Refuse a form that another site's page sends.

    Browsers say where a request comes from in Sec-Fetch-Site (W3C Fetch Metadata); older ones send no such
    header, and for them the sign-in cookie's SameSite=Lax stands alone.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = PlainTextResponse("This form belongs to another site.", 403) if _foreign(scope) else self.app
        await app(scope, receive, send)


def _foreign(scope: Scope) -> bool:
    sender = Headers(scope=scope).get("sec-fetch-site", "none")
    return scope["method"] == "POST" and sender not in ("same-origin", "none")
