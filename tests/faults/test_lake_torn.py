"""The log after a disk that lost what it had confirmed: what can be repaired is, what cannot alarms."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from kept.base.errors import Damaged
from kept.storage.lake import Lake
from kept.storage.lake.layout import checkpoint_name, entry_name
from tests.faults.life import Life, begun_life, do, settle

Tear = Callable[[bytes], bytes]
TEARS: dict[str, Tear] = {
    "empty": lambda _entry: b"",
    "cut at a line's end": lambda entry: b"".join(entry.splitlines(keepends=True)[:-1]),
    "cut to its first line": lambda entry: entry.splitlines(keepends=True)[0],
    "cut within a line": lambda entry: entry[:-7],
    "zeros": lambda entry: bytes(len(entry)),
    "a line too many": lambda entry: entry + entry.splitlines(keepends=True)[-1],
}


@pytest.fixture
def life() -> Iterator[Life]:
    with begun_life() as made:
        yield made


def log(life: Life) -> Path:
    return life.root / "lake" / "_delta_log"


def tear_newest(life: Life, tear: Tear) -> Path:
    newest = log(life) / entry_name(Lake(life.root).snapshot().version)
    newest.write_bytes(tear(newest.read_bytes()))
    return newest


@pytest.mark.parametrize("how", TEARS)
def test_a_torn_tail_entry_is_dropped_and_the_journal_replayed(life: Life, how: str) -> None:
    do(life, "send", "flush", "send", "flush")
    life.stop()
    tear_newest(life, TEARS[how])
    with pytest.raises(Damaged):  # no reader takes it for a version
        Lake(life.root).snapshot()
    life.start()
    settle(life)
    life.check_all()


@pytest.mark.parametrize("how", TEARS)
def test_a_torn_rewrite_is_dropped_while_what_it_replaced_is_there(life: Life, how: str) -> None:
    do(life, "send", "flush", "Cy withdraws", "compact")
    life.stop()
    tear_newest(life, TEARS[how])
    life.start()
    settle(life)
    life.check_all()


def test_a_torn_entry_that_others_built_upon_alarms(life: Life) -> None:
    """Its journal was trimmed, or its old files removed: dropping it would lose events without a word."""
    do(life, "send", "flush", "compact", "vacuum")
    life.stop()
    entry = tear_newest(life, TEARS["empty"])
    with pytest.raises(Damaged, match="could lose events"):
        life.start()
    assert entry.exists()


def test_a_torn_entry_whose_journal_was_trimmed_alarms(life: Life) -> None:
    do(life, "send", "roll", "send", "flush")  # the commit that took both trimmed the first segment
    life.stop()
    tear_newest(life, TEARS["cut at a line's end"])
    with pytest.raises(Damaged, match="could lose events"):
        life.start()


def test_a_torn_entry_before_the_last_alarms(life: Life) -> None:
    do(life, "send", "flush", "send", "flush")
    entry = log(life) / entry_name(Lake(life.root).snapshot().version - 1)
    life.stop()
    entry.write_bytes(b"")
    with pytest.raises(Damaged, match="not whole"):
        life.start()


def test_a_missing_entry_alarms(life: Life) -> None:
    do(life, "send", "flush", "send", "flush")
    entry = log(life) / entry_name(Lake(life.root).snapshot().version - 1)
    life.stop()
    entry.unlink()
    with pytest.raises(Damaged, match="hole"):
        life.start()


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1" + bytes(4000) + b"PAR1"])
def test_a_torn_checkpoint_goes_while_the_log_is_whole(life: Life, content: bytes) -> None:
    do(life, "send", "flush", "send", "flush")
    version = Lake(life.root).snapshot().version
    life.stop()
    torn = log(life) / checkpoint_name(version)
    torn.write_bytes(content)
    (log(life) / "_last_checkpoint").write_text(f'{{"version":{version},"size":3}}')
    life.start()
    assert not torn.exists()
    settle(life)
    life.check_all()


def test_a_torn_checkpoint_that_the_log_needs_alarms(life: Life) -> None:
    do(life, "send", "flush", "checkpoint", "send", "flush")
    (checkpoint,) = log(life).glob("*.checkpoint.parquet")
    life.stop()
    checkpoint.write_bytes(checkpoint.read_bytes()[:-100])
    with pytest.raises(Damaged):
        life.start()
    assert checkpoint.exists()


@pytest.mark.parametrize("hint", ["", '{"version":2,"size":3}', '{"version":999,"size":3}', "no json"])
def test_a_stale_hint_misleads_nobody(life: Life, hint: str) -> None:
    do(life, "send", "flush", "checkpoint", "send", "flush")
    life.stop()
    (log(life) / "_last_checkpoint").write_text(hint)
    assert Lake(life.root).snapshot().files
    life.start()
    settle(life)
    life.check_all()


def test_entries_that_return_after_a_cleanup_mislead_nobody(life: Life) -> None:
    """Their removal was not synced when the power went: some are back, with holes between them."""
    do(life, "send", "flush", "send", "flush")
    before = {path.name: path.read_bytes() for path in log(life).glob("*.json")}
    do(life, "checkpoint", "send", "flush")
    life.stop()
    for name, content in list(before.items())[::2]:
        (log(life) / name).write_bytes(content)
    (log(life) / "_last_checkpoint").unlink()
    life.start()
    settle(life)
    life.check_all()


def test_an_entry_that_kept_did_not_write_alarms(life: Life) -> None:
    do(life, "send", "flush")
    version = Lake(life.root).snapshot().version
    strange = {"commitInfo": {"timestamp": 1, "operation": "OPTIMIZE"}}
    (log(life) / entry_name(version + 1)).write_bytes(msgspec.json.encode(strange) + b"\n")
    with pytest.raises(Damaged, match="not whole"):
        Lake(life.root).snapshot()
