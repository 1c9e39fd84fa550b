"""`kept ledger` and `kept keys` as they are typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kept import ledger
from kept.base.errors import BadInput, Damaged
from kept.cli.keys import keys_group
from kept.cli.ledger import ledger_group
from kept.ledger import facts
from kept.storage.keys import Keys
from kept.storage.records import Records

NOON = 1_795_435_200_000


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    records = Records(folder / "records.db")
    Keys.open(folder / "keys.db", tmp_path / "master.key").close()
    with records.write() as connection:
        ledger.append(
            connection, facts.PurposeUsed(at=NOON, purpose="research", day="2026-11-23", people=812)
        )
        ledger.append(connection, facts.ErasureDone(at=NOON, erasure=7, searched=6))
    records.close()
    monkeypatch.setenv("KEPT_DATA", str(folder))
    monkeypatch.setenv("KEPT_MASTER_KEY", str(tmp_path / "master.key"))
    return folder


def run(*arguments: object) -> Result:
    group = keys_group if arguments[0] == "keys" else ledger_group
    return CliRunner().invoke(
        group, [str(part) for part in arguments if part != "keys"], catch_exceptions=False
    )


def test_show_prints_the_newest_entries(data: Path) -> None:
    lines = run("show").output.splitlines()
    assert lines[0].startswith("#0  2026-11-23 12:00:00 UTC  gate:purpose:used  ")
    assert (
        lines[0].endswith("day=2026-11-23  people=812  purpose=research  uses=-") or "people=812" in lines[0]
    )
    assert lines[1].endswith("rights:erasure:done  erasure=7  searched=6")
    assert len(run("show", "--last", 1).output.splitlines()) == 1


def test_a_receipt_is_verified_with_nothing_but_the_public_key(data: Path, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_text(run("prove", 1).output)
    (tmp_path / "key").write_text(run("public-key").output)
    for file in data.iterdir():
        file.unlink()
    result = run("verify", tmp_path / "receipt.json", "--public-key", tmp_path / "key")
    assert result.output.startswith("● kept: entry #1 of the 2 that kept-ledger/")
    assert "rights:erasure:done  erasure=7" in result.output


def test_a_changed_receipt_is_damaged(data: Path, tmp_path: Path) -> None:
    receipt = json.loads(run("prove", 1).output)
    receipt["entry"] = receipt["entry"].replace('"searched":6', '"searched":9')
    (tmp_path / "receipt.json").write_text(json.dumps(receipt))
    with pytest.raises(Damaged, match="proves nothing") as found:
        run("verify", tmp_path / "receipt.json")
    assert "not the one that was logged" in str(found.value)


def test_verify_says_what_is_signed_and_what_is_not(data: Path) -> None:
    assert run("verify").output.splitlines() == [
        "● kept: 2 entries, 0 checkpoints, nothing altered",
        "○ the last 2 entries stand under no checkpoint yet",
    ]
    run("prove", 0)
    assert run("verify").output == "● kept: 2 entries, 1 checkpoints, nothing altered\n"


def test_verify_finds_what_was_cut_since_a_receipt_was_given(data: Path, tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_text(run("prove", 1).output)
    assert run("verify", "--since", tmp_path / "receipt.json").exit_code == 0
    records = Records(data / "records.db")
    with records.write() as connection:
        connection.exec_driver_sql("DELETE FROM ledger_entry WHERE number = 1")
        connection.exec_driver_sql("DELETE FROM ledger_checkpoint")
    records.close()
    assert run("verify").exit_code == 0
    with pytest.raises(Damaged, match="not what was written") as found:
        run("verify", "--since", tmp_path / "receipt.json")
    assert "✕ #2: the log is shorter" in str(found.value)


def test_public_key_as_pem(data: Path) -> None:
    assert run("public-key", "--pem").output.startswith("-----BEGIN PUBLIC KEY-----\n")


def test_without_a_data_folder_nothing_is_made(tmp_path: Path) -> None:
    for command in (("show",), ("verify",), ("prove", 0), ("public-key",)):
        with pytest.raises(BadInput):
            run(*command, "--data", tmp_path / "nothing")
    assert list(tmp_path.iterdir()) == []


def test_rotate_is_put_on_record_and_the_old_master_key_is_refused(data: Path, tmp_path: Path) -> None:
    assert "● kept: 1 keys are wrapped" in run("keys", "rotate", tmp_path / "second.key").output
    assert "storage:master-key:changed  keys=1" in run("show", "--last", 1).output
    with pytest.raises(Damaged, match="not the master key"):
        run("prove", 0)
    assert run("prove", 0, "--master-key", tmp_path / "second.key").exit_code == 0


def test_search_finds_no_destroyed_key(data: Path, tmp_path: Path) -> None:
    keys = Keys.open(data / "keys.db", tmp_path / "master.key")
    keys.person_key(1, "profile", create=True)
    keys.destroy_person(1)
    keys.close()
    assert run("keys", "search").output.startswith("● kept: no destroyed key is left")
