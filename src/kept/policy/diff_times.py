"""Whether one time is longer than another, said only where it is sure: a month has 28 to 31 days."""

from collections.abc import Sequence
from datetime import date

from kept.policy.diff_model import Kind
from kept.policy.times import MONTHS, Span

APART_DAYS = 4
"""So far, at most, a number of calendar months may lie from its average length: 28 days for 30.4, 153 for 152.2."""


def longer_or_shorter(old: Sequence[Span], new: Sequence[Span]) -> Kind:
    """What a change of ceilings is, of which the earliest counts. A ceiling less can only keep longer."""
    before, after = set(old), set(new)
    if after < before:
        return Kind.KEPT_LONGER
    if before < after:
        return Kind.KEPT_SHORTER
    return _surely(before, after) if before and after else Kind.KEPT_OTHERWISE


def lengthened(old: Span | None, new: Span | None) -> Kind:
    """The same for one time, where none at all is no limit."""
    return longer_or_shorter([old] if old else [], [new] if new else [])


def _surely(before: set[Span], after: set[Span]) -> Kind:
    counted = {(span.moment, span.end_of, bool(span.date)) for span in before | after}
    if len(counted) > 1:
        return Kind.KEPT_OTHERWISE
    if min(map(_most, after)) < min(map(_least, before)):
        return Kind.KEPT_SHORTER
    if min(map(_least, after)) > min(map(_most, before)):
        return Kind.KEPT_LONGER
    return Kind.KEPT_OTHERWISE


def _least(span: Span) -> float:
    if span.date:
        return date.fromisoformat(span.date).toordinal()
    return span.about_days - (APART_DAYS if span.unit in MONTHS else 0)


def _most(span: Span) -> float:
    if span.date:
        return date.fromisoformat(span.date).toordinal()
    return span.about_days + (APART_DAYS if span.unit in MONTHS else 0)
