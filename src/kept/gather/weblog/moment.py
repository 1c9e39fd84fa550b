"""Times in logs, such as "17/May/2015:10:05:03 +0000" of Apache and nginx, to milliseconds of UTC."""

import re
from datetime import UTC, datetime, timedelta

LENGTH = 26
_REMEMBERED = 20_000
_NUMBER = re.compile(r"[0-9]{9,20}(\.[0-9]{1,9})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = {
    name: month
    for month, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), start=1
    )
}
_DIGITS = (0, 1, 7, 8, 9, 10, 12, 13, 15, 16, 18, 19, 22, 23, 24, 25)
_MARKS = ((2, "/"), (6, "/"), (11, ":"), (14, ":"), (17, ":"), (20, " "))


class Moments:
    """Reads times; remembers minutes and the last of all, since neighbouring lines share them."""

    def __init__(self) -> None:
        self._minutes: dict[str, int] = {}
        self._last: tuple[str, int | None] = "", None

    def read(self, stamp: str) -> int | None:
        """Milliseconds of UTC since 1970; None for what is no such time. A leap second counts as the 59th."""
        last, ts = self._last
        if stamp != last:
            ts = self._read(stamp)
            self._last = stamp, ts
        return ts

    def _read(self, stamp: str) -> int | None:
        minute = self._minutes.get(stamp[:18] + stamp[20:])
        seconds = stamp[18:20]
        if minute is None or not (seconds.isdigit() and seconds.isascii() and seconds <= "60"):
            return self._read_anew(stamp)
        return minute + min(int(seconds), 59) * 1_000

    def _read_anew(self, stamp: str) -> int | None:
        if not _has_the_shape(stamp) or stamp[18:20] > "60":
            return None
        try:
            minute = _minute_ms(stamp)
        except ValueError:
            return None
        if len(self._minutes) >= _REMEMBERED:
            self._minutes.clear()
        self._minutes[stamp[:18] + stamp[20:]] = minute
        return minute + min(int(stamp[18:20]), 59) * 1_000


def _has_the_shape(stamp: str) -> bool:
    return (
        len(stamp) == LENGTH
        and stamp.isascii()
        and all(stamp[place] == mark for place, mark in _MARKS)
        and all(stamp[place].isdigit() for place in _DIGITS)
        and stamp[21] in "+-"
        and stamp[24] < "6"
        and stamp[3:6] in _MONTHS
    )


def _minute_ms(stamp: str) -> int:
    day, month, year = int(stamp[:2]), _MONTHS[stamp[3:6]], int(stamp[7:11])
    local = datetime(year, month, day, int(stamp[12:14]), int(stamp[15:17]), tzinfo=UTC)
    ahead = timedelta(hours=int(stamp[22:24]), minutes=int(stamp[24:26]))
    since = local - _EPOCH - (ahead if stamp[21] == "+" else -ahead)
    return since // timedelta(milliseconds=1)


def moment_of(value: object, moments: Moments) -> int | None:
    """Milliseconds of UTC of a time in JSON: a number since 1970, ISO 8601, or as Apache and nginx write it."""
    if isinstance(value, int | float):
        return _since_1970(value)
    if not isinstance(value, str):
        return None
    if _NUMBER.fullmatch(value):
        return _since_1970(float(value))
    return iso_moment(value) if value[4:5] == "-" else moments.read(value.strip("[]"))


def iso_moment(text: str) -> int | None:
    """Milliseconds of UTC of "2023-11-14T20:00:00.123Z", to the second at least. Without a zone it is UTC."""
    if len(text) < 19 or text[10] not in "T ":
        return None
    try:
        told = datetime.fromisoformat(text if text[17:19] != "60" else f"{text[:17]}59{text[19:]}")
    except ValueError:
        return None
    told = told if told.tzinfo else told.replace(tzinfo=UTC)
    return (told - _EPOCH) // timedelta(milliseconds=1)


def _since_1970(number: float) -> int | None:
    """Seconds, milliseconds, microseconds or nanoseconds: the unit that puts it before the year 5138."""
    if not 0 <= number < 1e20:
        return None
    while number >= 1e11:
        number /= 1_000
    return round(number * 1_000)
