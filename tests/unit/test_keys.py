"""The key store: what it hands out, what it refuses, and what is left on disk after a destruction."""

import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kept.base.errors import BadInput, Damaged, InUse
from kept.storage.keys import Keys, public_key_of
from kept.storage.keys.pages import RawFile
from kept.storage.keys.wrapping import MARK, KeyName, new_key, unwrap, wrap

ANA, BO, DI = 11, 22, 44


@pytest.fixture
def house(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    data.mkdir()
    return data


@pytest.fixture
def keys(house: Path) -> Iterator[Keys]:
    opened = open_keys(house)
    yield opened
    opened.close()


def open_keys(house: Path, master: str = "master.key") -> Keys:
    return Keys.open(house / "keys.db", house.parent / master, patience_ms=50)


def wrapped_of(house: Path, subject: int) -> list[bytes]:
    connection = sqlite3.connect(house / "keys.db")
    query = "SELECT wrapped FROM entry JOIN slot ON slot.id = entry.slot WHERE owner = ?"
    rows = connection.execute(query, (subject,)).fetchall()
    connection.close()
    return [row[0] for row in rows]


def raw_bytes(house: Path) -> bytes:
    # another process reads, since closing the file in this one would drop SQLite's locks on it
    files = [str(path) for path in house.glob("keys.db*")]
    return subprocess.run(["cat", *files], check=True, capture_output=True).stdout


def any_part_in(wrapped: bytes, raw: bytes) -> bool:
    secret = wrapped[len(MARK) :]
    return any(secret[at : at + 8] in raw for at in range(0, len(secret), 4))


def test_first_start_makes_files_for_the_owner_alone(house: Path, keys: Keys) -> None:
    for path in (house.parent / "master.key", *house.glob("keys.db*")):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def test_a_key_is_the_same_after_a_restart(house: Path, keys: Keys) -> None:
    person, workspace = keys.person_key(ANA, "profile", create=True), keys.workspace_key(1, "event ids")
    again = open_keys(house)
    assert again.person_key(ANA, "profile", create=False) == person
    assert again.workspace_key(1, "event ids") == workspace
    assert again.signing_key().private_bytes_raw() == keys.signing_key().private_bytes_raw()
    again.close()


def test_every_person_class_workspace_and_use_has_its_own_key(keys: Keys) -> None:
    made = [keys.person_key(who, kind, create=True) for who in (ANA, BO) for kind in ("profile", "evidence")]
    made += [keys.workspace_key(space, use) for space in (1, 2) for use in ("pseudonyms", "blind index")]
    assert len(set(made)) == 8
    assert all(key is not None and len(key) == 32 for key in made)


def test_no_key_is_made_unless_asked(keys: Keys) -> None:
    assert keys.person_key(ANA, "profile", create=False) is None


def test_public_key_needs_no_master_key(house: Path, keys: Keys) -> None:
    assert public_key_of(house / "keys.db") == keys.signing_key().public_key().public_bytes_raw()


def test_public_key_of_nothing_is_refused(house: Path) -> None:
    with pytest.raises(BadInput, match="no key database"):
        public_key_of(house / "keys.db")


def test_no_key_stands_in_the_clear(house: Path, keys: Keys) -> None:
    made = [keys.person_key(ANA, "profile", create=True), keys.workspace_key(1, "pseudonyms")]
    raw = raw_bytes(house)
    assert all(key is not None and key not in raw for key in made)


# --- the master key -------------------------------------------------------------------------------


def test_master_key_in_the_data_folder_is_refused(house: Path) -> None:
    with pytest.raises(BadInput, match="may not lie in the data folder"):
        Keys.open(house / "keys.db", house / "master.key")


def test_lost_master_key_is_refused_and_not_replaced(house: Path, keys: Keys) -> None:
    keys.close()
    (house.parent / "master.key").unlink()
    with pytest.raises(Damaged, match="the master key is missing"):
        open_keys(house)
    assert not (house.parent / "master.key").exists()


def test_another_master_key_is_refused(house: Path, keys: Keys, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere"
    other.mkdir()
    Keys.open(other / "keys.db", tmp_path / "other.key").close()
    with pytest.raises(Damaged, match="not the master key of this data folder"):
        open_keys(house, "other.key")


def test_a_file_that_is_no_master_key_is_refused(house: Path, tmp_path: Path) -> None:
    (tmp_path / "master.key").write_text("correct horse battery staple\n")
    with pytest.raises(BadInput, match="holds no master key"):
        open_keys(house)


def test_a_file_that_is_no_database_is_refused(house: Path) -> None:
    (house / "keys.db").write_bytes(b"not a database" * 400)
    with pytest.raises(Damaged, match="the key database is damaged"):
        open_keys(house)


# --- wrapping -------------------------------------------------------------------------------------


def test_a_wrapped_key_opens_only_as_what_it_is() -> None:
    master, key, name = new_key(), new_key(), KeyName("person", ANA, "profile")
    wrapped = wrap(master, key, name.bound_to(b"house"))
    assert unwrap(master, wrapped, name.bound_to(b"house")) == key
    for other in (KeyName("person", BO, "profile"), KeyName("person", ANA, "evidence")):
        with pytest.raises(Damaged):
            unwrap(master, wrapped, other.bound_to(b"house"))
    with pytest.raises(Damaged):
        unwrap(master, wrapped, name.bound_to(b"another house"))


def test_keys_moved_between_rows_do_not_open(house: Path, keys: Keys) -> None:
    keys.person_key(ANA, "profile", create=True)
    keys.person_key(BO, "profile", create=True)
    connection = sqlite3.connect(house / "keys.db")
    connection.execute("UPDATE entry SET owner = 99 WHERE owner = ?", (ANA,))
    connection.execute("UPDATE entry SET owner = ? WHERE owner = ?", (ANA, BO))
    connection.commit()
    connection.close()
    with pytest.raises(Damaged, match="does not open"):
        keys.person_key(ANA, "profile", create=False)


# --- destruction ----------------------------------------------------------------------------------


def test_after_destruction_no_byte_of_the_key_is_in_any_file(house: Path, keys: Keys) -> None:
    for subject in range(300):
        keys.person_key(subject, "profile", create=True)
    keys.person_key(ANA, "evidence", create=True)
    gone, stays = wrapped_of(house, ANA), wrapped_of(house, BO)
    assert any(wrapped in raw_bytes(house) for wrapped in gone)  # else the search below could not fail
    assert keys.destroy_person(ANA) == len(gone) == 2
    raw = raw_bytes(house)
    assert not any(any_part_in(wrapped, raw) for wrapped in gone)
    assert all(wrapped in raw for wrapped in stays)
    assert keys.person_key(ANA, "profile", create=False) is None
    assert keys.stray_keys() == 0


def test_an_idle_connection_does_not_hinder(house: Path, keys: Keys) -> None:
    other = open_keys(house)
    keys.person_key(ANA, "profile", create=True)
    assert other.person_key(ANA, "profile", create=False) is not None
    [gone] = wrapped_of(house, ANA)
    assert keys.destroy_person(ANA) == 1
    assert not any_part_in(gone, raw_bytes(house))
    assert other.person_key(ANA, "profile", create=False) is None  # nothing was remembered
    other.close()


def test_while_a_reader_holds_the_log_nothing_is_reported_done(house: Path, keys: Keys) -> None:
    keys.person_key(ANA, "profile", create=True)
    [gone] = wrapped_of(house, ANA)
    reader = sqlite3.connect(house / "keys.db", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM entry").fetchone()
    with pytest.raises(InUse) as refused:
        keys.destroy_person(ANA)
    assert refused.value.retry
    assert any_part_in(gone, raw_bytes(house))  # the refusal was right
    assert keys.person_key(ANA, "profile", create=False) is None
    with pytest.raises(InUse):
        keys.destroy_person(ANA)  # asking again does not make it so
    reader.close()
    assert keys.destroy_person(ANA) == 0  # finishes what was begun
    assert not any_part_in(gone, raw_bytes(house))


def test_a_class_that_the_law_makes_us_keep_can_stay(house: Path, keys: Keys) -> None:
    duty = keys.person_key(DI, "invoices", create=True)
    keys.person_key(DI, "profile", create=True)
    assert keys.destroy_person(DI, keep={"invoices"}) == 1
    assert keys.person_key(DI, "invoices", create=False) == duty


def test_a_new_key_after_destruction_is_another_and_uses_the_slot_again(house: Path, keys: Keys) -> None:
    before = keys.person_key(ANA, "profile", create=True)
    size = (house / "keys.db").stat().st_size
    for _ in range(20):
        keys.destroy_person(ANA)
        assert keys.person_key(ANA, "profile", create=True) != before
    assert keys.destroy_person(ANA) == 1
    assert (house / "keys.db").stat().st_size <= max(size, 16 * 4096)


def test_a_copy_left_behind_is_noticed(house: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.person_key(ANA, "profile", create=True)
    [gone] = wrapped_of(house, ANA)
    monkeypatch.setattr(RawFile, "log_bytes", lambda _: b"..." + gone[30:50] + b"...")
    with pytest.raises(Damaged, match="still stands"):
        keys.destroy_person(ANA)


def test_a_copy_left_in_the_page_is_noticed(house: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    keys.person_key(ANA, "profile", create=True)
    [gone] = wrapped_of(house, ANA)
    monkeypatch.setattr(RawFile, "leaf_of", lambda *_: bytes(100) + gone[-12:] + bytes(100))
    with pytest.raises(Damaged, match="still stands"):
        keys.destroy_person(ANA)


def test_a_page_that_cannot_be_told_now_is_no_proof(
    house: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.person_key(ANA, "profile", create=True)
    monkeypatch.setattr(RawFile, "leaf_of", lambda *_: None)
    with pytest.raises(InUse, match="not yet shown to be gone"):
        keys.destroy_person(ANA)


def test_the_page_that_is_looked_at_is_the_one_that_holds_the_slot(house: Path, keys: Keys) -> None:
    for subject in range(400):
        keys.person_key(subject, "profile", create=True)
    keys.destroy_person(999)  # folds the log into the file
    connection = sqlite3.connect(house / "keys.db")
    rows = connection.execute("SELECT id, wrapped FROM slot").fetchall()
    root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'slot'").fetchone()[0]
    connection.close()
    raw = RawFile(house / "keys.db")
    pages = {slot: raw.leaf_of(root, slot) for slot, _ in rows}
    assert all(wrapped in (pages[slot] or b"") for slot, wrapped in rows)
    assert len(set(pages.values())) > 5
    assert raw.leaf_of(root, len(rows) + 1) is None
    assert raw.leaf_of(1, 1 << 40) is None
    raw.close()


def test_a_stray_copy_is_counted(house: Path, keys: Keys) -> None:
    keys.person_key(ANA, "profile", create=True)
    [gone] = wrapped_of(house, ANA)
    connection = sqlite3.connect(house / "keys.db")
    connection.execute("CREATE TABLE forgotten (copy BLOB)")
    connection.execute("INSERT INTO forgotten VALUES (?)", (gone,))
    connection.commit()
    connection.close()
    assert keys.stray_keys() == 0  # the same bytes as a living key
    keys.destroy_person(ANA)
    assert keys.stray_keys() == 1


# --- another master key ---------------------------------------------------------------------------


def test_rotation_keeps_every_key_and_shuts_out_the_old_master(
    house: Path, keys: Keys, tmp_path: Path
) -> None:
    person, workspace = keys.person_key(ANA, "profile", create=True), keys.workspace_key(1, "pseudonyms")
    before = wrapped_of(house, ANA)
    keys.rotate_master(tmp_path / "second.key")
    assert keys.person_key(ANA, "profile", create=False) == person
    with pytest.raises(Damaged, match="not the master key"):
        open_keys(house)
    again = open_keys(house, "second.key")
    assert (again.person_key(ANA, "profile", create=False), again.workspace_key(1, "pseudonyms")) == (
        person,
        workspace,
    )
    again.close()
    assert not any(any_part_in(wrapped, raw_bytes(house)) for wrapped in before)


def test_a_process_under_the_old_master_key_is_told_to_start_again(
    house: Path, keys: Keys, tmp_path: Path
) -> None:
    stale = open_keys(house)
    keys.rotate_master(tmp_path / "second.key")
    with pytest.raises(BadInput, match="start again"):
        stale.person_key(BO, "profile", create=True)
    assert keys.person_key(BO, "profile", create=False) is None
    stale.close()


def test_rotation_to_the_same_key_or_into_the_folder_is_refused(
    house: Path, keys: Keys, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="already the master key"):
        keys.rotate_master(tmp_path / "master.key")
    with pytest.raises(BadInput, match="may not lie in the data folder"):
        keys.rotate_master(house / "second.key")


def test_threads_share_one_store(keys: Keys) -> None:
    def live_and_go(subject: int) -> bool:
        made = keys.person_key(subject, "profile", create=True)
        same = keys.person_key(subject, "profile", create=False) == made
        return same and keys.destroy_person(subject) == 1 and keys.workspace_key(1, "ids") is not None

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(live_and_go, range(40)))
    assert keys.stray_keys() == 0
