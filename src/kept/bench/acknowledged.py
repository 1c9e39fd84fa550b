"""Is everything that was acknowledged in the journal, once? Counted by reading the journal back."""

from dataclasses import dataclass

import msgspec

from kept.app.house import House
from kept.base.errors import Damaged
from kept.base.settings import Settings
from kept.gather.tally import tallied
from kept.storage.event import StoredEvent
from kept.storage.files import Files
from kept.storage.segments import list_segments, opening_of, whole_blocks


@dataclass(frozen=True, slots=True)
class Counted:
    """Events that the server acknowledged, that lie in the journal, and how many different ids those have."""

    acknowledged: int
    stored: int
    different: int

    def require_whole(self, answered: int, in_flight: int) -> None:
        """Raises `Damaged` unless each acknowledged event is there once.

        `answered` is what the load saw answered; up to `in_flight` more were under way as it stopped.
        """
        same = self.acknowledged == self.stored == self.different
        if not same or not answered <= self.stored <= answered + in_flight:
            raise Damaged(
                "The journal does not hold what was acknowledged.",
                where="journal",
                why=f"Acknowledged {self.acknowledged}, to the load {answered}, in the journal {self.stored}, "
                f"different ids {self.different}.",
                next_step="Keep the folder: an acknowledged event that is not there is a fault of Kept's.",
            )


def count(settings: Settings) -> Counted:
    """Count what an installation that has stopped acknowledged and stored."""
    house = House.open_existing(settings)
    try:
        acknowledged = tallied(house.records, 0).accepted
    finally:
        house.close()
    files, folder = Files(), settings.data / "journal"
    stored, different = 0, set[int]()
    for segment in list_segments(files, folder):
        ids = _ids(files.read(folder / segment.name))
        stored += len(ids)
        different.update(ids)
    return Counted(acknowledged, stored, len(different))


def _ids(data: bytes) -> list[int]:
    opening = opening_of(data)
    start = len(data) if opening is None else opening[1]
    decode = msgspec.json.Decoder(StoredEvent).decode
    return [decode(line).event_id for block in whole_blocks(data, start) for line in block.lines.split(b"\n")]
