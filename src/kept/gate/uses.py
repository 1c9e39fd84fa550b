"""What the bulk uses of a day leave in the ledger once it is over: how often, and among how many people.

That a purpose read at all is written at once, with the first use (`Gate.use`). How many people it saw is
counted after the day, never while somebody waits for an answer.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from kept.gate.store import purpose_use
from kept.ledger import facts, tell_once, told_of
from kept.storage.records import Records

USES = "uses of a day"


class NotNow(Exception):
    """People cannot be counted at this moment; it is tried again."""


def tell_uses(records: Records, now_ms: int, people_of: Callable[[str], int | None]) -> int:
    """Put on record the uses of each day that is over; how many purposes and days.

    `people_of` a purpose counts whom it sees now, None where that cannot be known; it may raise `NotNow`. It is
    asked for yesterday alone: of a day further back, today's people say nothing.
    """
    today = datetime.fromtimestamp(now_ms / 1000, UTC).date()
    known, told = told_of(records, USES), 0
    with records.read() as connection:
        rows = connection.execute(select(purpose_use).where(purpose_use.c.day < today)).all()
    for purpose, day, uses in rows:
        if (name := f"{day.isoformat()} {purpose}") not in known:
            told += _tell(records, name, purpose, day, uses, people_of if _is_yesterday(day, today) else None)
    return told


def _is_yesterday(day: date, today: date) -> bool:
    return day == today - timedelta(days=1)


def _tell(
    records: Records,
    name: str,
    purpose: str,
    day: date,
    uses: int,
    people_of: Callable[[str], int | None] | None,
) -> int:
    try:
        people = people_of(purpose) if people_of else None
    except NotNow:
        return 0
    fact = facts.PurposeUsed(purpose=purpose, day=day.isoformat(), people=people, uses=uses)
    return tell_once(records, USES, {name: [fact]})
