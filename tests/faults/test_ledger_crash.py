"""A process that dies between append and commit leaves no trace, no gap; several at once keep one order."""

import multiprocessing
import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from kept import ledger
from kept.ledger import facts
from kept.storage import withdrawals
from kept.storage.keys import Keys
from kept.storage.records import Records
from tests import postgresql  # noqa: F401  processes that are started find the records where the tests have them

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    Records(folder / "records.db").close()
    return folder


def act_and_die(data: Path, facts_written: int) -> None:
    records = Records(data / "records.db")
    with records.write() as connection:
        withdrawals.append(connection, 7, 1)
        ledger.append_all(connection, [facts.ErasureHidden(erasure=99)] * facts_written)
        os.kill(os.getpid(), signal.SIGKILL)


def act_many_times(data: Path, worker: int) -> None:
    records = Records(data / "records.db")
    for number in range(25):
        with records.write() as connection:
            ledger.append(connection, facts.ErasureHidden(erasure=worker * 1000 + number))
            connection.execute(insert(withdrawals.choice).values(subject=worker, bits=0, dropped=False))
    records.close()


@pytest.mark.parametrize("facts_written", [1, 20_000])  # the latter is more than SQLite holds in memory
def test_a_kill_between_append_and_commit_leaves_no_trace_and_no_gap(data: Path, facts_written: int) -> None:
    records = Records(data / "records.db")
    keys = Keys.open(data / "keys.db", data.parent / "master.key")
    with records.write() as connection:
        ledger.append(connection, facts.ErasureHidden(erasure=1))
        ledger.checkpoint(connection, keys)
    process = SPAWN.Process(target=act_and_die, args=(data, facts_written))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    with records.write() as connection:
        assert ledger.size(connection) == 1
        assert connection.execute(select(withdrawals.choice)).all() == []  # the act went with its evidence
        assert ledger.append(connection, facts.ErasureHidden(erasure=2)) == 1
        ledger.checkpoint(connection, keys)
    assert ledger.verify(records, keys.signing_key().public_key().public_bytes_raw()).clean
    keys.close()
    records.close()


def test_processes_that_append_at_once_keep_one_order_without_gaps(data: Path) -> None:
    workers = [SPAWN.Process(target=act_many_times, args=(data, worker)) for worker in range(3)]
    for process in workers:
        process.start()
    for process in workers:
        process.join(120)
    assert [process.exitcode for process in workers] == [0, 0, 0]
    records = Records(data / "records.db")
    keys = Keys.open(data / "keys.db", data.parent / "master.key")
    audit = ledger.verify(records, keys.signing_key().public_key().public_bytes_raw())
    assert (audit.entries, audit.clean) == (75, True)
    with records.read() as connection:
        written = [entry.fact for entry in ledger.entries(connection)]
    numbers = [fact.erasure for fact in written if isinstance(fact, facts.ErasureHidden)]
    for worker in range(3):
        own = [number for number in numbers if number // 1000 == worker]
        assert own == [worker * 1000 + number for number in range(25)]
    keys.close()
    records.close()
