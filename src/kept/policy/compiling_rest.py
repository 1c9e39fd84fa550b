"""Compiles the small sections: the company, cookies, counting, retention, moments, notices."""

from collections.abc import Mapping

from kept.policy.compiled import Company, Cookie
from kept.policy.compiled_rest import Duty, Moment, NoticeFor, Retention, Said
from kept.policy.draft import Draft, Entry
from kept.policy.grammar import (
    AT,
    AT_LEAST,
    BACKUPS,
    BACKUPS_OF_KEYS,
    BALANCE,
    BY,
    CONTACT,
    COOKIE_FOR,
    COUNT_IN,
    COUNT_NOT_IN,
    COUNTRY,
    HOLD_RULE,
    HOLDS,
    LANGUAGES,
    LASTS,
    NAME_OF_COMPANY,
    NOTICE_FOR,
    NOTICE_LANGUAGE,
    OFFICER,
    ONLY_FOR,
    PARTS,
    READING_AGE,
    REPRESENTATIVE,
    SET_BY,
    SITE,
    STRICTLY_NECESSARY,
    WHEN,
    WITHOUT_IT,
)
from kept.policy.keys import CALLED, SAYS
from kept.policy.opened import names
from kept.policy.places import COUNTRIES, opened
from kept.policy.times import Span
from kept.policy.values import Timed


def title(entry: Entry) -> str:
    """What the entry is called, or its name as words."""
    return entry.own(CALLED) or entry.name.replace("_", " ").capitalize()


def span(timed: Timed | None) -> Span | None:
    """The span alone, without where it was written."""
    return timed.span if timed else None


def mask_of(bits: Mapping[str, int], purposes: tuple[str, ...]) -> int:
    """The mask of these purposes."""
    return sum(1 << bits[name] for name in purposes)


def company_of(draft: Draft) -> Company:
    """Who is answerable."""
    entry = draft.company
    return Company(
        name=entry.want(NAME_OF_COMPANY, ""),
        site=entry.want(SITE, ""),
        contact=entry.want(CONTACT, ""),
        country=entry.want(COUNTRY, ""),
        languages=entry.want(LANGUAGES, ("en",)),
        representative=entry.want(REPRESENTATIVE, ""),
        officer=entry.want(OFFICER, ""),
    )


def cookie_of(entry: Entry, bits: Mapping[str, int]) -> Cookie:
    """One cookie, with the mask of the purposes it serves."""
    return Cookie(
        name=entry.name,
        says=entry.own(SAYS) or "",
        purposes=mask_of(bits, names(entry.get(COOKIE_FOR))),
        lasts=span(entry.get(LASTS)) or Span(0),
        holds=entry.want(HOLDS, ""),
        set_by=entry.want(SET_BY, "us"),
        strictly_necessary=entry.want(STRICTLY_NECESSARY, False),
    )


def counting_in(draft: Draft) -> frozenset[str]:
    """Countries where visits are counted without cookies; none unless the file says so."""
    entry = draft.single.get("counting without cookies")
    if entry is None:
        return frozenset()
    where = entry.get(COUNT_IN)
    counted = frozenset(opened(where)) if where else COUNTRIES
    return counted - frozenset(opened(entry.want(COUNT_NOT_IN, ())))


def retention_of(draft: Draft) -> Retention:
    """Duties, the rule for holds, the lives of backups."""
    entry = draft.retention
    if entry is None:
        return Retention()
    return Retention(
        duties={name: _duty(duty) for name, duty in draft.below_retention("duties").items()},
        holds=entry.want(HOLD_RULE, {}),
        backups=span(entry.get(BACKUPS)),
        backups_of_keys=span(entry.get(BACKUPS_OF_KEYS)),
    )


def moment_of(entry: Entry) -> Moment:
    """One moment of the company's own."""
    when = entry.get(WHEN)
    return Moment(entry.name, entry.own(SAYS) or "", when.name if when else "")


def _duty(entry: Entry) -> Duty:
    least = span(entry.get(AT_LEAST)) or Span(0)
    return Duty(
        entry.name, entry.own(SAYS) or "", least, entry.want(BY, ""), names(entry.get(ONLY_FOR)), title(entry)
    )


def published(entry: Entry) -> NoticeFor:
    """One notice that is published."""
    return NoticeFor(
        name=entry.name,
        audiences=names(entry.get(NOTICE_FOR)),
        language=entry.want(NOTICE_LANGUAGE, "en"),
        reading_age=entry.want(READING_AGE, 12),
        at=entry.want(AT, "/privacy"),
        parts=names(entry.get(PARTS)),
        words={name: _said(one) for name, one in entry.sections.get("words", {}).items()},
    )


def _said(entry: Entry) -> Said:
    return Said(
        called=entry.own(CALLED) or "",
        says=entry.own(SAYS) or "",
        without_it=entry.own(WITHOUT_IT) or "",
        balance=entry.own(BALANCE) or "",
    )
