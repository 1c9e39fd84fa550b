"""A process that lives on an installation until it is killed. Run as a module by test_lake_kill.

Arguments: the data folder, the records' file, a file to tell what was sent and confirmed, the number of the
call to the disk before which it kills itself (-1: it waits to be killed), a seed.
"""

import os
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from kept.storage.event import StoredEvent
from kept.storage.records import Records
from tests.faults.life import PROGRAM, STEPS, Life, settle
from tests.faults.power import ModelDisk

STEPS_AT_MOST = 60
MANY = 400  # of each person, so that the engines are inside their own code for a while


class Teller(Life):
    """A life that writes down what it sends before it sends it, and what was confirmed after."""

    told: Path

    def append(self, events: Sequence[StoredEvent]) -> None:
        self._tell("sent", events)
        super().append(events)
        self._tell("confirmed", events)

    def _tell(self, what: str, events: Sequence[StoredEvent]) -> None:
        handle = os.open(self.told, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(handle, msgspec.json.encode([what, events]) + b"\n")
        os.close(handle)

    def recall(self) -> None:
        """Take over the model from what earlier processes told, and the choices from the records."""
        lines = self.told.read_bytes().splitlines() if self.told.exists() else []
        for what, events in msgspec.json.decode(
            b"[" + b",".join(lines) + b"]", type=list[tuple[str, list[StoredEvent]]]
        ):
            known = self.attempted if what == "sent" else self.acknowledged
            known.update((event.event_id, event) for event in events)
        self.ids = iter(range(max(self.attempted, default=0x1_0000_0000_0000) + 1, 0x2_0000_0000_0000))
        with self.records.read() as connection:
            rows = connection.exec_driver_sql("select seq, subject, bits, dropped from choice").all()
        self.chosen = [(seq, subject, bits, bool(dropped)) for seq, subject, bits, dropped in rows]


def main(root: Path, records: Path, told: Path, call: int, seed: int) -> None:
    disk = ModelDisk(root)
    life = Teller(root, Records(records), disk)
    life.told = told
    life.recall()

    def perhaps_die(_call: str, _path: Path) -> None:
        if len(disk.calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)

    disk.before = perhaps_die
    chance = random.Random(seed)
    life.start()
    settle(life)
    print("ready", flush=True)
    for _ in range(STEPS_AT_MOST):
        if call < 0:
            life.send([chance.getrandbits(62) | 1 << 61 for _ in range(MANY)])
        STEPS[chance.choice(PROGRAM)](life)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
