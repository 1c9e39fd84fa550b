"""The journal: acknowledged means durable; what fails acknowledges nothing and loses nothing."""

import asyncio
import errno
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from kept.base.errors import Damaged, InUse, NoRoom
from kept.storage.committer.intake import Intake
from kept.storage.files import Files
from kept.storage.journal import Journal
from kept.storage.segments import BLOCK_BYTES, list_segments


class Disk(Files):
    """A real disk that can be full, or fail to sync, and counts its syncs."""

    def __init__(self) -> None:
        self.room = 1 << 40
        self.sync_fails = False
        self.syncs = 0

    def write(self, handle: int, data: bytes) -> int:
        if self.room == 0:
            raise OSError(errno.ENOSPC, "full")
        written = super().write(handle, data[: self.room])
        self.room -= written
        return written

    def sync_data(self, handle: int) -> None:
        self.syncs += 1
        if self.sync_fails:
            raise OSError(errno.EIO, "bad sector")


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def journal(disk: Disk, tmp_path: Path) -> Iterator[Journal]:
    made = Journal(disk, tmp_path, 3, 7, segment_bytes=1000)
    yield made
    made.close()


def frames(folder: Path) -> list[bytes]:
    """Every frame that a committer would find."""
    portion = Intake(Files(), folder).portion({})
    return [frame for lines in portion.lines for frame in lines.split(b"\n")]


def test_frames_come_back_in_order(journal: Journal, tmp_path: Path) -> None:
    async def send() -> None:
        for n in range(50):
            await journal.append([b'["%d","a"]' % n, b'["%d","b"]' % n])

    asyncio.run(send())
    journal.append_now([b'["last"]'])
    assert frames(tmp_path) == [b'["%d","%s"]' % (n, s) for n in range(50) for s in (b"a", b"b")] + [
        b'["last"]'
    ]
    assert len(list_segments(Files(), tmp_path)) > 1


def test_those_who_wait_together_share_one_sync(journal: Journal, disk: Disk, tmp_path: Path) -> None:
    async def send() -> None:
        await asyncio.gather(*(journal.append([b"%d" % n]) for n in range(40)))

    before = disk.syncs
    asyncio.run(send())
    assert disk.syncs - before == 1
    assert len(frames(tmp_path)) == 40


def test_a_client_that_goes_away_takes_nobody_with_it(journal: Journal, tmp_path: Path) -> None:
    async def send() -> None:
        gone = asyncio.create_task(journal.append([b"1"]))
        stays = asyncio.create_task(journal.append([b"2"]))
        await asyncio.sleep(0)
        gone.cancel()
        await stays

    asyncio.run(send())
    assert frames(tmp_path) == [b"1", b"2"]


def test_roll_parts_what_was_sent_before_from_what_comes_after(journal: Journal, tmp_path: Path) -> None:
    async def send() -> None:
        before = journal.append_nowait([b"1"])
        rolled = asyncio.create_task(journal.roll(9))
        await asyncio.sleep(0)
        after = journal.append_nowait([b"2"])
        await asyncio.gather(before, rolled, after)

    asyncio.run(send())
    assert journal.head == 9
    old, new = list_segments(Files(), tmp_path)
    assert (old.head, new.head) == (7, 9)
    assert (tmp_path / old.name).read_bytes().endswith(b"1")
    assert (tmp_path / new.name).read_bytes().endswith(b"2")


def test_a_full_disk_refuses_and_recovers(journal: Journal, disk: Disk, tmp_path: Path) -> None:
    journal.append_now([b"kept"])
    disk.room = 5  # a block goes in by half: the segment is spoiled
    with pytest.raises(NoRoom):
        journal.append_now([b"refused"])
    for _ in range(20):
        with pytest.raises(NoRoom):
            journal.append_now([b"refused"])
    assert len(list_segments(Files(), tmp_path)) == 1  # no empty segments pile up
    disk.room = 1 << 40
    journal.append_now([b"kept too"])
    assert frames(tmp_path) == [b"kept", b"kept too"]


def test_a_full_disk_refuses_only_those_it_concerns(journal: Journal, disk: Disk, tmp_path: Path) -> None:
    async def send() -> Sequence[BaseException | None]:
        first = journal.append_nowait([b"first"])
        await asyncio.sleep(0.05)
        disk.room = 0
        second = journal.append_nowait([b"second"])
        await asyncio.sleep(0.05)
        disk.room = 1 << 40
        third = journal.append_nowait([b"third"])
        return await asyncio.gather(first, second, third, return_exceptions=True)

    first, second, third = asyncio.run(send())
    assert (first, third) == (None, None)
    assert isinstance(second, NoRoom)
    assert frames(tmp_path) == [b"first", b"third"]


def test_a_failed_sync_acknowledges_nothing_and_abandons_the_segment(
    journal: Journal, disk: Disk, tmp_path: Path
) -> None:
    journal.append_now([b"kept"])
    disk.sync_fails = True
    with pytest.raises(Damaged):
        journal.append_now([b"unknown"])
    with pytest.raises(Damaged):
        journal.append_now([b"not even written"])
    disk.sync_fails = False
    journal.append_now([b"anew"])
    first, last = list_segments(Files(), tmp_path)
    assert b"anew" not in (tmp_path / first.name).read_bytes()
    assert b"anew" in (tmp_path / last.name).read_bytes()


def test_a_head_that_could_not_be_opened_is_not_claimed(journal: Journal, disk: Disk) -> None:
    async def roll() -> None:
        await journal.roll(8)

    disk.sync_fails = True
    with pytest.raises(Damaged):
        asyncio.run(roll())
    assert journal.head == 7
    disk.sync_fails = False
    asyncio.run(roll())
    assert journal.head == 8


def test_one_process_a_collector(journal: Journal, tmp_path: Path) -> None:
    with pytest.raises(InUse):
        Journal(Files(), tmp_path, 3, 0)
    Journal(Files(), tmp_path, 4, 0).close()


def test_a_restart_takes_a_new_number(tmp_path: Path) -> None:
    for _ in range(3):
        Journal(Files(), tmp_path, 1, 0).close()
    Journal(Files(), tmp_path, 1, 0, after=41).close()
    assert [segment.number for segment in list_segments(Files(), tmp_path)] == [1, 2, 3, 42]


def test_a_large_append_becomes_several_blocks(tmp_path: Path) -> None:
    journal = Journal(Files(), tmp_path, 1, 0)
    sent = [b"%08d" % n + b"x" * 100_000 for n in range(100)]
    journal.append_now(sent)
    journal.close()
    portion = Intake(Files(), tmp_path).portion({})
    assert max(map(len, portion.lines)) <= BLOCK_BYTES
    assert b"\n".join(portion.lines).split(b"\n") == sent
