"""The centre: pages and calls for the people concerned. It stands behind a path of the company's own site."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kept.base.errors import Away, NoRoom
from kept.gather.arrival import Unreadable, decode
from kept.web import profiles
from kept.web.authority import Allowed, Asked, Authority, Because, DeclaredRoute, Doors, route
from kept.web.house import Account, CentreHouse, NotJoined
from kept.web.pages import (
    account,
    choosing,
    cookies,
    files,
    parts,
    privacy,
    ranking,
    told,
    versions,
    yourdata,
)
from kept.web.pages.draw import HEADERS, SITE_KEY
from kept.web.pages.errors import away, deny, failed, no_room
from kept.web.pages.visitor import lines_of, peer_of

Wait = Callable[[str | None, bytes | None], float]
"""Takes who holds the connection and the header X-Forwarded-For; gives the seconds to wait, 0 for none."""


def centre_app(house: CentreHouse, wait: Wait = lambda _peer, _forwarded: 0.0) -> Starlette:
    """The centre over a house. `wait` limits what one place may change: each answer is written down for good."""
    app = Starlette(
        routes=list(ROUTES),
        exception_handlers={HTTPStatus.NOT_FOUND: _not_found, NoRoom: no_room, Away: away, Exception: failed},
    )
    app.router.redirect_slashes = False  # a slash at the end would move every relative link
    app.state.doors = Doors(
        house,
        {
            Authority.ANYONE: _on_site,
            Authority.VISITOR: _on_site,
            Authority.ACCOUNT: yourdata.is_account,
            Authority.SITE: _is_site,
        },
        deny,
        wait=lambda request: wait(peer_of(request), lines_of(request, "x-forwarded-for")),
    )
    return app


class SentJoin(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST v1/join`. With a signed token, its `sub` is the account and `account` may be left out.

    `partner` names the site on which the visitor is one; left out, it is the company's own.
    """

    visitor: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    account: Annotated[str, msgspec.Meta(max_length=256)] = ""
    partner: Annotated[str, msgspec.Meta(max_length=40)] = ""


_JOIN = msgspec.json.Decoder(SentJoin)


def join(asked: Asked[CentreHouse]) -> Response:
    """`POST v1/join`: a visitor turned out to be an account. It opens nobody's data.

    A token tells who asks, not which visitor they are: that is shown by knowing an id that nobody can guess.
    Ids of the site's own making may be guessed, and what joins can be seen; so only its server joins those.
    """
    sent = decode(asked.body, _JOIN)
    if isinstance(sent, Unreadable):
        return _said_no(400, sent.what, sent.where)
    signed = asked.who.id if isinstance(asked.who, Account) else sent.account
    if not signed:
        return _said_no(400, "No account is named.")
    if (refusal := _not_for(asked, sent, signed)) is not None:
        return refusal
    refused = asked.house.join(sent.visitor, signed, sent.partner)
    if refused is not None:
        return _said_no(409, f"Not joined: {refused.value}.")
    return JSONResponse({"joined": True}, headers=HEADERS)


def _not_for(asked: Asked[CentreHouse], sent: SentJoin, signed: str) -> Response | None:
    """Why whoever asks may not join this visitor; None when they may."""
    if sent.account not in {"", signed}:
        return _said_no(403, "The token was signed for another account.")
    if sent.partner and (isinstance(asked.who, Account) or sent.partner not in asked.house.policy().partners):
        return _said_no(
            403, "Only the site's server joins visitors of a partner's, of one that the policy names."
        )
    if isinstance(asked.who, Account) and not cookies.is_ours(sent.visitor):
        return _said_no(409, f"Not joined: {NotJoined.BAD_VISITOR.value}.")
    return None


class SentShown(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST v1/shown`: that an account was shown a version, the one in force if none is named."""

    account: Annotated[str, msgspec.Meta(max_length=256)] = ""
    version: Annotated[str, msgspec.Meta(max_length=64)] = ""
    how: Literal["sign_up", "mail", "app", "other"] = "other"


_SHOWN = msgspec.json.Decoder(SentShown)


def take_shown(asked: Asked[CentreHouse]) -> Response:
    """`POST v1/shown`: the site has shown an account a version of the notice, at sign-up or by mail."""
    sent = decode(asked.body, _SHOWN)
    if isinstance(sent, Unreadable):
        return _said_no(400, sent.what, sent.where)
    signed = asked.who.id if isinstance(asked.who, Account) else sent.account
    if not signed:
        return _said_no(400, "No account is named.")
    if sent.account not in {"", signed}:
        return _said_no(403, "The token was signed for another account.")
    if not asked.house.show_account(Account(signed), sent.how, sent.version, meet=True):
        return _said_no(409, "Not recorded: the policy keeps no such record, or no version has that name.")
    return JSONResponse({"recorded": True}, headers=HEADERS)


def script(asked: Asked[CentreHouse]) -> Response:
    """`GET kept.js`, and the style of its dialog."""
    return _file(asked, asked.request.url.path.rpartition("/")[2], files.SCRIPT_SECONDS)


def static_file(asked: Asked[CentreHouse]) -> Response:
    """A file that pages need."""
    return _file(asked, asked.request.path_params["name"], files.DAY_SECONDS)


def _file(asked: Asked[CentreHouse], name: str, seconds: int) -> Response:
    found = files.serve(asked.request, name, seconds)
    return deny(asked, Because.NO_SUCH_PAGE) if found is None else found


def _is_site(asked: Asked[CentreHouse]) -> Allowed | Because:
    kind, _, bearer = asked.request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer" or not bearer:
        return Because.NO_CREDENTIAL
    for house in asked.house.spaces():
        found = house.site_credential(bearer)
        if found:
            return Allowed(found, house)
    return Because.NO_CREDENTIAL  # enforces: secret-key


def _on_site(asked: Asked[CentreHouse]) -> Allowed | Because:
    """The pages of a partner's site, which forwards a path of its own to `sites/KEY`; else the company's own."""
    key = asked.request.path_params.get(SITE_KEY)
    if key is None:
        return Allowed()
    there = next((house for house in asked.house.spaces() if house.knows_key(key)), None)
    return Because.NO_SUCH_PAGE if there is None else Allowed(None, there)


def _said_no(status: int, what: str, where: str = "") -> Response:
    return JSONResponse({"error": what} | ({"where": where} if where else {}), status, HEADERS)


async def _not_found(request: Request, _error: Exception) -> Response:
    doors: Any = request.app.state.doors
    return deny(Asked(request, doors.house, b""), Because.NO_SUCH_PAGE)


PUBLIC: tuple[DeclaredRoute, ...] = (
    route("/kept.js", script, authority=Authority.ANYONE),
    route("/kept-dialog.css", script, authority=Authority.ANYONE),
    route("/static/{name:path}", static_file, authority=Authority.ANYONE),
    route("/privacy", privacy.show_notice, authority=Authority.ANYONE),
    route("/privacy.md", privacy.show_notice, authority=Authority.ANYONE),
    route("/privacy.jsonld", privacy.show_notice, authority=Authority.ANYONE),
    route("/privacy/changes.atom", versions.show_feed, authority=Authority.ANYONE),
    route("/privacy/versions", versions.show_versions, authority=Authority.ANYONE),
    route("/privacy/versions/{number}", versions.show_version, authority=Authority.ANYONE),
    route("/privacy/versions/{number}/{name}", versions.show_version_notice, authority=Authority.ANYONE),
    route("/choices", choosing.show_choices, authority=Authority.VISITOR),
    route("/choices", choosing.take_choices, ("POST",), authority=Authority.VISITOR),
    route("/dialog", choosing.show_dialog, authority=Authority.VISITOR),
    route("/v1/choices", choosing.tell_choices, authority=Authority.VISITOR),
    route("/v1/choices", choosing.answer_choices, ("POST",), authority=Authority.VISITOR),
)
"""What every site shows to its own visitors."""

ROUTES: tuple[DeclaredRoute, ...] = (
    *PUBLIC,
    *(each.below(f"/sites/{{{SITE_KEY}}}") for each in PUBLIC),
    route("/data", yourdata.show_data, authority=Authority.ACCOUNT),
    route("/data/copy.json", yourdata.take_copy, authority=Authority.ACCOUNT),
    route("/data/choices", account.answer_for_account, ("POST",), authority=Authority.ACCOUNT),
    route("/data/correct", told.correct, ("POST",), authority=Authority.ACCOUNT),
    route("/data/file/{number:int}", told.take_file, authority=Authority.ACCOUNT),
    route("/data/erase", yourdata.show_plan, authority=Authority.ACCOUNT),
    route("/data/erase", yourdata.erase, ("POST",), authority=Authority.ACCOUNT),
    # Its number is random and names nobody: whoever knows it may read it, also after the account is gone.
    route("/data/receipt/{number}.json", yourdata.receipt_json, authority=Authority.ANYONE),
    route("/data/receipt/{number}", yourdata.show_receipt, authority=Authority.ANYONE),
    route("/-/parts", parts.show_parts, authority=Authority.ANYONE),
    route("/v1/ranking", ranking.rank_for_visitor, authority=Authority.VISITOR),
    route("/v1/ranking", ranking.rank_for_site, ("POST",), authority=Authority.SITE),
    route("/v1/offers", ranking.take_offers, ("POST",), authority=Authority.SITE),
    route("/v1/join", join, ("POST",), authority=Authority.SITE),
    route("/v1/shown", take_shown, ("POST",), authority=Authority.SITE),
    *profiles.ROUTES,
    route("/{at:path}", privacy.show_at, authority=Authority.ANYONE),
)
