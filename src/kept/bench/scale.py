"""`kept bench scale`: what questions, taking in and memory become as a company's lake grows, at 1, 5 and 20 M events.

At each size the same four dashboards as in `kept bench query` are asked under a purpose; then the same number of new
events goes from the journal into the lake and is compacted, in a process of its own, with merges and splits to their
end. Questions read everything, so they may take longer in proportion to the events. What arrives is as much everywhere,
so its time may not follow the size of the lake. Nor may memory: a step sorts a million rows at most, so it reaches its
height where a lake has as many in one place, and is compared between the two largest lakes.
"""

import math
import multiprocessing
import os
import random
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click
import msgspec

from kept.base.clock import SetClock
from kept.base.ids import random_63
from kept.bench import options
from kept.bench.people import DAY_MS, DAYS, FIRST_MS, Crowd
from kept.bench.query import (
    DASHBOARDS,
    LIMITS,
    MEASURED,
    dashboard,
    folder_for,
    house,
    policy_of_the_crowd,
    reader,
    rows_of,
)
from kept.storage.event import StoredEvent
from kept.storage.files import Files
from kept.storage.journal import Journal
from kept.storage.lake import Lake
from kept.storage.query_worker import connect
from kept.storage.records import Records

FULL = tuple(
    Crowd(events=events, people=events // 100, levels=levels, changed=events // 10_000)
    for events, levels in ((1_000_000, 0), (5_000_000, 1), (20_000_000, 3))
)
"""Levels of leaves as the committer would have made them: none holds more than a million rows a month."""
QUICK = tuple(
    Crowd(events=events, people=events // 100, levels=0, changed=events // 10_000)
    for events in (200_000, 1_000_000)
)
NEW_FULL, NEW_QUICK = 500_000, 100_000
END_MS = FIRST_MS + DAYS * DAY_MS
PORTION = 20_000
ROUNDS = 5
QUESTIONS, ARRIVALS, MEMORY = 1.0, 1.5, 1.5
"""The most that each may grow: questions by the event, taking in and memory as they are."""


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What it took to bring the new events in: seconds, and the process's greatest memory in MB."""

    flush_s: float
    compact_s: float
    peak_mb: int


@dataclass(frozen=True, slots=True)
class Measured:
    """The figures at one size."""

    events: int
    disk_mb: int
    dashboards_ms: float  # geometric mean of the four
    first_question_ms: float
    worker_peak_mb: int
    flush_s: float
    compact_s: float
    committer_peak_mb: int


@click.command("scale")
@options.as_json
@options.quick("at 0.2 and 1 M events, so fixed costs weigh more")
@options.place
def scale_command(as_json: bool, quick: bool, folder: Path | None) -> None:
    """Questions, taking in and memory at 1, 5 and 20 M events: how each grows with the lake."""
    crowds, new = (QUICK, NEW_QUICK) if quick else (FULL, NEW_FULL)
    with folder_for(folder, keep=False) as place:
        result = result_of(new, [measure(place / str(crowd.events), crowd, new) for crowd in crowds])
    options.tell(result, in_words, as_json=as_json)


def measure(folder: Path, crowd: Crowd, new: int) -> Measured:
    """Everything at one size."""
    policy = policy_of_the_crowd()
    with house(folder, crowd) as (lake, records):
        disk = sum(file.size for file in lake.snapshot().files.values())
        with reader(lake, records, policy, MEASURED) as asked:
            first = _seconds(lambda: rows_of(asked, "select 1"))
            rounds = [
                [_seconds(lambda: rows_of(asked, dashboard(name))) for name in DASHBOARDS]  # noqa: B023  at once
                for _ in range(ROUNDS + 1)
            ]
            worker = peak_mb(asked.worker_pid)
        subjects = _subjects(lake)
    _send(folder, subjects, new, crowd.floor)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        taken = apart.submit(take_in, folder).result()
    means = [median(times) for times in zip(*rounds[1:], strict=True)]
    return Measured(
        crowd.events,
        round(disk / 1e6),
        round(math.prod(means) ** (1 / len(means)) * 1000, 1),
        round(first * 1000),
        worker,
        round(taken.flush_s, 2),
        round(taken.compact_s, 2),
        taken.peak_mb,
    )


def take_in(folder: Path) -> TakenIn:
    """Be the committer until everything in the journal is in its leaves. Runs in a process of its own."""
    from kept.storage.committer import Committer

    records = Records(folder / "records.db")
    try:
        with Committer(folder, records, clock=SetClock(END_MS + DAY_MS)) as committer:
            flushed = _seconds(committer.flush_all)
            compacted = _seconds(lambda: _sort_in(committer.compact, committer.split, committer.merge))
    finally:
        records.close()
    return TakenIn(flushed, compacted, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


def _sort_in(*steps: Callable[[], object]) -> None:
    for step in steps:
        while step():
            pass


def _send(folder: Path, subjects: Sequence[int], new: int, head: int) -> None:
    """New events of people who are known, on the day after the crowd's last, in the journal."""
    dice = random.Random(7)  # noqa: S311  no secret
    (folder / "journal").mkdir()
    journal = Journal(Files(), folder / "journal", 1, head)
    for start in range(0, new, PORTION):
        journal.append_now(
            [_frame(dice, subjects, start + number, new, head) for number in range(min(PORTION, new - start))]
        )
    journal.close()


def _frame(dice: random.Random, subjects: Sequence[int], number: int, new: int, head: int) -> bytes:
    page = f"/page/{int(3_000 ** dice.random())}"
    return msgspec.json.encode(
        StoredEvent(
            workspace=1,
            subject=dice.choice(subjects),
            ts=END_MS + number * DAY_MS // new,
            event_id=random_63(),
            name="page_view",
            page=page,
            properties=None,
            session=dice.getrandbits(62),
            source="tracker",
            device="desktop",
            browser="Firefox",
            country="GB",
            referrer=None,
            campaign=None,
            address=None,
            crawler=False,
            policy=1,
            mask=7 if dice.random() < 0.9 else 5,
            cv=head,
        )
    )


def _subjects(lake: Lake) -> list[int]:
    files = lake.paths(list(lake.snapshot().files.values()))
    with connect(LIMITS) as engine:
        rows = engine.execute("select distinct subject from read_parquet(?)", [files]).fetchall()
    return [int(subject) for (subject,) in rows]


def peak_mb(pid: int) -> int:
    """The greatest resident memory that a process has had, in MB (proc(5), `VmHWM`)."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0


def _seconds(run: Callable[[], object]) -> float:
    began = time.perf_counter()
    run()
    return time.perf_counter() - began


def result_of(new: int, sizes: Sequence[Measured]) -> dict[str, Any]:
    """The figures as `kept bench` prints them: growth from the smallest lake to the largest."""
    small, large = sizes[0], sizes[-1]
    more = large.events / small.events
    questions = large.dashboards_ms / (small.dashboards_ms * more)
    arrivals = (large.flush_s + large.compact_s) / (small.flush_s + small.compact_s)
    before = sizes[-2]
    memory = max(
        large.committer_peak_mb / before.committer_peak_mb, large.worker_peak_mb / before.worker_peak_mb
    )
    return {
        "name": "scale",
        "measured": large.dashboards_ms,
        "baseline": round(small.dashboards_ms * more, 1),
        "ratio": round(questions, 3),
        "target": QUESTIONS,
        "met": questions <= QUESTIONS and arrivals <= ARRIVALS and memory <= MEMORY,
        "detail": {
            "unit": f"ms of a dashboard at {large.events:,} events; baseline: at {small.events:,}, times {more:g}",
            "growth_of_taking_in": round(arrivals, 3),
            "growth_of_taking_in_allowed": ARRIVALS,
            "growth_of_memory": round(memory, 3),
            "growth_of_memory_allowed": MEMORY,
            "new_events": new,
            "sizes": [asdict(size) for size in sizes],
            "load_average": round(os.getloadavg()[0], 1),
        },
    }


def in_words(result: Mapping[str, Any]) -> str:
    """The same for people."""
    detail = result["detail"]
    names = ("events", "on disk", "dashboard", "first", "worker", "flush", "compact", "committer")
    lines = ["".join(f"{name:>12}" for name in names)]
    for size in detail["sizes"]:
        cells = (
            f"{size['events']:,}",
            f"{size['disk_mb']} MB",
            f"{size['dashboards_ms']} ms",
            f"{size['first_question_ms']} ms",
            f"{size['worker_peak_mb']} MB",
            f"{size['flush_s']} s",
            f"{size['compact_s']} s",
            f"{size['committer_peak_mb']} MB",
        )
        lines.append("".join(f"{cell:>12}" for cell in cells))
    return "\n".join(
        (
            *lines,
            f"A question grows {result['ratio']} times as fast as the events (allowed {result['target']}), taking in "
            f"{detail['new_events']:,} new ones {detail['growth_of_taking_in']} times ({ARRIVALS}), memory "
            f"{detail['growth_of_memory']} times ({MEMORY}): {'met' if result['met'] else 'not met'}",
        )
    )
