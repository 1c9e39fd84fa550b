"""What a statement answers, and how it is planned, depends on no row that its purpose may not see.

Two lakes hold the same permitted rows, and differ in what hidden rows say: in one it is ordinary, in the other
it lies at the edges of what can be stored, and every file tells the edges of its columns. Every function, type
and comparison that free SQL has is tried on both, by rule and not by name.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice, product
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from kept.policy import CompiledPolicy, load_policy
from kept.storage import sandbox_words as words
from kept.storage.lake import exceptions
from kept.storage.query import No, Open, QueryWorker, Refused, Rows
from kept.storage.query_barrier import MOST_ROWS
from kept.storage.query_worker import connect, prepare
from tests.asking import DAY, NOW, House, event

COLUMNS = {
    "BIGINT": ("person", "session"),
    "VARCHAR": ("page", "'day'"),
    "TIMESTAMP": ("time",),
    "BOOLEAN": ("crawler",),
    "DATE": ("time::date",),
    "TIMESTAMP WITH TIME ZONE": ("time::timestamptz",),
    "TIMESTAMP_NS": ("time::timestamp_ns",),
    "TIME": ("time::time",),
    "INTERVAL": ("(time - timestamp '2026-01-01')", "interval 1 day"),
    "DOUBLE": ("person::double", "0.5"),
    "FLOAT": ("person::float",),
    "INTEGER": ("person::integer", "1"),
    "SMALLINT": ("person::smallint",),
    "HUGEINT": ("person::hugeint",),
    "UBIGINT": ("person::ubigint",),
    "DECIMAL": ("person::decimal(18, 0)",),
    "ANY": ("person", "time", "page"),
    "T": ("person", "time", "page"),
    "VARCHAR[]": ("[page]",),
    "T[]": ("[person]",),
    "ANY[]": ("[time]",),
}
STORED = ("person", "session", "page", "device", "time", "crawler")
LITERALS = ("0", "'~'", "timestamp '2027-01-01'", "true")
CLOCKS = words.words(
    "ago current_localtime current_localtimestamp get_current_time get_current_timestamp now transaction_timestamp"
)
MOST_OF_ONE = 1  # form of one signature


def calls() -> Iterator[str]:
    """Each listed function on columns of the types that it takes."""
    with duckdb.connect() as connection:
        found = connection.execute(
            "select function_name, parameter_types, varargs, function_type from duckdb_functions() order by all"
        ).fetchall()
    for name, kinds, more, group in found:
        if name in (words.FUNCTIONS | words.WINDOWS) - CLOCKS:
            taken = [
                COLUMNS.get((kind or "ANY").partition("(")[0], ()) for kind in (*kinds, *filter(None, [more]))
            ]
            for columns in islice(product(*taken), MOST_OF_ONE):
                yield _asked(_called(name, columns), name, group)


def _called(name: str, columns: Sequence[str]) -> str:
    if not name[0].isalpha() and len(columns) == 2:
        return f"({columns[0]} {name} {columns[1]})"
    return f'"{name}"({", ".join(columns)})'


def _asked(call: str, name: str, group: str) -> str:
    if name in words.WINDOWS:
        return f"select {call} over (order by time) from events"
    where = "" if group == "aggregate" or name == "unnest" else f" where {call} is not null"
    return f"select {call} from events{where}"


def casts_and_comparisons() -> Iterator[str]:
    for kind, column in product(sorted(words.TYPES), STORED):
        yield f"select count(*) from events group by cast({column} as {kind})"
        yield f"select try_cast({column} as {kind}) from events"
    for column, sign, literal in product(STORED, ("=", "<", ">=", "is distinct from"), LITERALS):
        yield f"select count(*) from events where {column} {sign} {literal}"
    for column in STORED:
        yield f"select count(*) from events where {column} is null"
        yield f"select max({column}), min({column}), count({column}) from events"
        yield f"select * from events order by {column} desc limit 1"
        yield f"select count(*) from events e join page_view v using ({column})"


class Lake(NamedTuple):
    house: House
    told: Open

    def plan(self, connection: duckdb.DuckDBPyConnection, sql: str) -> str:
        """How the worker's own engine would run it, or that planning failed. Guesses at row counts are left out."""
        try:
            found = connection.execute(f"explain {sql}").fetchall()
        except duckdb.BinderException:
            return ""  # of no meaning, whatever the rows
        except duckdb.Error as error:
            return type(error).__name__
        return re.sub(re.escape(str(self.house.data)) + r"\S+|~[\d,]+ rows?|[ ─]+", "", str(found))


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    path = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
    return load_policy(path.read_text(), "workhirespot.yaml")


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory, policy: CompiledPolicy) -> Iterator[tuple[Lake, Lake]]:
    mask = policy.purposes["performance"].mask
    old, edge = NOW - 2_000 * DAY, 1 << 63
    ordinary = [event(1_010, old + i, mask=mask) for i in range(4)]
    edges = [
        event(-edge, old, mask=mask, page="", session=-edge, device="", crawler=True),
        event(edge - 1, 9_223_372_036_854_775, mask=mask, page="\U0010ffff", session=edge - 1, device="~~"),
        event(1_010, -9_223_372_036_854_775, mask=mask, page=None, session=None, device=None, crawler=None),
        event(0, 0, mask=mask, page="9" * 40, session=0),
    ]
    made = [_lake(tmp_path_factory.mktemp("lake"), policy, hidden) for hidden in (ordinary, edges)]
    yield made[0], made[1]
    for lake in made:
        lake.house.records.close()


def _lake(folder: Path, policy: CompiledPolicy, hidden: Sequence[object]) -> Lake:
    improve = policy.purposes["improve"]
    house = House(folder)
    seen = [event(1_000 + i % 50, NOW - DAY + i, mask=improve.mask, page=f"/{i % 9}") for i in range(300)]
    house.put([*seen, *hidden])  # type: ignore[list-item]  # events
    with house.reader(policy, "improve") as reader, house.records.read() as connection:
        snapshot = house.lake.snapshot()
        told = reader._told(snapshot, exceptions(connection, snapshot, improve.mask))
    assert isinstance(told, Open)
    return Lake(house, told)


def test_no_plan_knows_the_edges_of_hidden_rows(lakes: tuple[Lake, Lake]) -> None:
    """With the engine's statistics a tenth of these was planned by them: folded, made narrower, or made to fail."""
    statements = [*calls(), *casts_and_comparisons()]
    with connect(lakes[0].told.limits) as one, connect(lakes[1].told.limits) as other:
        prepare(one, lakes[0].told)
        prepare(other, lakes[1].told)
        plans = {sql: (lakes[0].plan(one, sql), lakes[1].plan(other, sql)) for sql in statements}
    told = [sql for sql, (here, there) in plans.items() if here != there]
    assert not told, f"{len(told)} of {len(plans)}, first {told[:20]}"
    called = {name for name in words.SCALARS | words.AGGREGATES if _is_tried(name, plans)}
    assert len(called) > 230, sorted((words.SCALARS | words.AGGREGATES) - called)


def _is_tried(name: str, plans: dict[str, tuple[str, str]]) -> bool:
    return any(f'"{name}"(' in sql and plan[0] for sql, plan in plans.items())


BELOW = (
    "select count(*) from events where page = {mark}",
    "select count(*) from events where page > {mark} and person > 3",
    "select count(*) from events where page like {mark} || '%'",
    "select count(*) from events where regexp_matches(page, {mark})",
    "select page::integer + len({mark}) from events order by 1 limit 3",
    "select levenshtein(page, {mark}) as far from events where far > 1",
    "select * from (select *, page || {mark} as marked from events) where len(marked) = 3",
    "select count(*) from events e join page_view v on e.page = v.page || {mark}",
    "select count(*) from events e join (values ('/1'), ('/2')) m(page) on e.page = m.page || {mark}",
    "select count(*) from events where page in (select page from page_view where page <> {mark})",
    "select count(*) from events e where exists (select 1 from page_view v where v.page = e.page || {mark})",
    "select (select count(*) from page_view v where v.person = e.person and v.page <> {mark}) from events e",
    "with a as materialized (from events) select (select count(*) from a where page = {mark}), count(*) from a",
    "select page, count(*) from events group by all having page > {mark}",
    "select page || {mark} as p, sum(person) from events group by all having p > {mark} order by 2 limit 2",
    "select * from events qualify row_number() over (partition by page || {mark} order by time) = 1",
    "select count(*) from events semi join page_view using (page) where page <> {mark}",
    "select distinct on (page || {mark}) page, time from events order by page || {mark}, time",
    "select * from events e asof join page_view v on e.page || {mark} = v.page and e.time >= v.time",
    "select max(page || {mark}) from events union all select min(page) from events where page > {mark}",
)


@pytest.mark.parametrize("sql", BELOW)
def test_nothing_of_a_statement_runs_below_the_wall(lakes: tuple[Lake, Lake], sql: str) -> None:
    """Below it is what reads the files and hides people; a statement's mark is never among that."""
    with connect(lakes[0].told.limits) as connection:
        prepare(connection, lakes[0].told)
        plan = connection.execute(f"explain (format json) {sql.format(mark=repr('zzz'))}").fetchall()[0][1]
    walls = list(_walls(plan))
    assert "zzz" in plan
    assert walls
    assert not [below for below in walls if "zzz" in below]


def _walls(plan: str) -> Iterator[str]:
    waiting = json.loads(plan)
    while waiting:
        node = waiting.pop()
        if node["name"].strip() == "STREAMING_LIMIT" and str(MOST_ROWS) in json.dumps(node["extra_info"]):
            yield json.dumps(node["children"])
        waiting += node["children"]


HIDDEN = {"past its time": 2_000 * DAY, "of a purpose that is not asked": DAY}
FAILING = "'a' like (case when page = '/secret' then 'a!' else 'a' end) escape '!'"
"""The engine holds casts back where they could fail, and this not."""


@pytest.mark.parametrize("table", ["events", "page_view", "job_view"])
@pytest.mark.parametrize("why", HIDDEN)
def test_no_condition_meets_a_row_that_a_table_leaves_out(
    tmp_path: Path, policy: CompiledPolicy, why: str, table: str
) -> None:
    """Also what only the table's own conditions leave out: rows past their time, and other events."""
    improve = policy.purposes["improve"].mask
    mask = improve if why == "past its time" else policy.purposes["performance"].mask
    house = House(tmp_path)
    hidden = [event(7, NOW - HIDDEN[why] + i, mask=mask, page="/secret") for i in range(70)]
    house.put([*hidden, *(event(8, NOW - DAY + i, mask=improve, page="/") for i in range(9))])
    with house.reader(policy, "improve") as reader:
        column = "page" if "page" in reader.catalogue[table] else "source"
        answer = reader.ask(f"select count(*) from {table} where {FAILING.replace('page', column)}")
    house.records.close()
    assert isinstance(answer, Rows), answer
    assert answer.rows == [(0 if table == "job_view" else 9,)]


SAMPLES = (
    "tablesample 50% (system, 7)",
    "using sample 50% (system, 7)",
    "tablesample 50%",
    "tablesample system(50%) repeatable (7)",
    "tablesample reservoir(5 rows)",
)


@pytest.mark.parametrize("how", SAMPLES)
def test_a_sample_is_refused(lakes: tuple[Lake, Lake], how: str) -> None:
    """It is drawn by the chunks in which rows come: with 3,000 hidden rows between 6,000 it was another one."""
    with QueryWorker() as worker:
        worker.open(lakes[0].told)
        assert worker.ask(f"select count(*), sum(person) from events {how}") == Refused(No.NOT_POSSIBLE)


def test_a_draw_row_by_row_does_not_see_the_rows_between(tmp_path: Path, policy: CompiledPolicy) -> None:
    """The same permitted rows, with 900 hidden ones among them or none: the same draw."""
    improve, other = policy.purposes["improve"].mask, policy.purposes["performance"].mask
    found = []
    for hidden in (0, 900):
        (tmp_path / str(hidden)).mkdir()
        house = House(tmp_path / str(hidden))
        seen = [event(i, NOW - DAY + i, mask=improve) for i in range(1_500)]
        house.put([*seen, *(event(i, NOW - DAY + i, mask=other) for i in range(hidden))], group="b00")
        with house.reader(policy, "improve") as reader:
            found.append(
                reader.ask(
                    "select count(*), sum(person) from events tablesample bernoulli(50%) repeatable (7)"
                )
            )
        house.records.close()
    assert isinstance(found[0], Rows)
    assert found[0] == found[1]
