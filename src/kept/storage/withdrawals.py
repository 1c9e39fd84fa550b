"""The append-only log of withdrawals: which bits of whose events are no longer allowed, in one sequence.

A row clears `bits` in every event of `subject` that was gathered knowing less than its `seq`. A row with
`dropped` hides those events altogether (erasure). Rows are never changed, and go only when a newer row that
drops all events of the same person has been carried out; the head of the sequence is the choice version that
collectors stamp on events as `cv`.
"""

from collections.abc import Iterable

from sqlalchemy import BigInteger, Boolean, Column, Connection, Table, delete, func, insert, select

from kept.storage.records import Number, announce, in_parts, metadata, new_key

choice = Table(
    "choice",
    metadata,
    Column("seq", Number, primary_key=True, autoincrement=True),
    Column("subject", BigInteger, nullable=False, index=True),
    Column("bits", BigInteger, nullable=False),
    Column("dropped", Boolean, nullable=False, default=False),
    sqlite_autoincrement=True,
)


def append(connection: Connection, subject: int, bits: int, *, dropped: bool = False) -> int:
    """Write one row and return its number. `bits` may be 0: a yes moves the head and clears nothing."""
    result = connection.execute(insert(choice).values(subject=subject, bits=bits, dropped=dropped))
    announce(connection)
    return new_key(result)


def forget_before(connection: Connection, subject: int, seq: int) -> None:
    """Delete a person's rows before `seq`, which must be one of theirs that drops everything and is carried out."""
    connection.execute(delete(choice).where(choice.c.subject == subject, choice.c.seq < seq))


def head(connection: Connection) -> int:
    """The greatest sequence number; 0 when nobody has chosen yet."""
    return int(connection.execute(select(func.coalesce(func.max(choice.c.seq), 0))).scalar_one())


def last_dropped(connection: Connection) -> int:
    """The sequence number of the newest deletion; 0 when there was none."""
    newest = select(func.coalesce(func.max(choice.c.seq), 0)).where(choice.c.dropped)
    return int(connection.execute(newest).scalar_one())


def subjects_above(connection: Connection, seq: int) -> list[int]:
    """The subjects with a row above `seq`, each once."""
    return list(connection.execute(select(choice.c.subject).where(choice.c.seq > seq).distinct()).scalars())


def concerned(connection: Connection, subjects: Iterable[int]) -> set[int]:
    """Those of these subjects that any row is about."""
    found: set[int] = set()
    for part in in_parts(subjects):
        found.update(
            connection.execute(
                select(choice.c.subject).where(choice.c.subject.in_(part)).distinct()
            ).scalars()
        )
    return found
