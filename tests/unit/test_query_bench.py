"""`kept bench query` at a small scale: its dashboards counted again in Python, row by row."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from kept.bench import query as bench
from kept.bench.people import Crowd, write_lake
from kept.storage.lake import Lake
from kept.storage.records import Records

CROWD = Crowd(events=20_000, people=300, levels=2, changed=30)
WEEK_MS, DAY_MS = 7 * 86_400_000, 86_400_000
STEPS = ("page_view", "job_search", "job_view")

Row = dict[str, Any]
Result = list[tuple[Any, ...]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Lake, Records]]:
    with bench.house(tmp_path_factory.mktemp("bench"), CROWD) as found:
        yield found


def stored(lake: Lake) -> list[Row]:
    with duckdb.connect() as connection:
        result = connection.execute(
            "select subject, ts, name, page, crawler, mask, cv from read_parquet(?)",
            [lake.paths(list(lake.snapshot().files.values()))],
        )
        names = [column[0] for column in result.description or []]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def permitted(rows: list[Row], records: Records, bit: int, uses: frozenset[str]) -> list[Row]:
    """The rows that the purpose may see, by the rules alone."""
    with records.read() as connection:
        found = connection.exec_driver_sql("select subject, seq from choice").fetchall()
    since: dict[int, int] = {int(subject): int(seq) for subject, seq in found}
    return [
        row
        for row in rows
        if row["mask"] >> bit & 1 and row["name"] in uses and row["cv"] >= since.get(row["subject"], 0)
    ]


def uniques(rows: list[Row]) -> Result:
    people, views = defaultdict(set), Counter[int]()
    for row in rows:
        if row["name"] == "page_view" and not row["crawler"]:
            people[row["ts"] // DAY_MS].add(row["subject"])
            views[row["ts"] // DAY_MS] += 1
    return [(len(people[day]), views[day]) for day in sorted(views)]


def pages(rows: list[Row]) -> Result:
    views = Counter(row["page"] for row in rows if row["name"] == "page_view" and not row["crawler"])
    return sorted(views.items(), key=lambda pair: (-pair[1], pair[0]))[:20]


def funnel(rows: list[Row]) -> Result:
    at: dict[int, dict[str, list[int]]] = defaultdict(lambda: {step: [] for step in STEPS})
    for row in rows:
        if row["name"] in STEPS:
            at[row["subject"]][row["name"]].append(row["ts"])
    saw = [times for times in at.values() if times["page_view"]]
    searched = [
        times for times in saw if times["job_search"] and min(times["job_search"]) >= min(times["page_view"])
    ]
    viewed = [
        times
        for times in searched
        if times["job_view"] and max(times["job_view"]) >= min(times["job_search"])
    ]
    return [(len(saw), len(searched), len(viewed))]


def retention(rows: list[Row]) -> Result:
    weeks = defaultdict(set)
    for row in rows:
        weeks[row["subject"]].add(row["ts"] // WEEK_MS)
    found = Counter((min(each), week - min(each)) for each in weeks.values() for week in each)
    return [(*key, found[key]) for key in sorted(found)]


ORACLES = {"uniques": uniques, "pages": pages, "funnel": funnel, "retention": retention}


def shown(name: str, rows: Result) -> Result:
    """Without the day, which both sides sort by and write differently."""
    return [tuple(row[1:]) for row in rows] if name == "uniques" else [tuple(row) for row in rows]


@pytest.mark.parametrize("purpose", bench.BITS)
def test_governed_dashboards_count_what_the_purpose_may_see(made: tuple[Lake, Records], purpose: str) -> None:
    lake, records = made
    policy = bench.policy_of_the_crowd()
    uses = frozenset(name for name in policy.events if name in policy.purposes[purpose].items)
    rows = permitted(stored(lake), records, bench.BITS[purpose], uses)
    with bench.reader(lake, records, policy, purpose) as asked:
        for name, oracle in ORACLES.items():
            assert shown(name, bench.rows_of(asked, bench.dashboard(name))) == oracle(rows), name


def test_plain_dashboards_count_everything(made: tuple[Lake, Records]) -> None:
    lake, _ = made
    rows = stored(lake)
    with bench.plain(lake) as run:
        for name, oracle in ORACLES.items():
            assert shown(name, run(bench.dashboard(name))) == oracle(rows), name


def test_the_crowd_is_as_asked(made: tuple[Lake, Records]) -> None:
    """So many people and about so many events; part of them refused, part withdrew since, part came back."""
    rows = stored(made[0])
    assert len({row["subject"] for row in rows}) == CROWD.people
    assert abs(len(rows) - CROWD.events) < CROWD.people
    refused = {row["subject"] for row in rows if not row["mask"] >> bench.BITS["improve"] & 1}
    assert 0 < len(refused) < CROWD.people / 5
    assert len(made[0].snapshot().leaves) == 4


def test_the_same_seed_makes_the_same_crowd(tmp_path: Path) -> None:
    once, again = (write_lake(tmp_path / name, CROWD) for name in ("once", "again"))
    assert once == again
    assert all(
        (tmp_path / "once" / f.name).read_bytes() == (tmp_path / "again" / f.name).read_bytes()
        for f in once.files
    )


def test_what_the_command_prints(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bench, "QUICK", CROWD)
    monkeypatch.setattr(bench, "ROUNDS", 1)
    run = CliRunner().invoke(bench.query_bench_command, ["--quick", "--json", "--folder", str(tmp_path)])
    result = json.loads(run.output)
    assert {"name", "measured", "baseline", "ratio", "target", "met", "detail"} == set(result)
    assert result["name"] == "query"
    assert (run.exit_code == 0) is result["met"]
    assert not list(tmp_path.iterdir()), "what was made is removed again"
