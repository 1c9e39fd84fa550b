"""Which lines were imported: one row per batch and hour of the log, with the ids of the events made of them.

An id is a keyed hash of the line, the same number that its event has in the lake. It tells nothing without
the workspace's event key, and it names no subject. Rows leave with `forget`, as
`gather.weblog.forgetting` decides: when their events have left.
"""

import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from kept.storage.records import Number, metadata

log_part = Table(
    "log_part",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("workspace", Integer, nullable=False),
    Column("hour", BigInteger, nullable=False),  # of the log's own time, in hours since 1970
    Column("ids", LargeBinary, nullable=False),  # 8 bytes each
    Column("begun_ms", BigInteger, nullable=False),
    Column("done", Boolean, nullable=False),  # the journal had acknowledged the batch
    Index("log_part_hour", "workspace", "hour"),
    sqlite_autoincrement=True,
)


log_followed = Table(
    "log_followed",
    metadata,
    Column("workspace", Integer, primary_key=True),
    Column("path", Text, primary_key=True),
    Column("read_at", BigInteger, nullable=False),  # milliseconds of UTC: everything written before was read
)


class OldPart(NamedTuple):
    """A row that may be due to leave."""

    number: int
    ids: list[int]


class Part(NamedTuple):
    """The ids of one batch that fall in one hour."""

    ids: list[int]
    begun_ms: int
    done: bool


def parts_of(connection: Connection, workspace: int, hour: int) -> Iterator[Part]:
    """What was imported of one hour of the log."""
    rows = connection.execute(
        select(log_part.c.ids, log_part.c.begun_ms, log_part.c.done).where(
            log_part.c.workspace == workspace, log_part.c.hour == hour
        )
    )
    return (Part(_unpack(row.ids), row.begun_ms, row.done) for row in rows)


def begin(
    connection: Connection, workspace: int, ids: Mapping[int, Iterable[int]], now_ms: int
) -> Sequence[int]:
    """Note a batch before it is sent; `ids` by hour. The numbers of its rows, for `finish`."""
    numbers = []
    for hour, of_hour in ids.items():
        row = {"workspace": workspace, "hour": hour, "ids": _pack(of_hour), "begun_ms": now_ms, "done": False}
        number = connection.execute(insert(log_part).values(row).returning(log_part.c.number)).scalar_one()
        numbers.append(int(number))
    return numbers


def finish(connection: Connection, numbers: Sequence[int]) -> None:
    """The batch is in the journal for good."""
    connection.execute(update(log_part).where(log_part.c.number.in_(numbers)).values(done=True))


def begun_before(connection: Connection, begun_ms: int, after: int, most: int) -> list[OldPart]:
    """Rows of imports that began before a moment, in the order of their numbers, from the one after `after`."""
    rows = connection.execute(
        select(log_part.c.number, log_part.c.ids)
        .where(log_part.c.begun_ms < begun_ms, log_part.c.number > after)
        .order_by(log_part.c.number)
        .limit(most)
    )
    return [OldPart(row.number, _unpack(row.ids)) for row in rows]


def forget(connection: Connection, numbers: Sequence[int]) -> int:
    """Delete these rows; how many. The same lines would then be taken again."""
    return connection.execute(delete(log_part).where(log_part.c.number.in_(numbers))).rowcount


def read_at(connection: Connection, workspace: int, path: str) -> float:
    """When everything in a log that is followed had been read, in seconds since 1970; 0 if it never was."""
    found = connection.execute(
        select(log_followed.c.read_at).where(
            log_followed.c.workspace == workspace, log_followed.c.path == path
        )
    ).scalar_one_or_none()
    return (found or 0) / 1_000


def note_read(connection: Connection, workspace: int, path: str, at: float) -> None:
    """Write that moment down."""
    row = {"workspace": workspace, "path": path, "read_at": int(at * 1_000)}
    found = connection.execute(
        update(log_followed)
        .where(log_followed.c.workspace == workspace, log_followed.c.path == path)
        .values(read_at=row["read_at"])
    )
    if not found.rowcount:
        connection.execute(insert(log_followed).values(row))


def _pack(ids: Iterable[int]) -> bytes:
    packed = array("q", ids)
    if sys.byteorder == "little":
        packed.byteswap()
    return packed.tobytes()


def _unpack(packed: bytes) -> list[int]:
    ids = array("q", packed)
    if sys.byteorder == "little":
        ids.byteswap()
    return ids.tolist()
