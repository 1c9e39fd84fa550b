"""Table of API keys that were replaced and may still be shown for a while. No key stands in it."""

from sqlalchemy import BigInteger, Column, Connection, Integer, Table, Text, select

from kept.storage.records import metadata, upsert

key_replaced = Table(
    "key_replaced",
    metadata,
    Column("workspace", Integer, primary_key=True),
    Column("use", Text, primary_key=True),  # the use of the key that was replaced: secret key 2
    Column("taken_until", BigInteger, nullable=False),  # ms of UTC
)


def taken_until(connection: Connection, workspace: int) -> dict[str, int]:
    """Until when each replaced key of a workspace is taken, by its use, ms."""
    rows = connection.execute(select(key_replaced).where(key_replaced.c.workspace == workspace))
    return {row.use: int(row.taken_until) for row in rows}


def put(connection: Connection, workspace: int, use: str, until_ms: int) -> None:
    """A key is replaced; it is taken until then."""
    row = upsert(connection, key_replaced).values(workspace=workspace, use=use, taken_until=until_ms)
    connection.execute(
        row.on_conflict_do_update(index_elements=["workspace", "use"], set_={"taken_until": until_ms})
    )
