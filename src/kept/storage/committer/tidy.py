"""Tidying: files that no version needs are removed, the log is folded into a checkpoint."""

from collections.abc import Container

from kept.base.errors import Damaged
from kept.storage.committer.hand import Hand
from kept.storage.lake.layout import checkpoint_name, checkpoint_version, entry_version, epoch_of
from kept.storage.lake.log import read_checkpoint


def vacuum(hand: Hand) -> int:
    """Remove every data file that is not active and not of a newer epoch; how many. Durable on return.

    A file of a newer epoch may belong to a commit that this committer, paused and overtaken, has not seen.
    """
    base = hand.load()
    hand.files.sync_folder(hand.places.log)  # what made the files superfluous comes before their end
    gone = [
        name
        for name in hand.files.names(hand.places.lake)
        if _superfluous(name, base.files, hand.lease.epoch)
    ]
    for name in gone:
        hand.files.unlink(hand.places.lake / name)
    hand.files.sync_folder(hand.places.lake)
    return len(gone)


def _superfluous(name: str, active: Container[str], epoch: int) -> bool:
    made = epoch_of(name)
    return made is not None and made <= epoch and name not in active


def checkpoint(hand: Hand) -> int:
    """Write the base whole beside the log, then remove the entries it makes superfluous; its version.

    delta-rs writes it, from the log alone, and what it wrote is read back and compared before anything is
    removed: two independent readings of the log must agree.
    """
    from deltalake import DeltaTable

    base = hand.load()
    DeltaTable(str(hand.places.lake), version=base.version).create_checkpoint()
    log = hand.places.log
    hand.files.sync_file(log / checkpoint_name(base.version))
    hand.files.sync_file(log / "_last_checkpoint")
    hand.files.sync_folder(log)
    if read_checkpoint(log, base.version) != base:
        raise Damaged(
            "A checkpoint does not hold what the log says.",
            where=f"lake/_delta_log, {base.version}",
            why="What was written and read back differs.",
            next_step="The log was kept, and nothing is lost. Look at the disk, then start Kept again.",
        )
    _clean_up(hand, base.version)
    hand.commits = 0
    return base.version


def _clean_up(hand: Hand, version: int) -> None:
    """Remove entries and checkpoints before `version`, oldest first, so that the log never has a hole."""
    log = hand.places.log
    for name in hand.files.names(log):
        held = entry_version(name)
        held = checkpoint_version(name) if held is None else held
        if held is not None and held < version:
            hand.files.unlink(log / name)
    hand.files.sync_folder(log)
