"""The records in one SQLite file, wiped where rows are deleted."""

import os
import sqlite3
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from kept.base.errors import KeptError, NoRoom

LOOK_SECONDS = 0.2
"""SQLite tells other processes nothing, so they look."""


class Sqlite:
    """A file that only its owner reads, with its log beside it."""

    def __init__(self, path: Path) -> None:
        self.path, self.name = path, path.name

    def is_there(self) -> bool:
        """Whether the file is there."""
        return self.path.exists()

    def open(self) -> Engine:
        """Durable at every commit; the file is made if there is none."""
        _create_private(self.path)
        engine = create_engine(
            f"sqlite:///{self.path}",
            poolclass=QueuePool,
            connect_args={"timeout": 30, "check_same_thread": False},
            hide_parameters=True,  # an error's text may reach a log, and the values are people's
        )
        event.listen(engine, "connect", _prepare)
        return engine

    def require_sound(self, read: Callable[[], AbstractContextManager[Connection]]) -> None:
        """`_prepare` has seen to it."""

    def begin_write(self, connection: Connection) -> None:
        """SQLite silently ignores `FOR UPDATE`, so the one write lock is taken at once."""
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    def begin_read(self, connection: Connection) -> None:
        """A reader sees the moment of its first statement until it ends."""
        connection.exec_driver_sql("BEGIN")

    def require_whole(self, connection: Connection) -> None:
        """A statement that fails takes nothing else with it."""

    def scrub(self, connection: Connection) -> bool:
        """Fold the write-ahead log into the file and empty it; False while a reader still holds it open.

        Until then a deleted row may still stand in the log, `secure_delete` or not.
        """
        connection.exec_driver_sql("PRAGMA busy_timeout = 2000")
        row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
        connection.exec_driver_sql("PRAGMA busy_timeout = 30000")
        return int(row[0]) == 0

    def news(self, engine: Engine) -> "Looking":
        """To look again after a moment."""
        return Looking()

    def in_our_words(self, error: DBAPIError) -> KeptError | None:
        """A full disk."""
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF != sqlite3.SQLITE_FULL:
            return None
        return NoRoom(
            "The disk of the records is full, so nothing was written.",
            where=self.name,
            next_step="Make room; it is taken up again without a restart.",
            why="The system has no room left.",
        )


class Looking:
    """Nobody is told anything; whoever waits looks again."""

    def wait(self) -> None:
        """Let a moment pass."""
        time.sleep(LOOK_SECONDS)

    def close(self) -> None:
        """Nothing was opened."""


def _create_private(path: Path) -> None:
    """An empty file that only its owner reads, if there is none: SQLite gives log and index the same mode."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions are begun above, in words
    cursor = connection.cursor()
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",
        "foreign_keys = ON",
        "busy_timeout = 30000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
