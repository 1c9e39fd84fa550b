"""What a database must be able to do to hold the records."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from kept.base.errors import KeptError


class News(Protocol):
    """Tells when somebody's choice may be new. For one thread at a time."""

    def wait(self) -> None:
        """Return when a choice was written, at the latest after a moment. Raises `Away`."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class Database(Protocol):
    """SQLite or PostgreSQL, as `Records` needs them. Transactions are begun in words, never by a driver."""

    name: str
    """For the people who run it: where the records are. Holds no secret."""

    def is_there(self) -> bool:
        """Whether records were ever made here."""
        ...

    def open(self) -> Engine:
        """An engine whose connections begin no transaction of themselves."""
        ...

    def require_sound(self, read: Callable[[], AbstractContextManager[Connection]]) -> None:
        """Raise `BadInput` if it would not keep what it confirms."""
        ...

    def begin_write(self, connection: Connection) -> None:
        """Begin a transaction that no other may write beside."""
        ...

    def begin_read(self, connection: Connection) -> None:
        """Begin a transaction that sees one moment."""
        ...

    def require_whole(self, connection: Connection) -> None:
        """Raise if a statement failed inside and nobody said so: its commit would write nothing."""
        ...

    def scrub(self, connection: Connection) -> bool:
        """See `Records.scrub`."""
        ...

    def news(self, engine: Engine) -> News:
        """See `Records.news`."""
        ...

    def in_our_words(self, error: DBAPIError) -> KeptError | None:
        """What a person must know of an error, when it is one of the machine and not of ours."""
        ...
