"""Pages for what went wrong: what, and what helps. The scripts' calls get the same as JSON."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kept.web.authority import Asked, Because
from kept.web.pages.draw import HEADERS, page
from kept.web.seat import outside


@dataclass(frozen=True, slots=True)
class Helps:
    """What to do next, and a link that leads there."""

    says: str
    link: str = ""
    words: str = ""


SITE = "/"
"""The company's own site: these pages stand under a path of its host."""
HELPS = {
    Because.ANOTHER_SITE: Helps("Open the page here and press the button again.", "choices", "Your choices"),
    Because.TOO_OFTEN: Helps("Nothing was changed. Try again in a minute."),
    Because.TOO_LARGE: Helps("Send less at once."),
    Because.UNREADABLE: Helps("Go back and try again."),
    Because.LINK_INCOMPLETE: Helps(
        "Sign in there, and follow its link “Your data”: the link says for ten minutes who you are.",
        SITE,
        "To the site",
    ),
    Because.LINK_EXPIRED: Helps(
        "Links to your data live ten minutes, so that nobody can use one they find later. Open it anew from the "
        "company’s site.",
        SITE,
        "To the site",
    ),
    Because.LINK_INVALID: Helps(
        "Open it from the company’s own site, where you are signed in. If that fails too, write to the company.",
        "privacy",
        "Privacy notice",
    ),
    Because.NO_CREDENTIAL: Helps("Send it as `Authorization: Bearer …`."),
    Because.SIGN_IN: Helps("", "sign-in", "Sign in"),
    Because.NO_SUCH_PAGE: Helps(
        "The address may be mistyped, or the page is gone.", "privacy", "Privacy notice"
    ),
}
OFFICE_HELPS = {
    **HELPS,
    Because.ANOTHER_SITE: Helps("Open the page here and press the button again.", "reports", "Reports"),
    Because.NO_SUCH_PAGE: Helps("The address may be mistyped.", "reports", "Reports"),
}


def deny(asked: Asked[Any], because: Because) -> Response:
    """The refusal of a page for the people concerned."""
    return _draw(asked, because, "error.html", HELPS[because], here="")


def deny_office(asked: Asked[Any], because: Because, *, to: str = "") -> Response:
    """The refusal of a page for the company. `to` is the page to go on to after signing in."""
    helps = OFFICE_HELPS[because]
    if because is Because.SIGN_IN:
        link = f"{outside(asked.request)}sign-in?{urlencode({'to': to})}" if to else "sign-in"
        helps = replace(helps, link=link)
    return _draw(asked, because, "office_error.html", helps, here="")


def _draw(asked: Asked[Any], because: Because, template: str, helps: Helps, here: str) -> Response:
    if wants_json(asked):
        return JSONResponse({"error": because.says, "next": helps.says}, because.status, HEADERS)
    shown = {
        "here": here,
        "policy": asked.house.policy(),
        "status": because.status,
        "title": because.says,
        "next_step": helps.says,
        "link": helps.link,
        "link_words": helps.words,
    }
    return page(asked.request, template, shown, because.status)


async def failed(request: Request, _error: Exception) -> Response:
    """What is shown when a bug or a broken disk stopped a page. It needs nothing of the house, and names nothing."""
    if wants_json(Asked(request, None, b"")):
        return JSONResponse(
            {"error": "This could not be done now.", "next": "Try again in a minute."}, 500, HEADERS
        )
    return page(request, "failed.html", {"status": 500}, 500)


async def away(request: Request, _error: Exception) -> Response:
    """What is shown while the records cannot be reached. Whether what was sent was saved nobody can know."""
    headers = {**HEADERS, "Retry-After": "5"}
    if wants_json(Asked(request, None, b"")):
        said = {"error": "This cannot be done at present.", "next": "Try again in a few seconds."}
        return JSONResponse(said, 503, headers)
    shown = page(request, "failed.html", {"status": 503}, 503)
    shown.headers["Retry-After"] = headers["Retry-After"]
    return shown


async def no_room(request: Request, _error: Exception) -> Response:
    """What is shown when the disk is full: nothing was saved, and that is said (RFC 9110, 15.6.4)."""
    headers = {**HEADERS, "Retry-After": "30"}
    if wants_json(Asked(request, None, b"")):
        return JSONResponse(
            {"error": "Nothing can be stored at present, so this was not saved.", "next": "Try again later."},
            503,
            headers,
        )
    shown = page(request, "no_room.html", {}, 503)
    shown.headers["Retry-After"] = headers["Retry-After"]
    return shown


def wants_json(asked: Asked[Any]) -> bool:
    """Whether a program asks, not a person."""
    path = asked.request.url.path
    accepts = asked.request.headers.get("accept", "")
    return "/v1/" in path or path.endswith(".json") or accepts.startswith("application/json")
