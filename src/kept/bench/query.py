"""`kept bench query`: four dashboards under a purpose, beside the same SQL without governance.

Governed is the whole way of a question: snapshot, withdrawals, judge, twin, worker, views, rows back. The
baseline is DuckDB alone on the same files with the worker's settings, in this process. Both run in turn, warm.
The purpose is one that a twentieth of the people refused before, and a hundredth since the last compaction.
"""

import math
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click

from kept.base.errors import KeptError
from kept.base.ids import MASK_63
from kept.bench import options
from kept.bench.people import ASKED, DAY_MS, DAYS, FIRST_MS, FREE, REFUSED_BY_SOME, Crowd, write_lake
from kept.gate import InForce, Permit
from kept.policy import CompiledPolicy, load_policy
from kept.storage import withdrawals
from kept.storage.lake import Lake
from kept.storage.lake.entry import Change, encode, encode_first
from kept.storage.lake.layout import HOT, entry_name
from kept.storage.query import Limits, Refused
from kept.storage.query_worker import connect
from kept.storage.records import Records
from kept.use import Reader

HERE = Path(__file__).parent
DASHBOARDS = ("uniques", "pages", "funnel", "retention")
BITS = {"serve": FREE, "recommend": ASKED, "improve": REFUSED_BY_SOME}
MEASURED, TARGET, WORST = "improve", 1.10, 1.50
FULL, QUICK = Crowd(), Crowd(events=2_000_000, people=20_000, levels=4, changed=200)
ROUNDS = 7
LIMITS = Limits(memory_mb=2_048, seconds=300.0)

Run = Callable[[str], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Pair:
    """One dashboard's seconds, round by round: governed and plain, by the clock and of CPU (both processes)."""

    governed: list[float]
    plain: list[float]

    @property
    def ratio(self) -> float:
        """The median of the rounds' own ratios: two runs that follow each other share the machine's mood."""
        return median(one / other for one, other in zip(self.governed, self.plain, strict=True))


@click.command("query")
@options.as_json
@options.quick("a tenth of the events, so fixed costs weigh more")
@options.place
@options.keep
def query_bench_command(as_json: bool, quick: bool, folder: Path | None, keep: bool) -> None:
    """Four dashboards under a purpose, as a multiple of what the same SQL takes without governance."""
    crowd = QUICK if quick else FULL
    with folder_for(folder, keep=keep) as place:
        result = result_of(crowd, measure(place / f"{crowd.events}-{crowd.seed}", crowd))
    options.tell(result, in_words, as_json=as_json)


def measure(folder: Path, crowd: Crowd, rounds: int = ROUNDS) -> dict[str, Any]:
    """Seconds of each dashboard under each purpose, and how long it took to look into the files at first."""
    policy = policy_of_the_crowd()
    with house(folder, crowd) as (lake, records), plain(lake) as run_plain:
        found: dict[str, Any] = {}
        for purpose in (MEASURED, *(name for name in BITS if name != MEASURED)):
            with reader(lake, records, policy, purpose) as asked:
                started = time.perf_counter()
                rows_of(asked, "select 1")
                opened = time.perf_counter() - started
                found[purpose] = _take_turns(asked, run_plain, rounds)
                found[purpose]["opened"] = opened
        return found


def result_of(_crowd: Crowd, found: dict[str, Any]) -> dict[str, Any]:
    """The figures as `kept bench` prints them."""
    pairs: dict[str, Pair] = found[MEASURED]["clock"]
    ratio = _together(pairs)
    worst = max(pair.ratio for pair in pairs.values())
    return {
        "name": "query",
        "measured": round(_mean([median(pair.governed) for pair in pairs.values()]) * 1000, 1),
        "baseline": round(_mean([median(pair.plain) for pair in pairs.values()]) * 1000, 1),
        "ratio": round(ratio, 3),
        "target": TARGET,
        "met": ratio <= TARGET and worst <= WORST,
        "detail": {
            "unit": "ms of a dashboard, geometric mean of four; baseline: the same SQL without governance",
            **{
                f"{name}_ms": [round(median(pair.governed) * 1000, 1), round(median(pair.plain) * 1000, 1)]
                for name, pair in pairs.items()
            },
            **{f"{name}_ratio": round(pair.ratio, 3) for name, pair in pairs.items()},
            "worst_allowed": WORST,
            **{f"ratio_under_{name}": round(_together(found[name]["clock"]), 3) for name in BITS},
            "ratio_of_cpu": round(_together(found[MEASURED]["cpu"]), 3),
            "first_question_ms": round(found[MEASURED]["opened"] * 1000),
            "events": _crowd.events,
            "people": _crowd.people,
            "changed": _crowd.changed,
        },
    }


def in_words(result: Mapping[str, Any]) -> str:
    """The same for people."""
    detail = result["detail"]
    lines = [
        f"{'dashboard':<12}{'governed':>10}{'plain':>10}{'ratio':>8}",
        *(
            f"{name:<12}{detail[f'{name}_ms'][0]:>8} ms{detail[f'{name}_ms'][1]:>7} ms{detail[f'{name}_ratio']:>8.2f}"
            for name in DASHBOARDS
        ),
        f"geometric mean {result['ratio']:.3f}, target {TARGET:.2f} and none above {WORST:.2f}:"
        f" {'met' if result['met'] else 'not met'}",
    ]
    return "\n".join(lines)


@contextmanager
def house(folder: Path, crowd: Crowd) -> Iterator[tuple[Lake, Records]]:
    """The crowd's lake and records, made if they are not there."""
    if not (folder / "records.db").exists():
        _make(folder, crowd)
    records = Records(folder / "records.db")
    try:
        yield Lake(folder), records
    finally:
        records.close()


def _make(folder: Path, crowd: Crowd) -> None:
    """A lake as a compaction leaves it, in two commits, and the withdrawals since."""
    made = write_lake(folder / "lake", crowd)
    log = folder / "lake" / "_delta_log"
    log.mkdir()
    marks = {f"s:{leaf}": crowd.floor for leaf in {file.bucket for file in made.files} | {HOT}}
    marks |= {f"split:{prefix}": 1 for prefix in crowd.splits} | {"choices": crowd.floor}
    (log / entry_name(0)).write_bytes(encode_first("bench", 0))
    (log / entry_name(1)).write_bytes(encode(Change("compact", adds=list(made.files), marks=marks), 0))
    records = Records(folder / "records.db")
    with records.write() as connection:
        rows = [
            {"subject": subject, "seq": seq, "bits": MASK_63, "dropped": False}
            for subject, seq in made.exceptions
        ]
        connection.execute(withdrawals.choice.insert(), rows)
    records.close()


def policy_of_the_crowd() -> CompiledPolicy:
    """The policy that the crowd's masks were made under."""
    return load_policy((HERE / "people.yaml").read_text(), "people.yaml", BITS)


def reader(lake: Lake, records: Records, policy: CompiledPolicy, purpose: str) -> Reader:
    """Questions under a purpose, asked on the crowd's last day."""
    permit = Permit(policy.purposes[purpose], InForce(1, policy, ""), FIRST_MS + DAYS * DAY_MS)
    return Reader(permit, lake, records, 1, LIMITS)


def rows_of(asked: Reader, sql: str) -> list[tuple[Any, ...]]:
    """The rows; a benchmark has no use for a refusal."""
    answer = asked.ask(sql)
    if isinstance(answer, Refused):
        raise KeptError(
            "a dashboard was refused",
            why=str(answer),
            where="kept bench query",
            next_step="Mend the dashboard, or the policy in people.yaml that it is asked under.",
        )
    return answer.rows


@contextmanager
def plain(lake: Lake) -> Iterator[Run]:
    """The same SQL on the same files with nothing in between, under the worker's settings."""
    files = lake.paths(list(lake.snapshot().files.values()))
    with connect(LIMITS) as connection:
        connection.execute("set parquet_metadata_cache = true")
        listed = "[" + ", ".join(f"'{file}'" for file in files) + "]"
        view = (HERE / "dashboards" / "plain.sql").read_text().replace("?", listed)
        connection.execute(f"create view events as {view}")
        yield lambda sql: connection.execute(sql).fetchall()


def dashboard(name: str) -> str:
    """A dashboard's SQL."""
    return (HERE / "dashboards" / f"{name}.sql").read_text()


def _asks(asked: Reader) -> Run:
    return lambda sql: rows_of(asked, sql)


def _take_turns(asked: Reader, baseline: Run, rounds: int) -> dict[str, Any]:
    """Each dashboard in turn with and without, after one round to warm up."""
    clock = {name: Pair([], []) for name in DASHBOARDS}
    cpu = {name: Pair([], []) for name in DASHBOARDS}
    for number in range(rounds + 1):
        for name in DASHBOARDS:
            sql = dashboard(name)
            for run, side in ((_asks(asked), "governed"), (baseline, "plain")):
                taken, spent = _timed(run, sql, asked)
                if number:
                    getattr(clock[name], side).append(taken)
                    getattr(cpu[name], side).append(spent)
    return {"clock": clock, "cpu": cpu}


def _timed(run: Run, sql: str, asked: Reader) -> tuple[float, float]:
    """Seconds by the clock, and of CPU: this process' and the worker's."""
    began, spent = time.perf_counter(), time.process_time() + asked.worker_cpu
    run(sql)
    return time.perf_counter() - began, time.process_time() + asked.worker_cpu - spent


def _together(pairs: dict[str, Pair]) -> float:
    return _mean([pair.ratio for pair in pairs.values()])


def _mean(values: list[float]) -> float:
    """The geometric mean: a ratio of 2 and one of 1/2 are no change."""
    return math.prod(values) ** (1 / len(values))


@contextmanager
def folder_for(given: Path | None, *, keep: bool) -> Iterator[Path]:
    """Where to make the events; what was made is removed again unless it is to be kept."""
    if given is not None and keep:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    with tempfile.TemporaryDirectory(prefix="kept-bench-", dir=given) as name:
        yield Path(name)
