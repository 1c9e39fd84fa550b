"""U1, its end: what no purpose may read any more because its time is over goes from the disk, and only that."""

from collections.abc import Generator, Sequence

from sqlalchemy import select, update

from kept.policy.compiled import Item
from kept.policy.times import NOTHING_ENDED
from kept.prove.expected import right_value, told_items, told_mask
from kept.prove.stage import GERMANY, Stage
from kept.prove.verdict import Finding
from kept.prove.words import word
from kept.storage.records import metadata

LONG_AGO_MS = 1
"""Before every time that a policy gives."""
PART = 40
"""Bytes of a sealed value that are looked for."""


def check(stage: Stage) -> Generator[None, None, Sequence[Finding]]:
    """Tell of two accounts, let the time of the one's values be over, and look for their bytes."""
    yield from ()
    items = [item for item in told_items(stage.policy) if _ends(stage, item)]
    if not items:
        return [Finding(True, "nothing that is told in forms ends by a time that runs")]
    old, young = (_Told(stage, stage.new_account(name), items) for name in ("old", "young"))
    if not young.standing():
        return [Finding(False, "of what was told, nothing stands")]
    sealed = old.grow_old()
    if not stage.until(lambda: not old.standing()):
        return [Finding(False, "what was told, and is past its time, stays in the records")]
    if not young.standing():
        return [Finding(False, "what was told, and is in its time, was deleted")]
    if not stage.until(lambda: not stage.traces(byte_strings=sealed)):
        return [Finding(False, "what is past its time stands on the disk, though no row has it")]
    return [
        Finding(True, f"{len(sealed)} values past their time are gone from the disk; those in time are not")
    ]


def _ends(stage: Stage, item: Item) -> bool:
    """Whether it is told for some purpose, and its time runs out with no law that may keep it."""
    now_ms = stage.house.clock.now_ms()
    runs = any(span.cutoff(now_ms) > NOTHING_ENDED for cell in item.keep for span in cell)
    return runs and not item.duties and bool(told_mask(stage.policy, item, GERMANY))


class _Told:
    """What was told of one account."""

    def __init__(self, stage: Stage, account: str, items: Sequence[Item]) -> None:
        values = {item.name: right_value(item.type, word(12)) for item in told_items(stage.policy)}
        stage.browser().tells(stage.house.secret, account, values, GERMANY)
        self._records, table = stage.house.records, metadata.tables["profile_value"]
        self._table, names = table, [item.name for item in items]
        self._mine = (table.c.subject == stage.account(account)) & table.c.item.in_(names)

    def standing(self) -> list[bytes]:
        """The beginnings of its values' bytes, as they stand in the records."""
        with self._records.read() as connection:
            rows = connection.execute(select(self._table.c.sealed).where(self._mine)).scalars()
            return [bytes(sealed)[:PART] for sealed in rows]

    def grow_old(self) -> list[bytes]:
        """Move their time back; the beginnings of their bytes."""
        sealed = self.standing()
        with self._records.write() as connection:
            connection.execute(update(self._table).where(self._mine).values(at=LONG_AGO_MS))
        return sealed
