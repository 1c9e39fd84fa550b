"""The power is cut while many clients append at once: whatever one of them was told is there."""

import asyncio
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.storage.committer.intake import Intake
from kept.storage.files import Files
from kept.storage.journal import Journal
from tests.faults.life import memory_folder
from tests.faults.power import Forget, ModelDisk, PowerCut, never

LIVES = int(os.environ.get("KEPT_JOURNAL_LIVES", "90"))


@pytest.fixture
def place() -> Iterator[Path]:
    with memory_folder() as made:
        yield made


async def clients(journal: Journal, sent: Iterator[int], told: set[bytes]) -> None:
    async def client(appends: int) -> None:
        for _ in range(appends):
            frame = b'["%d"]' % next(sent)
            await journal.append([frame])
            told.add(frame)

    running = [asyncio.create_task(client(6)) for _ in range(5)]
    await asyncio.sleep(0)
    found = await asyncio.gather(journal.roll(1), *running, return_exceptions=True)
    for error in filter(None, found):
        raise error


def live(place: Path, seed: int, forget: Forget = never) -> set[bytes]:
    """Three lives in a row on one folder, each cut; the frames that were told and are not there."""
    chance = random.Random(seed)
    sent, told = iter(range(10_000)), set[bytes]()
    place.mkdir(parents=True)
    for _ in range(3):
        disk = ModelDisk(place, cut_at=chance.randrange(40), forget=forget)
        try:
            journal = Journal(disk, place, 1, 0, segment_bytes=300)
            try:
                asyncio.run(clients(journal, sent, told))
            finally:
                journal.close()
        except PowerCut:
            pass
        disk.cut(chance if seed % 3 else None)
    return told - {f for lines in Intake(Files(), place).portion({}).lines for f in lines.split(b"\n")}


def test_nothing_told_is_lost(place: Path) -> None:
    for seed in range(LIVES):
        assert not live(place / str(seed), seed)


def pretend(call: str) -> Forget:
    return lambda made, _path: made == call


@pytest.mark.parametrize("call", ["sync_data", "sync_folder"])
def test_without_a_sync_something_is(place: Path, call: str) -> None:
    assert any(live(place / str(seed), seed, pretend(call)) for seed in range(LIVES))
