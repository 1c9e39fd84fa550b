"""Hearing that somebody has chosen: LISTEN on a connection of its own.

PostgreSQL keeps no news for whoever is not there. So after every new connection the listener is sent to look, as
if it had been told; and it looks now and then anyway, since a connection that is lost says nothing.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from kept.base.errors import KeptError

CHANNEL = "kept_choice"
LOOK_SECONDS = 1.0


class Listening:
    """Listens from its first `wait` on, and anew after its connection was lost."""

    def __init__(self, engine: Engine, in_our_words: Callable[[DBAPIError], KeptError | None]) -> None:
        self._engine, self._in_our_words = engine, in_our_words
        self._connection: Connection | None = None

    def wait(self) -> None:
        """Return at the next NOTIFY, at once on a new connection, at the latest after `LOOK_SECONDS`."""
        try:
            if self._connection is None:
                self._connection = self._listen()
            else:
                self._hear(self._connection)
        except DBAPIError as error:
            raise self._in_our_words(error) or error from error

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.invalidate()  # it listens, so it must not go back among the others
            self._connection.close()
            self._connection = None

    def _listen(self) -> Connection:
        connection = self._engine.connect()
        try:
            connection.exec_driver_sql(f"LISTEN {CHANNEL}")
        except BaseException:
            connection.close()
            raise
        return connection

    def _hear(self, connection: Connection) -> None:
        from psycopg import Error

        driver: Any = connection.connection.driver_connection
        try:
            list(driver.notifies(timeout=LOOK_SECONDS, stop_after=1))
        except Error as error:
            self.close()
            raise DBAPIError("", None, error, connection_invalidated=True) from error
