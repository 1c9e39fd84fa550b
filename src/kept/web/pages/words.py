"""Words for people: dates, spans, counts and lists, the same on every page."""

from collections.abc import Sequence
from datetime import UTC, datetime

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day(ms: int | None) -> str:
    """A moment as its day: 9 November 2026 (UTC)."""
    if ms is None:
        return ""
    at = datetime.fromtimestamp(ms / 1000, UTC)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def moment(ms: int) -> str:
    """A moment to the minute: 9 November 2026, 14:05 UTC."""
    return f"{day(ms)}, {datetime.fromtimestamp(ms / 1000, UTC):%H:%M} UTC"


def iso(ms: int) -> str:
    """A moment for machines (RFC 3339)."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_day(text: str) -> str:
    """An ISO date as people write it; any other text as it is."""
    try:
        at = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return text
    return day(int(at.timestamp() * 1000))


def number(value: float) -> str:
    """A number with thin spaces between thousands: 96 204; a fraction to one place."""
    whole = float(value).is_integer()
    text = f"{int(value):,}" if whole else f"{value:,.1f}"
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}")


def count(many: int, one: str, more: str = "") -> str:
    """A count with its word: 1 item, 3 items."""
    return f"{number(many)} {one if many == 1 else more or one + 's'}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """Parts in a sentence: a, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def short_hash(text: str) -> str:
    """A fingerprint short enough to read aloud: b7c1…04fe."""
    return text if len(text) <= 12 else f"{text[:4]}…{text[-4:]}"
