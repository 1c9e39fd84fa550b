"""Where records can lie: a file's path, or a URL."""

from pathlib import Path

from sqlalchemy import Connection

from kept.storage.records.database import Database
from kept.storage.records.listening import CHANNEL
from kept.storage.records.postgresql import Postgresql
from kept.storage.records.sqlite import Sqlite


def database_at(place: Path | str) -> Database:
    """The database of a place. Raises `BadInput` when the URL is none of PostgreSQL's."""
    return Sqlite(place) if isinstance(place, Path) else Postgresql(place)


def announce(connection: Connection) -> None:
    """Tell whoever waits for `News` that a choice was written, once this transaction commits."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"NOTIFY {CHANNEL}")
