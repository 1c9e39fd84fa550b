"""Flush: frames of the journal become rows of the lake, with their cursors, in one commit."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from kept.base.errors import Damaged
from kept.storage.committer.choices import applied, concerning
from kept.storage.committer.hand import Hand
from kept.storage.committer.intake import Intake, Portion
from kept.storage.committer.seen import Seen
from kept.storage.event import StoredEvent
from kept.storage.lake.entry import Change
from kept.storage.lake.layout import HOT
from kept.storage.lake.snapshot import Snapshot, packed

_frames = msgspec.json.Decoder(StoredEvent)


@dataclass
class Flush:
    """The step, with what it remembers from one time to the next."""

    hand: Hand
    intake: Intake
    seen: Seen

    def flush(self) -> int:
        """Take one portion of the journal; how many frames it held. Commits only what is new."""
        base = self.hand.load()
        choices = self.hand.choices_now(base)
        portion = self.intake.portion(cursors(base))
        events = decoded(portion.lines)
        if portion.cursors:
            base = self._commit(base, choices, portion, events)
        self.trim(base)
        return len(events)

    def trim(self, base: Snapshot) -> int:
        """Remove the segments that lie before the durable cursors; how many."""
        spent = self.intake.spent(cursors(base))
        for path in spent:
            self.hand.files.unlink(path)
        if spent:
            self.hand.files.sync_folder(self.hand.places.journal)
        return len(spent)

    def _commit(self, base: Snapshot, choices: int, portion: Portion, events: list[StoredEvent]) -> Snapshot:
        change = Change("flush", marks={f"j:{c}": packed(at) for c, at in portion.cursors.items()})
        if events and self._fresh(base, choices, events):
            file = self.hand.write("select * from fresh", HOT, HOT, order=False)
            change.adds.extend([file] if file else [])
            if HOT not in base.groups:
                change.marks[f"s:{HOT}"] = choices
        after = self.hand.commit(base, change, choices)
        if events:
            self.seen.add_fresh()
        return after

    def _fresh(self, base: Snapshot, choices: int, events: list[StoredEvent]) -> int:
        """Put what remains of the events, and is new, into the table `fresh`; how many."""
        with self.hand.records.read() as connection:
            found = concerning(connection, events, choices)
        return self.seen.fresh(base, applied(events, found))


def cursors(base: Snapshot) -> dict[int, tuple[int, int]]:
    """How far the lake knows each collector's journal: segment number and offset."""
    return {collector: base.cursor(collector) for collector in base.collectors}


def decoded(lines: Sequence[bytes]) -> list[StoredEvent]:
    """The events of whole blocks. Raises Damaged: a block's sum was right, so its writer was wrong."""
    try:
        return [event for part in lines for event in _frames.decode_lines(part)]
    except msgspec.DecodeError as error:
        raise Damaged(
            "A frame of the journal is no event.",
            where="journal",
            next_step="A collector of another version wrote it; run that version's committer first.",
            why="It cannot be read as one.",
        ) from error
