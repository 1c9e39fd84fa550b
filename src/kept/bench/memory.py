"""`kept bench memory`: what a whole installation takes of the machine's memory while nobody asks anything of it.

`kept up` runs on a folder of its own; visitors choose and send, the console reports, `kept query` asks. After a pause
the proportional set size of every process is added up (PSS of /proc/PID/smaps_rollup: pages that several share are
counted once in all). The bound is a budget, so the baseline beside it is that.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import click

from kept.app.owner import make_owner_token
from kept.base.errors import Damaged
from kept.base.settings import Settings
from kept.bench import options
from kept.bench.servers import as_variables, free_port, process, wait_for_port

TARGET_MB = 200
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Plan:
    """How many people come, how many reports are asked, and seconds: until a process rests, until the measure."""

    people: int
    reports: int
    rest: float
    pause: float


QUICK, FULL = Plan(100, 2, 5.0, 15.0), Plan(2_000, 12, Settings().rest_seconds, 60.0)


@click.command("memory")
@options.as_json
@options.quick("less traffic, a shorter pause")
@options.policy("in force")
def memory_command(as_json: bool, quick: bool, policy: Path) -> None:
    """Memory of all processes of an idle installation after traffic and questions, in MB."""
    plan = QUICK if quick else FULL
    result = result_of(plan, measure(plan, policy.resolve()))
    options.tell(result, in_words, as_json=as_json)


def measure(plan: Plan, policy: Path) -> dict[str, dict[str, int]]:
    """PSS in bytes of each process, by its name: at work, and after the pause."""
    with (
        tempfile.TemporaryDirectory(prefix="kept-bench-") as name,
        _installation(Path(name), plan, policy) as (
            settings,
            pid,
        ),
    ):
        key = _command(settings, "keys", "show").split()[-1]
        for number in range(plan.people):
            _visit(settings, key, number)
        token = make_owner_token(settings.data)
        for _ in range(plan.reports):
            _ask(settings.console_port, "GET", "/reports.json?for=performance", bearer=token)
        _command(settings, "query", "select count(*) from page_view", "--for", "performance")
        busy = pss_below(pid)
        time.sleep(plan.pause)
        return {"busy": busy, "idle": pss_below(pid)}


def result_of(plan: Plan, found: dict[str, dict[str, int]]) -> dict[str, Any]:
    """The figures as `kept bench` prints them."""
    idle, busy = _mb(sum(found["idle"].values())), _mb(sum(found["busy"].values()))
    return {
        "name": "memory",
        "measured": idle,
        "baseline": TARGET_MB,
        "ratio": round(idle / TARGET_MB, 3),
        "target": 1.0,
        "met": idle <= TARGET_MB,
        "detail": {
            "unit": f"MB (PSS) of all processes {plan.pause:g} s after the last request; baseline: the budget",
            **{f"idle_{name}": _mb(size) for name, size in found["idle"].items()},
            "right_after_the_last_question": busy,
            "people": plan.people,
            "reports": plan.reports,
        },
    }


def in_words(result: Mapping[str, Any]) -> str:
    """The same for people."""
    detail = result["detail"]
    parts = [
        f"{size:>6} MB  {name.removeprefix('idle_')}"
        for name, size in detail.items()
        if name.startswith("idle_")
    ]
    return "\n".join(
        (
            *parts,
            f"{result['measured']:>6} MB  together; the budget is {TARGET_MB}: {'met' if result['met'] else 'not met'}",
            f"{detail['right_after_the_last_question']:>6} MB  right after the last question",
        )
    )


def pss_below(pid: int) -> dict[str, int]:
    """Bytes of a process and of all that descend from it, by what their commands name."""
    found: dict[str, int] = {}
    for number in _family(pid):
        try:
            words = Path(f"/proc/{number}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
            rolled = Path(f"/proc/{number}/smaps_rollup").read_text()
        except OSError:  # it has just ended
            continue
        name = _name_of([word.decode("utf-8", "replace") for word in words])
        size = re.search(r"^Pss: +([0-9]+) kB", rolled, re.MULTILINE)
        found[name] = found.get(name, 0) + (int(size[1]) * 1024 if size else 0)
    return found


def _name_of(words: list[str]) -> str:
    """The part of an installation that a command line starts; else its last word."""
    return words[words.index("run") + 1] if "run" in words[:-1] else words[-1].rpartition("/")[2]


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield from _family(int(child))


@contextmanager
def _installation(folder: Path, plan: Plan, policy: Path) -> Iterator[tuple[Settings, int]]:
    settings = Settings(
        data=folder / "data",
        master_key=folder / "master.key",
        policy=policy,
        public_port=free_port(),
        console_port=free_port(),
        rest_seconds=plan.rest,
        log="json",
    )
    with process([sys.executable, "-m", "kept.cli", "up"], as_variables(settings)) as up:
        for port in (settings.public_port, settings.console_port):
            wait_for_port(up, port)
        yield settings, up.pid


def _visit(settings: Settings, key: str, number: int) -> None:
    """Somebody new comes, says yes, and looks at a page."""
    address = f"84.{128 + number % 64}.{number // 64 % 256}.{number % 250 + 1}"
    told = {"key": key, "answers": {"by_choice": True}, "how": "page"}
    cookie = _ask(settings.public_port, "POST", "/v1/choices", told, address=address)
    events = [{"name": "page_view", "page": f"/jobs/{number % 90}"}]
    _ask(
        settings.public_port,
        "POST",
        "/v1/events",
        {"key": key, "events": events},
        address=address,
        cookie=cookie,
    )


def _ask(
    port: int,
    method: str,
    path: str,
    body: object = None,
    *,
    bearer: str = "",
    address: str = "",
    cookie: str = "",
) -> str:
    """One request; the cookies that it was given. Raises `Damaged` for any answer but 200."""
    headers = {
        "User-Agent": f"Mozilla/5.0 (X11; Linux x86_64; rv:1{port % 90:02d}.0) Gecko/20100101 Firefox/140.0"
    }
    said = {
        "Authorization": f"Bearer {bearer}" if bearer else "",
        "X-Forwarded-For": address,
        "Cookie": cookie,
    }
    headers |= {name: value for name, value in said.items() if value} | {"Content-Type": "application/json"}
    connection = HTTPConnection(LOOPBACK, port, timeout=60)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        reply = connection.getresponse()
        text = reply.read().decode("utf-8", "replace")
        if reply.status != 200:
            raise Damaged(
                "a request was not answered as it should be",
                where=path,
                why=f"{reply.status} {text[:200]}",
                next_step="Start an installation by hand, and send it the same.",
            )
        return "; ".join(line.partition(";")[0] for line in reply.headers.get_all("set-cookie", []))
    finally:
        connection.close()


def _command(settings: Settings, *words: str) -> str:
    command = [sys.executable, "-m", "kept.cli", *words]
    told = subprocess.run(  # noqa: S603  our own command
        command, env={**os.environ, **as_variables(settings)}, capture_output=True, text=True, check=True
    )
    return told.stdout


def _mb(size: int) -> int:
    return round(size / (1 << 20))
