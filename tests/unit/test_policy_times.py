"""Spans: how they read, when they end, and the exact inverse."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.policy import Span, parse_span
from kept.policy.times import NOTHING_ENDED


def ms(text: str) -> int:
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("13 months", Span(13, "month")),
        ("1 year", Span(1, "year")),
        ("30 minutes", Span(30, "minute")),
        ("12 months from last use", Span(12, "month", "last use")),
        ("30 days after decided", Span(30, "day", "decided")),
        ("until account closes", Span(0, "day", "account closes", until=True)),
        ("until account closes + 30 days", Span(30, "day", "account closes", until=True)),
        ("7 years from end of year of gathered", Span(7, "year", end_of="year")),
        ("until 2027-12-31", Span(0, until=True, date="2027-12-31")),
    ],
)
def test_spans_read_as_written(text: str, span: Span) -> None:
    assert parse_span(text) == span
    assert parse_span(str(span)) == span


@pytest.mark.parametrize(
    "text",
    [
        "",
        "months",
        "13 monts",
        "-1 days",
        "1.5 years",
        "until",
        "until 2027-02-30",
        "9999 years",
        "from last use",
    ],
)
def test_what_is_no_span_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_span(text)


@pytest.mark.parametrize(
    ("span", "start", "end"),
    [
        ("1 month", "2026-01-15T10:00", "2026-02-15T10:00"),
        ("1 month", "2026-01-31T10:00", "2026-03-01T00:00"),  # the last moment of 28 February
        ("1 month", "2026-01-28T10:00", "2026-02-28T10:00"),
        ("13 months", "2026-11-30T08:30", "2027-12-30T08:30"),
        ("1 year", "2028-02-29T12:00", "2029-03-01T00:00"),
        ("30 days", "2026-02-27T00:00", "2026-03-29T00:00"),
        ("1 year from end of year of gathered", "2026-05-05T05:05", "2028-01-01T00:00"),
        ("2 months from end of month of gathered", "2026-12-31T23:59", "2027-03-01T00:00"),
        ("until 2027-12-31", "2026-01-01T00:00", "2028-01-01T00:00"),
    ],
)
def test_when_it_is_over(span: str, start: str, end: str) -> None:
    assert parse_span(span).ends(ms(start)) == ms(end)


def test_what_counts_from_elsewhere_ends_when_its_moment_is_known() -> None:
    span = parse_span("until account closes + 30 days")
    assert span.ends(0) is None
    assert span.cutoff(ms("2026-01-01T00:00")) == NOTHING_ENDED
    assert span.after(ms("2026-01-01T00:00")) == ms("2026-01-31T00:00")
    assert not span.sure_to_end
    assert parse_span("2 years from last seen").sure_to_end


def test_a_fixed_day_ends_all_at_once() -> None:
    span = parse_span("until 2027-12-31")
    assert span.cutoff(ms("2027-12-31T23:59")) == NOTHING_ENDED
    assert span.cutoff(ms("2028-01-01T00:00")) == ms("2028-01-01T00:00")


PAST_AND_FUTURE = st.integers(ms("1950-01-01T00:00"), ms("2150-01-01T00:00"))
LENGTHS = st.builds(
    Span,
    st.integers(1, 60),
    st.sampled_from(["minute", "hour", "day", "week", "month", "year"]),
    end_of=st.sampled_from(["", "month", "year"]),
)


@given(LENGTHS, PAST_AND_FUTURE)
def test_cutoff_is_the_exact_inverse_of_ends(span: Span, now: int) -> None:
    cut = span.cutoff(now)
    at, later = span.ends(cut), span.ends(cut + 1)
    assert at is not None
    assert later is not None
    assert at <= now < later


@given(LENGTHS, PAST_AND_FUTURE, st.integers(0, 40 * 86_400_000))
def test_what_begins_later_never_ends_earlier(span: Span, start: int, more: int) -> None:
    one, other = span.ends(start), span.ends(start + more)
    assert one is not None
    assert other is not None
    assert one <= other


@given(LENGTHS)
def test_spans_survive_being_written(span: Span) -> None:
    assert parse_span(str(span)) == span


@pytest.mark.parametrize(
    ("gathered", "over"),
    [
        ("2026-05-05", "2027-08-01"),
        ("2026-07-31", "2027-08-01"),
        ("2026-08-01", "2028-08-01"),
        ("2026-12-31", "2028-08-01"),
    ],
)
def test_a_school_year_ends_with_july(gathered: str, over: str) -> None:
    span = parse_span("1 year from end of school year of gathered")
    start, end = (
        int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp() * 1000) for day in (gathered, over)
    )
    assert span.ends(start) == end
    assert span.cutoff(end) >= start > span.cutoff(end - 1)
