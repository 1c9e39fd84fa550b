"""*Your data*: what is held, what a deletion would do, the deletion, its receipt (GDPR Art. 15, 17, 20).

A link from the company's site carries a token that lives ten minutes; it travels in addresses and forms, so no
cookie is set that the policy does not declare.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from starlette.responses import RedirectResponse, Response

from kept.base.errors import NoRoom
from kept.base.language import Language, marked
from kept.policy.compiled import CompiledPolicy
from kept.policy.wording import GROUNDS, sentence
from kept.rights import TOMBSTONE
from kept.subject import Duty, Held
from kept.subject.choices import TITLE
from kept.web.authority import Allowed, Asked, Because
from kept.web.house import CentreHouse, Disclosure, ErasurePlan, NoAccount, NotErased, PersonView, Receipt
from kept.web.pages import account, answers, told
from kept.web.pages.draw import HEADERS, page
from kept.web.pages.errors import deny
from kept.web.pages.question import cell_of
from kept.web.pages.sections import marks, version_link
from kept.web.pages.speaking import Speaking, speaking
from kept.web.pages.visitor import forget, visitor_of
from kept.web.pages.words import day

NO_ACCOUNT = {
    NoAccount.MISSING: Because.LINK_INCOMPLETE,
    NoAccount.EXPIRED: Because.LINK_EXPIRED,
    NoAccount.TOO_LONG: Because.LINK_TOO_LONG,
    NoAccount.INVALID: Because.LINK_INVALID,
}
MOST_NUMBER = 1 << 63
_WAYS = {
    "page": marked("here, on this page"),
    "sign_up": marked("when you signed up"),
    "mail": marked("by mail"),
    "app": marked("in the app"),
    "other": marked("by the site"),
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
    visitor = visitor_of(asked)
    spoken = speaking(asked, visitor)
    view = asked.house.person_view(asked.who, visitor.token)
    shown = _data_shown(spoken, cell_of(spoken.policy, visitor), view)
    values = told.shown(asked, view, partial(_source, say=spoken.say), spoken.say)
    said = {**account.shown(asked, view, spoken), **values}
    return page(asked.request, "data.html", {**_frame(asked, spoken), **shown, **said}, say=spoken.say)


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
    spoken = speaking(asked, visitor_of(asked))
    shown = {**_frame(asked, spoken), "receipt": found, "stays": _stays(spoken, found.stays)}
    return page(asked.request, "receipt.html", shown, say=spoken.say)


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
    spoken = speaking(asked, visitor_of(asked))
    say = spoken.say
    shown = {
        **_frame(asked, spoken),
        "token": asked.token,
        "plan": plan,
        "steps": [say(step) for step in plan.steps],
        "changed": changed,
        "goes": [
            (
                held_title(spoken, held),
                say.plural("{n} entry", "{n} entries", held.count),
                say.listing(_source(name, say) for name in held.sources),
            )
            for held in plan.goes
        ],
        "stays": _stays(spoken, plan.stays),
    }
    return page(asked.request, "plan.html", shown, 409 if changed else 200, say=say)


def _frame(asked: Asked[CentreHouse], spoken: Speaking) -> dict[str, Any]:
    return {
        "here": "data",
        "policy": spoken.policy,
        "marks": marks(spoken.posted.notice, spoken.say),
        "token": asked.token,
    }


def _data_shown(spoken: Speaking, cell: int, view: PersonView) -> dict[str, Any]:
    policy, say = spoken.policy, spoken.say
    return {
        "account": view.account,
        "summary": _summary(spoken, view),
        "held": [held_row(spoken, held) for held in view.held],
        "holds": view.holds,
        "history": answers.past_rows(policy, view.history, say),
        "promises": promises(spoken, cell, view.held),
        "showings": [
            (say(_WAYS.get(one.how, one.how)), day(one.at_ms, say), version_link(one.number, one.version))
            for one in view.showings
        ],
        "disclosures": [_disclosure_row(spoken, each) for each in view.disclosures],
    }


def promises(spoken: Speaking, cell: int, held: Sequence[Held]) -> list[tuple[str, ...]]:
    """Each purpose that may use something of this: its sentence, its ground where this browser is, what it uses."""
    used = {name for one in held for name in one.purposes}
    return [
        (
            purpose.title,
            sentence(purpose.says),
            spoken.say(GROUNDS[purpose.terms[cell].basis]),
            spoken.say.listing(held_title(spoken, one) for one in held if purpose.name in one.purposes),
        )
        for purpose in spoken.policy.purposes.values()
        if purpose.name in used  # enforces: own-promises
    ]


def held_row(spoken: Speaking, held: Held) -> tuple[str, ...]:
    """What, how much, from where, used for what, gone by when."""
    policy, say = spoken.policy, spoken.say
    used = [policy.purposes[name].title if name in policy.purposes else say(name) for name in held.purposes]
    return (
        held_title(spoken, held),
        _how_much(held, say),
        say.listing(_source(name, say) for name in held.sources),
        say.listing(used) or say("for nothing now"),
        day(held.until_ms, say) or say("no end is known yet"),
    )


def held_title(spoken: Speaking, held: Held) -> str:
    """What it is called in the words of this page; what no entry of the policy is, as its room calls it."""
    if held.title == TITLE:
        return spoken.say(TITLE)
    known = spoken.policy.items.get(held.item) or spoken.policy.events.get(held.item)
    return known.title if known else spoken.say(held.title)


def _how_much(held: Held, say: Language) -> str:
    entries = say.plural("{n} entry", "{n} entries", held.count)
    if not held.first_ms or not held.last_ms:
        return entries
    first, last = day(held.first_ms, say), day(held.last_ms, say)
    return (
        f"{entries}, {first}"
        if first == last
        else say("{entries}, {first} to {last}", entries=entries, first=first, last=last)
    )


SOURCES = {
    "form": marked("you, in a form"),
    "dialog": marked("you, when asked"),
    "tracker": marked("your visits"),
    "server log": marked("server log files"),
    "server": marked("our own systems"),
    "site": marked("the site, when you signed in"),
    "mail": marked("your mail"),
}


def _source(name: str, say: Language) -> str:
    return say(SOURCES[name]) if name in SOURCES else name.replace("_", " ")


def _summary(spoken: Speaking, view: PersonView) -> str:
    say = spoken.say
    if not view.held:
        return say("We hold nothing about you.")
    named, more = [say.inside(held_title(spoken, held)) for held in view.held[:4]], len(view.held) - 4
    if more > 0:
        named.append(say.plural("{n} other thing", "{n} other things", more))
    things = say("What we hold about you: {things}.", things=say.listing(named))
    return f"{things} {_given(len(view.disclosures), say)}"


def _given(times: int, say: Language) -> str:
    if times == 0:
        return say("None of it was given to anyone else.")
    return say.plural(
        "Some of it was given to someone else, once.",
        "Some of it was given to someone else, {n} times.",
        times,
    )


def _disclosure_row(spoken: Speaking, each: Disclosure) -> tuple[str, ...]:
    purpose = spoken.policy.purposes.get(each.purpose)
    items = spoken.say.listing(each.items)
    return (day(each.at_ms, spoken.say), each.recipient, items, purpose.title if purpose else each.purpose)


def _stays(spoken: Speaking, duties: Sequence[Duty]) -> list[tuple[str, ...]]:
    policy, say = spoken.policy, spoken.say
    return [
        (
            _title(policy, duty.item, say),
            say(duty.ground),
            _until(duty, say),
        )
        for duty in duties
    ]


def _until(duty: Duty, say: Language) -> str:
    if duty == TOMBSTONE:
        return say("it stays")
    return day(duty.until_ms, say) or say("no end is known yet")


def _title(policy: CompiledPolicy, name: str, say: Language) -> str:
    found = policy.items.get(name) or policy.events.get(name)
    words = say(TOMBSTONE.item) if name == TOMBSTONE.item else name.replace("_", " ")
    return found.title if found else words[:1].upper() + words[1:]
