"""Tables of the ledger. They refer to no other table, and no other refers to them.

An entry carries the hashes of all perfect subtrees that it completes: its own leaf hash, then its parent's if
it is a right child, and so on. So one row is written for each fact, and a proof reads at most 2 log n rows.
"""

from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Column, Connection, LargeBinary, Row, Table, Text, func, insert, select

from kept.ledger.merkle import Node, stored_at
from kept.storage.records import ONLY_GROWS, Number, as_stored, metadata, upsert

entry = Table(
    "ledger_entry",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=False),
    Column("fact", Text, nullable=False),  # the exact text that is hashed
    Column("hashes", LargeBinary, nullable=False),  # 32 bytes each
    info=ONLY_GROWS,
)

checkpoint = Table(
    "ledger_checkpoint",
    metadata,
    Column("size", Number, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    info=ONLY_GROWS,
)

told = Table(  # what a periodic fact was written about, so that it is written once
    "ledger_told",
    metadata,
    Column("about", Text, primary_key=True),
    Column("name", Text, primary_key=True),
)

_size = select(func.coalesce(func.max(entry.c.number) + 1, 0))
_last_note = select(checkpoint.c.note).order_by(checkpoint.c.size.desc()).limit(1)


def size(connection: Connection) -> int:
    """How many entries there are."""
    return int(connection.execute(_size).scalar_one())


def put_entries(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Write entries with the columns number, fact, hashes."""
    connection.execute(insert(entry), rows)


def nodes(connection: Connection, wanted: Iterable[Node]) -> Mapping[Node, bytes]:
    """The hashes of those nodes, by one query."""
    places = {node: stored_at(node) for node in wanted}
    found = select(entry.c.number, entry.c.hashes).where(
        entry.c.number.in_({index for index, _ in places.values()})
    )
    rows = {row.number: row.hashes for row in connection.execute(found)}
    return {node: rows[index][at : at + 32] for node, (index, at) in places.items()}


def all_entries(connection: Connection, start: int = 0) -> Iterator[Row[tuple[int, bytes, bytes]]]:
    """Every entry from `start` on, in order, read as they are asked for.

    Both columns come as the bytes that are stored: whoever tampered may have left text that is no UTF-8.
    """
    columns = (as_stored(entry.c.fact).label("fact"), as_stored(entry.c.hashes).label("hashes"))
    query = select(entry.c.number, *columns).where(entry.c.number >= start).order_by(entry.c.number)
    with connection.execute(
        query, execution_options={"yield_per": 1000}
    ) as rows:  # whoever stops early closes it
        yield from rows


def fact_at(connection: Connection, index: int) -> str | None:
    """The text of one entry."""
    return connection.execute(select(entry.c.fact).where(entry.c.number == index)).scalar_one_or_none()


def last_note(connection: Connection, above: int = 0) -> str | None:
    """The newest checkpoint over more than `above` entries."""
    return connection.execute(_last_note.where(checkpoint.c.size > above)).scalar_one_or_none()


def all_notes(connection: Connection) -> Mapping[int, str]:
    """Every checkpoint, by the size it is stored under."""
    return {row.size: row.note for row in connection.execute(select(checkpoint).order_by(checkpoint.c.size))}


def put_note(connection: Connection, size: int, note: str) -> None:
    """Keep a checkpoint."""
    connection.execute(insert(checkpoint).values(size=size, note=note))


def names_told(connection: Connection, about: str) -> set[str]:
    """Every name that something was told of."""
    return set(connection.execute(select(told.c.name).where(told.c.about == about)).scalars())


def put_told(connection: Connection, about: str, name: str) -> bool:
    """Note it; whether it was not noted before."""
    row = upsert(connection, told).values(about=about, name=name).on_conflict_do_nothing()
    return connection.execute(row.returning(told.c.name)).first() is not None
