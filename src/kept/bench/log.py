"""`kept bench log`: lines a second of a server log, imported, beside GoAccess on the same file in the same run.

Kept reads, judges, minimises, recognises and appends each page view durably; GoAccess counts, shortens addresses, sets
crawlers apart and writes its figures. Both run in turn, GoAccess as one process, Kept as several where the log is long
(processor time is that of all). Every line has another address.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click

from kept.app.house import House
from kept.base.errors import Damaged
from kept.base.settings import Settings
from kept.bench import options
from kept.bench.log_lines import write_log
from kept.bench.servers import as_variables, find_tool

TARGET = 1.0


@dataclass(frozen=True, slots=True)
class Plan:
    """Lines of the log, and rounds of GoAccess and Kept in turn."""

    lines: int
    rounds: int


@dataclass(frozen=True, slots=True)
class Took:
    """One run: seconds by the clock, and of CPU in all of its processes."""

    clock: float
    cpu: float


QUICK, FULL = Plan(100_000, 2), Plan(2_000_000, 3)


@click.command("log")
@options.as_json
@options.quick("a twentieth of the lines")
def log_command(as_json: bool, quick: bool) -> None:
    """Lines of a server log imported a second, as a multiple of what GoAccess counts."""
    plan = QUICK if quick else FULL
    result = result_of(plan, *measure(plan))
    options.tell(result, in_words, as_json=as_json)


def measure(plan: Plan) -> tuple[list[Took], list[Took]]:
    """What each run of Kept took, and of GoAccess. Raises `BadInput` where GoAccess is missing."""
    goaccess, kept, counted = find_tool("goaccess", "goaccess"), list[Took](), list[Took]()
    with tempfile.TemporaryDirectory(prefix="kept-bench-") as name:
        folder = Path(name)
        log = folder / "access.log"
        write_log(log, plan.lines, int(time.time() * 1_000) - 60_000)
        for number in range(plan.rounds):
            counted.append(_timed(_goaccess(goaccess, log, folder)))
            kept.append(_import(folder / f"round-{number}", log, plan.lines))
    return kept, counted


def result_of(plan: Plan, kept: Sequence[Took], counted: Sequence[Took]) -> dict[str, Any]:
    """The figures as `kept bench` prints them: medians of the rounds, the smaller of two ratios."""
    rounds = list(zip(kept, counted, strict=True))
    by_clock = median(other.clock / ours.clock for ours, other in rounds)
    by_cpu = median(other.cpu / ours.cpu for ours, other in rounds)
    ratio = min(by_clock, by_cpu)
    return {
        "name": "log",
        "measured": round(plan.lines / median(run.clock for run in kept)),
        "baseline": round(plan.lines / median(run.clock for run in counted)),
        "ratio": round(ratio, 3),
        "target": TARGET,
        "met": ratio >= TARGET,
        "detail": {
            "unit": "lines a second, an address each; baseline: GoAccess, addresses shortened, crawlers apart",
            "ratio_by_clock": round(by_clock, 3),
            "ratio_by_cpu": round(by_cpu, 3),
            "cpu_us_per_line": round(median(run.cpu for run in kept) / plan.lines * 1e6, 1),
            "cpu_us_per_line_goaccess": round(median(run.cpu for run in counted) / plan.lines * 1e6, 1),
            "lines": plan.lines,
            "rounds": plan.rounds,
            "load_average": round(os.getloadavg()[0], 1),
        },
    }


def in_words(result: Mapping[str, Any]) -> str:
    """The same for people."""
    return "\n".join(
        (
            f"{result['measured']:>9,} lines a second, imported",
            f"{result['baseline']:>9,} lines a second by GoAccess",
            f"{result['ratio']:>9} is the ratio; the target is {TARGET}: {'met' if result['met'] else 'not met'}",
        )
    )


def _goaccess(program: str, log: Path, folder: Path) -> list[str]:
    wanted = [
        "--log-format=COMBINED",
        "--no-global-config",
        "--no-progress",
        "--anonymize-ip",
        "--ignore-crawlers",
    ]
    return [program, str(log), *wanted, "-o", str(folder / "figures.json")]


def _import(folder: Path, log: Path, lines: int) -> Took:
    """Into a new installation; every line must be accounted for."""
    settings = Settings(data=folder / "data", master_key=folder / "master.key")
    house = House.open(settings)
    try:
        house.policies.put_in_force(options.WORKHIRESPOT.read_text(), str(options.WORKHIRESPOT))
    finally:
        house.close()
    told = folder / "told"
    with told.open("wb") as out:
        took = _timed(
            [sys.executable, "-m", "kept.cli", "import", "log", "--json", str(log)],
            as_variables(settings),
            out,
        )
    found = json.loads(told.read_bytes())
    if (
        found["lines"] != lines
        or found["kept"] + sum(found["refused"].values()) + found["malformed"] != lines
    ):
        raise Damaged(
            "lines are unaccounted for",
            where="kept bench log",
            why=f"{found['lines']} of {lines} were read.",
            next_step="Import the same file with `kept import log`, and look at its report.",
        )
    return took


def _timed(command: list[str], more: Mapping[str, str] | None = None, out: Any = subprocess.DEVNULL) -> Took:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(  # noqa: S603  a program found by its own name, or our own
        command, env={**os.environ, **(more or {})}, stdin=subprocess.DEVNULL, stdout=out, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(time.perf_counter() - began, cpu)
