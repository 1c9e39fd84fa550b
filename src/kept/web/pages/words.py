"""Words for people: dates, counts and numbers, the same on every page."""

from datetime import UTC, datetime

from kept.base.language import Language


def day(ms: int | None, say: Language) -> str:
    """A moment as its day: 9 November 2026 (UTC)."""
    return "" if ms is None else say.day(datetime.fromtimestamp(ms / 1000, UTC).date().isoformat())


def moment(ms: int, say: Language) -> str:
    """A moment to the minute: 9 November 2026, 14:05 UTC."""
    return say("{day}, {time} UTC", day=day(ms, say), time=f"{datetime.fromtimestamp(ms / 1000, UTC):%H:%M}")


def iso(ms: int) -> str:
    """A moment for machines (RFC 3339)."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def number(value: float) -> str:
    """A number with thin spaces between thousands: 96 204; a fraction to one place."""
    whole = float(value).is_integer()
    text = f"{int(value):,}" if whole else f"{value:,.1f}"
    return text.replace(",", "\N{NARROW NO-BREAK SPACE}")


def count(many: int, one: str, more: str = "") -> str:
    """A count with its word, in English: 1 item, 3 items."""
    return f"{number(many)} {one if many == 1 else more or one + 's'}"


def short_hash(text: str) -> str:
    """A fingerprint short enough to read aloud: b7c1…04fe."""
    return text if len(text) <= 12 else f"{text[:4]}…{text[-4:]}"
