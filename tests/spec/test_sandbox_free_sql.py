"""The table `free_sql.sql`: what may be asked, and its answer. A judge that refused all would be safe, and useless."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from kept.storage import sandbox_words
from kept.storage.query import Open, QueryWorker, Refused, Rows
from tests.asking import House, event

TABLE = Path(__file__).with_name("free_sql.sql")


class Question(NamedTuple):
    what: str
    sql: str
    first: str


def questions() -> Iterator[Question]:
    for block in TABLE.read_text().split("\n\n")[1:]:
        found = re.fullmatch(r"-- (.+?)\n(.+)\n--= (.+)", block.strip(), re.DOTALL)
        assert found, block
        yield Question(*found.groups())


@pytest.fixture(scope="module")
def worker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[QueryWorker]:
    house = House(tmp_path_factory.mktemp("data"))
    house.put(
        [
            event(3, 1_000, page="/a"),
            event(4, 2_000, name="job_view", page="/b"),
            event(5, 3_000, page="/a"),
            event(4, 4_000, page="/b"),
        ]
    )
    files = house.lake.paths(list(house.lake.snapshot().files.values()))
    view = "select subject as person, make_timestamp_ms(ts) as time, name, page from fresh"
    with QueryWorker() as started:
        ready = started.open(
            Open(
                files=files,
                lists={},
                views=[
                    ("fresh", f"select * from read_parquet(['{files[0]}'])"),
                    ("events", view),
                    ("job_view", f"select person, time, 9 as job from ({view}) where name = 'job_view'"),
                ],
                public={"events": ["person", "time", "name", "page"], "job_view": ["person", "time", "job"]},
            )
        )
        assert not isinstance(ready, Refused)
        yield started


@pytest.mark.parametrize("question", tuple(questions()), ids=lambda question: question.what)
def test_it_may_be_asked(worker: QueryWorker, question: Question) -> None:
    answer = worker.ask(question.sql)
    assert isinstance(answer, Rows), answer
    assert ", ".join(map(_shown, answer.rows[0])) == question.first


def _shown(cell: object) -> str:
    return {"None": "null", "True": "true", "False": "false"}.get(str(cell), str(cell))


def test_every_listed_function_is_one() -> None:
    """A name that the engine does not have would be a misprint of one that it has."""
    with duckdb.connect() as connection:
        there = {
            row[0] for row in connection.execute("select function_name from duckdb_functions()").fetchall()
        }
    listed = sandbox_words.FUNCTIONS | sandbox_words.WINDOWS | sandbox_words.TABLE_FUNCTIONS
    assert not listed - there


def test_no_listed_function_reads_runs_or_leaves_a_trace() -> None:
    """By what the engine says of them: none is a pragma, or volatile but the dice, or makes a table of its own."""
    listed = sandbox_words.FUNCTIONS | sandbox_words.WINDOWS
    with duckdb.connect() as connection:
        found = connection.execute(
            "select function_name, function_type, stability from duckdb_functions()"
        ).fetchall()
    of = {kind: {name for name, is_kind, _ in found if is_kind == kind} for _, kind, _ in found}
    volatile = {name for name, kind, stability in found if stability == "VOLATILE" and kind == "scalar"}
    assert listed & volatile == {"random"}
    assert not listed & of["pragma"]
    assert listed & of["table"] == {"unnest"}
    assert listed & of["table_macro"] == {"histogram"}, "as an aggregate; as a table it is refused"
