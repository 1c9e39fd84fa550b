"""Pages for what went wrong: what, and what helps. The scripts' calls get the same as JSON."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kept.base.language import ENGLISH, ENGLISH_TAG, Language, language_of, marked, spoken
from kept.policy.compiled import CompiledPolicy
from kept.web.authority import Asked, Because
from kept.web.pages.draw import HEADERS, page
from kept.web.pages.speaking import SPOKEN_BY, plainly_speaking
from kept.web.pages.which import most_wished
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
    Because.ANOTHER_SITE: Helps(
        marked("Open the page here and press the button again."), "choices", marked("Your choices")
    ),
    Because.TOO_OFTEN: Helps(marked("Nothing was changed. Try again in a minute.")),
    Because.TOO_LARGE: Helps(marked("Send less at once.")),
    Because.UNREADABLE: Helps(marked("Go back and try again.")),
    Because.LINK_INCOMPLETE: Helps(
        marked("Sign in there, and follow its link “Your data”: the link says for ten minutes who you are."),
        SITE,
        marked("To the site"),
    ),
    Because.LINK_EXPIRED: Helps(
        marked(
            "Links to your data live ten minutes, so that nobody can use one they find later. Open it anew from the "
            "company’s site."
        ),
        SITE,
        marked("To the site"),
    ),
    Because.LINK_TOO_LONG: Helps(
        marked(
            "Write to the company: the `exp` of its token must lie within ten minutes from now. Links are copied and "
            "left in histories, so that none works for longer."
        ),
        "privacy",
        marked("Privacy notice"),
    ),
    Because.LINK_INVALID: Helps(
        marked(
            "Open it from the company’s own site, where you are signed in. If that fails too, write to the company."
        ),
        "privacy",
        marked("Privacy notice"),
    ),
    Because.NO_CREDENTIAL: Helps(
        "Send it as `Authorization: Bearer …`; the `exp` of a token lies within ten minutes from now."
    ),
    Because.SIGN_IN: Helps("", "sign-in", "Sign in"),
    Because.NO_SUCH_PAGE: Helps(
        marked("The address may be mistyped, or the page is gone."), "privacy", marked("Privacy notice")
    ),
}
OFFICE_HELPS = {
    **HELPS,
    Because.ANOTHER_SITE: Helps("Open the page here and press the button again.", "reports", "Reports"),
    Because.NO_SUCH_PAGE: Helps("The address may be mistyped.", "reports", "Reports"),
}


def deny(asked: Asked[Any], because: Because) -> Response:
    """The refusal of a page for the people concerned, in the language in which they would have met it."""
    if wants_json(asked):
        return _said(because, HELPS[because])
    spoken = plainly_speaking(asked)
    return _draw(asked, because, "error.html", HELPS[because], spoken.policy, spoken.say)


def deny_office(asked: Asked[Any], because: Because, *, to: str = "") -> Response:
    """The refusal of a page for the company. `to` is the page to go on to after signing in."""
    helps = OFFICE_HELPS[because]
    if wants_json(asked):
        return _said(because, helps)
    if because is Because.SIGN_IN:
        link = f"{outside(asked.request)}sign-in?{urlencode({'to': to})}" if to else "sign-in"
        helps = replace(helps, link=link)
    return _draw(asked, because, "office_error.html", helps, asked.house.policy(), ENGLISH)


def _said(because: Because, helps: Helps) -> Response:
    return JSONResponse({"error": because.says, "next": helps.says}, because.status, HEADERS)


def _draw(
    asked: Asked[Any], because: Because, template: str, helps: Helps, policy: CompiledPolicy, say: Language
) -> Response:
    shown = {
        "here": "",
        "policy": policy,
        "status": because.status,
        "title": say(because.says),
        "next_step": say(helps.says),
        "link": helps.link,
        "link_words": say(helps.words),
    }
    return page(asked.request, template, shown, because.status, headers={"Vary": SPOKEN_BY}, say=say)


async def failed(request: Request, _error: Exception) -> Response:
    """What is shown when a bug or a broken disk stopped a page. It needs nothing of the house, and names nothing."""
    return _stopped(request, _wished(request))


async def office_failed(request: Request, _error: Exception) -> Response:
    """The same for the company."""
    return _stopped(request, ENGLISH)


def _stopped(request: Request, say: Language) -> Response:
    if wants_json(Asked(request, None, b"")):
        return JSONResponse(
            {"error": "This could not be done now.", "next": "Try again in a minute."}, 500, HEADERS
        )
    return page(request, "failed.html", {"status": 500}, 500, say=say)


async def away(request: Request, _error: Exception) -> Response:
    """What is shown while the records cannot be reached. Whether what was sent was saved nobody can know."""
    return _unreached(request, _wished(request))


async def office_away(request: Request, _error: Exception) -> Response:
    """The same for the company."""
    return _unreached(request, ENGLISH)


def _unreached(request: Request, say: Language) -> Response:
    later = {"Retry-After": "5"}
    if wants_json(Asked(request, None, b"")):
        said = {"error": "This cannot be done at present.", "next": "Try again in a few seconds."}
        return JSONResponse(said, 503, {**HEADERS, **later})
    return page(request, "failed.html", {"status": 503}, 503, headers=later, say=say)


async def no_room(request: Request, _error: Exception) -> Response:
    """What is shown when the disk is full: nothing was saved, and that is said (RFC 9110, 15.6.4)."""
    later = {"Retry-After": "30"}
    if wants_json(Asked(request, None, b"")):
        said = {
            "error": "Nothing can be stored at present, so this was not saved.",
            "next": "Try again later.",
        }
        return JSONResponse(said, 503, {**HEADERS, **later})
    return page(request, "no_room.html", {}, 503, headers=later, say=_wished(request))


def _wished(request: Request) -> Language:
    """The language to say it in when the house, which knows the notices, may not answer: as the address or the
    browser wishes."""
    named, header = request.query_params.get("lang", ""), request.headers.get("accept-language", "")
    return language_of(most_wished(spoken(), named) or most_wished(spoken(), header) or ENGLISH_TAG)


def wants_json(asked: Asked[Any]) -> bool:
    """Whether a program asks, not a person."""
    path = asked.request.url.path
    accepts = asked.request.headers.get("accept", "")
    return "/v1/" in path or path.endswith(".json") or accepts.startswith("application/json")
