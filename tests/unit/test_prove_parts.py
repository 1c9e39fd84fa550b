"""The parts of `kept prove`: what it expects is what the gate does, what it searches for it finds."""

import json
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.gate.gathering import Gathering
from kept.policy import Answer, CompiledPolicy, load_policy, purposes_in
from kept.prove import PROMISES, Finding, State, plain, verdicts
from kept.prove.expected import RIGHT, expected_mask, expected_nameless, tracker_events, unused_parts
from kept.prove.running import CHECKS
from kept.prove.waiting import until
from kept.prove.words import unguessable, word
from kept.storage.search import SearchFailed, copy_rows, found_in, names_in, rows_in, traces_in

ROOT = Path(__file__).parents[2]
FILES = ("policies/workhirespot.yaml", "tests/mutants/policy.yaml", "src/kept/policy/starter.yaml")


def _policy(name: str) -> CompiledPolicy:
    text = (ROOT / name).read_text()
    return load_policy(text, name, {purpose: bit for bit, purpose in enumerate(purposes_in(text, name))})


POLICIES = {name: _policy(name) for name in FILES}
MASKS = st.integers(min_value=0, max_value=(1 << 16) - 1)


@pytest.mark.parametrize("name", FILES)
@given(yes=MASKS, no=MASKS, signal=st.booleans(), country=st.sampled_from(["DE", "US", "BR", "GB"]))
def test_what_is_expected_by_decide_is_what_the_collector_does_by_masks(
    name: str, yes: int, no: int, signal: bool, country: str
) -> None:
    policy, answer = POLICIES[name], Answer(yes & ~no, no)
    gathering = Gathering(policy)
    for event in tracker_events(policy):
        cell = policy.cell_of(country, None, frozenset(event.about))
        expected = expected_mask(policy, event, country, answer, signal=signal)
        assert expected == gathering.of_visitor(event, cell, answer, signal=signal)
        assert expected_nameless(policy, event, country) == gathering.of_nameless(event, cell)


def test_page_views_come_first() -> None:
    assert tracker_events(POLICIES["policies/workhirespot.yaml"])[0].name == "page_view"


def test_what_no_purpose_of_the_mask_uses_is_named() -> None:
    policy = POLICIES["tests/mutants/policy.yaml"]
    nothing = dict.fromkeys(
        ("address", "browser", "campaign", "country", "device", "referrer", "page", "session")
    )
    row = {
        **nothing,
        "name": "sign_up",
        "mask": policy.purposes["research"].mask,
        "browser": "Firefox",
        "session": 3,
    }
    assert list(unused_parts(policy, row, frozenset({"plan", "seats"}))) == [
        "browser",
        "session",
        "sign_up.seats",
    ]
    dark = {**row, "mask": policy.purposes["obey_law"].mask, "session": None}
    assert list(unused_parts(policy, dark, frozenset({"plan"}))) == ["browser", "sign_up.plan"]


def test_every_type_that_the_collector_takes_has_a_right_value() -> None:
    from kept.gather.values import READERS

    assert RIGHT.keys() == READERS.keys()
    assert all(isinstance(READERS[kind](value), str) for kind, value in RIGHT.items())


def test_words_are_new_and_plain() -> None:
    words = {word() for _ in range(100)}
    assert len(words) == 100
    assert all(each.isalpha() and len(each) == 12 for each in words)
    assert len(unguessable()) == 32


def test_a_promise_without_a_finding_is_not_built_and_one_fault_breaks_it() -> None:
    found = {
        "G1": [Finding(True, "fine"), Finding(True, "too")],
        "S1": [Finding(True, "fine"), Finding(False, "left")],
    }
    table = {each.promise.id: each for each in verdicts(found)}
    assert list(table) == [promise.id for promise in PROMISES]
    assert (table["G1"].state, table["G1"].evidence) == (State.KEPT, "fine; too")
    assert (table["S1"].state, table["S1"].evidence) == (State.BROKEN, "left")
    assert {each.state for name, each in table.items() if name not in found} == {State.NOT_BUILT}
    assert json.loads(json.dumps(plain(table["S1"])))["state"] == "broken"


def test_every_check_is_of_a_promise() -> None:
    assert CHECKS.keys() <= {promise.id for promise in PROMISES}


def test_waiting_ends_when_it_came_to_be_and_when_it_did_not() -> None:
    begun = time.monotonic()
    assert until(lambda: True, 5)
    assert not until(lambda: False, 0.1)
    assert time.monotonic() - begun < 3


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """A folder with one row of the lake, a frame, a database and its shared memory."""
    lake = tmp_path / "lake"
    lake.mkdir()
    ana = 5_000_000_000_000_000_001
    sql = (
        f"copy (select 0 as workspace, {ana} as subject, 7::bigint as ts, 1::bigint as event_id, 4 as policy,"
        " 'page_view' as name, '/banana' as page, '{\"plan\": \"basic\"}' as properties)"
        f" to '{lake / 'e1.parquet'}' (format parquet, compression zstd)"
    )
    python = "import duckdb, sys; duckdb.execute(sys.argv[1])"
    subprocess.run([sys.executable, "-c", python, sql], check=True)
    (tmp_path / "frames.journal").write_bytes(b"\x00KJ1" + b'[0,6000000000000000001,8,"/kiwi"]')
    database = sqlite3.connect(tmp_path / "records.db")
    database.execute("create table account (blind blob)")
    database.execute("insert into account values (?)", [b"\x01\x02blind\x03\x04"])
    database.commit()
    database.close()
    (tmp_path / "records.db-shm").write_bytes(b"/kiwi")
    return tmp_path


def test_the_search_decodes_what_is_compressed_and_reads_the_rest_as_bytes(disk: Path) -> None:
    assert traces_in(disk, texts=["banana"]) == ["lake/e1.parquet: in a decoded column"]
    assert traces_in(disk, texts=["kiwi"]) == ["frames.journal: as text"]
    assert found_in(disk, ["banana", "kiwi", "mango of nobody"]) == {"banana", "kiwi"}
    assert traces_in(disk, byte_strings=[b"\x02blind\x03"]) == ["records.db: as bytes"]
    assert traces_in(disk, numbers=[5_000_000_000_000_000_001]) == ["lake/e1.parquet: in a decoded column"]
    assert traces_in(disk, numbers=[6_000_000_000_000_000_001]) == ["frames.journal: as a number"]
    assert traces_in(disk, texts=["durian"], numbers=[12], byte_strings=[b"durian"]) == []
    assert traces_in(disk, texts=["banana", "kiwi"], since_s=time.time() + 60) == []


def test_a_file_that_cannot_be_decoded_is_a_trace(disk: Path) -> None:
    (disk / "lake" / "e2.parquet").write_bytes(b"PAR1 and nothing that can be read")
    assert traces_in(disk, texts=["durian"]) == ["lake/e2.parquet: cannot be read"]


def test_rows_names_and_a_forgotten_copy(disk: Path) -> None:
    files = [str(disk / "lake" / "e1.parquet")]
    assert [row["page"] for row in rows_in(files, 0)] == ["/banana"]
    assert rows_in(files, 1) == []
    assert rows_in([], 0) == []
    found = names_in(files)
    assert found.names == {(4, "page_view", "plan")}
    assert {"page", "properties"} <= found.columns
    copy_rows(files, 5_000_000_000_000_000_001, disk / "copy.parquet")
    assert "copy.parquet: in a decoded column" in traces_in(disk, texts=["banana"])


def test_a_search_that_fails_says_so_and_quotes_nothing(disk: Path) -> None:
    with pytest.raises(SearchFailed) as raised:
        rows_in([str(disk / "nowhere.parquet")], 0)
    assert "nowhere" not in str(raised.value)
