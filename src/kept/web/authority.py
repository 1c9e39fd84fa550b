"""Every route declares who may use it, and is built by `route`, which enforces the declaration.

What changes something is taken only from our own pages (OWASP's same-origin check by Fetch Metadata, with
`Origin` as fallback): a form on another site can neither say yes for a visitor nor delete an account.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp

from kept.base.language import marked

MOST_BYTES = 64 * 1024
"""Largest body of a form or a JSON request to the pages."""

MOST_FIELDS = 500
SAFE = frozenset({"GET", "HEAD"})


House = TypeVar("House")


class Authority(Enum):
    """Who may use a route."""

    ANYONE = "anyone, to read what is public"
    VISITOR = "whoever sits at the browser, for that browser alone"
    ACCOUNT = "someone whom a token of the site names"
    SITE = "the customer's server, by its secret key or a token it signed"
    OWNER = "the company, by the owner token"


class Because(Enum):
    """Why a route refuses. A closed list: status, what is said."""

    ANOTHER_SITE = (403, marked("This was sent from another site, so nothing was changed."))
    TOO_OFTEN = (429, marked("That was more in a short time than this page takes from one place."))
    TOO_LARGE = (413, marked("That is more than this page takes."))
    UNREADABLE = (400, marked("This could not be read."))
    LINK_INCOMPLETE = (403, marked("Your data opens from the company’s own site."))
    LINK_EXPIRED = (403, marked("This link has expired."))
    LINK_TOO_LONG = (
        403,
        marked("This link was made to work for longer than ten minutes, so it does not work at all."),
    )
    LINK_INVALID = (403, marked("This link was not made by the site."))
    NO_CREDENTIAL = (401, "This needs the site's secret key or a token that the site signed.")
    SIGN_IN = (401, "Sign in with the owner token first.")
    NO_SUCH_PAGE = (404, marked("There is no such page."))

    @property
    def status(self) -> int:
        """The status of the reply."""
        return self.value[0]

    @property
    def says(self) -> str:
        """One sentence for the person, in English."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Asked(Generic[House]):
    """One request to a page, whole: its body is read, its authority checked. `who` is what the check found."""

    request: Request
    house: House
    body: bytes
    who: Any = None  # Account where the authority is ACCOUNT or a signed SITE token; None elsewhere

    @property
    def form(self) -> Mapping[str, str]:
        """The fields of a plain form; of a repeated field the last. Empty when there are more than 500."""
        text = self.body.decode("utf-8", "replace")
        if text.count("&") >= MOST_FIELDS:
            return {}
        return dict(parse_qsl(text, keep_blank_values=True))

    @property
    def token(self) -> str:
        """The token that a link or a form carries; empty when there is none."""
        return self.request.query_params.get("token") or self.form.get("token", "")


@dataclass(frozen=True, slots=True)
class Allowed:
    """A guard's yes, whom it found, and the house of the workspace that the credential belongs to."""

    who: object = None
    house: object = None  # None: the house that was asked


Endpoint = Callable[[Any], Response]
Guard = Callable[[Any], Allowed | Because]
"""Takes an `Asked`, and says whether it may go on."""


@dataclass(frozen=True, slots=True)
class Doors:
    """What an app's routes need at hand: the house, a guard for each authority, and the page of a refusal.

    `wait` says how many seconds a request that changes something must wait, 0 for none. It runs on the loop.
    """

    house: Any
    guards: Mapping[Authority, Guard]
    deny: Callable[[Any, Because], Response]
    wait: Callable[[Request], float] = lambda _request: 0.0


class DeclaredRoute(Route):
    """A route that knows its authority."""

    def __init__(
        self, path: str, endpoint: Endpoint, methods: Iterable[str], authority: Authority, most_bytes: int
    ) -> None:
        self.authority = authority

        async def enforced(request: Request) -> Response:
            return await _enforced(request, endpoint, authority, most_bytes)

        super().__init__(path, enforced, methods=list(methods), name=getattr(endpoint, "__name__", path))
        self._made = endpoint, tuple(methods), authority, most_bytes

    def below(self, prefix: str) -> "DeclaredRoute":
        """The same route under a prefix."""
        return DeclaredRoute(f"{prefix}{self.path}", *self._made)


def route(
    path: str,
    endpoint: Endpoint,
    methods: Iterable[str] = ("GET",),
    *,
    authority: Authority,
    most_bytes: int = MOST_BYTES,
) -> DeclaredRoute:
    """The one way to make a route. `endpoint` takes an `Asked` and runs in a thread.

    A body beyond the usual size is read only once the guard has said yes to the head.

    Raises ValueError for a route that changes something and is open to anyone.
    """
    wanted = tuple(methods)
    if authority is Authority.ANYONE and not SAFE.issuperset(wanted):
        raise ValueError(f"{path}: what changes something is not for anyone; declare VISITOR or more")
    return DeclaredRoute(path, endpoint, wanted, authority, most_bytes)


def undeclared(app: ASGIApp) -> list[str]:
    """Paths of an app's routes that were not built by `route`, or whose authority nobody guards."""
    routes: Iterable[BaseRoute] = getattr(app, "routes", ())
    doors = getattr(getattr(app, "state", None), "doors", None)
    guarded = doors.guards if isinstance(doors, Doors) else {}
    return [
        getattr(each, "path", repr(each))
        for each in routes
        if not isinstance(each, DeclaredRoute) or each.authority not in guarded
    ]


async def _enforced(request: Request, endpoint: Endpoint, authority: Authority, most_bytes: int) -> Response:
    doors: Doors = request.app.state.doors
    if authority is not Authority.SITE and request.method not in SAFE and doors.wait(request):
        return await run_in_threadpool(doors.deny, Asked(request, doors.house, b""), Because.TOO_OFTEN)
    if most_bytes > MOST_BYTES:
        head = Asked(request, doors.house, b"")
        found = await run_in_threadpool(doors.guards[authority], head)
        if isinstance(found, Because):
            return doors.deny(head, found)
    body = await _read(request, most_bytes)
    asked = Asked(request, doors.house, body or b"")
    if body is None:
        return doors.deny(asked, Because.TOO_LARGE)
    if authority is not Authority.SITE and not comes_from_here(request, doors.house):
        return doors.deny(asked, Because.ANOTHER_SITE)
    return await run_in_threadpool(_guarded, doors, asked, endpoint, authority)


def _guarded(doors: Doors, asked: Asked[Any], endpoint: Endpoint, authority: Authority) -> Response:
    found = doors.guards[authority](asked)
    if isinstance(found, Because):
        return doors.deny(asked, found)
    return endpoint(Asked(asked.request, found.house or asked.house, asked.body, found.who))


async def _read(request: Request, most_bytes: int) -> bytes | None:
    """The body; None when it is too large, which is known before more of it is read."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > most_bytes:
            return None
        parts.append(part)
    return b"".join(parts)


def comes_from_here(request: Request, house: Any) -> bool:
    """Whether a request that changes something comes from our own pages or an origin that the house knows.

    A client that sends neither header is no browser, and so carries nobody's cookies along.
    """
    if request.method in SAFE:
        return True
    origin = request.headers.get("origin")
    if origin is not None and origin in origins_of(house):
        return True
    fetched = request.headers.get("sec-fetch-site")
    if fetched is not None:
        return fetched in {"same-origin", "none"}
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def origins_of(house: Any) -> frozenset[str]:
    """Origins that the house lets in beside its own; a console knows none."""
    known = getattr(house, "origins", None)
    return known() if known is not None else frozenset()
