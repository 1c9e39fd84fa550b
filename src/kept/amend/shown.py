"""Which version was shown: by day and page without anyone in it, and to accounts by name of the account alone.

Of a browser nothing is written for looking at a page. The cookie that tells it again serves the purposes to which
its person said yes, and proof is none of them; what it is shown before an answer stands in the answer itself, with
the words. An account came by its own will and is told apart by the site, so its showings are kept, where the policy
declares the item and for as long as it says (GDPR Art. 5(2), 13, 14: who must inform must be able to show it).
"""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Lock

from sqlalchemy import Connection, select

from kept.amend.model import Showing, ShownOn
from kept.amend.store import shown, shown_to
from kept.base.clock import Clock
from kept.gate import InForce, PastVersion
from kept.ledger import facts, tell_once, told_of
from kept.storage import erasures
from kept.storage.records import Records, upsert

ITEM = "notices_shown"
"""The item of the policy that such a record is. A policy that does not declare it has none kept."""
WAYS = ("page", "sign_up", "mail", "app", "other")
SHOWN = "notices shown on a day"
GRACE_MS = 60_000


class ShownCounts:
    """Counts in memory, written down now and then; what was not yet written is lost when the process is killed."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records, self._clock = records, clock
        self._counts: Counter[tuple[date, int, str]] = Counter()
        self._lock = Lock()

    def note(self, number: int, page: str) -> None:
        """Count one showing of a page under a version, today in UTC."""
        with self._lock:
            self._counts[_day(self._clock.now_ms()), number, page] += 1

    def write(self) -> None:
        """Add what was counted since the last time."""
        with self._lock:
            due, self._counts = self._counts, Counter()
        try:
            if due:
                with self._records.write() as connection:
                    _add(connection, due)
        except BaseException:
            with self._lock:
                self._counts.update(due)
            raise


def _day(now_ms: int) -> date:
    return datetime.fromtimestamp(now_ms / 1000, UTC).date()


def _add(connection: Connection, due: Counter[tuple[date, int, str]]) -> None:
    for (day, number, page), times in due.items():
        row = upsert(connection, shown).values(day=day, policy=number, page=page, times=times)
        connection.execute(
            row.on_conflict_do_update(
                index_elements=["day", "policy", "page"], set_={"times": shown.c.times + row.excluded.times}
            )
        )


def record_shown(
    connection: Connection,
    in_force: InForce,
    number: int,
    how: str,
    now_ms: int,
    find: Callable[[], int | None],
) -> bool:
    """Write down that a version was shown to an account, the first time in each way; whether it is on record.

    Not where the policy in force does not declare the item, nor of someone whose rows are being erased. `find`
    gives the account's subject, and is asked only where something may be written.
    """
    if ITEM not in in_force.policy.items:
        return False
    subject = find()
    if subject is None or erasures.state_of(connection, subject) is not None:
        return False
    row = upsert(connection, shown_to).values(subject=subject, policy=number, how=how, at=now_ms)
    connection.execute(row.on_conflict_do_nothing())  # enforces: showing-recorded
    return True


def showings_of(connection: Connection, subjects: tuple[int, ...], versions: dict[int, str]) -> list[Showing]:
    """What these subjects were shown, the oldest first. `versions` are names by number."""
    rows = connection.execute(
        select(shown_to).where(shown_to.c.subject.in_(subjects)).order_by(shown_to.c.at, shown_to.c.policy)
    )
    return [Showing(row.policy, versions.get(row.policy, ""), row.how, row.at) for row in rows]


def shown_by_day(records: Records, versions: dict[int, str]) -> list[ShownOn]:
    """Every count, the oldest first."""
    with records.read() as connection:
        rows = connection.execute(select(shown).order_by(shown.c.day, shown.c.policy, shown.c.page)).all()
    return [
        ShownOn(row.day.isoformat(), row.policy, versions.get(row.policy, ""), row.page, row.times)
        for row in rows
    ]


def tell_showings(records: Records, versions: tuple[PastVersion, ...], now_ms: int) -> int:
    """Put on record what was shown on each day that is over; how many days. Counts alone."""
    today, known = _day(now_ms - GRACE_MS), told_of(records, SHOWN)
    named = {one.number: one for one in versions}
    due: dict[str, list[facts.Fact]] = {}
    for one in shown_by_day(records, {number: each.version for number, each in named.items()}):
        if one.day < today.isoformat() and one.day not in known and one.number in named:
            fact = facts.NoticesShown(
                day=one.day,
                version=one.version,
                fingerprint=named[one.number].fingerprint,
                page=one.page,
                times=one.times,
            )
            due.setdefault(one.day, []).append(fact)
    return tell_once(records, SHOWN, due)
