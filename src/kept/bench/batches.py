"""`kept bench batches`: events a second in requests of a hundred, on all cores, beside nginx answering 204 on the same.

Collectors as `kept up` starts them, one a core, with every guard on, and nginx with one worker a core; the load comes
from the same cores, since there are no others. They take turns. nginx gets the requests of one event that
`kept bench ingest` sends: it throws bodies away, so the small ones are its best. Afterwards the journal must hold
what was acknowledged, each event once.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click

from kept.bench import options
from kept.bench.acknowledged import Counted, count
from kept.bench.ingest import BATCH, CONNECTIONS, VISITORS, bench_settings, cores_here, prepare
from kept.bench.load import Load, Run
from kept.bench.servers import Served, collectors, find_tool, nginx

TARGET = 2.5


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds of a run; rounds of nginx and Kept in turn."""

    seconds: int
    rounds: int


QUICK, FULL = Plan(3, 3), Plan(8, 7)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the runs gave, in the order they were made, on how many cores, and what was found in the journal."""

    cores: int
    nginx: list[Run]
    kept: list[Run]
    counted: Counted


@click.command("batches")
@options.as_json
@options.quick("the figures vary more")
@options.policy("at the doors")
@options.disk
def batches_command(as_json: bool, quick: bool, policy: Path, folder: Path) -> None:
    """Events a second, durable, a hundred a request on all cores, as a multiple of nginx's requests there."""
    result = result_of(measure(QUICK if quick else FULL, policy, folder.resolve()))
    options.tell(result, in_words, as_json=as_json)


def measure(plan: Plan, policy: Path, folder: Path) -> Figures:
    """Run it all. Raises `BadInput` when a program or a core is missing, `Damaged` if an event was lost."""
    programs, cores = (find_tool("nginx", "nginx"), find_tool("wrk", "wrk")), cores_here()
    with tempfile.TemporaryDirectory(prefix="kept-bench-", dir=folder) as name:
        settings = bench_settings(Path(name), collectors=len(cores))
        load = Load(programs[1], cores, CONNECTIONS, prepare(settings, policy), VISITORS)
        with nginx(programs[0], Path(name), cores) as floor, collectors(settings, cores) as served:
            warm, runs = _take_turns(plan, load, floor, served)
        counted = count(settings)
        batches = [warm, *runs["kept"]]
        counted.require_whole(
            BATCH * sum(run.requests for run in batches), CONNECTIONS * BATCH * len(batches)
        )
    return Figures(len(cores), runs["nginx"], runs["kept"], counted)


def _take_turns(plan: Plan, load: Load, floor: Served, served: Served) -> tuple[Run, dict[str, list[Run]]]:
    runs: dict[str, list[Run]] = {"nginx": [], "kept": []}
    load.run(floor, 1)
    warm = load.run(served, 2, BATCH)
    for _ in range(plan.rounds):
        runs["nginx"].append(load.run(floor, plan.seconds))
        runs["kept"].append(load.run(served, plan.seconds, BATCH))
    return warm, runs


def result_of(figures: Figures) -> dict[str, Any]:
    """The figures as `kept bench` prints them, medians of the rounds.

    The ratio is by what came through, the load's own work taken from the same cores; by CPU of the servers alone it
    stands beside it.
    """
    rounds = list(zip(figures.kept, figures.nginx, strict=True))
    by_rate = median(BATCH * kept.rate / floor.rate for kept, floor in rounds)
    by_cpu = median(BATCH * floor.cpu_us / kept.cpu_us for kept, floor in rounds)
    return {
        "name": "batches",
        "measured": round(BATCH * median(run.rate for run in figures.kept)),
        "baseline": round(median(run.rate for run in figures.nginx)),
        "ratio": round(by_rate, 3),
        "target": TARGET,
        "met": by_rate >= TARGET,
        "detail": {
            "unit": "durable events a second, a hundred a request; baseline: requests by nginx, return 204",
            "cores": figures.cores,
            "ratio_by_cpu": round(by_cpu, 3),
            "cpu_us_per_event": round(median(run.cpu_us for run in figures.kept) / BATCH, 2),
            "cpu_us_per_request_nginx": round(median(run.cpu_us for run in figures.nginx), 1),
            "acknowledged": figures.counted.acknowledged,
            "in_journal_exactly_once": figures.counted.different,
            "load_average": round(os.getloadavg()[0], 1),
        },
    }


def in_words(result: Mapping[str, Any]) -> str:
    """The same for people."""
    detail = result["detail"]
    return "\n".join(
        (
            f"{result['measured']:>9,} events a second, durable, a hundred a request, on {detail['cores']} cores",
            f"{result['baseline']:>9,} requests a second by nginx, return 204, on the same cores",
            f"{result['ratio']:>9} events a request of nginx; the target is {TARGET}: "
            f"{'met' if result['met'] else 'not met'}",
            f"{detail['ratio_by_cpu']:>9} by CPU of the servers",
            f"{detail['acknowledged']:>9,} acknowledged; in the journals, each once: "
            f"{detail['in_journal_exactly_once']:,}",
        )
    )
