"""Times as a policy writes them: "13 months", "12 months from last use", "until account closes + 30 days".

Calendar arithmetic in UTC, as Regulation (EEC, Euratom) 1182/71 Art. 3(2) reads periods: a month ends on the
same day and time of a later month; where that month has no such day, with the last moment of its last day
(the 31st falls back). Read so, a later start never ends earlier, and `cutoff` is the exact inverse of `ends`.
"""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

MINUTE_MS = 60_000
DAY_MS = 86_400_000
NOTHING_ENDED = -(1 << 62)
"""What `Span.cutoff` answers when nothing has ended, however old it is."""

FIXED_MS = {"minute": MINUTE_MS, "hour": 60 * MINUTE_MS, "day": DAY_MS, "week": 7 * DAY_MS}
MONTHS = {"month": 1, "year": 12}
FIRST_MONTH = {"year": 1, "school year": 8}
"""In which month such a year begins; a school year ends with the last day of July."""
UNITS = (*FIXED_MS, *MONTHS)
LONGEST_YEARS = 1000

KNOWN_MOMENTS = (
    "gathered",
    "last use",
    "last seen",
    "account closes",
    "service ends",
    "agreement ends",
    "consent withdrawn",
    "majority",
    "death",
    "request answered",
    "warning",
)
"""The moments that the language knows without a declaration."""

SURE_MOMENTS = frozenset({"gathered", "last use", "last seen"})
"""Moments that need nobody's action to come: a ceiling counted from one of them is sure to be reached."""

_NEVER_YEARS = (1, 9998)
_LENGTH = re.compile(r"(\d{1,6}) (minute|hour|day|week|month|year)s?")
_MOMENT = r"(?:end of (?P<end>month|year|school year) of )?(?P<moment>[a-z][a-z0-9_ ]*?)"
_FROM = re.compile(rf"(?P<length>\d+ \w+?)(?: (?:from|after) {_MOMENT})?")
_UNTIL = re.compile(rf"until {_MOMENT}(?: \+ (?P<length>\d+ \w+))?")
_UNTIL_DATE = re.compile(r"until (\d{4}-\d{2}-\d{2})")


@dataclass(frozen=True, slots=True)
class Span:
    """A length of calendar time and the moment it is counted from, or a fixed date.

    `amount` counts `unit`s from `moment`; `end_of` ("month", "year", "school year") first moves on to the end of
    the period that holds the moment. `date` (ISO) instead means: to the end of that day, whatever the moment.
    """

    amount: int
    unit: str = "day"
    moment: str = "gathered"
    end_of: str = ""
    until: bool = False
    date: str = ""

    def __str__(self) -> str:
        if self.date:
            return f"until {self.date}"
        length = f"{self.amount} {self.unit}{'' if self.amount == 1 else 's'}"
        moment = f"end of {self.end_of} of {self.moment}" if self.end_of else self.moment
        if self.until:
            return f"until {moment} + {length}" if self.amount else f"until {moment}"
        return length if moment == "gathered" else f"{length} from {moment}"

    @property
    def counts_from_gathering(self) -> bool:
        """Whether the time of gathering alone tells when it ends."""
        return self.moment == "gathered" or bool(self.date)

    @property
    def plain(self) -> bool:
        """Whether it is a length of time and nothing else: `90 days`."""
        return self.moment == "gathered" and not (self.date or self.until or self.end_of)

    @property
    def sure_to_end(self) -> bool:
        """Whether it ends without anyone's doing."""
        return bool(self.date) or self.moment in SURE_MOMENTS

    def ends(self, start_ms: int) -> int | None:
        """The first millisecond of UTC at which it is over, for what was gathered at `start_ms`.

        None when it counts from a moment that the time of gathering does not tell.
        """
        if not self.counts_from_gathering:
            return None
        return self.after(start_ms)

    def after(self, moment_ms: int) -> int:
        """The first millisecond at which it is over, once its moment is known to be `moment_ms`."""
        if self.date:
            return _day_ms(date.fromisoformat(self.date)) + DAY_MS
        start = _next_period(moment_ms, self.end_of) if self.end_of else moment_ms
        if self.unit in FIXED_MS:
            return start + self.amount * FIXED_MS[self.unit]
        return _months_later(start, self.amount * MONTHS[self.unit])

    def cutoff(self, now_ms: int) -> int:
        """The latest time of gathering for which it is over at `now_ms`: what is later lives on.

        `NOTHING_ENDED` when it counts from another moment, or lies beyond the calendar.
        """
        if self.date:
            return now_ms if self.after(0) <= now_ms else NOTHING_ENDED
        if not self.counts_from_gathering:
            return NOTHING_ENDED
        if self.unit in FIXED_MS:
            start = now_ms - self.amount * FIXED_MS[self.unit]
        else:
            start = _months_earlier(now_ms, self.amount * MONTHS[self.unit])
        if not self.end_of or start == NOTHING_ENDED:
            return start
        return _this_period(start, self.end_of) - 1

    @property
    def about_days(self) -> float:
        """Its length in days of 365.25 a year, to sort spans from the same moment; not for deadlines."""
        if self.unit in FIXED_MS:
            return self.amount * FIXED_MS[self.unit] / DAY_MS
        return self.amount * MONTHS[self.unit] * 30.4375


def parse_span(text: str) -> Span:
    """Read a span as a person writes it; ValueError says what is wrong. Moments are not looked up."""
    words = " ".join(text.split())
    if fixed := _UNTIL_DATE.fullmatch(words):
        return Span(0, until=True, date=_day(fixed[1]))
    if found := _UNTIL.fullmatch(words):
        amount, unit = _length(found["length"]) if found["length"] else (0, "day")
        return Span(amount, unit, found["moment"], found["end"] or "", until=True)
    if found := _FROM.fullmatch(words):
        return Span(*_length(found["length"]), found["moment"] or "gathered", found["end"] or "")
    raise ValueError(
        "a time is written like `13 months`, `12 months from last use` or `until account closes + 30 days`"
    )


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"there is no day {text} in the calendar") from None


def _length(text: str) -> tuple[int, str]:
    found = _LENGTH.fullmatch(text)
    if found is None:
        raise ValueError(f"a length of time is a number and one of {', '.join(UNITS)}")
    amount, unit = int(found[1]), found[2]
    if Span(amount, unit).about_days > LONGEST_YEARS * 365.25:
        raise ValueError(f"that is longer than {LONGEST_YEARS} years")
    return amount, unit


def _moment(ms: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)


def _day_ms(day: date) -> int:
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * DAY_MS


def _shift(at_ms: int, months: int) -> tuple[date, int, bool]:
    """First day of a month so many away, milliseconds into the month, and whether it has such a day."""
    at = _moment(at_ms)
    year, month = divmod(at.year * 12 + at.month - 1 + months, 12)
    first = date(min(max(year, _NEVER_YEARS[0]), _NEVER_YEARS[1]), month + 1, 1)
    into = at_ms - _day_ms(date(at.year, at.month, 1))
    return first, into, at.day <= monthrange(first.year, first.month)[1]


def _month_ends(first: date) -> int:
    return _day_ms(first) + monthrange(first.year, first.month)[1] * DAY_MS


def _months_later(start_ms: int, months: int) -> int:
    first, into, has_day = _shift(start_ms, months)
    return _day_ms(first) + into if has_day else _month_ends(first)


def _months_earlier(now_ms: int, months: int) -> int:
    if (_moment(now_ms).year * 12 + _moment(now_ms).month - 1 - months) // 12 < _NEVER_YEARS[0]:
        return NOTHING_ENDED
    first, into, has_day = _shift(now_ms, -months)
    return _day_ms(first) + into if has_day else _month_ends(first) - 1


def _this_period(at_ms: int, period: str) -> int:
    at = _moment(at_ms)
    first = at.month if period == "month" else FIRST_MONTH[period]
    return _day_ms(date(at.year if at.month >= first else max(at.year - 1, 1), first, 1))


def _next_period(at_ms: int, period: str) -> int:
    return _months_later(_this_period(at_ms, period), 1 if period == "month" else 12)


def still_to_come(day: str, now_ms: int) -> date | None:
    """An ISO date, while that day has not begun in UTC; None from its first moment on."""
    found = date.fromisoformat(day)
    return found if datetime.fromtimestamp(now_ms / 1000, UTC).date() < found else None
