"""Identifiers that a workspace knows: its accounts' ids, and what its profiles name people by.

An event cannot be encrypted with its person's own key, so "order of u-4711" in a title would outlive the deletion of
whoever that is. What names somebody is known here by a keyed digest alone: texts are taken apart, and each word that
may be an identifier is looked up. Why only words with a digit, and no names: docs/adr/0030-known-identifiers.md.
"""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from time import monotonic
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from kept.base.ids import prepare
from kept.storage.records import Records, in_parts, upsert
from kept.subject.digests import Digests, phrase_of, shape
from kept.subject.store import known, known_gone

MOST_NEW = 20_000
RELOAD_SECONDS = 60.0
"""How long after a deletion its digests may stay in memory, at most; on the disk they are gone with it."""


class Learnt(NamedTuple):
    """An identifier as it was told: whose it is, and the number of the value that has it, None for the account's id."""

    subject: int
    value: int | None
    text: str


def learn(connection: Connection, workspace: int, key: bytes, identifiers: Iterable[Learnt]) -> None:
    """Have these looked for from now on, in this workspace."""
    digest = prepare(key, b"known")
    rows = [
        {
            "workspace": workspace,
            "digest": digest(looked_for.encode()),
            "shape": shape(looked_for.count(" ") + 1, len(looked_for)),
            "subject": subject,
            "value": value,
        }
        for subject, value, text in identifiers
        if (looked_for := phrase_of(text))
    ]
    if rows:
        connection.execute(insert(known), rows)


def forget_known_of(connection: Connection, subjects: Sequence[int]) -> None:
    """Nothing that named these subjects is known any more."""
    _forget(connection, known.c.subject.in_(subjects))


def forget_known_values(connection: Connection, numbers: Iterable[int]) -> None:
    """What these values of profiles said is not known any more, unless another says it too."""
    for some in in_parts(numbers):
        _forget(connection, known.c.value.in_(some))


def _forget(connection: Connection, mine: ColumnElement[bool]) -> None:
    for workspace in connection.execute(select(known.c.workspace).where(mine).distinct()).scalars().all():
        connection.execute(
            upsert(connection, known_gone)
            .values(workspace=workspace, times=1)
            .on_conflict_do_update(index_elements=["workspace"], set_={"times": known_gone.c.times + 1})
        )
    connection.execute(delete(known).where(mine))


class Known:
    """A process's copy of the digests of one workspace.

    `refresh` is called every fraction of a second, and after each own write. `version` rises with every change.
    """

    def __init__(self, records: Records, workspace: int, key: bytes) -> None:
        self._records, self._workspace, self._key = records, workspace, key
        self._one_at_a_time = Lock()
        self._last, self._gone, self._loaded = 0, -1, 0.0
        self._now = Digests(key, 0, array("q"), frozenset(), frozenset())
        self.version = 0  # how often it has changed
        self.refresh()

    def __bool__(self) -> bool:
        return bool(self._now)

    def refresh(self) -> None:
        """Take over what was learnt since the last time, and forget what has gone."""
        with self._one_at_a_time, self._records.read() as connection:
            (gone, last), now = self._state(connection), self._now
            stale = gone != self._gone and monotonic() - self._loaded > RELOAD_SECONDS
            if self._gone < 0 or stale or len(now.new) > MOST_NEW:
                after, shapes, new = 0, frozenset[int](), frozenset[int]()
                ordered = array("q", self._each(connection, known.c.digest, 0))
                self._gone, self._loaded = gone, monotonic()
            elif last > self._last:
                after, shapes, ordered = self._last, now.shapes, now.ordered
                new = now.new.union(self._each(connection, known.c.digest, after))
            else:
                return
            shapes = shapes.union(self._each(connection, known.c.shape, after))
            self._last = last
            self._now = Digests(self._key, now.version + 1, ordered, new, shapes)
            self.version += 1  # last: whoever sees it already reads by what is new

    def places_in(self, text: str, *, numbers: bool = True) -> list[tuple[int, int]]:
        """As `Digests.places_in`, with what is known at this moment."""
        return self._now.places_in(text, numbers=numbers)

    def copy(self) -> Digests:
        """What is known at this moment, for a process that helps this one."""
        return self._now

    def _state(self, connection: Connection) -> tuple[int, int]:
        """How often something was forgotten, and the number of what was learnt last."""
        mine = known_gone.c.workspace == self._workspace
        gone = select(func.coalesce(func.max(known_gone.c.times), 0)).where(mine).scalar_subquery()
        last = select(func.coalesce(func.max(known.c.number), 0)).scalar_subquery()
        found = connection.execute(select(gone, last)).one()
        return int(found[0]), int(found[1])

    def _each(self, connection: Connection, column: ColumnElement[int], after: int) -> Iterator[int]:
        """What was learnt above that number, each value once and in order, read as it is used."""
        mine = (known.c.workspace == self._workspace) & (known.c.number > after)
        rows = connection.execute(select(column).where(mine).distinct().order_by(column))
        return iter(rows.yield_per(10_000).scalars())
