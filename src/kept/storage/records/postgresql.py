"""The records in one schema of a PostgreSQL database, which Kept must own and no more.

A transaction that writes first takes one advisory lock, so there is one writer at a time, as on SQLite. SERIALIZABLE
would not do: it lets two begin and stops one at its end, and what that one did outside the database meanwhile, such
as destroying a key, cannot be done again. Inside, the isolation is READ COMMITTED on purpose: a snapshot that was
taken while waiting for the lock would miss what the writer before has committed.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError

from kept.base.errors import Away, BadInput, InUse, KeptError, NoRoom
from kept.storage.records.listening import Listening
from kept.storage.records.rewriting import rewritten

OLDEST = 150000
SCHEMES = ("postgresql", "postgres")
LOCK = 0x6B657074  # "kept": other applications' advisory locks in the same database are not ours
_LINK = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # ms: a server that has vanished is noticed, instead of waited for
    "client_encoding": "utf8",
    "application_name": "kept",
}
_CONFIRMED = (
    "set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
)


class Postgresql:
    """A database, by its URL. The schema is the first of its search path."""

    def __init__(self, url: str) -> None:
        self._url = _read(url)
        self.name = (
            f"postgresql://{self._url.host or ''}/{self._url.database or ''}"  # without user or password
        )

    def is_there(self) -> bool:
        """Whether a migration has been here. Raises `Away`."""
        engine = self.open()
        try:
            with engine.connect() as connection:
                found = connection.exec_driver_sql("SELECT to_regclass('alembic_version') IS NOT NULL")
                return bool(found.scalar_one())
        except DBAPIError as error:
            raise self.in_our_words(error) or error from error
        finally:
            engine.dispose()

    def open(self) -> Engine:
        """Connects when it is first used."""
        try:
            engine = create_engine(
                self._url,
                isolation_level="AUTOCOMMIT",  # transactions are begun below, in words
                connect_args={key: value for key, value in _LINK.items() if key not in self._url.query},
                hide_parameters=True,  # an error's text may reach a log, and the values are people's
            )
        except ModuleNotFoundError as error:
            raise BadInput(
                "PostgreSQL cannot be spoken to from here",
                where="KEPT_RECORDS",
                why="psycopg is not installed.",
                next_step="Install it with `pip install 'kept[postgresql]'`.",
            ) from error
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "handle_error", _without_values)
        return engine

    def require_sound(self, read: Callable[[], AbstractContextManager[Connection]]) -> None:
        """Raise `BadInput` if the server is too old, forgets what it confirms, or cannot hold every letter."""
        wanted = (
            ("server_version_num", "PostgreSQL 15 or newer", lambda found: int(found) >= OLDEST),
            ("fsync", "fsync to be on", lambda found: found == "on"),
            ("server_encoding", "the encoding UTF8", lambda found: found == "UTF8"),
        )
        with read() as connection:
            for name, words, holds in wanted:
                found = connection.exec_driver_sql(f"SHOW {name}").scalar_one()
                if not holds(found):
                    raise BadInput(
                        f"the records need {words}",
                        where=self.name,
                        why=f"Its {name} is {found}.",
                        next_step="Change that, or name another database in KEPT_RECORDS.",
                    )

    def begin_write(self, connection: Connection) -> None:
        """Wait for the writer before, 30 s at most."""
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK}, hashtext(current_schema()))")

    def begin_read(self, connection: Connection) -> None:
        """The snapshot is taken with the first statement, and nobody is waited for."""
        connection.exec_driver_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def require_whole(self, connection: Connection) -> None:
        """PostgreSQL answers a commit after a failed statement with a rollback, and no error."""
        from psycopg.pq import TransactionStatus

        driver: Any = connection.connection.driver_connection
        if driver.info.transaction_status == TransactionStatus.INERROR:
            raise RuntimeError("a statement failed, and the transaction went on")  # a mistake of ours

    def scrub(self, connection: Connection) -> bool:
        """Write every table anew that rows are deleted from, and its statistics; see `rewriting`."""
        return rewritten(connection)

    def news(self, engine: Engine) -> Listening:
        """To hear NOTIFY."""
        return Listening(engine, self.in_our_words)

    def in_our_words(self, error: DBAPIError) -> KeptError | None:
        """A full disk, a lock that is not let go, a server that is not there (PostgreSQL, appendix A)."""
        state = getattr(error.orig, "sqlstate", None) or ""
        if state == "53100":
            return NoRoom(
                "The disk of the records is full, so nothing was written.",
                where=self.name,
                next_step="Make room; it is taken up again without a restart.",
                why="PostgreSQL has no room left.",
            )
        if state == "55P03":
            return InUse(
                "the records are being written by another, and for long",
                where=self.name,
                why="Kept has one writer at a time, and waits 30 s for the one before.",
                next_step="Try again; if it stays so, look in pg_stat_activity for a transaction that does not end.",
            )
        if error.connection_invalidated or state.startswith(("08", "57P", "53300")) or _never_reached(error):
            return self._away(error)
        return None

    def _away(self, error: DBAPIError) -> Away:
        return Away(
            "the records cannot be reached",
            where=self.name,
            why=str(error.orig).strip().partition("\n")[0],
            next_step="Look whether PostgreSQL runs there; it is tried again by itself.",
        )


def _read(url: str) -> URL:
    """What is wrong is told without the text, which may hold a password."""
    try:
        read = make_url(url)
    except ArgumentError:
        read = URL.create("none")
    if read.drivername not in SCHEMES:
        raise BadInput(
            "this is no URL of a PostgreSQL database",
            where="KEPT_RECORDS",
            why="It is to begin with postgresql://.",
            next_step="Write postgresql://USER@HOST/DATABASE, or nothing: the records are then in the data folder.",
        )
    return read.set(drivername="postgresql+psycopg")


def _never_reached(error: DBAPIError) -> bool:
    """Whether no connection came about: the driver's own error, which PostgreSQL gave no code."""
    return type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout"} and not getattr(
        error.orig, "sqlstate", None
    )


def _prepare(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('timezone', 'UTC', false), set_config('lock_timeout', '30s', false)"
        )
        cursor.execute(f"SELECT {_CONFIRMED}")


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL quotes values of rows in what it says of an error: they are people's, and stay unsaid."""
    shown, original = context.sqlalchemy_exception, context.original_exception
    state = getattr(original, "sqlstate", None)
    if shown is None or state is None:
        return
    primary = getattr(original, "diag", None) and original.diag.message_primary  # type: ignore[attr-defined]
    said = re.sub(r"\".*|:.*", "", primary or "", flags=re.DOTALL) if state.startswith("22") else primary
    original.args = (said or state,)
    shown.args = (f"({type(original).__name__} {state}) {said or ''}",)
