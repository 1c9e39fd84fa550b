"""`…/v1/people`: what the company's server tells about its accounts, and what a purpose reads of one of them.

Every value is declared in the policy or refused with its place; every read names its purpose. A token that the site
signed may tell for its own account; it reads nothing here, since its person has *Your data*.
"""

from typing import Annotated, Any
from urllib.parse import quote

import msgspec
from starlette.responses import JSONResponse, Response, StreamingResponse

from kept.gather.arrival import Unreadable, decode, decoder_of
from kept.gather.profiles import FILES, MOST_FILE_BYTES, FileTold, NotTaken, Refusal, TakenDown, Telling
from kept.policy.places import Residence
from kept.web.authority import Asked, Authority, route
from kept.web.house import (
    Account,
    CentreHouse,
    ErasurePlan,
    NoReading,
    NotErased,
    ProfileFile,
    ProfileRead,
)
from kept.web.pages.draw import HEADERS

LONGEST_ID = 256
Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_ ]{0,39}$")]


class SentProfile(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `PUT` and `PATCH v1/people/{account}`. `residence` as ISO 3166 has it."""

    values: dict[str, Any]
    source: Word = "form"
    residence: Residence | None = None


class SentValue(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `PUT v1/people/{account}/{item}`, unless the item is a file: then the body is the file."""

    value: Any
    source: Word = "form"
    residence: Residence | None = None


_PROFILE, _VALUE = decoder_of(SentProfile), decoder_of(SentValue)


def tell(asked: Asked[CentreHouse]) -> Response:
    """`PUT` says the whole profile, files aside: what it does not name is taken away. `PATCH` says a part of it."""
    sent = decode(asked.body, _PROFILE)
    if isinstance(sent, Unreadable):
        return _unreadable(sent)
    whole = asked.request.method == "PUT"
    return _told(asked, Telling(sent.values, sent.source, "site", whole, sent.residence, _signal(asked)))


def tell_one(asked: Asked[CentreHouse]) -> Response:
    """`PUT v1/people/{account}/{item}`: one value as `{"value": …}`, or a file as it is, called `?name=`."""
    item, query = asked.request.path_params["item"], asked.request.query_params
    declared = asked.house.policy().items.get(item)
    if declared is not None and declared.type in FILES:
        file = FileTold(query.get("name", ""), asked.body)
        return _told(asked, Telling({item: file}, query.get("source", "form"), signal=_signal(asked)))
    sent = decode(asked.body, _VALUE)
    if isinstance(sent, Unreadable):
        return _unreadable(sent)
    return _told(
        asked, Telling({item: sent.value}, sent.source, "site", False, sent.residence, _signal(asked))
    )


def remove_one(asked: Asked[CentreHouse]) -> Response:
    """`DELETE v1/people/{account}/{item}`: the value goes, with all that it was before."""
    source = asked.request.query_params.get("source", "form")
    return _told(asked, Telling({asked.request.path_params["item"]: None}, source))


def erase(asked: Asked[CentreHouse]) -> Response:
    """`DELETE v1/people/{account}`: what a deletion would do, and its digest. With that as `?plan=`, it is begun.

    So nobody is deleted by a slip, and what goes is what was shown: another plan is shown again.
    """
    if isinstance(asked.who, Account):
        return _said_no(403, "This is for the site's server. People delete their own data at data/erase.")
    account, plan = Account(asked.request.path_params["account"]), asked.request.query_params.get("plan", "")
    shown = asked.house.plan_erasure(account)
    if not shown.goes:
        return _said_no(404, "Nothing is known of this account.")
    if not plan:
        return JSONResponse(_planned(shown), headers=HEADERS)
    begun = asked.house.erase(account, plan)
    if isinstance(begun, NotErased):
        return JSONResponse({"error": f"Not begun: {begun.value}.", **_planned(shown)}, 409, HEADERS)
    return JSONResponse({"receipt": f"data/receipt/{begun.number}.json", "stage": begun.stage}, 202, HEADERS)


def read(asked: Asked[CentreHouse]) -> Response:
    """`GET v1/people/{account}?for=PURPOSE`: what that purpose may see of it now."""
    found = _read(asked)
    return found if isinstance(found, Response) else JSONResponse(_shown(found), headers=HEADERS)


def read_one(asked: Asked[CentreHouse]) -> Response:
    """`GET v1/people/{account}/{item}?for=PURPOSE`: one value, or a file's bytes."""
    found, item = _read(asked), asked.request.path_params["item"]
    if isinstance(found, Response):
        return found
    if item not in found.values:
        return _said_no(404, "This purpose sees no such value of this account.")
    value = found.values[item]
    if not isinstance(value["value"], dict):
        return JSONResponse({"item": item, **value}, headers=HEADERS)
    file = asked.house.read_file(found.account, found.purpose, item)
    return _said_no(404, "The file is gone.") if file is None else given(file)


def given(file: ProfileFile) -> Response:
    """A file, to be saved and never to be run: its kind is told by its bytes, and it is not shown in a page."""
    headers = {
        **HEADERS,
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingResponse(file.parts, 200, headers, file.media)


def _told(asked: Asked[CentreHouse], telling: Telling) -> Response:
    account = asked.request.path_params["account"]
    if len(account) > LONGEST_ID:
        return _said_no(400, "An account's id has 256 characters at most.")
    if isinstance(asked.who, Account) and (asked.who.id != account or telling.source != "form"):
        return _said_no(403, "The token was signed for another account.")  # enforces: own-profile
    told = asked.house.tell(account, telling)
    return JSONResponse(_reply(told), _status(told), HEADERS)


def _reply(told: TakenDown) -> dict[str, object]:
    return {
        "taken": told.taken,
        "unchanged": told.unchanged,
        "removed": told.removed,
        "refused": list(map(_refused, told.refused)),
    }


def _refused(refusal: Refusal) -> dict[str, str]:
    return {"item": refusal.item, "reason": refusal.why.code, "where": f"values.{refusal.item}"}


def _status(told: TakenDown) -> int:
    if not told.nothing_but_refused:
        return 200
    return 409 if any(refusal.why is NotTaken.DELETED for refusal in told.refused) else 422


def _read(asked: Asked[CentreHouse]) -> ProfileRead | Response:
    if isinstance(asked.who, Account):
        return _said_no(403, "This is for the site's server. People read their own data at data.")
    purpose = asked.request.query_params.get("for", "")
    if not purpose:
        return _said_no(400, "Name the purpose that reads, as ?for=PURPOSE.")
    found = asked.house.read_profile(asked.request.path_params["account"], purpose)
    if isinstance(found, NoReading):
        told = {"error": found.says, "reason": found.reason, "where": found.clause}
        return JSONResponse(told, 403, HEADERS)
    return found


def _planned(plan: ErasurePlan) -> dict[str, object]:
    """A plan for the site's server: kinds and counts, and whose holds stop it, not why."""
    return {
        "plan": plan.digest,
        "goes": [{"item": held.item, "count": held.count} for held in plan.goes],
        "stays": [{"item": duty.item, "because": duty.ground} for duty in plan.stays],
        "held_by": [hold.owner for hold in plan.holds],
        "steps": plan.steps,
    }


def _shown(found: ProfileRead) -> dict[str, object]:
    return {
        "account": found.account,
        "purpose": found.purpose,
        "policy": found.policy,
        "values": found.values,
    }


def _signal(asked: Asked[CentreHouse]) -> bool:
    """The signal of the browser that sent the site its form, handed on by the site."""
    return asked.request.headers.get("sec-gpc") == "1"


def _unreadable(sent: Unreadable) -> Response:
    return JSONResponse({"error": sent.what, "where": sent.where}, 400, HEADERS)


def _said_no(status: int, what: str) -> Response:
    return JSONResponse({"error": what}, status, HEADERS)


ROUTES = (
    route("/v1/people/{account}", read, authority=Authority.SITE),
    route("/v1/people/{account}", tell, ("PUT", "PATCH"), authority=Authority.SITE),
    route("/v1/people/{account}", erase, ("DELETE",), authority=Authority.SITE),
    route("/v1/people/{account}/{item}", read_one, authority=Authority.SITE),
    route(
        "/v1/people/{account}/{item}",
        tell_one,
        ("PUT",),
        authority=Authority.SITE,
        most_bytes=MOST_FILE_BYTES + 1,
    ),
    route("/v1/people/{account}/{item}", remove_one, ("DELETE",), authority=Authority.SITE),
)
