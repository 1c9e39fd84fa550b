"""Where a signed-in browser sits: a path of its own, which nobody can guess, and a cookie that goes there alone.

Cookies know no ports (RFC 6265, 8.5): whatever else listens on this host, the company's own site too, is sent
those of the console, and `SameSite` does not tell ports apart either. What browsers do keep to is a cookie's path.
So the pages of a session stand under 128 bits that only this browser and the console have seen: another
port is sent the cookie only if it asks for that very path, and it cannot know it. `docs/adr/0014-owner-session.md`.
"""

import re
from collections.abc import Iterator
from hashlib import sha256

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

COOKIE = "kept_owner"
_SEAT = re.compile(r"/at-[0-9a-f]{32}(?=/)")
_COOKIES = re.compile(rf"(?:^|;)\s*{COOKIE}=([A-Za-z0-9_-]{{1,128}})(?=\s*(?:;|$))")


def seat_of(credential: str) -> str:
    """The path segment of a session. It tells nothing of the credential, which stands in the cookie alone."""
    return f"at-{sha256(b'seat ' + credential.encode()).hexdigest()[:32]}"


def is_seated(request: Request) -> bool:
    """Whether the request went to a seat, anyone's."""
    return bool(_SEAT.search(request.scope.get("root_path", "") + "/"))


def credentials(request: Request) -> Iterator[str]:
    """Those of the request that belong to the seat it went to.

    Another port can put cookies of the same name beside ours, which must not drown it: each is looked at.
    """
    root = request.scope.get("root_path", "")
    for line in request.headers.getlist("cookie"):
        for found in _COOKIES.finditer(line):
            if root.endswith(f"/{seat_of(found[1])}"):
                yield found[1]


def outside(request: Request) -> str:
    """From a page in the first row of a seat, or of none, the relative way to where no seat is."""
    return "../" if is_seated(request) else ""


class Seats:
    """Takes a seat off the path, so that the same routes serve with and without one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve."""
        if scope["type"] == "http":
            root = scope.get("root_path", "")
            found = _SEAT.match(scope["path"].removeprefix(root))
            if found:
                scope = {**scope, "root_path": root + found[0]}
        await self._app(scope, receive, send)
