"""Taking over: fence whoever was before, repair what a power cut left, make the epoch ours.

An entry is synced before it is linked, so a torn one is no honest leftover of this committer; it can still
come from a disk that lost what it had confirmed, or from a copy. It is removed only when everything that
the version before it needs is still there, for then nothing was built upon it; otherwise a person must look.
"""

import uuid

from kept.base.clock import Clock
from kept.base.errors import Damaged
from kept.storage.committer.engine import Engine
from kept.storage.committer.hand import Hand
from kept.storage.committer.intake import Intake
from kept.storage.committer.lease import take
from kept.storage.files import Files
from kept.storage.lake.entry import Change, decode, encode, encode_first
from kept.storage.lake.layout import Places, checkpoint_name, checkpoint_version, entry_name, entry_version
from kept.storage.lake.log import EMPTY, Log, read_checkpoint
from kept.storage.lake.snapshot import Snapshot
from kept.storage.records import Records


def take_over(files: Files, records: Records, clock: Clock, places: Places, engine: Engine) -> Hand:
    """Take the lease and leave the lake whole, fenced and under this epoch. Raises InUse, Damaged."""
    make_folders(files, places)
    lease = take(files, records, places.stage, clock)
    hand = Hand(files, records, clock, places, lease, engine)
    try:
        remove_other_stages(hand)
        repair(hand)
        files.sync_folder(places.log)
        files.sync_folder(places.lake)
        begin_epoch(hand)
    except BaseException:
        lease.give_up(files)
        raise
    return hand


def make_folders(files: Files, places: Places) -> None:
    """The folders of an installation, durable."""
    for folder in (places.data, places.journal, places.stage, places.lake, places.log):
        if not folder.exists():
            files.make_folder(folder)
        files.sync_folder(folder)
        files.sync_folder(folder.parent)


def remove_other_stages(hand: Hand) -> None:
    """Remove the staging folder of every other committer: from here on none of them can write."""
    for name in hand.files.names(hand.places.stage):
        if name != hand.lease.token:
            hand.files.remove_folder(hand.places.stage / name)
    hand.files.sync_folder(hand.places.stage)


def begin_epoch(hand: Hand) -> Snapshot:
    """Commit this epoch. A zombie may still win a version on the way; then its base is ours too."""
    while True:
        base = hand.log.latest()
        hand.files.sync_folder(hand.places.log)
        entry = _first_entry(hand) if base.version < 0 else _epoch_entry(hand)
        try:
            hand.put_entry(base.version + 1, entry)
        except FileExistsError:
            continue
        if base.version >= 0:
            hand.mine = base.version + 1
            return hand.log.latest()


def _first_entry(hand: Hand) -> bytes:
    return encode_first(str(uuid.uuid4()), hand.clock.now_ms())


def _epoch_entry(hand: Hand) -> bytes:
    return encode(Change("take over", marks={"epoch": hand.lease.epoch}), hand.clock.now_ms())


def repair(hand: Hand) -> None:
    """Remove what is not whole from the log, where that loses nothing. Raises Damaged where it might."""
    log = hand.places.log
    names = hand.files.names(log)
    for name in names:
        if entry_version(name) is None and checkpoint_version(name) is None:
            hand.files.unlink(log / name)  # the hint, and what delta-rs leaves when it is killed
    _drop_torn_entry(hand, names)
    _drop_torn_checkpoints(hand, names)
    hand.files.sync_folder(log)


def _drop_torn_entry(hand: Hand, names: list[str]) -> None:
    newest = max((v for name in names if (v := entry_version(name)) is not None), default=-1)
    if newest < 0 or decode(hand.files.read(hand.places.log / entry_name(newest))) is not None:
        return
    if checkpoint_name(newest) in names and read_checkpoint(hand.places.log, newest) is not None:
        raise _torn(newest, "A checkpoint of the same version is whole, so others built upon the entry.")
    before = _version_before(hand, newest)
    if missing := _missing(hand, before):
        raise _torn(newest, missing)
    hand.files.unlink(hand.places.log / entry_name(newest))


def _version_before(hand: Hand, newest: int) -> Snapshot:
    """The version before a torn entry, read from a log that does not show the entry."""

    class Shortened(Files):
        def names(self, folder: object) -> list[str]:
            return [name for name in hand.files.names(hand.places.log) if name != entry_name(newest)]

    return Log(Shortened(), hand.places.log).latest()


def _missing(hand: Hand, before: Snapshot) -> str:
    """What the version before a torn entry needs and is gone; "" when it is whole."""
    if any(not hand.path(file).exists() for file in before.files.values()):
        return "A data file of the version before it is gone, so others built upon the entry."
    intake = Intake(hand.files, hand.places.journal)
    for collector, segments in intake.segments().items():
        number, _ = before.cursor(collector)
        if segments[0].number > max(number, 1):
            return "Journal segments that only this entry can have made superfluous are gone."
    return ""


def _torn(version: int, why: str) -> Damaged:
    return Damaged(
        "The newest entry of the lake's log is not whole, and removing it could lose events.",
        where=f"lake/_delta_log/{entry_name(version)}",
        why=why,
        next_step="Stop Kept, copy the data folder, look at the disk, then restore from a backup.",
    )


def _drop_torn_checkpoints(hand: Hand, names: list[str]) -> None:
    """A torn checkpoint goes where the log can be read without it; `Log` raises Damaged where it cannot."""
    log = hand.places.log
    torn = [
        name
        for name in names
        if (version := checkpoint_version(name)) is not None and read_checkpoint(log, version) is None
    ]
    if torn and Log(hand.files, log).latest() == EMPTY and any(entry_version(n) for n in names):
        raise _torn(0, "No checkpoint can be read.")
    for name in torn:
        hand.files.unlink(log / name)
