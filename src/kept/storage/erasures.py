"""Erasures under way: hidden at once, done when no file of ours holds the events any more."""

from collections.abc import Iterable
from enum import Enum

from sqlalchemy import BigInteger, Column, Connection, String, Table, delete, func, insert, select

from kept.storage import withdrawals
from kept.storage.records import Number, metadata

erasure = Table(
    "erasure",
    metadata,
    Column("subject", BigInteger, primary_key=True),
    Column("seq", Number, primary_key=True),
    Column("state", String, nullable=False),
    Column("evidence", String, nullable=False, default=""),  # JSON figures of the search; nothing personal
)


class State(Enum):
    """How far an erasure has come."""

    HIDDEN = "hidden"
    DONE = "done"


def hide(connection: Connection, subjects: Iterable[int]) -> int:
    """Hide all events of these pseudonyms and put their erasure in hand; the greatest choice number given.

    Belongs into the caller's own transaction, beside whatever else must be true at the same moment. From its
    commit on no query shows the events; they are gone when `pending` no longer lists the number.
    """
    seq = 0
    for subject in subjects:
        seq = withdrawals.append(connection, subject, 0, dropped=True)  # enforces: rows-dropped
        connection.execute(
            insert(erasure).values(subject=subject, seq=seq, state=State.HIDDEN.value, evidence="")
        )
    return seq


def asked_above(connection: Connection, subjects: Iterable[int], seq: int) -> bool:
    """Whether an erasure of any of these pseudonyms was put in hand above a choice number."""
    asked = select(erasure.c.seq).where(erasure.c.subject.in_(list(subjects)), erasure.c.seq > seq).limit(1)
    return connection.execute(asked).first() is not None


def keep_tombstones(connection: Connection, subjects: Iterable[int]) -> None:
    """Of these pseudonyms leave one tombstone each, the newest that is done, and no row from before it.

    Each choice stands in the ledger in the same order, so its number leads to the fact that tells of it. The
    tombstone stays: it drops the events again when an older copy of the lake is put back. What it drops makes the
    rows before it superfluous, and since it is newer than they, the head never sinks.
    """
    for subject in subjects:
        newest = select(func.max(erasure.c.seq)).where(
            erasure.c.subject == subject, erasure.c.state == State.DONE.value
        )
        seq = connection.execute(newest).scalar_one()
        if seq is not None:
            connection.execute(delete(erasure).where(erasure.c.subject == subject, erasure.c.seq < seq))
            withdrawals.forget_before(connection, subject, seq)


def pending(connection: Connection) -> dict[int, int]:
    """Subject -> greatest choice number of every erasure that is hidden and not done."""
    rows = connection.execute(
        select(erasure.c.subject, erasure.c.seq)
        .where(erasure.c.state == State.HIDDEN.value)
        .order_by(erasure.c.seq)
    )
    return {int(row.subject): int(row.seq) for row in rows}


def state_of(connection: Connection, subject: int) -> State | None:
    """Where a person's newest erasure stands; None when there was none."""
    found = connection.execute(
        select(erasure.c.state).where(erasure.c.subject == subject).order_by(erasure.c.seq.desc()).limit(1)
    ).scalar_one_or_none()
    return State(found) if found else None
