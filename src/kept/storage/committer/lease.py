"""The lease: at most one committer at work. It serves liveness; safety comes from three fences.

A committer that was paused and wakes after its lease has passed on is a *zombie*. It can neither create nor
move files, because its staging folder is gone and is never made again; its base version is stale, so its
commit finds the name taken; and it removes no file of a newer epoch.
"""

import secrets
from pathlib import Path

from sqlalchemy import BigInteger, Column, Connection, Integer, String, Table, insert, select, update

from kept.base.clock import Clock
from kept.base.errors import InUse
from kept.storage.files import Files
from kept.storage.records import Records, metadata

lease = Table(
    "lease",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),  # always 1
    Column("epoch", Integer, nullable=False),
    Column("token", String, nullable=False),
    Column("expires", BigInteger, nullable=False),  # ms of UTC
)

LEASE_MS = 30_000


class LeaseLost(InUse):
    """Another committer has taken over; this one must stop, and may queue for the lease again."""

    def __init__(self) -> None:
        super().__init__(
            "Another committer has taken over.",
            where="lease",
            why="This one's lease had expired.",
            next_step="Nothing is lost: this one queues for the lease again.",
        )


class Lease:
    """One committer's hold. Made by `take`."""

    def __init__(self, records: Records, clock: Clock, epoch: int, token: str, lock: int) -> None:
        self.records, self.clock = records, clock
        self.epoch, self.token, self.lock = epoch, token, lock

    def renew(self) -> None:
        """Hold on for another LEASE_MS. Raises LeaseLost."""
        with self.records.write() as connection:
            self.require(connection)
            connection.execute(update(lease).values(expires=self.clock.now_ms() + LEASE_MS))

    def require(self, connection: Connection) -> None:
        """Raise LeaseLost unless this epoch still holds, within the transaction that goes on to write."""
        if connection.execute(select(lease.c.epoch)).scalar_one() != self.epoch:
            raise LeaseLost

    def give_up(self, files: Files) -> None:
        """Let the next committer begin at once."""
        files.close(self.lock)


def take(files: Files, records: Records, stage: Path, clock: Clock) -> Lease:
    """Take the lease, with a staging folder of its own. Raises InUse while a living holder's has not expired.

    The folder is made before the lease is taken and never later: whoever loses it cannot write again.
    """
    token = secrets.token_hex(16)
    files.make_folder(stage / token)
    lock = files.lock(stage / token / "alive")
    try:
        if lock is None:
            raise InUse(
                "The staging folder is held.",
                where="stage",
                why="Another process holds its lock.",
                next_step="Wait until that process has ended.",
            )
        with records.write() as connection:
            epoch = _take(connection, files, stage, clock.now_ms(), token)
    except BaseException:
        if lock is not None:
            files.close(lock)
        files.remove_folder(stage / token)
        raise
    return Lease(records, clock, epoch, token, lock)


def _take(connection: Connection, files: Files, stage: Path, now: int, token: str) -> int:
    held = connection.execute(select(lease)).one_or_none()
    if held is None:
        connection.execute(insert(lease).values(id=1, epoch=1, token=token, expires=now + LEASE_MS))
        return 1
    if now < held.expires and _alive(files, stage / held.token):
        raise InUse(
            "Another committer holds the lease.",
            where="lease",
            why="It lives, and its lease has not expired.",
            next_step="Wait: the lease is taken over when that one ends.",
        )
    connection.execute(update(lease).values(epoch=held.epoch + 1, token=token, expires=now + LEASE_MS))
    return int(held.epoch) + 1


def _alive(files: Files, folder: Path) -> bool:
    """Whether the process that made a staging folder still lives: it holds a lock there until it ends."""
    try:
        lock = files.lock(folder / "alive")
    except FileNotFoundError:
        return False
    if lock is None:
        return True
    files.close(lock)
    return False
