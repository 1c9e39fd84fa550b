"""Past versions: the list with what each changed, every version's own pages, the feed (promise M2)."""

import re

from starlette.responses import Response

from kept.amend import feed, parted, summary_of
from kept.base.language import Language, language_of
from kept.gate import PastVersion
from kept.policy.posted import Posted
from kept.web.authority import Asked, Because
from kept.web.house import CentreHouse
from kept.web.pages.draw import HEADERS, page
from kept.web.pages.errors import deny
from kept.web.pages.sections import MOST_COLUMNS, Link, marks, more_of
from kept.web.pages.speaking import SPOKEN_BY, feed_at, of_notice, plainly_speaking, speaking
from kept.web.pages.visitor import visitor_of
from kept.web.pages.which import HTML, SUFFIXES, called, form_of
from kept.web.pages.words import day
from kept.web.pages.written import OPEN, plainly

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")


def show_versions(asked: Asked[CentreHouse]) -> Response:
    """Every version that was in force, the newest first, with what it changed in plain words."""
    spoken = speaking(asked, visitor_of(asked))
    shown = {
        "here": "privacy",
        "policy": spoken.policy,
        "marks": marks(spoken.posted.notice, spoken.say),
        "versions": readable(asked.house.past()),
        "told_of": lambda past: past.told_by(spoken.posted.name, spoken.say.tag),
        "summary_of": summary_of,
        "parted": parted,
        "time_of": time_of,
        "feed": feed_at(spoken.posted),
    }
    return page(asked.request, "versions.html", shown, headers={"Vary": SPOKEN_BY}, say=spoken.say)


def readable(past: tuple[PastVersion, ...]) -> tuple[PastVersion, ...]:
    """All of them, the newest first."""
    return past[::-1]  # enforces: past-readable


def show_feed(asked: Asked[CentreHouse]) -> Response:
    """The feed of changes, as one of the notices tells them: the same for whoever asks in that language."""
    company, spoken = asked.house.policy().company, plainly_speaking(asked)
    made = feed(company.name, company.site, spoken.posted.name, asked.house.past(), spoken.say)
    headers = {**HEADERS, **OPEN, "Content-Language": spoken.say.tag}
    return Response(made, 200, headers, "application/atom+xml; charset=utf-8")


def show_version(asked: Asked[CentreHouse]) -> Response:
    """One version's first notice, as it was posted."""
    return _notice(asked, asked.request.path_params["number"], "")


def show_version_notice(asked: Asked[CentreHouse]) -> Response:
    """One version's notice of that name, as it was posted."""
    return _notice(asked, asked.request.path_params["number"], asked.request.path_params["name"])


def _notice(asked: Asked[CentreHouse], number: str, name: str) -> Response:
    for suffix in SUFFIXES:
        number, name = number.removesuffix(suffix), name.removesuffix(suffix)
    if not _NUMBER.fullmatch(number):
        return deny(asked, Because.NO_SUCH_PAGE)
    past = next((one for one in asked.house.past() if one.number == int(number)), None)
    posted = asked.house.posted(int(number))
    one = next((each for each in posted if not name or each.name == name), None)
    if past is None or one is None:
        return deny(asked, Because.NO_SUCH_PAGE)
    form = form_of(asked.request.scope["path"], asked.request.headers.get("accept", ""))
    return (
        _page(asked, past, one, posted)
        if form == HTML
        else plainly(one, form, _note(past, language_of(one.notice.language)))
    )


def _page(asked: Asked[CentreHouse], past: PastVersion, one: Posted, posted: tuple[Posted, ...]) -> Response:
    spoken = of_notice(asked.house.policy(), one)
    told = past.told_by(one.name, spoken.say.tag)
    shown = {
        "here": "privacy",
        "policy": spoken.policy,
        "past": past,
        "notice": one.notice,
        "at": f"privacy/versions/{past.number}/{one.name}",
        "others": [
            Link(f"privacy/versions/{past.number}/{each.name}", called(each), each.notice.language)
            for each in posted
            if each != one
        ],
        "time": time_of(past, spoken.say),
        "summary": summary_of(told.changes, spoken.say),
        "parts": parted(told.changes, spoken.say),
        "told_in": told.language,
        "more_of": more_of,
        "most_columns": MOST_COLUMNS,
    }
    headers = {"Content-Language": one.notice.language, "Vary": "Accept, Cookie"}
    return page(asked.request, "version.html", shown, headers=headers, say=spoken.say)


def time_of(past: PastVersion, say: Language) -> str:
    """When it was in force here, in words; the day that the notice itself names may be an earlier one."""
    since = day(past.since_ms, say)
    if past.until_ms is None:
        return say("in force on this site since {day}", day=since)
    return say("in force on this site from {day} to {end}", day=since, end=day(past.until_ms, say))


def _note(past: PastVersion, say: Language) -> str:
    """What the plain forms say before a version that is past."""
    if past.until_ms is None:
        return ""
    return say("Not in force any more: this version was {time}.", time=time_of(past, say))
