"""The records of every version become those of this one, on SQLite and on PostgreSQL; nothing in them is lost."""

import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from kept.app.house import House
from kept.app.opening import open_people
from kept.base.errors import BadInput
from kept.base.settings import Settings
from kept.gather.refusals import AtDoor
from kept.gather.tally import tallied
from kept.ledger import verify
from kept.storage.records import Records, metadata
from kept.storage.records.migrating import MIGRATIONS, newest, upgrade
from kept.subject import Answers, Said, answer_of
from tests.schemas_of_records import differences
from tests.thin_line import as_thin_line, thin_line_tables

POLICY = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"


@pytest.fixture
def records(tmp_path: Path) -> Iterator[Records]:
    opened = Records(tmp_path / "records.db")
    yield opened
    opened.close()


def test_tables_and_steps_agree(records: Records) -> None:
    """Whoever changes a table writes a migration: `scripts/migration WHAT`."""
    assert differences(records) == []


def test_steps_are_numbered_without_a_gap_and_each_follows_the_one_before() -> None:
    migrations = sorted((MIGRATIONS / "versions").glob("[0-9]*.py"))
    assert [path.name[:4] for path in migrations] == [
        f"{number:04d}" for number in range(1, len(migrations) + 1)
    ]
    for before, path in zip([None, *migrations], migrations, strict=False):
        text, follows = path.read_text(), f'"{before.name[:4]}"' if before else None
        assert f'revision = "{path.name[:4]}"' in text
        assert f"down_revision = {follows}" in text


@pytest.mark.sqlite
def test_several_threads_open_records_of_their_own_at_once(tmp_path: Path) -> None:
    """Alembic works on one connection for the whole process."""

    def opened(number: int) -> list[object]:
        records = Records(tmp_path / f"{number}.db")
        try:
            return list(differences(records))
        finally:
            records.close()

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(opened, range(16))) == [[]] * 16


@pytest.mark.sqlite
def test_a_folder_of_the_thin_line_is_brought_up_to_date(tmp_path: Path) -> None:
    place = tmp_path / "records.db"
    with closing(sqlite3.connect(place)) as old:
        old.executescript(thin_line_tables())
    opened = Records(place)
    assert differences(opened) == []
    opened.close()


@pytest.mark.sqlite
def test_a_folder_that_an_earlier_start_left_without_a_table_is_completed(tmp_path: Path) -> None:
    place = tmp_path / "records.db"
    with closing(sqlite3.connect(place)) as old:
        old.executescript(thin_line_tables())
        old.executescript("drop table log_part; drop table ledger_told;")
    opened = Records(place)
    assert differences(opened) == []
    opened.close()


@pytest.mark.sqlite
def test_whoever_is_known_on_the_thin_line_is_known_afterwards(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", master_key=tmp_path / "master.key")
    house = House.open(settings)
    house.policies.put_in_force(POLICY.read_text(), "workhirespot.yaml")
    people = open_people(house)
    said = Said(yes=2, no=4, policy=1, how="page", words="Kept asks.", at_ms=1_795_435_200_000)
    people.voice.answer_for_account("ana", said, {"improve": 1})
    before = {
        name: rows
        for name, rows in everything(house.records).items()
        if f"CREATE TABLE {name} (" in thin_line_tables()
    }
    house.close()
    as_thin_line(settings.data / "records.db")

    house = House.open(settings)
    try:
        assert {name: rows for name, rows in everything(house.records).items() if name in before} == before
        assert differences(house.records) == []
        with house.records.read() as connection:
            ana = house.identities.person_of_account(connection, "ana")
            assert ana is not None
            assert answer_of(connection, ana.subjects[0]).no == 4
        assert Answers(house.records).of(ana.subjects[0])[0].no == 4
        public = house.keys.signing_key().public_key().public_bytes_raw()
        audit = verify(house.records, public)
        assert audit.clean
        assert audit.entries > 1
        with house.records.write() as connection:  # and it goes on: numbers are not given twice
            from kept.storage import withdrawals

            assert withdrawals.append(connection, ana.subjects[0], 1) > 1
    finally:
        house.close()


def test_what_was_refused_before_the_parts_were_told_still_counts(records: Records) -> None:
    with records.write() as connection:
        connection.exec_driver_sql("DROP TABLE tally")
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0004'")
        connection.exec_driver_sql(
            "CREATE TABLE tally (day INTEGER NOT NULL, reason TEXT NOT NULL, events BIGINT NOT NULL, "
            "PRIMARY KEY (day, reason))"
        )
        connection.exec_driver_sql("INSERT INTO tally VALUES (20000, 'too old', 7), (20000, 'accepted', 9)")
    with records.write() as connection:
        upgrade(connection)
    assert differences(records) == []
    found = tallied(records, 20_000 * 86_400_000)
    assert (found.accepted, found.turned_away) == (9, {(AtDoor.TOO_OLD, ""): 7})


def everything(records: Records) -> dict[str, list[tuple[object, ...]]]:
    """Every row there is, by table."""
    with records.read() as connection:
        return {
            table.name: sorted(tuple(row) for row in connection.execute(select(table)))
            for table in metadata.sorted_tables
        }


def test_records_of_a_later_version_are_left_alone(records: Records) -> None:
    with records.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(BadInput, match="later version"):
        Records(records.place)


def test_they_are_opened_again_without_a_write(records: Records) -> None:
    with records.write():
        again = Records(records.place)  # would wait for the writer, if it wrote
    again.close()


def test_a_step_that_fails_leaves_nothing_of_itself(
    records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ZeroDivisionError), records.write() as connection:  # noqa: PT012  both belong to it
        connection.exec_driver_sql("CREATE TABLE half (way integer)")
        raise ZeroDivisionError
    with records.write() as connection:
        connection.exec_driver_sql("CREATE TABLE half (way integer)")
        assert newest() == re.sub(r"\D", "", newest())
        upgrade(connection)  # nothing is left to do
