"""`v1/ranking` and `v1/offers`: what is on offer, ranked for one person, or in everyone's order; and which it is."""

import re
from dataclasses import replace
from typing import Annotated, Any

import msgspec
from starlette.responses import JSONResponse, Response

from kept.gather.arrival import Unreadable, decode, decoder_of
from kept.policy.places import Residence
from kept.web.authority import Asked
from kept.web.house import Account, CentreHouse, Offered, RankedFor, Shown
from kept.web.pages.draw import HEADERS
from kept.web.pages.visitor import has_signal, visitor_of

MOST = 100
_KIND = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
LONGEST_KIND = 128


class Kind(str):
    """What is ranked: an event's property, such as job_view.job. Raises ValueError for anything else."""

    __slots__ = ()

    def __new__(cls, said: object) -> "Kind":
        """The same text."""
        if not isinstance(said, str) or len(said) > LONGEST_KIND or not _KIND.fullmatch(said):
            raise ValueError("This must be an event and one of its properties, such as job_view.job.")
        return super().__new__(cls, said)


Id = Annotated[str, msgspec.Meta(min_length=1, max_length=128)]


class SentRanking(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST v1/ranking`: of what, and for whom. With a signed token, its `sub` is the account."""

    of: Kind
    account: Annotated[str, msgspec.Meta(max_length=256)] = ""
    visitor: Annotated[str, msgspec.Meta(max_length=128)] = ""
    residence: Residence | None = None
    profile: dict[str, Annotated[str, msgspec.Meta(max_length=1_000)]] = {}
    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST)] = 10


class SentThing(msgspec.Struct, forbid_unknown_fields=True):
    """A thing on offer: the id that events carry, and words that describe it."""

    id: Id
    words: Annotated[str, msgspec.Meta(max_length=1_000)]


class SentOffers(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST v1/offers`: things oldest first, and ids of those no longer on offer."""

    of: Kind
    things: list[SentThing] = []
    gone: list[Id] = []


_RANKING, _OFFERS = decoder_of(SentRanking), decoder_of(SentOffers)


def rank_for_visitor(asked: Asked[CentreHouse]) -> Response:
    """`GET v1/ranking?key=wk_…&of=job_view.job`: for whoever sits at the browser, by their own answer there."""
    query = asked.request.query_params
    there = next((each for each in asked.house.spaces() if each.knows_key(query.get("key", ""))), None)
    if there is None:
        return _no(401, "That is no key of this installation.")
    visitor = visitor_of(replace(asked, house=there))
    limit = query.get("limit", "10")
    try:
        of = str(Kind(query.get("of", "")))  # as text: it goes to another process
    except ValueError as wrong:
        return _no(400, str(wrong), "of")
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= MOST):
        return _no(400, f"This must be a whole number from 1 to {MOST}.", "limit")
    wanted = RankedFor(
        of,
        visitor=visitor.token or "",
        answer=visitor.answer,
        residence=visitor.residence,
        signal=visitor.signal,
        most=int(limit),
    )
    return _told(there.rank(wanted))


def rank_for_site(asked: Asked[CentreHouse]) -> Response:
    """`POST v1/ranking`: for an account or a visitor that the site's server names, by the answer that stands."""
    sent = decode(asked.body, _RANKING)
    if isinstance(sent, Unreadable):
        return _no(400, sent.what, sent.where)
    account = asked.who.id if isinstance(asked.who, Account) else sent.account
    if sent.account not in {"", account} or (isinstance(asked.who, Account) and sent.visitor):
        return _no(403, "The token was signed for an account, and this asks for someone else.")
    wanted = RankedFor(
        str(sent.of),
        account=account,
        visitor=sent.visitor,
        residence=sent.residence
        and str(sent.residence),  # as text, like the kind: they go to another process
        signal=has_signal(asked),
        profile=sent.profile,
        most=sent.limit,
    )
    return _told(asked.house.rank(wanted))


def take_offers(asked: Asked[CentreHouse]) -> Response:
    """`POST v1/offers`: what the site has. It is no personal data, and its secret key alone may say it."""
    if isinstance(asked.who, Account):
        return _no(403, "A person's token may not say what is on offer; the secret key may.")
    sent = decode(asked.body, _OFFERS)
    if isinstance(sent, Unreadable):
        return _no(400, sent.what, sent.where)
    asked.house.take_offers(str(sent.of), [Offered(each.id, each.words) for each in sent.things], sent.gone)
    return JSONResponse({"offered": len(sent.things), "gone": len(sent.gone)}, headers=HEADERS)


def _told(shown: Shown) -> Response:
    said: dict[str, Any] = {
        "order": shown.order,
        "things": [
            {"id": id, **({"because": because} if (because := _because(viewed, profile)) else {})}
            for id, viewed, profile in shown.things
        ],
    }
    if shown.why:
        said |= {"why": shown.why, "clause": shown.clause, "without": shown.without}
    return JSONResponse(said, headers=HEADERS)


def _because(viewed: str, profile: str) -> dict[str, str]:
    return {"viewed": viewed} if viewed else {"profile": profile} if profile else {}


def _no(status: int, what: str, where: str = "") -> Response:
    return JSONResponse({"error": what} | ({"where": where} if where else {}), status, HEADERS)
