"""The things that the site offers, told by its server. They are the site's own and name nobody."""

from collections.abc import Iterable, Sequence

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
    update,
)

from kept.rank.model import Offer
from kept.storage.records import metadata, new_key

offered = Table(
    "offered",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),  # a greater one is newer
    Column("workspace", Integer, nullable=False),
    Column("kind", Text, nullable=False),  # event.property, such as job_view.job
    Column("thing", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("change", Integer, nullable=False),
    UniqueConstraint("workspace", "kind", "thing"),
    sqlite_autoincrement=True,
)


def offer(connection: Connection, workspace: int, kind: str, things: Sequence[Offer]) -> None:
    """Put things on offer, oldest first; one that is there gets these words."""
    known, change = _known(connection, workspace, kind), stamp_of(connection, workspace, kind) + 1
    for each in things:
        values = {"words": each.words, "open": each.open, "change": change}
        if each.id in known:
            connection.execute(update(offered).where(offered.c.number == known[each.id]).values(values))
        else:
            new = {"workspace": workspace, "kind": kind, "thing": each.id, **values}
            known[each.id] = new_key(connection.execute(offered.insert().values(new)))


def take_back(connection: Connection, workspace: int, kind: str, ids: Iterable[str]) -> None:
    """Say that these are no longer on offer."""
    change = stamp_of(connection, workspace, kind) + 1
    here = (offered.c.workspace == workspace) & (offered.c.kind == kind)
    connection.execute(
        update(offered).where(here, offered.c.thing.in_(list(ids))).values(open=False, change=change)
    )


def offers_of(connection: Connection, workspace: int, kind: str) -> list[Offer]:
    """Everything ever offered, the newest first."""
    rows = connection.execute(
        select(offered.c.thing, offered.c.words, offered.c.open)
        .where(offered.c.workspace == workspace, offered.c.kind == kind)
        .order_by(offered.c.number.desc())
    )
    return [Offer(*row) for row in rows]


def stamp_of(connection: Connection, workspace: int, kind: str) -> int:
    """A number that grows with each change of what is offered; 0 before the first."""
    here = (offered.c.workspace == workspace) & (offered.c.kind == kind)
    return int(connection.execute(select(func.max(offered.c.change)).where(here)).scalar_one() or 0)


def _known(connection: Connection, workspace: int, kind: str) -> dict[str, int]:
    rows = connection.execute(
        select(offered.c.thing, offered.c.number).where(
            offered.c.workspace == workspace, offered.c.kind == kind
        )
    )
    return {row.thing: row.number for row in rows}
