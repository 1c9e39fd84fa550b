"""`-/parts`: every part of the pages in every state, with invented words. For those who change the look."""

from datetime import date
from typing import Any

from starlette.responses import Response

from kept.web.authority import Asked
from kept.web.house import Column, Figure, Table
from kept.web.pages import reporting
from kept.web.pages.draw import page
from kept.web.pages.question import AskedPurpose

STATES = (
    ("kept", "Kept"),
    ("due", "Due in 3 days"),
    ("refused", "Refused, reason given"),
    ("held", "Held: case 14/26"),
)
FACES = (
    ("empty", "Empty", "Nothing in this time.", "Choose other days."),
    ("loading", "Loading", "Counting…", "A long time takes a moment."),
    ("error", "Error", "The counts cannot be read.", "Try again in a minute."),
    ("refused", "Not allowed", "This purpose gives out figures only.", "Policy: purposes.trends"),
)


def show_parts(asked: Asked[Any]) -> Response:
    """The sheet of parts."""
    return page(asked.request, "parts.html", {"here": "", "policy": asked.house.policy(), **SHOWN})


def _purpose(name: str, said: bool | None, *, fixed: bool = False, without_it: str = "") -> AskedPurpose:
    return AskedPurpose(
        name, "Better pages", "To see which pages help.", without_it, said, said is True, fixed
    )


DAYS = Table(
    "days",
    "Day by day",
    (
        Column("day", "Day"),
        Column("visitors", "Visitors", is_number=True),
        Column("views", "Page views", is_number=True),
    ),
    tuple(
        (date(2026, 11, day).isoformat(), visitors, views)
        for day, visitors, views in ((1, 12, 40), (2, 18, 61), (3, 9, 22), (4, 21, 77), (5, 30, 96))
    ),
)
SHOWN: dict[str, Any] = {
    "states": STATES,
    "faces": FACES,
    "choices": (
        _purpose("unsaid", None, without_it="Pages are shown newest first."),
        _purpose("yes", True),
        _purpose("no", False),
        _purpose("signal", None, fixed=True),
    ),
    "figures": (
        Figure("visitors", "Visitors", 1204),
        Figure("seconds", "Median visit", 92.5, "seconds"),
        Figure("crawlers", "Crawlers", 311, note="Set apart; in no other figure."),
    ),
    "drawn": reporting.drawn(DAYS),
    "days": DAYS,
}
