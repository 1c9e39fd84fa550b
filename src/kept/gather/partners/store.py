"""Table of partners that are cut off. It names companies, and nobody."""

from sqlalchemy import BigInteger, Column, Connection, Integer, Table, Text, delete, insert, select

from kept.storage.records import metadata

partner_cut = Table(
    "partner_cut",
    metadata,
    Column("workspace", Integer, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("since", BigInteger, nullable=False),
)


def cut_since(connection: Connection, workspace: int) -> dict[str, int]:
    """Every partner that is cut off, with the moment since when, ms."""
    rows = connection.execute(select(partner_cut).where(partner_cut.c.workspace == workspace))
    return {row.name: int(row.since) for row in rows}


def put(connection: Connection, workspace: int, name: str, now_ms: int) -> None:
    """Cut one off."""
    connection.execute(insert(partner_cut).values(workspace=workspace, name=name, since=now_ms))


def take(connection: Connection, workspace: int, name: str) -> None:
    """Let one in again."""
    mine = (partner_cut.c.workspace == workspace, partner_cut.c.name == name)
    connection.execute(delete(partner_cut).where(*mine))
