"""What is past its time goes from the disk, with what it was before and its file (GDPR Art. 5(1)(e)).

It goes at the moment from which no purpose reads it any more. What stays: an item that a law makes the company keep,
since no duty is watched over yet, and whatever is held of somebody whose data must stay for now.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from kept.gather.profiles.reading import over_until
from kept.gather.profiles.store import delete_values, profile_value
from kept.ledger import append, facts
from kept.policy.compiled import CompiledPolicy, Item
from kept.policy.times import NOTHING_ENDED
from kept.storage.records import Records
from kept.subject import held_subjects

MOST = 1_000
"""Values of one item in one step, so that nobody waits long for the records."""


@dataclass(slots=True)
class Expiring:
    """Deletes values of profiles that are over. Deleted rows stay in the records' log until it is folded in."""

    records: Records
    log_holds_some: bool = False

    def step(self, policy: CompiledPolicy, number: int, now_ms: int) -> int:
        """Delete what is over under the policy in force, which has that number; how many values."""
        gone = sum(
            self._expire(item, over_until(item, now_ms), number)
            for item in policy.items.values()
            if not item.duties
        )
        self.log_holds_some |= gone > 0
        if self.log_holds_some:
            self.log_holds_some = not self.records.scrub()
        return gone

    def _expire(self, item: Item, until_ms: int, policy: int) -> int:
        if until_ms == NOTHING_ENDED:
            return 0
        with self.records.read() as connection:  # most of the time there is nothing, and nobody need wait
            if not _over(connection, item, until_ms):
                return 0
        with self.records.write() as connection:
            numbers = _over(connection, item, until_ms)
            delete_values(connection, numbers)  # enforces: value-expired
            append(connection, facts.ValuesExpired(item=item.name, values=len(numbers), policy=policy))
        return len(numbers)


def _over(connection: Connection, item: Item, until_ms: int) -> list[int]:
    over = select(profile_value.c.number).where(
        profile_value.c.item == item.name,
        profile_value.c.at <= until_ms,
        profile_value.c.subject.not_in(held_subjects()),
    )
    return list(connection.execute(over.limit(MOST)).scalars())
