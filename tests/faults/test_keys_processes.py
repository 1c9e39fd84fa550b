"""Several processes on one key database, and processes that die in the middle."""

import multiprocessing
import os
import signal
import sqlite3
import subprocess
from multiprocessing.queues import Queue
from pathlib import Path

import pytest

from kept.storage.keys import Keys
from kept.storage.keys.database import Database

SPAWN = multiprocessing.get_context("spawn")
PEOPLE = range(40)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def open_keys(data: Path) -> Keys:
    return Keys.open(data / "keys.db", data.parent / "master.key")


def ask_for_all(data: Path, answers: "Queue[list[bytes | None]]") -> None:
    keys = open_keys(data)
    answers.put(
        [keys.person_key(person, "profile", create=True) for person in PEOPLE]
        + [keys.workspace_key(1, "ids")]
    )
    keys.close()


def use_and_leave(data: Path) -> None:
    keys = open_keys(data)
    keys.person_key(1, "profile", create=True)
    keys.close()


def destroy(data: Path, person: int) -> None:
    keys = open_keys(data)
    keys.destroy_person(person)
    keys.close()


def die_before_the_log_is_folded(data: Path, person: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "fold", lambda _: os.kill(os.getpid(), signal.SIGKILL))
        destroy(data, person)


def run(target: object, *arguments: object) -> int | None:
    process = SPAWN.Process(target=target, args=arguments)  # type: ignore[arg-type]  # any of the functions above
    process.start()
    process.join(60)
    return process.exitcode


def test_processes_that_start_together_agree_on_every_key(data: Path) -> None:
    answers: Queue[list[bytes | None]] = SPAWN.Queue()
    processes = [SPAWN.Process(target=ask_for_all, args=(data, answers)) for _ in range(3)]
    for process in processes:
        process.start()
    first, *others = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(60)
    assert all(other == first for other in others)
    assert len(set(first)) == len(PEOPLE) + 1


def test_a_key_destroyed_by_another_process_is_gone_here_at_once(data: Path) -> None:
    keys = open_keys(data)
    keys.person_key(7, "profile", create=True)
    assert run(destroy, data, 7) == 0
    assert keys.person_key(7, "profile", create=False) is None
    keys.close()


def test_a_process_killed_within_a_destruction_leaves_work_that_the_next_call_ends(data: Path) -> None:
    keys = open_keys(data)
    keys.person_key(7, "profile", create=True)
    connection = sqlite3.connect(data / "keys.db")
    query = "SELECT wrapped FROM slot WHERE id = (SELECT slot FROM entry WHERE kind = 'person')"
    wrapped = connection.execute(query).fetchone()[0]
    connection.close()
    assert run(die_before_the_log_is_folded, data, 7) == -signal.SIGKILL
    assert keys.person_key(7, "profile", create=False) is None
    assert wrapped in raw_bytes(data)
    assert keys.destroy_person(7) == 0
    assert wrapped[8:20] not in raw_bytes(data)
    keys.close()


def test_looking_at_raw_bytes_keeps_the_locks_of_sqlite(data: Path) -> None:
    """Were a descriptor of the file closed under an open connection, the other would delete the log."""
    keys, second = open_keys(data), open_keys(data)
    keys.person_key(3, "profile", create=True)
    second.destroy_person(3)
    second.close()
    assert run(use_and_leave, data) == 0
    assert (data / "keys.db-wal").exists()
    assert keys.person_key(1, "profile", create=False) is not None
    keys.close()


def raw_bytes(data: Path) -> bytes:
    files = [str(path) for path in data.glob("keys.db*")]
    return subprocess.run(["cat", *files], check=True, capture_output=True).stdout
