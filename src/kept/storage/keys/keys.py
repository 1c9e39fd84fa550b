"""Keys: hands out data keys, makes them when asked, destroys a person's for good, changes the master key."""

import secrets
import sqlite3
from collections.abc import Collection
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kept.base.errors import BadInput, Damaged
from kept.storage.keys import slots
from kept.storage.keys.database import Database
from kept.storage.keys.master import create_master, read_master, refuse_inside
from kept.storage.keys.wrapping import FROM_MIRROR, KeyName, new_key, unwrap, wrap

_SIGNING = KeyName("signing", 0, "ledger")


class Keys:
    """The key store of one installation. Safe from several threads and processes.

    A person's key is read from the database at each call and kept nowhere: a copy in memory would outlive its
    destruction by another process. Keys of a workspace are never destroyed here, so they are remembered.
    """

    def __init__(self, database: Database, master: bytes, generation: int, installation: bytes) -> None:
        self._database = database
        self._master = master
        self._generation = generation
        self._installation = installation
        self._workspace_keys: dict[KeyName, bytes] = {}

    @classmethod
    def open(cls, path: Path, master_key_path: Path, *, patience_ms: int = 2000) -> "Keys":
        """Open `keys.db` at `path` with the master key in a file outside its folder.

        At the first start both are made. Later a missing, or another, master key raises `Damaged`: nothing is
        made anew, since that would hide the loss. `patience_ms`: how long a destruction waits for readers.
        """
        refuse_inside(master_key_path, path.parent)
        database = Database(path, patience_ms)
        try:
            with database.write() as connection:
                return cls(database, *_enter(connection, master_key_path))
        except BaseException:
            database.close()
            raise

    def workspace_key(self, workspace: int, use: str) -> bytes:
        """32 bytes for one use (pseudonyms, blind indexes, event ids) in one workspace.

        Made when first asked for. Keys of different uses are independent random numbers: knowing one tells
        nothing of another.
        """
        name = KeyName("workspace", workspace, use)
        if name not in self._workspace_keys:
            self._workspace_keys[name] = self._find(name) or self._make(name)
        return self._workspace_keys[name]

    def workspace_keys(self) -> list[tuple[int, str]]:
        """Every workspace's keys that were made so far, by the workspace's number and the use."""
        with self._database.read() as connection:
            return slots.names(connection, "workspace")

    def person_key(self, subject: int, retention_class: str, *, create: bool) -> bytes | None:
        """The 32-byte key of a person's data of one retention class; None if there is none."""
        name = KeyName("person", subject, retention_class)
        return self._find(name) or (self._make(name) if create else None)

    def person_keys(self, wanted: Collection[tuple[int, str]]) -> dict[tuple[int, str], bytes]:
        """The keys of these subjects and retention classes, made where there are none; all in one transaction,
        since each of its own would wait for the disk."""
        with self._database.write() as connection:
            return {name: self._find_or_make(connection, KeyName("person", *name)) for name in wanted}

    def destroy_person(self, subject: int, *, keep: Collection[str] = ()) -> int:
        """Destroy the person's keys of every class not in `keep`; how many this call took out.

        Returns only once neither the file nor its write-ahead log holds the wrapped keys. Raises `InUse`
        while a reader prevents that: the keys are taken out by then, and a repeated call, which counts 0,
        finishes the work.
        """
        with self._database.write() as connection:
            wiped = slots.take_out(connection, "person", subject, frozenset(keep))
        self._database.fold()
        self._database.look_for(wiped)
        return len(wiped)

    def stray_keys(self) -> int:
        """How many wrapped keys survive in the raw file although no row holds them. It must be 0.

        Reads the whole database: for a weekly check, not for each destruction.
        """
        return self._database.strays()

    def signing_key(self) -> Ed25519PrivateKey:
        """The Ed25519 key (RFC 8032) that signs the ledger's checkpoints; made at the first start."""
        return Ed25519PrivateKey.from_private_bytes(self._find(_SIGNING) or b"")

    def rotate_master(self, new_path: Path) -> int:
        """Wrap every key anew under the master key in `new_path`, made if it is not there; how many keys.

        All or nothing. Afterwards the old master key opens nothing in this folder; destroying its file, and
        the mirrors made under it, is the owner's part. Other processes are told to start again.
        """
        refuse_inside(new_path, self._database.path.parent)
        new = read_master(new_path) if new_path.exists() else create_master(new_path)
        if new == self._master:
            raise BadInput(
                "this is already the master key",
                where=str(new_path),
                why="Every key is wrapped under it as it is.",
                next_step="Name a file that is not there yet; it is made.",
            )
        with self._database.write() as connection:
            changed = self._rewrap(connection, new)
        self._master, self._generation = new, self._generation + 1
        if self._database.strays():
            raise Damaged(
                "a copy under the old master key is left",
                next_step="destroy that key's file at once",
                where="keys.db",
                why="Its bytes were not overwritten.",
            )
        return changed

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def _find(self, name: KeyName) -> bytes | None:
        with self._database.read() as connection:
            generation, wrapped = slots.find(connection, name)
        self._same_master(generation)
        return None if wrapped is None else unwrap(self._master, wrapped, name.bound_to(self._installation))

    def _make(self, name: KeyName) -> bytes:
        with self._database.write() as connection:
            return self._find_or_make(connection, name)

    def _find_or_make(self, connection: sqlite3.Connection, name: KeyName) -> bytes:
        bound_to = name.bound_to(self._installation)
        generation, wrapped = slots.find(connection, name)
        self._same_master(generation)
        if wrapped is not None:  # another process was first
            return unwrap(self._master, wrapped, bound_to)
        key = new_key()
        slots.put(connection, name, wrap(self._master, key, bound_to))
        return key

    def _rewrap(self, connection: sqlite3.Connection, new: bytes) -> int:
        self._same_master(slots.find(connection, _SIGNING)[0])
        changed = 0
        for name, slot, wrapped in slots.all_keys(connection):
            bound_to = name.bound_to(self._installation)
            slots.overwrite(connection, slot, wrap(new, unwrap(self._master, wrapped, bound_to), bound_to))
            changed += 1
        connection.execute("UPDATE house SET generation = generation + 1")
        return changed

    def _same_master(self, generation: int) -> None:
        if generation != self._generation:
            raise BadInput(
                "the master key was changed while this ran",
                next_step="start again with the new one",
                where="keys.db",
                why="`kept keys rotate` ran meanwhile.",
            )


def public_key_of(path: Path) -> bytes:
    """The 32-byte public key of the ledger, from `keys.db` at `path`; needs no master key."""
    if not path.exists():
        raise BadInput(
            "there is no key database here",
            where=str(path),
            why="Nothing of that name is there.",
            next_step="Name the data folder with --data or KEPT_DATA.",
        )
    connection = sqlite3.connect(path)
    try:
        return bytes(connection.execute("SELECT public FROM house").fetchone()[0])
    except (sqlite3.DatabaseError, TypeError) as error:
        raise Damaged(
            "the key database has no public key",
            where=str(path),
            next_step=FROM_MIRROR,
            why="Its row of the house is missing, or cannot be read.",
        ) from error
    finally:
        connection.close()


def _enter(connection: sqlite3.Connection, master_path: Path) -> tuple[bytes, int, bytes]:
    house = connection.execute("SELECT installation, generation FROM house").fetchone()
    if house is None:
        return _first_start(connection, master_path)
    installation, generation = house
    master, (_, wrapped) = read_master(master_path), slots.find(connection, _SIGNING)
    try:
        unwrap(master, wrapped or b"", _SIGNING.bound_to(installation))
    except Damaged:
        raise _another(master_path) from None
    return master, generation, installation


def _first_start(connection: sqlite3.Connection, master_path: Path) -> tuple[bytes, int, bytes]:
    master = read_master(master_path) if master_path.exists() else create_master(master_path)
    installation, seed = secrets.token_bytes(16), new_key()
    public = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    slots.put(connection, _SIGNING, wrap(master, seed, _SIGNING.bound_to(installation)))
    connection.execute("INSERT INTO house VALUES (1, ?, 1, ?)", (installation, public))
    return master, 1, installation


def _another(master_path: Path) -> Damaged:
    return Damaged(
        "this is not the master key of this data folder",
        where=str(master_path),
        why="the key database was made under another",
        next_step="name the file that belongs to it; after 'kept keys rotate' that is the new one",
    )
