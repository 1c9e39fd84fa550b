"""How much permission costs: dashboards under a purpose, beside the same SQL on the same files without.

Both sides run in workers of the same kind, with the same settings, in turn, warm. The governed side is the way
every question takes: `Reader`, its views, its judge, its look at the newest withdrawals. The other side has one
view over the files and nothing else.
"""

import json
import math
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from uuid import uuid4

import click
from sqlalchemy import insert

from kept.base.errors import KeptError
from kept.bench.people import DAY_MS, DAYS, FIRST_MS, REFUSED_BY_SOME, Crowd, write_lake
from kept.gate import InForce, Permit
from kept.policy import load_policy
from kept.policy.compiled import CompiledPolicy
from kept.storage.lake import Lake, LakeFile
from kept.storage.lake.entry import Change, encode, encode_first
from kept.storage.lake.layout import HOT, entry_name, file_name
from kept.storage.lake.leaves import ROOT, leaf_of
from kept.storage.query import Open, QueryWorker, Refused, Rows
from kept.storage.records import Records
from kept.storage.withdrawals import choice
from kept.use import Reader

QUERIES = ("uniques", "pages", "funnel", "retention")
ROUNDS = 7
TARGET, WORST = 1.10, 1.5
PURPOSE = "improve"
NOW_MS = FIRST_MS + (DAYS + 1) * DAY_MS

Ask = Callable[[str], Rows | Refused]


@click.command("query")
@click.option("--events", type=int, default=20_000_000, show_default=True, help="How many events.")
@click.option("--people", type=int, default=200_000, show_default=True, help="Of how many people.")
@click.option("--quick", is_flag=True, help="2 million events, under a minute.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to put the data. [a temporary folder]")
@click.option("--keep", is_flag=True, help="Leave the data there, and use it again.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON.")
def query_bench_command(
    *, events: int, people: int, quick: bool, folder: Path | None, keep: bool, as_json: bool
) -> None:
    """What permission costs a dashboard; 1 % of the people changed since compaction."""
    events, people = (2_000_000, 20_000) if quick else (events, people)
    crowd = replace(Crowd(), events=events, people=people, changed=people // 100)
    with _folder(folder, keep=keep) as place:
        result = measure(place, crowd)
    click.echo(json.dumps(result) if as_json else _words(result))


def measure(place: Path, crowd: Crowd, rounds: int = ROUNDS) -> dict[str, object]:
    """Run it all in a folder; the result as it is printed."""
    data = make_installation(place, crowd)
    with both_sides(data) as (governed, plain):
        found = {name: _alternate(statement(name), governed, plain, rounds) for name in QUERIES}
    ratios = {name: each.ratio for name, each in found.items()}
    ratio = math.exp(statistics.fmean(map(math.log, ratios.values())))
    return {
        "name": "query",
        "measured": round(sum(each.governed for each in found.values()), 4),
        "baseline": round(sum(each.plain for each in found.values()), 4),
        "ratio": round(ratio, 3),
        "target": TARGET,
        "met": ratio <= TARGET and max(ratios.values()) <= WORST,
        "detail": {
            "unit": "seconds for the four dashboards, medians; the ratio is the geometric mean of theirs",
            **{name: each.as_dict() for name, each in found.items()},
            "events": crowd.events,
            "people": crowd.people,
            "changed_since_compaction": crowd.changed,
            "rounds": rounds,
            "load_average": round(os.getloadavg()[0], 1),
        },
    }


def statement(name: str) -> str:
    """The SQL of a dashboard, as it is checked in."""
    return (files("kept.bench") / "sql" / f"{name}.sql").read_text(encoding="utf-8")


def policy() -> CompiledPolicy:
    """A policy whose purpose has the bit that some people of the crowd refused."""
    return load_policy(
        (files("kept.bench") / "policy.yaml").read_text(encoding="utf-8"),
        "policy.yaml",
        {PURPOSE: REFUSED_BY_SOME},
    )


def make_installation(place: Path, crowd: Crowd) -> Path:
    """A data folder with the crowd's lake, its log and its withdrawals; what is there already is used again."""
    data = place / f"{crowd.events}-{crowd.people}-{crowd.changed}-{crowd.seed}"
    if not (data / "records.db").exists():
        shutil.rmtree(data, ignore_errors=True)
        made = write_lake(data / "lake", crowd)
        _write_log(data / "lake", made.files, crowd)
        _write_choices(data, crowd, made.exceptions)
    return data


@contextmanager
def both_sides(data: Path) -> Iterator[tuple[Ask, Ask]]:
    """The governed question and the plain one, each with its worker open and waiting."""
    records = Records(data / "records.db")
    compiled = policy()
    permit = Permit(compiled.purposes[PURPOSE], InForce(1, compiled, ""), NOW_MS)
    lake = Lake(data)
    with Reader(permit, lake, records, workspace=1) as reader, QueryWorker() as worker:
        columns = next(view.columns for view in reader.views if view.name == "events")
        _open_plain(worker, lake, columns)
        yield reader.ask, worker.ask
    records.close()


@dataclass(frozen=True, slots=True)
class _Timed:
    governed: float  # seconds, median
    plain: float
    rows: int

    @property
    def ratio(self) -> float:
        return self.governed / self.plain

    def as_dict(self) -> Mapping[str, float | int]:
        """As the result shows it."""
        return {
            "governed": round(self.governed, 4),
            "plain": round(self.plain, 4),
            "ratio": round(self.ratio, 3),
            "rows": self.rows,
        }


def _alternate(sql: str, governed: Ask, plain: Ask, rounds: int) -> _Timed:
    times: dict[str, list[float]] = {"governed": [], "plain": []}
    rows = 0
    for number in range(rounds + 1):  # the first round warms both
        for name, ask in (("governed", governed), ("plain", plain)):
            began = time.perf_counter()
            found = ask(sql)
            took = time.perf_counter() - began
            if isinstance(found, Refused):
                raise KeptError("a dashboard was refused", why=str(found))
            rows = len(found.rows)
            if number:
                times[name].append(took)
    return _Timed(statistics.median(times["governed"]), statistics.median(times["plain"]), rows)


_SOURCES = {"person": "subject", "time": "epoch_ms(ts)"}


def _open_plain(worker: QueryWorker, lake: Lake, columns: tuple[str, ...]) -> None:
    paths = lake.paths(list(lake.snapshot().files.values()))
    selected = ", ".join(f"{_SOURCES.get(name, name)} as {name}" for name in columns)
    listed = ", ".join(f"'{path}'" for path in paths)
    view = f"select {selected} from read_parquet([{listed}])"  # noqa: S608  our own names and paths
    ready = worker.open(
        Open(files=paths, lists={}, views=[("events", view)], public={"events": list(columns)})
    )
    if isinstance(ready, Refused):
        raise KeptError("the plain side could not be opened", why=str(ready))


def _write_log(folder: Path, paths: tuple[Path, ...], crowd: Crowd) -> None:
    """Name the files as the lake does, and commit them, each leaf with its floor."""
    log = folder / "_delta_log"
    log.mkdir()
    (log / entry_name(0)).write_bytes(encode_first("bench", 0))
    splits = _splits(crowd.buckets)
    change = Change("bench", marks={f"split:{prefix}": 1 for prefix in splits})
    for path in paths:
        kind, _, period = path.stem.removeprefix("e1-").partition("-")
        bucket = HOT if kind == HOT else leaf_of(int(kind.removeprefix("b")), splits)
        name = file_name(1, uuid4().hex)
        path.rename(folder / name)
        change.adds.append(LakeFile(name, bucket, period or HOT, 0, (folder / name).stat().st_size))
        change.marks[f"s:{bucket}"] = crowd.floor
    (log / entry_name(1)).write_bytes(encode(change, 0))


def _splits(buckets: int) -> set[str]:
    """The prefixes that must be split so that there are as many leaves as buckets (a power of two)."""
    splits, edge = set[str](), [ROOT]
    while len(edge) < buckets:
        splits.update(edge)
        edge = [prefix + bit for prefix in edge for bit in "01"]
    return splits


def _write_choices(data: Path, crowd: Crowd, exceptions: tuple[tuple[int, int], ...]) -> None:
    """The last choice that the compaction knew, and the withdrawals since."""
    records = Records(data / "records.db.part")
    rows = [{"seq": crowd.floor, "subject": 1, "bits": 0, "dropped": False}]
    rows += [
        {"seq": seq, "subject": subject, "bits": 1 << REFUSED_BY_SOME, "dropped": False}
        for subject, seq in exceptions
    ]
    with records.write() as connection:
        connection.execute(insert(choice), rows)
    records.truncate_log()
    records.close()
    (data / "records.db.part").rename(data / "records.db")


@contextmanager
def _folder(given: Path | None, *, keep: bool) -> Iterator[Path]:
    place = given or Path(tempfile.mkdtemp(prefix="kept-bench-"))
    place.mkdir(parents=True, exist_ok=True)
    try:
        yield place
    finally:
        if not keep:
            shutil.rmtree(place, ignore_errors=True)


def _words(result: Mapping[str, object]) -> str:
    detail = result["detail"]
    if not isinstance(detail, dict):
        raise TypeError("a result has details")
    lines = [f"{'':10} governed    plain    ratio"]
    for name in QUERIES:
        each = detail[name]
        lines.append(f"{name:10} {each['governed']:7.3f} s {each['plain']:7.3f} s  {each['ratio']:6.3f}")
    met = "met" if result["met"] else "not met"
    lines.append(f"geometric mean {result['ratio']}, target {TARGET} and none above {WORST}: {met}")
    lines.append(
        f"{detail['events']:,} events, {detail['people']:,} people, {detail['changed_since_compaction']:,} changed"
    )
    return "\n".join(lines)
