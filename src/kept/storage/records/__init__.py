"""Records: SQLAlchemy Core over one SQLite file or one PostgreSQL schema, durable at every commit.

What both do alike is said here. What each does in its own way stands in `sqlite` and `postgresql`.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from kept.storage.records.database import News
from kept.storage.records.migrating import bring_up_to_date
from kept.storage.records.places import announce, database_at
from kept.storage.records.portable import Number, as_stored, in_parts, metadata, new_key, upsert
from kept.storage.records.rewriting import ONLY_GROWS

__all__ = [
    "ONLY_GROWS",
    "News",
    "Number",
    "Records",
    "announce",
    "are_there",
    "as_stored",
    "database_at",
    "in_parts",
    "metadata",
    "new_key",
    "upsert",
]


def are_there(place: Path | str) -> bool:
    """Whether records were ever made at a place. Makes nothing. Raises `Away`."""
    return database_at(place).is_there()


class Records:
    """The SQL database of an installation. Safe to use from several threads and processes.

    `place` is a file (SQLite), or the URL of a PostgreSQL database. What is missing in it is made, and what an
    older version left is brought up to date.
    """

    def __init__(self, place: Path | str) -> None:
        self.place = place
        self._database = database_at(place)
        self._engine = self._database.open()
        try:
            self._database.require_sound(self.read)
            bring_up_to_date(self.read, self.write, self._database.name)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that holds the write lock from its start; commits at the end, or leaves no trace.

        There is one writer at a time, so what is read inside cannot change before it is written. Raises
        `NoRoom` when the disk is full, `Away` when the database cannot be reached: unless that happened while it
        committed, nothing was written.
        """
        with self._begun(self._database.begin_write) as connection:
            try:
                yield connection
                self._database.require_whole(connection)
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One snapshot: everything read inside belongs to the same moment."""
        with self._begun(self._database.begin_read) as connection:
            try:
                yield connection
            finally:
                connection.rollback()

    def scrub(self) -> bool:
        """Leave nothing of deleted rows in the database's own files; False while a reader still holds them.

        What that reaches differs: see `sqlite.scrub` and `postgresql.scrub`.
        """
        with self._in_our_words(), self._engine.connect() as connection:
            return self._database.scrub(connection)

    def news(self) -> News:
        """A way to wait for choices that others write."""
        return self._database.news(self._engine)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    @contextmanager
    def _begun(self, begin: Callable[[Connection], None]) -> Iterator[Connection]:
        with self._in_our_words(), self._connected(begin) as connection:
            yield connection

    def _connected(self, begin: Callable[[Connection], None]) -> Connection:
        """A connection with its transaction begun; tried again where an idle one had died unnoticed."""
        connection = self._engine.connect()
        try:
            begin(connection)
        except DBAPIError as error:
            connection.close()
            if not error.connection_invalidated:
                raise
            connection = self._engine.connect()
            begin(connection)
        return connection

    @contextmanager
    def _in_our_words(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            said = self._database.in_our_words(error)
            if said is None:
                raise
            raise said from error
