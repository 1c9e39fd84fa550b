"""Checkpoints: how long the log is and its root hash, signed (c2sp.org/tlog-checkpoint).

Whoever keeps one can tell later whether the log was cut, changed or written anew: `kept ledger verify
--since FILE` takes it.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from kept.base.errors import Damaged
from kept.ledger import store
from kept.ledger.log import root_at
from kept.ledger.notes import from_base64, open_note, origin_of, sign_note, to_base64
from kept.storage.keys import Keys


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed statement: the first `size` entries have this root. `note` is its text with the signature."""

    size: int
    root: bytes
    note: str


def checkpoint(connection: Connection, keys: Keys) -> Checkpoint:
    """Sign the log as it stands, or return the checkpoint that already does. Call within `Records.write()`.

    Raises `Damaged`, and signs nothing, if the log no longer begins with what the last checkpoint signed.
    """
    key, size = keys.signing_key(), store.size(connection)
    public = key.public_key().public_bytes_raw()
    last = latest_checkpoint(connection, public)
    if last is not None:
        _require_unchanged(connection, last, size)
        if last.size == size:
            return last
    root = root_at(connection, size)
    note = sign_note(f"{origin_of(public)}\n{size}\n{to_base64(root)}\n", key)
    store.put_note(connection, size, note)
    return Checkpoint(size, root, note)


def latest_checkpoint(connection: Connection, public_key: bytes, above: int = -1) -> Checkpoint | None:
    """The newest checkpoint, if it covers more than `above` entries; its signature is checked."""
    note = store.last_note(connection, above)
    return None if note is None else read_checkpoint(note, public_key)


def read_checkpoint(note: str, public_key: bytes) -> Checkpoint:
    """A checkpoint from its text. Raises `Damaged` if it is not one, or the key did not sign it."""
    lines = open_note(note, public_key).split("\n")
    try:
        origin, size, root, end = lines
        read = Checkpoint(int(size), from_base64(root), note)
    except ValueError:
        raise Damaged(
            "this is no checkpoint of the ledger",
            where="checkpoint",
            why="It has not the four lines of one.",
            next_step="Give a checkpoint of this installation, whole, as it was printed.",
        ) from None
    if (origin, end, str(read.size), len(read.root)) != (
        origin_of(public_key),
        "",
        size,
        32,
    ) or read.size < 0:
        raise Damaged(
            "this is no checkpoint of this ledger",
            where="checkpoint",
            why="It names another log, or its lines are not in their form.",
            next_step="Give a checkpoint of this installation, whole, as it was printed.",
        )
    return read


def _require_unchanged(connection: Connection, last: Checkpoint, size: int) -> None:
    if last.size > size or root_at(connection, last.size) != last.root:
        raise Damaged(
            "the ledger is no longer what was signed",
            where=f"checkpoint of {last.size} entries",
            why="entries were changed or taken away since",
            next_step="run 'kept ledger verify'; nothing is signed until this is cleared up",
        )
