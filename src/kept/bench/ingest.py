"""`kept bench ingest`: events a second through the public door, durable, beside nginx answering 204.

The server is the public process itself with every guard on: deadlines, caps, both rate limits (set so high
that they never refuse), the policy in force, 100,000 people's answers. It and nginx stand on one core in
turn, the load on another, and both get the same requests. Afterwards the journal must hold what was
acknowledged, each event once.
"""

import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click
from sqlalchemy import insert

from kept.app.house import House
from kept.base.errors import BadInput
from kept.base.settings import Settings
from kept.bench import options
from kept.bench.acknowledged import Counted, count
from kept.bench.load import Load, Run
from kept.bench.servers import Served, collectors, find_tool, free_port, nginx
from kept.storage.withdrawals import append
from kept.subject.store import answer

TARGET = 0.20
VISITORS, CONNECTIONS, BATCH = 100_000, 256, 100
UNLIMITED = 1_000_000_000
ALL_PURPOSES = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds of a run; rounds of nginx and Kept in turn; rounds with a hundred events a request."""

    seconds: int
    rounds: int
    batch_rounds: int


QUICK, FULL = Plan(3, 3, 1), Plan(8, 7, 3)


@dataclass(frozen=True, slots=True)
class Figures:
    """What the runs gave, in the order they were made, and what was found in the journal."""

    nginx: list[Run]
    kept: list[Run]
    batches: list[Run]
    counted: Counted


@click.command("ingest")
@options.as_json
@options.quick("the figures vary more")
@options.policy("at the door")
@options.disk
def ingest_command(as_json: bool, quick: bool, policy: Path, folder: Path) -> None:
    """Events a second, durable, one a request, as a share of the requests that nginx answers with 204."""
    result = result_of(measure(QUICK if quick else FULL, policy, folder.resolve()))
    options.tell(result, in_words, as_json=as_json)


def measure(plan: Plan, policy: Path, folder: Path) -> Figures:
    """Run it all. Raises `BadInput` when a program or a core is missing, `Damaged` if an event was lost."""
    programs = find_tool("nginx", "nginx"), find_tool("wrk", "wrk")
    cores = cores_here()
    with tempfile.TemporaryDirectory(prefix="kept-bench-", dir=folder) as name:
        settings = bench_settings(Path(name))
        load = Load(programs[1], cores[1:2], CONNECTIONS, prepare(settings, policy), VISITORS)
        one = cores[:1]
        with nginx(programs[0], Path(name), one) as floor, collectors(settings, one) as served:
            runs = _take_turns(plan, load, floor, served)
        counted = count(settings)
        counted.require_whole(*_answered(runs))
    return Figures(runs["nginx"], runs["kept"], runs["batch"], counted)


def result_of(figures: Figures) -> dict[str, Any]:
    """The figures as `kept bench` prints them, medians of the rounds.

    The ratio is the smaller of two: by requests a second, and by CPU spent on each. A busy machine, or a load
    generator at its limit, slows nginx more than Kept and would flatter the first; CPU is not flattered.
    """
    rounds = list(zip(figures.kept, figures.nginx, strict=True))
    by_rate = median(kept.rate / floor.rate for kept, floor in rounds)
    by_cpu = median(floor.cpu_us / kept.cpu_us for kept, floor in rounds)
    ratio = min(by_rate, by_cpu)
    return {
        "name": "ingest",
        "measured": round(median(run.rate for run in figures.kept)),
        "baseline": round(median(run.rate for run in figures.nginx)),
        "ratio": round(ratio, 3),
        "target": TARGET,
        "met": ratio >= TARGET,
        "detail": {
            "unit": "durable requests a second, one event each; baseline: nginx, return 204",
            "ratio_by_rate": round(by_rate, 3),
            "ratio_by_cpu": round(by_cpu, 3),
            "cpu_us_per_request": round(median(run.cpu_us for run in figures.kept), 1),
            "cpu_us_per_request_nginx": round(median(run.cpu_us for run in figures.nginx), 1),
            "events_a_second_in_batches_of_100": round(median(run.rate for run in figures.batches) * BATCH),
            "acknowledged": figures.counted.acknowledged,
            "in_journal_exactly_once": figures.counted.different,
            "connections": CONNECTIONS,
            "load_average": round(os.getloadavg()[0], 1),
        },
    }


def in_words(result: Mapping[str, Any]) -> str:
    """The same for people."""
    detail = result["detail"]
    return "\n".join(
        (
            f"{result['measured']:>9,} events a second, durable, one a request",
            f"{result['baseline']:>9,} requests a second by nginx, return 204, on the same core",
            f"{result['ratio']:>9} is the ratio; the target is {TARGET}: {'met' if result['met'] else 'not met'}",
            f"{detail['events_a_second_in_batches_of_100']:>9,} events a second in batches of 100",
            f"{detail['acknowledged']:>9,} acknowledged; in the journal, each once: "
            f"{detail['in_journal_exactly_once']:,}",
        )
    )


def _take_turns(plan: Plan, load: Load, floor: Served, served: Served) -> dict[str, list[Run]]:
    """Warm up, then one run of each in turn, so that what else the machine does touches both alike."""
    runs: dict[str, list[Run]] = {"nginx": [], "kept": [], "batch": []}
    runs["warm"] = [load.run(floor, 1), load.run(served, 2)]
    for _ in range(plan.rounds):
        runs["nginx"].append(load.run(floor, plan.seconds))
        runs["kept"].append(load.run(served, plan.seconds))
    for _ in range(plan.batch_rounds):
        runs["batch"].append(load.run(served, plan.seconds, BATCH))
    return runs


def _answered(runs: dict[str, list[Run]]) -> tuple[int, int]:
    """Events that the load saw answered, and those that may have been under way as a run ended."""
    single, batches = [runs["warm"][1], *runs["kept"]], runs["batch"]
    answered = sum(run.requests for run in single) + BATCH * sum(run.requests for run in batches)
    return answered, CONNECTIONS * (len(single) + BATCH * len(batches))


def cores_here() -> list[int]:
    """The cores that this process may use. Raises `BadInput` where there is only one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise BadInput(
            "there is only one core here",
            why="Load and server on the same core would measure each other.",
            next_step="Run it on a machine with two cores or more.",
            where="the cores of this process",
        )
    return cores


def bench_settings(folder: Path, collectors: int = 1) -> Settings:
    """An installation of its own, with limits that are counted and never reached."""
    return Settings(
        data=folder / "data",
        master_key=folder / "master.key",
        public_port=free_port(),
        rate_per_key=UNLIMITED,
        rate_per_address=UNLIMITED,
        collectors=collectors,
    )


def prepare(settings: Settings, policy: Path) -> str:
    """A new installation with the policy in force and everybody's answer; gives its write key."""
    house = House.open(settings)
    try:
        house.policies.put_in_force(policy.read_text(), str(policy))
        subjects = [house.identities.visitor(f"visitor-{number:06d}") for number in range(VISITORS)]
        with house.records.write() as connection:
            seq = append(connection, subjects[0], 0)
            rows = [{"subject": subject, "yes": ALL_PURPOSES, "no": 0, "seq": seq} for subject in subjects]
            connection.execute(insert(answer), rows)
        return house.api_keys.write
    finally:
        house.close()
