"""Tables of profiles. What someone told stands here sealed; in plain words stands only what kind of thing it is."""

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    and_,
    delete,
    insert,
    select,
    text,
    true,
    update,
)

from kept.storage.records import in_parts, metadata
from kept.subject import forget_known_values

profile_value = Table(
    "profile_value",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # random
    Column("workspace", Integer, nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("item", Text, nullable=False),
    Column("key_class", Text, nullable=False),  # the retention class of the key that opens it
    Column("sealed", LargeBinary, nullable=False),
    Column("source", Text, nullable=False),
    Column("how", Text, nullable=False),  # site, person, import
    Column("at", BigInteger, nullable=False),
    Column("ended", BigInteger),  # when another took its place; empty: it stands
    Column("policy", Integer, nullable=False),
    Column("mask", BigInteger, nullable=False),  # purposes that were allowed when it was told
    Index("profile_value_subject", "subject", "item"),
    Index("profile_value_item", "item", "at"),
    Index(
        "profile_value_standing",
        "subject",
        "item",
        unique=True,
        sqlite_where=text("ended is null"),
        postgresql_where=text("ended is null"),
    ),
)

profile_part = Table(
    "profile_part",
    metadata,
    Column("value", BigInteger, ForeignKey("profile_value.number"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

Stored = Row[tuple[object, ...]]


def standing(connection: Connection, subjects: Iterable[int]) -> dict[int, dict[str, Stored]]:
    """The values that stand of these subjects, by subject and item."""
    found: dict[int, dict[str, Stored]] = {}
    for some in in_parts(subjects):
        rows = connection.execute(
            select(profile_value).where(profile_value.c.subject.in_(some), profile_value.c.ended.is_(None))
        )
        for row in rows:
            found.setdefault(row.subject, {})[row.item] = row
    return found


def accounts(connection: Connection, workspace: int, items: Sequence[str]) -> list[int]:
    """The accounts of a workspace of which one of these items stands, in the order of their numbers."""
    rows = connection.execute(
        select(profile_value.c.subject)
        .where(
            profile_value.c.workspace == workspace,
            profile_value.c.item.in_(items),
            profile_value.c.ended.is_(None),
        )
        .distinct()
        .order_by(profile_value.c.subject)
    )
    return list(rows.scalars())


def all_of(connection: Connection, subjects: Iterable[int]) -> list[Stored]:
    """Every value of these subjects, with what it was before; items by name, the newest first."""
    rows = connection.execute(
        select(profile_value)
        .where(profile_value.c.subject.in_(list(subjects)))
        .order_by(profile_value.c.item, profile_value.c.ended.is_not(None), profile_value.c.at.desc())
    )
    return list(rows)


def put(connection: Connection, values: Sequence[Mapping[str, object]]) -> None:
    """New values."""
    if values:
        connection.execute(insert(profile_value), values)


def put_parts(connection: Connection, number: int, parts: Iterable[bytes]) -> None:
    """A file's sealed parts, in order."""
    for place, sealed in enumerate(parts):
        connection.execute(insert(profile_part).values(value=number, place=place, sealed=sealed))


def end(connection: Connection, numbers: Iterable[int], now_ms: int) -> None:
    """These values stand no longer: they are history."""
    for some in in_parts(numbers):
        connection.execute(update(profile_value).where(profile_value.c.number.in_(some)).values(ended=now_ms))


def renew(connection: Connection, number: int, *, mask: int, policy: int) -> None:
    """The same value was told again, under the answer and the policy of today."""
    connection.execute(
        update(profile_value).where(profile_value.c.number == number).values(mask=mask, policy=policy)
    )


def part(connection: Connection, number: int, place: int) -> bytes | None:
    """One sealed part of a file; None after the last."""
    found = connection.execute(
        select(profile_part.c.sealed).where(profile_part.c.value == number, profile_part.c.place == place)
    ).scalar_one_or_none()
    return None if found is None else bytes(found)


def forget(connection: Connection, subjects: Iterable[int], item: str | None = None) -> int:
    """Delete values with their history and files: all of these subjects, or those of one item; how many."""
    mine = and_(
        profile_value.c.subject.in_(list(subjects)), true() if item is None else profile_value.c.item == item
    )
    numbers = connection.execute(select(profile_value.c.number).where(mine)).scalars().all()
    delete_values(connection, numbers)
    return len(numbers)


def delete_values(connection: Connection, numbers: Sequence[int]) -> None:
    """Delete these values, their files, and what names people by them."""
    forget_known_values(connection, numbers)
    for some in in_parts(numbers):
        connection.execute(delete(profile_part).where(profile_part.c.value.in_(some)))
        connection.execute(delete(profile_value).where(profile_value.c.number.in_(some)))
