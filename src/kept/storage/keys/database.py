"""The key database's connection: durable at every commit, owner-only, wiped where rows change."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kept.base.errors import Damaged, InUse, NoRoom
from kept.storage.keys import slots
from kept.storage.keys.pages import RawFile
from kept.storage.keys.wrapping import FROM_MIRROR, GONE, MARK, WRAPPED_BYTES

_PRAGMAS = (
    "auto_vacuum = NONE",  # it would move pages, and leave copies behind
    "journal_mode = WAL",
    "synchronous = FULL",
    "secure_delete = ON",
    "temp_store = MEMORY",
)
_WAIT_MS = 30_000


class Database:
    """One SQLite connection that the threads of a process use in turn; each process has its own."""

    def __init__(self, path: Path, patience_ms: int) -> None:
        self.path = path
        self._patience_ms = patience_ms  # how long to wait for readers before a wipe is given up for now
        self._lock = threading.RLock()
        self._closed = False
        _create_private(path)
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._raw = RawFile(path)
        with self._plainly():
            self._prepare()

    def _prepare(self) -> None:
        self._be_patient(_WAIT_MS)
        for pragma in _PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}").fetchall()
        with self.write() as connection:
            for statement in slots.SCHEMA.split(";"):
                connection.execute(statement)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start, and leaves no trace if it fails."""
        with self.read() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk has ended it already
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """The connection, for single statements, while no other thread uses it."""
        with self._lock, self._plainly():
            yield self._connection

    def fold(self) -> None:
        """Move the write-ahead log into the file and empty it. Raises `InUse` while a reader needs it."""
        with self.read() as connection:
            self._be_patient(self._patience_ms)
            busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            self._be_patient(_WAIT_MS)
        if busy:
            raise self._not_yet("another connection reads an older state, and the log keeps it")

    def look_for(self, wiped: list[slots.Slot]) -> None:
        """Search the log, and the pages of those slots, for what was wiped.

        Raises `InUse` if it cannot be told now, `Damaged` if a part of a key is still there.
        """
        with self.write() as connection:
            root, log = slots.root_of_slots(connection), self._raw.log_bytes()
            for slot, wrapped in wiped:
                page = self._raw.leaf_of(root, slot)
                if page is None:
                    raise self._not_yet("its page was being written by another process")
                if _holds(page, wrapped) or _holds(log, wrapped):
                    raise self._still_there()

    def strays(self) -> int:
        """How many wrapped keys stand in the file or its log that no row holds. Reads all of both."""
        self.fold()
        with self.write() as connection:
            living = {wrapped for _, _, wrapped in slots.all_keys(connection)}
            pieces = [self._raw.log_bytes(), *self._raw.chunks(overlap=WRAPPED_BYTES)]
            return len({found for piece in pieces for found in _marked(piece)} - living)

    def close(self) -> None:
        """Close the connection, and only then the descriptor that `RawFile` shares. Twice does no harm."""
        with self._lock:
            if not self._closed:
                self._connection.close()
                self._raw.close()
            self._closed = True

    def _be_patient(self, milliseconds: int) -> None:
        self._connection.execute(f"PRAGMA busy_timeout = {milliseconds}").fetchall()

    @contextmanager
    def _plainly(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.DatabaseError as error:
            raise self._in_our_words(error) from error

    def _in_our_words(self, error: sqlite3.DatabaseError) -> Exception:
        match getattr(error, "sqlite_errorcode", 0) & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return InUse(
                    "the key database is in use",
                    where=str(self.path),
                    next_step="try again",
                    why="Another process writes to it.",
                )
            case sqlite3.SQLITE_FULL:
                return NoRoom(
                    "the disk is full",
                    where=str(self.path),
                    next_step="free some room; nothing is lost",
                    why="The system has no room left.",
                )
            case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
                return Damaged(
                    "the key database is damaged",
                    where=str(self.path),
                    next_step=FROM_MIRROR,
                    why="SQLite cannot read it.",
                )
            case _:
                return error

    def _not_yet(self, why: str) -> InUse:
        return InUse(
            "the key is taken out, but not yet shown to be gone from the disk",
            where=str(self.path),
            why=why,
            next_step="ask for the same destruction again; nothing can be read with the key meanwhile",
        )

    def _still_there(self) -> Damaged:
        return Damaged(
            "a destroyed key still stands in the key database",
            where=str(self.path),
            why="this build of SQLite left a copy behind",
            next_step="run 'kept keys rotate' and destroy the old master key: the copy opens under no other",
        )


def _create_private(path: Path) -> None:
    """An empty file that only its owner reads, if there is none: SQLite gives log and index the same mode."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _holds(page: bytes, wrapped: bytes) -> bool:
    """Whether any stretch of 12 bytes of the key's nonce, ciphertext or tag is in `page`."""
    secret = wrapped[len(MARK) :]
    return any(secret[at : at + 12] in page for at in range(0, len(secret), 12))


def _marked(piece: bytes) -> Iterator[bytes]:
    at = piece.find(MARK)
    while at >= 0:
        found = piece[at : at + WRAPPED_BYTES]
        if len(found) == WRAPPED_BYTES and found != GONE:
            yield found
        at = piece.find(MARK, at + 1)
