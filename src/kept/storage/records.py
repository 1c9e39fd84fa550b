"""Records: SQLAlchemy Core over one SQLite file, durable at every commit, wiped where rows are deleted."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, MetaData, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

from kept.base.errors import NoRoom

T = TypeVar("T")

metadata = MetaData()
"""Every room's `store.py` declares its tables here; `Records` creates those that are missing."""


class Records:
    """The SQL database of an installation. Safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _create_private(path)
        self._engine = create_engine(
            f"sqlite:///{path}",
            poolclass=QueuePool,
            connect_args={"timeout": 30, "check_same_thread": False},
            hide_parameters=True,  # an error's text may reach a log, and the values are people's
        )
        event.listen(self._engine, "connect", _prepare)
        with self.write() as connection:
            metadata.create_all(connection)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its start; commits at the end, or leaves no trace.

        SQLite silently ignores `FOR UPDATE`, so the lock is taken by BEGIN IMMEDIATE: what is read inside
        cannot change before it is written. Raises `NoRoom` when the disk is full.
        """
        with _plainly(), self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot: everything read inside belongs to the same moment."""
        with self._engine.connect() as connection:
            connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    def truncate_log(self) -> bool:
        """Fold the write-ahead log into the file and empty it; False while a reader still holds it open.

        Until then a deleted row may still stand in the log, `secure_delete` or not.
        """
        with self._engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout = 2000")
            row = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").one()
            connection.exec_driver_sql("PRAGMA busy_timeout = 30000")
            return int(row[0]) == 0

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def new_key(result: CursorResult[Any]) -> int:
    """The primary key that an insert of one row was given."""
    key = result.inserted_primary_key
    if key is None:
        raise RuntimeError("the statement inserted no row")  # a mistake of ours, not of the data
    return int(key[0])


def in_parts(values: Iterable[T]) -> Iterator[list[T]]:
    """Values in lists of at most 500, for `IN`: databases cap the parameters of one statement."""
    rest = iter(values)
    while part := list(islice(rest, 500)):
        yield part


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
            raise NoRoom(
                "The disk of the records is full, so nothing was written.",
                where="records.db",
                next_step="Make room; it is taken up again without a restart.",
                why="The system has no room left.",
            ) from error
        raise


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
