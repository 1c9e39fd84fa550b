"""Leaving nothing of deleted rows in PostgreSQL's tables: they are written anew, and it is asked what stayed.

A deleted row stays in its page until a VACUUM, and even then as bytes in the page's free part. VACUUM FULL writes the
rows that are left into a new file and gives the old one back to the file system; ANALYZE replaces the samples of
values that the planner keeps. Rows that an older snapshot may still read are carried along, and counted: then it
is not done. What is beyond reach, `docs/running.md` says: the server's own log (WAL), its copies, and the disk.
"""

import re
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from kept.storage.records.portable import metadata

READERS_MS = 500
"""How long readers are waited for: whoever comes meanwhile waits behind."""
ONLY_GROWS = {"only_grows": True}
"""Says of a table, as its `info`, that no row of it is ever deleted or changed, so that none need be rewritten."""

_TABLES = "SELECT relname FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'"


def rewritten(connection: Connection) -> bool:
    """Whether every table that rows leave holds its living rows alone. False while a reader stands in the way."""
    connection.exec_driver_sql(f"SET lock_timeout = '{READERS_MS}ms'")
    try:
        return all(_rewrite(connection, name) for name in _tables(connection))
    finally:
        if not connection.invalidated:
            connection.exec_driver_sql("SET lock_timeout = '30s'")


def _tables(connection: Connection) -> list[str]:
    stays = {name for name, table in metadata.tables.items() if "only_grows" in table.info}
    found = connection.exec_driver_sql(_TABLES).scalars()
    return sorted(set(found) - stays)


def _rewrite(connection: Connection, table: str) -> bool:
    driver: Any = connection.connection.driver_connection
    kept: list[int] = []

    def note(said: Any) -> None:  # "N dead row versions cannot be removed yet", in whatever language
        if number := re.match(r"\D*(\d+)", said.message_detail or ""):
            kept.append(int(number[1]))

    driver.add_notice_handler(note)
    try:
        connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE, VERBOSE) "{table}"')
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == "55P03":
            return False
        raise
    finally:
        driver.remove_notice_handler(note)
    return bool(kept) and not any(kept)
