"""The worker: what it answers, where it stops, and what it is shut off from."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.storage.query import Limits, No, Open, QueryWorker, Ready, Refused, Rows
from kept.storage.query_words import Bounds
from tests.asking import House, event

SMALL = Limits(memory_mb=64, threads=1, seconds=0.5, rows=10, bytes=1_000)


@pytest.fixture
def worker() -> Iterator[QueryWorker]:
    with QueryWorker() as started:
        yield started


HERE = {"events": ["person", "name"]}


def opened(worker: QueryWorker, limits: Limits = Limits()) -> QueryWorker:  # noqa: B008  it is frozen
    view = "select i as person, 'Ana' as name from range(1000) t(i)"
    assert worker.open(Open([], {}, [("events", view)], HERE, limits)) == Ready()
    return worker


def test_rows_have_names_types_and_plain_values(worker: QueryWorker) -> None:
    found = opened(worker).ask(
        "select 1 as whole, 0.5::double as part, 'a' as text, true as truth, null as nothing,"
        " date '2026-01-02' as day, timestamp '2026-01-02 03:04:05.678' as moment, 'nan'::double as no_number,"
        " 170141183460469231731687303715884105727 as huge, [1, 2] as list"
    )
    assert isinstance(found, Rows)
    assert found.columns[:3] == ["whole", "part", "text"]
    assert found.types[:3] == ["INTEGER", "DOUBLE", "VARCHAR"]
    row = (1, 0.5, "a", True, None, "2026-01-02", "2026-01-02T03:04:05.678", None)
    assert found.rows == [(*row, "170141183460469231731687303715884105727", "[1, 2]")]
    assert not found.cut


def test_an_answer_is_cut_at_its_rows_and_says_so(worker: QueryWorker) -> None:
    found = opened(worker, SMALL).ask("select person from events order by person")
    assert isinstance(found, Rows)
    assert (len(found.rows), found.cut, found.rows[-1]) == (10, True, (9,))


def test_an_answer_of_exactly_that_many_rows_is_whole(worker: QueryWorker) -> None:
    found = opened(worker, SMALL).ask("select person from events limit 10")
    assert isinstance(found, Rows)
    assert (len(found.rows), found.cut) == (10, False)


def test_too_many_bytes_are_refused(worker: QueryWorker) -> None:
    assert opened(worker, SMALL).ask("select string_agg(name, ',') from events") == Refused(No.TOO_MUCH)


def test_the_deadline_breaks_a_statement_off_and_the_worker_goes_on(worker: QueryWorker) -> None:
    began = time.monotonic()
    slow = "select count(*) from events a, events b, events c where a.person * b.person <> c.person + 0.5"
    assert opened(worker, SMALL).ask(slow) == Refused(No.TOO_SLOW)
    assert time.monotonic() - began < 10
    assert isinstance(worker.ask("select 1"), Rows)


def test_memory_is_bounded(worker: QueryWorker) -> None:
    most = Limits(memory_mb=32, threads=1, seconds=60)
    found = opened(worker, most).ask(
        "select count(distinct a.person * 1_000 + b.person) from events a, events b, range(20)"
    )
    assert found == Refused(No.TOO_MUCH_MEMORY)


def test_a_worker_that_was_killed_says_so_and_opens_again(worker: QueryWorker) -> None:
    opened(worker)
    worker.close()
    assert worker.ask("select 1") == Refused(No.STOPPED)
    assert isinstance(opened(worker).ask("select 1"), Rows)


def test_before_it_is_open_it_answers_nothing(worker: QueryWorker) -> None:
    assert worker.look([]) == {}
    assert worker.ask("select 1") == Refused(No.STOPPED)


def test_an_idle_worker_exits(worker: QueryWorker) -> None:
    opened(worker, Limits(idle_seconds=0.1))
    deadline = time.monotonic() + 10
    while worker.alive and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not worker.alive
    assert worker.ask("select 1") == Refused(No.STOPPED)


def test_opening_anew_forgets_what_was_there(worker: QueryWorker) -> None:
    opened(worker)
    assert worker.open(Open([], {}, [("other", "select 1 as a")], {"other": ["a"]})) == Ready()
    assert worker.ask("select * from events") == Refused(No.NO_SUCH_TABLE, "events")
    assert isinstance(worker.ask("select * from other"), Rows)


def test_the_engine_s_text_does_not_come_out(worker: QueryWorker) -> None:
    """It would quote the value: "Could not convert string 'Ana' to INT32"."""
    found = opened(worker).ask("select name::integer from events")
    assert found == Refused(No.BAD_VALUE)
    assert "Ana" not in str(found)


def test_a_mistake_is_named_with_what_is_near(worker: QueryWorker) -> None:
    asked = {
        "select nam from events": Refused(No.NO_SUCH_COLUMN, "nam", "name", HERE),
        "select * from event": Refused(No.NO_SUCH_TABLE, "event", "events"),
        "select uper(name) from events": Refused(No.NO_SUCH_FUNCTION, "uper", "upper"),
        "select name from events group by person": Refused(No.MEANS_NOTHING),
        "selec 1": Refused(No.NOT_READABLE),
        "select name, at, person from events": Refused(No.NOT_READABLE, "select name, at"),
        "select 1 union select 2; select 3": Refused(No.NOT_ONE),
        "drop view events": Refused(No.NOT_SELECT),
        "select 1" + " + 1" * 6_000: Refused(No.TOO_LONG),
        "select " + "-(1 + " * 150 + "1" + ")" * 150: Refused(No.TOO_LONG),
        "select f.nam from events f": Refused(No.NO_SUCH_COLUMN, "nam", "name", HERE),
    }
    assert {sql[:40]: opened(worker).ask(sql) for sql in asked} == {sql[:40]: no for sql, no in asked.items()}


def test_what_is_said_of_a_mistake() -> None:
    assert (
        str(Refused(No.NO_SUCH_TABLE, "event", "events"))
        == "There is no such table: event. Did you mean events?"
    )
    assert str(Refused(No.TOO_MUCH)) == No.TOO_MUCH.value
    assert str(Refused(No.NOT_READABLE, "select name, at")).endswith("It can be read up to: select name, at")
    assert all(no.value.endswith(".") for no in No)


def test_threads_wait_for_each_other(worker: QueryWorker) -> None:
    opened(worker)
    answers: list[object] = []
    threads = [
        threading.Thread(target=lambda n=n: answers.append(worker.ask(f"select {n}"))) for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.rows[0][0] for answer in answers if isinstance(answer, Rows)) == list(range(8))  # type: ignore[type-var]


def test_the_process_knows_nothing_and_may_write_nothing(
    worker: QueryWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the environment only the language and the time zone; no open files but its pipes; no writing, no core."""
    monkeypatch.setenv("KEPT_SECRET", "of the house")
    process = Path(f"/proc/{opened(worker).pid}")
    environment = process.joinpath("environ").read_text().strip("\0").split("\0")
    assert sorted(environment) == ["LC_ALL=C.UTF-8", "TZ=UTC"]
    limits = process.joinpath("limits").read_text()
    lines = {line[:25].strip(): line.split() for line in limits.splitlines()}
    assert lines["Max file size"][3:5] == ["0", "0"]
    assert lines["Max core file size"][4:6] == ["0", "0"]
    assert process.joinpath("cwd").readlink() == Path("/")
    links = {str(link.readlink()).partition(":")[0] for link in process.joinpath("fd").iterdir()}
    assert links <= {"pipe", "/dev/null", "anon_inode", "socket"}, links


def test_what_files_hold(worker: QueryWorker, tmp_path: Path) -> None:
    house = House(tmp_path)
    house.put(
        [event(3, 1_000, mask=3, cv=5), event(4, 3_000, mask=6, cv=9), event(4, 2_000, name="other", mask=1)]
    )
    house.put([])
    two, none = house.lake.paths(list(house.lake.snapshot().files.values()))
    assert worker.look([two, none]) == {
        two: Bounds(1_000, 3_000, 9, (1, 1), {"page_view": (2, 7), "other": (1, 1)}),
        none: Bounds(),
    }


def test_a_file_that_is_gone_is_said_to_be(worker: QueryWorker, tmp_path: Path) -> None:
    gone = str(tmp_path / "gone.parquet")
    assert worker.look([gone]) == Refused(No.FILE_GONE)
    told = Open([gone], {}, [("events", f"select * from read_parquet('{gone}')")], {"events": []})
    assert worker.open(told) == Refused(No.FILE_GONE)


def test_large_lists_come_through_the_pipe(worker: QueryWorker) -> None:
    people = list(range(300_000))
    told = Open(
        [], {"hidden": {"subject": people, "seq": people}}, [("events", "select count(*) as n from hidden")],
        {"events": ["n"]},
    )  # fmt: skip
    assert worker.open(told) == Ready()
    found = worker.ask("select n from events")
    assert isinstance(found, Rows)
    assert found.rows == [(300_000,)]
