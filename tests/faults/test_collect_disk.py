"""The disk under the collector: what is not durable is never acknowledged, and the collector recovers."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import msgspec
import pytest

from kept.storage.event import StoredEvent
from kept.storage.files import Files
from kept.storage.journal import Journal
from kept.storage.segments import list_segments, opening_of, whole_blocks
from tests.collecting import Running, ask, body, collector, post, read_reply, running

VIEW = {"name": "page_view"}


class BadDisk(Files):
    """A disk that fails when told to: `full` at writes, `broken` at syncs, `slow` until it is set."""

    def __init__(self) -> None:
        self.full = self.broken = False
        self.go_on = Event()
        self.go_on.set()

    def write(self, handle: int, data: bytes) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(handle, data)

    def sync_data(self, handle: int) -> None:
        self.go_on.wait(10)
        if self.broken:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        super().sync_data(handle)


@pytest.fixture(name="disk")
def a_disk() -> BadDisk:
    return BadDisk()


@pytest.fixture(name="server")
def a_server(disk: BadDisk, tmp_path: Path) -> Iterator[Running]:
    journal = Journal(disk, tmp_path, collector=1, head=0)
    with running(collector(journal)) as server:
        yield server
    journal.close()


def ids_in(folder: Path) -> list[int]:
    """Every event id that a reader of the journal would find."""
    found: list[int] = []
    for segment in list_segments(Files(), folder):
        data = (folder / segment.name).read_bytes()
        opening = opening_of(data)
        for block in whole_blocks(data, opening[1]) if opening else ():
            found += [
                msgspec.json.decode(line, type=StoredEvent).event_id for line in block.lines.split(b"\n")
            ]
    return found


def test_what_is_acknowledged_can_be_read_back(server: Running, tmp_path: Path) -> None:
    for number in range(20):
        assert ask(server, post(body(VIEW, {**VIEW, "id": str(number)}))).json()["accepted"] == 2
    found = ids_in(tmp_path)
    assert len(found) == len(set(found)) == 40


def test_a_full_disk_is_said_and_room_is_enough_to_go_on(
    server: Running, disk: BadDisk, tmp_path: Path
) -> None:
    disk.full = True
    said = ask(server, post(body(VIEW)))
    assert (said.status, said.headers["retry-after"]) == (503, "30")
    assert ids_in(tmp_path) == []
    disk.full = False
    assert ask(server, post(body(VIEW))).status == 200
    assert len(ids_in(tmp_path)) == 1


def test_a_failed_sync_is_never_acknowledged(server: Running, disk: BadDisk) -> None:
    disk.broken = True
    assert [ask(server, post(body(VIEW))).status for _ in range(3)] == [503, 503, 503]
    disk.broken = False
    assert ask(server, post(body(VIEW))).status == 200


def test_no_answer_comes_before_the_sync(server: Running, disk: BadDisk) -> None:
    disk.go_on.clear()
    with server.connect() as connection:
        connection.sendall(post(body(VIEW)))
        connection.settimeout(0.3)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        disk.go_on.set()
        connection.settimeout(5)
        assert read_reply(connection).status == 200


def test_many_who_are_written_together_fail_together(server: Running, disk: BadDisk) -> None:
    disk.go_on.clear()
    disk.broken = True
    connections = [server.connect() for _ in range(30)]
    for connection in connections:
        connection.sendall(post(body(VIEW)))
    disk.go_on.set()
    assert {read_reply(connection).status for connection in connections} == {503}
    for connection in connections:
        connection.close()
