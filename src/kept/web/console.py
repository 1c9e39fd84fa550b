"""The console: pages for the company, behind the owner token. It listens on loopback."""

from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from kept.web.authority import Allowed, Asked, Authority, Because, DeclaredRoute, Doors, route
from kept.web.house import ConsoleHouse
from kept.web.pages import files, reporting
from kept.web.pages.draw import HEADERS, page
from kept.web.pages.errors import deny_office, failed

COOKIE = "kept_owner"


def console_app(house: ConsoleHouse) -> Starlette:
    """The console over a house."""
    app = Starlette(
        routes=list(ROUTES), exception_handlers={HTTPStatus.NOT_FOUND: _not_found, Exception: failed}
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


def credential_of(asked: Asked[ConsoleHouse]) -> str:
    """What the caller shows: a bearer token, or the cookie of a signed-in browser."""
    kind, _, bearer = asked.request.headers.get("authorization", "").partition(" ")
    return bearer if kind.lower() == "bearer" else asked.request.cookies.get(COOKIE, "")


def show_sign_in(asked: Asked[ConsoleHouse]) -> Response:
    """The page that asks for the owner token."""
    return _sign_in_page(asked, wrong=False)


def sign_in(asked: Asked[ConsoleHouse]) -> Response:
    """Exchange the owner token for a cookie that no script and no other site can use."""
    credential = asked.house.sign_in(asked.form.get("token", "").strip())
    if credential is None:
        return _sign_in_page(asked, wrong=True)
    response = RedirectResponse("reports", 303, HEADERS)
    secure = asked.request.url.scheme == "https"
    response.set_cookie(COOKIE, credential, path="/", httponly=True, samesite="strict", secure=secure)
    return response


def sign_out(asked: Asked[ConsoleHouse]) -> Response:
    """End the session, here and in the browser."""
    asked.house.sign_out(credential_of(asked))
    response = RedirectResponse("sign-in", 303, HEADERS)
    response.delete_cookie(COOKIE, path="/")
    return response


def static_file(asked: Asked[ConsoleHouse]) -> Response:
    """A file that pages need."""
    found = files.serve(asked.request, asked.request.path_params["name"])
    return deny_office(asked, Because.NO_SUCH_PAGE) if found is None else found


def _deny(asked: Asked[ConsoleHouse], because: Because) -> Response:
    """Whoever opens the bare address and is not signed in wants to; other pages say what they need."""
    if because is Because.SIGN_IN and asked.request.url.path == "/":
        return RedirectResponse("sign-in", 303, HEADERS)
    return deny_office(asked, because)


def _sign_in_page(asked: Asked[ConsoleHouse], *, wrong: bool) -> Response:
    shown = {"here": "", "policy": asked.house.policy(), "wrong": wrong}
    return page(asked.request, "sign_in.html", shown, 403 if wrong else 200)


def _is_owner(asked: Asked[ConsoleHouse]) -> Allowed | Because:
    credential = credential_of(asked)
    return Allowed() if credential and asked.house.is_owner(credential) else Because.SIGN_IN


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
    route("/refusals", reporting.show_refusals, authority=Authority.OWNER),
    route("/ledger", reporting.show_ledger, authority=Authority.OWNER),
    route("/static/{name:path}", static_file, authority=Authority.ANYONE),
)
