"""The tables of the key database, arranged so that a wrapped key never moves.

SQLite copies rows from page to page when pages split or merge, and promises to wipe what is deleted, not what
was moved. So wrapped keys stand alone in `slot`, a table that only grows at its end and whose rows all have
one length; a destroyed key is overwritten where it stands, and its slot is used again. To show that it is
gone, one page and the write-ahead log are enough, however many people there are. What does move (`entry`)
holds no key.
"""

import sqlite3
from collections.abc import Iterator

from kept.storage.keys.wrapping import GONE, KeyName

SCHEMA = """
CREATE TABLE IF NOT EXISTS house (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  installation BLOB NOT NULL,
  generation INTEGER NOT NULL,
  public BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS slot (id INTEGER PRIMARY KEY, wrapped BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS entry (
  kind TEXT NOT NULL, owner INTEGER NOT NULL, use TEXT NOT NULL, slot INTEGER NOT NULL UNIQUE,
  PRIMARY KEY (kind, owner, use)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS free_slot (id INTEGER PRIMARY KEY);
"""

Slot = tuple[int, bytes]
"""A slot's number and the wrapped key in it."""


def find(connection: sqlite3.Connection, name: KeyName) -> tuple[int, bytes | None]:
    """The generation of the master key, and the wrapped key of that name or None, from one snapshot."""
    query = """
      SELECT generation, (
        SELECT wrapped FROM entry JOIN slot ON slot.id = entry.slot WHERE kind = ? AND owner = ? AND use = ?
      ) FROM house"""
    generation, wrapped = connection.execute(query, name).fetchone()
    return int(generation), wrapped


def put(connection: sqlite3.Connection, name: KeyName, wrapped: bytes) -> None:
    """Store a wrapped key under a new name, in a slot that was freed or at the end."""
    free = connection.execute("SELECT id FROM free_slot LIMIT 1").fetchone()
    if free is None:
        slot = connection.execute("INSERT INTO slot (wrapped) VALUES (?)", (wrapped,)).lastrowid
    else:
        slot = free[0]
        connection.execute("DELETE FROM free_slot WHERE id = ?", (slot,))
        overwrite(connection, slot, wrapped)
    connection.execute("INSERT INTO entry VALUES (?, ?, ?, ?)", (*name, slot))


def overwrite(connection: sqlite3.Connection, slot: int, wrapped: bytes) -> None:
    """Replace what stands in a slot by bytes of the same length, in place."""
    connection.execute("UPDATE slot SET wrapped = ? WHERE id = ?", (wrapped, slot))


def take_out(connection: sqlite3.Connection, kind: str, owner: int, keep: frozenset[str]) -> list[Slot]:
    """Wipe every key of that owner whose use is not in `keep`; what was taken out, for the search after."""
    rows = connection.execute(
        "SELECT use, slot, wrapped FROM entry JOIN slot ON slot.id = entry.slot WHERE kind = ? AND owner = ?",
        (kind, owner),
    ).fetchall()
    doomed = [(use, slot, wrapped) for use, slot, wrapped in rows if use not in keep]
    for use, slot, _ in doomed:
        overwrite(connection, slot, GONE)
        connection.execute("DELETE FROM entry WHERE kind = ? AND owner = ? AND use = ?", (kind, owner, use))
        connection.execute("INSERT INTO free_slot VALUES (?)", (slot,))
    return [(slot, wrapped) for _, slot, wrapped in doomed]


def names(connection: sqlite3.Connection, kind: str) -> list[tuple[int, str]]:
    """Owner and use of every key of a kind."""
    return connection.execute(
        "SELECT owner, use FROM entry WHERE kind = ? ORDER BY owner, use", (kind,)
    ).fetchall()


def all_keys(connection: sqlite3.Connection, batch: int = 1000) -> Iterator[tuple[KeyName, int, bytes]]:
    """Every key with its slot, in the order of slots. Rows may be overwritten while this runs."""
    after = 0
    query = """
      SELECT kind, owner, use, slot.id, wrapped FROM entry JOIN slot ON slot.id = entry.slot
      WHERE entry.slot > ? ORDER BY entry.slot LIMIT ?"""
    while rows := connection.execute(query, (after, batch)).fetchall():
        for kind, owner, use, slot, wrapped in rows:
            yield KeyName(kind, owner, use), slot, wrapped
        after = rows[-1][3]


def root_of_slots(connection: sqlite3.Connection) -> int:
    """The number of the page where the tree of `slot` begins."""
    return int(connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'slot'").fetchone()[0])
