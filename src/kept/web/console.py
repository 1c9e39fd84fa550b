"""The console: pages for the company, behind the owner token. It listens on loopback."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from starlette._utils import get_route_path
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kept.base.errors import Away
from kept.web import metrics
from kept.web.authority import Allowed, Asked, Authority, Because, DeclaredRoute, Doors, route
from kept.web.house import ConsoleHouse
from kept.web.pages import behaving, files, reporting, seeing
from kept.web.pages.draw import HEADERS, page
from kept.web.pages.errors import deny_office, office_away, office_failed
from kept.web.seat import COOKIE, Seats, credentials, outside, seat_of

OWNER_TOKEN = "ot_"  # noqa: S105  how every one begins, not one
FIRST = "reports"
_PAGES = re.compile(r"(?:reports|behaviour|seen|refusals|ledger)(?:\?[A-Za-z0-9=&_%.+-]*)?")


def console_app(house: ConsoleHouse, routes: Sequence[DeclaredRoute] | None = None) -> Starlette:
    """The console over a house: all of its routes, or some."""
    app = Starlette(
        routes=list(ROUTES if routes is None else routes),
        middleware=[Middleware(Seats)],
        exception_handlers={HTTPStatus.NOT_FOUND: _not_found, Away: office_away, Exception: office_failed},
    )
    app.router.redirect_slashes = False
    app.state.doors = Doors(
        house,
        {
            Authority.ANYONE: lambda _asked: Allowed(),
            Authority.VISITOR: lambda _asked: Allowed(),
            Authority.OWNER: _is_owner,
        },
        _deny,
    )
    return app


def show_sign_in(asked: Asked[ConsoleHouse]) -> Response:
    """The page that asks for the owner token."""
    return _sign_in_page(asked, wrong=False)


def sign_in(asked: Asked[ConsoleHouse]) -> Response:
    """Exchange the owner token for a seat, and a cookie that no script and no other port can use."""
    credential = asked.house.sign_in(asked.form.get("token", "").strip())
    if credential is None:
        return _sign_in_page(asked, wrong=True)
    seat, out = seat_of(credential), outside(asked.request)
    response = RedirectResponse(f"{out}{seat}/{wanted(asked.form.get('to', ''))}", 303, HEADERS)
    secure = asked.request.url.scheme == "https"
    response.set_cookie(COOKIE, credential, path=f"/{seat}", httponly=True, samesite="strict", secure=secure)
    return response


def sign_out(asked: Asked[ConsoleHouse]) -> Response:
    """End the session, here and in the browser."""
    response = RedirectResponse(f"{outside(asked.request)}sign-in", 303, HEADERS)
    for credential in credentials(asked.request):
        asked.house.sign_out(credential)
        response.delete_cookie(COOKIE, path=f"/{seat_of(credential)}", httponly=True, samesite="strict")
    return response


def wanted(text: str) -> str:
    """The page of the console that was asked for before the sign-in; another address is not gone to."""
    return text if _PAGES.fullmatch(text) else FIRST


def static_file(asked: Asked[ConsoleHouse]) -> Response:
    """A file that pages need."""
    found = files.serve(asked.request, asked.request.path_params["name"])
    return deny_office(asked, Because.NO_SUCH_PAGE) if found is None else found


def _deny(asked: Asked[ConsoleHouse], because: Because) -> Response:
    """Whoever opens the bare address and is not signed in wants to; other pages say what they need."""
    path, query = get_route_path(asked.request.scope).lstrip("/"), asked.request.url.query
    if because is Because.SIGN_IN and not path:
        return RedirectResponse(f"{outside(asked.request)}sign-in", 303, HEADERS)
    return deny_office(asked, because, to=wanted(f"{path}?{query}" if query else path))


def _sign_in_page(asked: Asked[ConsoleHouse], *, wrong: bool) -> Response:
    to = asked.form.get("to", "") or asked.request.query_params.get("to", "")
    shown = {"here": "", "policy": asked.house.policy(), "wrong": wrong, "to": wanted(to)}
    return page(asked.request, "sign_in.html", shown, 403 if wrong else 200)


def _is_owner(asked: Asked[ConsoleHouse]) -> Allowed | Because:
    """The owner token as a bearer, at any path; or a session's cookie, at its own seat."""
    kind, _, bearer = asked.request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "bearer":
        is_owner = bearer.startswith(OWNER_TOKEN) and asked.house.is_owner(bearer)
    else:
        is_owner = any(asked.house.is_owner(each) for each in credentials(asked.request))
    return Allowed() if is_owner else Because.SIGN_IN


async def _not_found(request: Request, _error: Exception) -> Response:
    doors: Any = request.app.state.doors
    return deny_office(Asked(request, doors.house, b""), Because.NO_SUCH_PAGE)


ROUTES: tuple[DeclaredRoute, ...] = (
    route("/", reporting.to_reports, authority=Authority.OWNER),
    route("/sign-in", show_sign_in, authority=Authority.ANYONE),
    route("/sign-in", sign_in, ("POST",), authority=Authority.VISITOR),
    route("/sign-out", sign_out, ("POST",), authority=Authority.VISITOR),
    route("/reports", reporting.show_reports, authority=Authority.OWNER),
    route("/reports.json", reporting.reports_json, authority=Authority.OWNER),
    route("/reports/{table:str}.csv", reporting.reports_csv, authority=Authority.OWNER),
    route("/behaviour", behaving.show_behaviour, authority=Authority.OWNER),
    route("/behaviour.json", behaving.behaviour_twin, authority=Authority.OWNER),
    route("/behaviour/{table:str}.{kind:str}", behaving.behaviour_twin, authority=Authority.OWNER),
    route("/seen", seeing.show_seen, authority=Authority.OWNER),
    route("/seen.json", seeing.seen_json, authority=Authority.OWNER),
    route("/refusals", reporting.show_refusals, authority=Authority.OWNER),
    route("/ledger", reporting.show_ledger, authority=Authority.OWNER),
    route("/static/{name:path}", static_file, authority=Authority.ANYONE),
    *metrics.ROUTES,
)
