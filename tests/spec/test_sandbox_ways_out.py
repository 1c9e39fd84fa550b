"""The table `ways_out.sql`: each way out is refused by the judge, and by the locks where the table says so."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, NamedTuple

import pytest

from kept.storage.query import Limits, No, Open, QueryWorker, Refused, Rows
from tests.asking import House, event

TABLE = Path(__file__).with_name("ways_out.sql")


class Way(NamedTuple):
    stopped_by: str
    what: str
    sql: str


def ways() -> Iterator[Way]:
    for block in TABLE.read_text().split("\n\n"):
        head, _, sql = block.strip().partition("\n")
        if found := re.fullmatch(r"-- (judge(?:, \w+)?): (.+)", head):
            yield Way(found[1], found[2], sql)


WAYS = tuple(ways())


class Unjudged(QueryWorker):
    """The same process with the judge asleep: what its locks stop, they stop alone."""

    code: ClassVar = (
        "-c",
        "from kept.storage import query_worker as w; w.Worker.ask.__kwdefaults__['judged'] = True; w.main()",
    )


class Prison(NamedTuple):
    house: House
    judged: QueryWorker
    unjudged: QueryWorker

    def fill(self, sql: str) -> str:
        """The statement, with this lake's names in it."""
        other = self.house.data / "other.csv"
        file = next((self.house.data / "lake").glob("*.parquet"))
        return sql.format(file=file, data=self.house.data, other=other)


@pytest.fixture(scope="module")
def prison(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prison]:
    house = House(tmp_path_factory.mktemp("data"))
    (house.data / "other.csv").write_text("secret\n1\n")
    house.put([event(3, 1_000), event(4, 2_000, name="job_view", properties='{"job":"9"}')])
    files = house.lake.paths(list(house.lake.snapshot().files.values()))
    told = Open(
        files=files,
        lists={"hidden": {"subject": [5], "seq": [1]}},
        views=[
            ("fresh", f"select * from read_parquet(['{files[0]}'])"),
            ("aging", "select * from fresh where false"),
            ("events", "select subject as person, make_timestamp_ms(ts) as time, name, page from fresh"),
            ("job_view", "select subject as person, make_timestamp_ms(ts) as time, 1 as job from fresh"),
        ],
        public={"events": ["person", "time", "name", "page"], "job_view": ["person", "time", "job"]},
    )
    with QueryWorker() as judged, Unjudged() as unjudged:
        assert not isinstance(judged.open(told), Refused)
        assert not isinstance(unjudged.open(told), Refused)
        yield Prison(house, judged, unjudged)


def test_the_table_is_read() -> None:
    """At least seventy ways, of every kind, and none of them twice."""
    assert len(WAYS) >= 70
    assert len({way.sql for way in WAYS}) == len(WAYS) == TABLE.read_text().count("\n-- judge")
    assert {way.stopped_by for way in WAYS} == {"judge", "judge, locks", "judge, deadline"}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.what)
def test_the_judge_refuses(prison: Prison, way: Way) -> None:
    answer = prison.judged.ask(prison.fill(way.sql))
    assert isinstance(answer, Refused), answer
    assert prison.judged.alive


def stopped_by(what: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("way", [w for w in WAYS if w.stopped_by == what], ids=lambda way: way.what)


@stopped_by("judge, locks")
def test_the_locks_refuse_alone(prison: Prison, way: Way) -> None:
    before = sorted(prison.house.data.rglob("*"))
    answer = prison.unjudged.ask(prison.fill(way.sql))
    assert isinstance(answer, Refused), answer
    assert sorted(prison.house.data.rglob("*")) == before


@stopped_by("judge")
def test_only_the_judge_stands_before_these(prison: Prison, way: Way) -> None:
    """So the table says, and so it must stay known: here one fault in the judge would be a way out."""
    assert isinstance(prison.unjudged.ask(prison.fill(way.sql)), Rows)


@stopped_by("judge, deadline")
def test_the_deadline_ends_these_alone(prison: Prison, way: Way) -> None:
    with Unjudged() as worker:
        worker.open(Open([], {}, [], {}, Limits(seconds=0.5)))
        assert worker.ask(way.sql) == Refused(No.TOO_SLOW)


def test_afterwards_everything_stands_as_before(prison: Prison) -> None:
    """No way left anything behind: the list of withdrawals and the views are what they were."""
    told = prison.unjudged.ask("select estimated_size from duckdb_tables() where table_name = 'hidden'")
    assert isinstance(told, Rows)
    assert told.rows == [(1,)]
    counted = prison.judged.ask("select count(*) from events")
    assert isinstance(counted, Rows), counted
    assert counted.rows == [(2,)]
