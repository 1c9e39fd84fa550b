"""*Your data*: what is held, what a deletion would do, the deletion, its receipt (GDPR Art. 15, 17, 20).

A link from the company's site carries a token that lives ten minutes; it travels in addresses and forms, so no
cookie is set that the policy does not declare.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from starlette.responses import RedirectResponse, Response

from kept.base.errors import NoRoom
from kept.policy.compiled import CompiledPolicy
from kept.policy.wording import GROUNDS, sentence
from kept.rights import TOMBSTONE
from kept.subject import Duty, Held
from kept.web.authority import Allowed, Asked, Because
from kept.web.house import CentreHouse, Disclosure, ErasurePlan, NoAccount, NotErased, PersonView, Receipt
from kept.web.pages import account, answers, told
from kept.web.pages.draw import HEADERS, page
from kept.web.pages.errors import deny
from kept.web.pages.question import cell_of
from kept.web.pages.sections import marks, version_link
from kept.web.pages.visitor import forget, visitor_of
from kept.web.pages.words import count, day, listed

NO_ACCOUNT = {
    NoAccount.MISSING: Because.LINK_INCOMPLETE,
    NoAccount.EXPIRED: Because.LINK_EXPIRED,
    NoAccount.TOO_LONG: Because.LINK_TOO_LONG,
    NoAccount.INVALID: Because.LINK_INVALID,
}
MOST_NUMBER = 1 << 63
_WAYS = {
    "page": "here, on this page",
    "sign_up": "when you signed up",
    "mail": "by mail",
    "app": "in the app",
    "other": "by the site",
}
_NUMBER = re.compile(r"[0-9]{1,19}")  # of thousands of digits Python makes no number, but an error


def is_account(asked: Asked[CentreHouse]) -> Allowed | Because:
    """The guard: the token names an account."""
    if not asked.token:
        return Because.LINK_INCOMPLETE
    refused = list[NoAccount]()
    for house in asked.house.spaces():
        found = house.account_of(asked.token)
        if not isinstance(found, NoAccount):
            return Allowed(found, house)
        refused.append(found)
    return NO_ACCOUNT[next((one for one in refused if one is not NoAccount.INVALID), NoAccount.INVALID)]


def show_data(asked: Asked[CentreHouse]) -> Response:
    """All that is held about an account, to be understood in a minute."""
    with suppress(NoRoom):  # a full disk keeps nobody from seeing what is held
        asked.house.show_account(asked.who, "page")
    policy, visitor = asked.house.policy(), visitor_of(asked)
    view = asked.house.person_view(asked.who, visitor.token)
    shown = _data_shown(policy, cell_of(policy, visitor), view)
    said = {**account.shown(asked, view), **told.shown(asked, view, _source)}
    return page(asked.request, "data.html", {**_frame(asked), **shown, **said})


def take_copy(asked: Asked[CentreHouse]) -> Response:
    """The same to take along."""
    headers = {**HEADERS, "Content-Disposition": 'attachment; filename="your-data.json"'}
    return Response(asked.house.copy_of(asked.who), 200, headers, "application/json")


def show_plan(asked: Asked[CentreHouse]) -> Response:
    """What a deletion would do. Nothing happens yet."""
    return _plan_page(asked, asked.house.plan_erasure(asked.who), changed=False)


def erase(asked: Asked[CentreHouse]) -> Response:
    """The confirmation: begin the deletion that was shown, and no other."""
    done = asked.house.erase(asked.who, asked.form.get("plan", ""))
    if isinstance(done, NotErased):
        return _plan_page(asked, asked.house.plan_erasure(asked.who), changed=done is NotErased.PLAN_CHANGED)
    return forget(asked, RedirectResponse(f"receipt/{done.number}", 303, HEADERS))


def show_receipt(asked: Asked[CentreHouse]) -> Response:
    """A deletion's receipt, under way or done. Its number is random, so knowing it is the right to see it."""
    found = _receipt(asked)
    if found is None:
        return deny(asked, Because.NO_SUCH_PAGE)
    policy = asked.house.policy()
    return page(
        asked.request,
        "receipt.html",
        {**_frame(asked), "receipt": found, "stays": _stays(policy, found.stays)},
    )


def receipt_json(asked: Asked[CentreHouse]) -> Response:
    """The receipt for machines, with its proof."""
    found = _receipt(asked)
    if found is None or not found.document:
        return deny(asked, Because.NO_SUCH_PAGE)
    return Response(found.document, 200, HEADERS, "application/json")


def _receipt(asked: Asked[CentreHouse]) -> Receipt | None:
    text = asked.request.path_params["number"]
    if not _NUMBER.fullmatch(text) or int(text) >= MOST_NUMBER:
        return None
    return asked.house.receipt(int(text))


def _plan_page(asked: Asked[CentreHouse], plan: ErasurePlan, *, changed: bool) -> Response:
    policy = asked.house.policy()
    shown = {
        **_frame(asked),
        "token": asked.token,
        "plan": plan,
        "changed": changed,
        "goes": [
            (
                held.title,
                count(held.count, "entry", "entries"),
                listed([_source(name) for name in held.sources]),
            )
            for held in plan.goes
        ],
        "stays": _stays(policy, plan.stays),
    }
    return page(asked.request, "plan.html", shown, 409 if changed else 200)


def _frame(asked: Asked[CentreHouse]) -> dict[str, Any]:
    return {
        "here": "data",
        "policy": asked.house.policy(),
        "marks": marks(asked.house.notice()),
        "token": asked.token,
    }


def _data_shown(policy: CompiledPolicy, cell: int, view: PersonView) -> dict[str, Any]:
    return {
        "account": view.account,
        "summary": _summary(view),
        "held": [held_row(policy, held) for held in view.held],
        "holds": view.holds,
        "history": answers.past_rows(policy, view.history),
        "promises": promises(policy, cell, view.held),
        "showings": [
            (_WAYS.get(one.how, one.how), day(one.at_ms), version_link(one.number, one.version))
            for one in view.showings
        ],
        "disclosures": [_disclosure_row(policy, each) for each in view.disclosures],
    }


def promises(policy: CompiledPolicy, cell: int, held: Sequence[Held]) -> list[tuple[str, ...]]:
    """Each purpose that may use something of this: its sentence, its ground where this browser is, what it uses."""
    used = {name for one in held for name in one.purposes}
    return [
        (
            purpose.title,
            sentence(purpose.says),
            GROUNDS[purpose.terms[cell].basis],
            listed([one.title for one in held if purpose.name in one.purposes]),
        )
        for purpose in policy.purposes.values()
        if purpose.name in used  # enforces: own-promises
    ]


def held_row(policy: CompiledPolicy, held: Held) -> tuple[str, ...]:
    """What, how much, from where, used for what, gone by when."""
    used = [policy.purposes[name].title if name in policy.purposes else name for name in held.purposes]
    since = f", {day(held.first_ms)} to {day(held.last_ms)}" if held.first_ms and held.last_ms else ""
    if since and day(held.first_ms) == day(held.last_ms):
        since = f", {day(held.first_ms)}"
    return (
        held.title,
        count(held.count, "entry", "entries") + since,
        listed([_source(name) for name in held.sources]),
        listed(used) or "for nothing now",
        day(held.until_ms) or "no end is known yet",
    )


def _source(name: str) -> str:
    known = {
        "form": "you, in a form",
        "dialog": "you, when asked",
        "tracker": "your visits",
        "server log": "server log files",
        "server": "our own systems",
        "site": "the site, when you signed in",
        "mail": "your mail",
    }
    return known.get(name, name.replace("_", " "))


def _summary(view: PersonView) -> str:
    if not view.held:
        return "We hold nothing about you."
    named, more = [held.title.lower() for held in view.held[:4]], len(view.held) - 4
    if more > 0:
        named.append(count(more, "other thing"))
    return f"What we hold about you: {listed(named)}. {_given(len(view.disclosures))}"


def _given(times: int) -> str:
    if times == 0:
        return "None of it was given to anyone else."
    return f"Some of it was given to someone else, {'once' if times == 1 else count(times, 'time')}."


def _disclosure_row(policy: CompiledPolicy, each: Disclosure) -> tuple[str, ...]:
    purpose = policy.purposes.get(each.purpose)
    return (day(each.at_ms), each.recipient, listed(each.items), purpose.title if purpose else each.purpose)


def _stays(policy: CompiledPolicy, duties: Sequence[Duty]) -> list[tuple[str, ...]]:
    return [(_title(policy, duty.item), duty.ground, _until(duty)) for duty in duties]


def _until(duty: Duty) -> str:
    if duty == TOMBSTONE:
        return "it stays"
    return day(duty.until_ms) or "no end is known yet"


def _title(policy: CompiledPolicy, name: str) -> str:
    found = policy.items.get(name) or policy.events.get(name)
    words = name.replace("_", " ")
    return found.title if found else words[:1].upper() + words[1:]
