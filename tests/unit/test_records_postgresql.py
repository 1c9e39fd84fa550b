"""Records on PostgreSQL keep what they promise on SQLite: one writer, one snapshot, nothing of what was deleted."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from time import monotonic

import pytest
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import DBAPIError

from kept.app.house import House
from kept.base.errors import Away, BadInput, Damaged, InUse
from kept.base.ids import random_63
from kept.base.settings import Settings
from kept.storage import withdrawals
from kept.storage.records import Records
from kept.subject import Answers
from kept.subject.store import account, hold
from tests.postgresql import MUST_RUN, Cluster, cluster, programs
from tests.schemas_of_records import differences

pytestmark = pytest.mark.skipif(not MUST_RUN and programs() is None, reason="PostgreSQL is not installed")


@pytest.fixture(scope="module")
def server() -> Cluster:
    return cluster()


@pytest.fixture
def url(server: Cluster) -> str:
    return server.url(f"s_{random_63()}")


@pytest.fixture
def records(url: str) -> Iterator[Records]:
    opened = Records(url)
    yield opened
    opened.close()


def test_its_migrations_make_the_tables_that_the_rooms_declare(records: Records) -> None:
    assert differences(records) == []


def test_what_a_writer_reads_cannot_change_before_it_writes(records: Records) -> None:
    """Fifty writers read the head and write the next number: under any weaker promise two would write the same."""

    def count_on() -> None:
        for _ in range(10):
            with records.write() as connection:
                head = withdrawals.head(connection)
                connection.execute(insert(withdrawals.choice).values(seq=head + 1, subject=1, bits=0))

    threads = [threading.Thread(target=count_on) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with records.read() as connection:
        assert withdrawals.head(connection) == 50


def test_a_reader_sees_one_moment_and_keeps_no_writer_waiting(records: Records) -> None:
    with records.read() as reader:
        assert withdrawals.head(reader) == 0
        with records.write() as writer:
            withdrawals.append(writer, 1, 1)
        assert withdrawals.head(reader) == 0
    with records.read() as reader:
        assert withdrawals.head(reader) == 1


def test_a_failed_transaction_leaves_no_trace(records: Records) -> None:
    with pytest.raises(ZeroDivisionError), records.write() as connection:  # noqa: PT012  both belong to it
        withdrawals.append(connection, 1, 1)
        raise ZeroDivisionError
    with records.read() as connection:
        assert withdrawals.head(connection) == 0


def test_a_statement_that_failed_unnoticed_is_no_commit(records: Records) -> None:
    with pytest.raises(RuntimeError, match="went on"), records.write() as connection:  # noqa: PT012
        withdrawals.append(connection, 1, 1)
        with pytest.raises(DBAPIError):
            connection.exec_driver_sql("SELECT 1/0")


def test_two_installations_in_one_database_do_not_wait_for_each_other(
    server: Cluster, records: Records
) -> None:
    other = Records(server.url(f"s_{random_63()}"))
    with records.write(), other.write():
        pass
    other.close()


def test_a_choice_wakes_who_listens(records: Records) -> None:
    news = records.news()
    news.wait()  # a new connection is sent to look at once
    waited: list[float] = []

    def listen() -> None:
        began = monotonic()
        news.wait()
        waited.append(monotonic() - began)

    listening = threading.Thread(target=listen)
    listening.start()
    with records.write() as connection:
        withdrawals.append(connection, 1, 1)
    listening.join()
    news.close()
    assert waited[0] < 0.9, "it was told, and did not find out by itself"


def test_what_nobody_heard_is_known_after_the_next_look(server: Cluster, records: Records) -> None:
    answers, news = Answers(records), records.news()
    news.wait()
    with server.admin() as admin:
        admin.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'kept' and pid <> pg_backend_pid()"
        )
    with records.write() as connection:  # idle connections had died too; nobody notices
        withdrawals.append(connection, 7, 1)
    for _ in range(2):
        with suppress(Away):
            news.wait()
    answers.refresh()
    assert answers.head == 1
    news.close()


def test_an_older_database_in_its_place_is_noticed(records: Records) -> None:
    with records.write() as connection:
        withdrawals.append(connection, 1, 1)
    answers = Answers(records)
    with records.write() as connection:
        connection.execute(delete(withdrawals.choice))
    with pytest.raises(Damaged, match="shorter"):
        answers.refresh()


def test_nothing_of_a_deleted_row_is_left_in_the_tables_files(server: Cluster, records: Records) -> None:
    """Its log (WAL) still holds it, and that is said: `docs/running.md`."""
    secret, blind = "a ground that only Di had", b"di-s blind index, 32 bytes long.."
    with records.write() as connection:
        row = {"owner": "law", "review": 1, "placed": 1}
        connection.execute(insert(hold).values(subject=random_63(), ground=secret, **row))
        connection.execute(
            insert(account).values(workspace=1, blind=blind, subject=random_63(), first_seen=1)
        )
    assert records.scrub(), "and so the planner has looked at them"
    assert in_files(server, secret.encode())
    with records.write() as connection:
        connection.execute(delete(hold))
        connection.execute(delete(account))
    assert in_files(server, secret.encode()), "a delete alone leaves it"
    assert records.scrub()
    assert not in_files(server, secret.encode())
    assert not in_files(server, blind)


def in_files(server: Cluster, sought: bytes) -> list[str]:
    """The files of tables and indexes in which the bytes stand, when all that is in memory is written down."""
    with server.admin() as admin:
        admin.execute("checkpoint")
    base = server.data / "base"
    return [path.name for path in base.rglob("*") if path.is_file() and sought in path.read_bytes()]


def test_while_a_reader_may_still_see_them_it_is_not_done(records: Records) -> None:
    with records.write() as connection:
        connection.execute(insert(account).values(workspace=1, blind=b"b", subject=1, first_seen=1))
    with records.read() as reader:
        reader.execute(select(withdrawals.choice.c.seq)).all()
        with records.write() as connection:
            connection.execute(delete(account))
        assert not records.scrub()
    assert records.scrub()


def test_what_it_says_of_an_error_names_nobody(records: Records) -> None:
    row = {"workspace": 1, "blind": b"ana", "subject": 4_711_471_147, "first_seen": 1}
    with records.write() as connection:
        connection.execute(insert(account).values(row))
    with pytest.raises(DBAPIError) as raised, records.write() as connection:
        connection.execute(insert(account).values(row | {"blind": b"bo"}))
    assert "duplicate key" in str(raised.value)
    assert "4711471147" not in f"{raised.value} {raised.value.orig} {raised.value.__cause__}"


def test_a_writer_that_does_not_end_is_told_of(records: Records) -> None:
    with records.write(), pytest.raises(InUse, match="written by another"), records.read() as connection:  # noqa: PT012
        connection.exec_driver_sql("ROLLBACK")
        connection.exec_driver_sql("SET lock_timeout = '50ms'")
        connection.exec_driver_sql("BEGIN")
        records._database.begin_write(connection)


@pytest.mark.parametrize(
    "place", ["mysql://u:secret@h/d", "u:secret@h", "postgresql//u:secret@h", "sqlite:///secret.db"]
)
def test_what_is_no_url_is_refused_without_showing_it(place: str) -> None:
    with pytest.raises(BadInput, match="no URL") as refused:
        Records(place)
    assert "secret" not in str(refused.value)


# ---- folder and database


@pytest.fixture
def settings(url: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("house")
    (folder / "records.url").write_text(url + "\n")
    place = f"file:{folder / 'records.url'}"
    return Settings(data=folder / "data", master_key=folder / "master.key", records=place)


def test_an_installation_is_opened_again_by_a_url_in_a_file(settings: Settings) -> None:
    for _ in range(2):
        House.open(settings).close()
    House.open_existing(settings).close()
    assert not (settings.data / "records.db").exists()


def test_a_database_of_another_folder_is_refused(settings: Settings, server: Cluster) -> None:
    House.open(settings).close()
    other = Settings(
        settings.data.parent / "other", settings.records, master_key=settings.data.parent / "other.key"
    )
    with pytest.raises(Damaged):
        House.open(other)
    elsewhere = Settings(settings.data, server.url(f"s_{random_63()}"), master_key=settings.master_key)
    with pytest.raises(Damaged, match="not those of this data folder"):
        House.open(elsewhere)


def test_forgetting_the_setting_makes_no_new_records(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    House.open(settings).close()
    monkeypatch.setattr("kept.app.records.place_of", lambda given: given.data / "records.db")
    with pytest.raises(BadInput, match="on PostgreSQL"):
        House.open(Settings(settings.data, master_key=settings.master_key))
