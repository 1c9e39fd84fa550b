"""`kept up`: start an installation and watch over it.

The watcher itself opens nothing and carries no engine: what needs the house at the start, and when the policy
file changes, runs in a process that ends (`kept run opening`, `kept run policy`).
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import FrameType

import click

from kept.app.lock import FolderLock
from kept.app.policy_file import WAITS, PolicyFile, read_file
from kept.app.ports import refuse_taken
from kept.app.processes import Processes, collector_name
from kept.base.clock import SystemClock
from kept.base.errors import Away, BadInput, InUse, NoRoom
from kept.base.logs import speak
from kept.base.settings import Settings, as_environment, read_settings
from kept.cli.options import on_installation
from kept.gather.day import day_page

log = logging.getLogger("kept.up")

LOOK_SECONDS = 0.5
PASSES = frozenset(kind.exit_code for kind in (Away, InUse, NoRoom))
Beside = Callable[[Processes], None]
"""What else to run beside an installation: may add processes, and say things."""


@click.command("up")
@on_installation
@click.option("--policy", type=click.Path(path_type=Path, dir_okay=False), help="The policy. [KEPT_POLICY]")
def up_command(settings: Settings, policy: Path | None) -> None:
    """Start Kept on a data folder; Ctrl-C stops it.

    The policy file is put in force at the start, and again whenever it changes and passes its check. One that
    does not pass changes nothing; one of a later day waits for it.
    """
    given = {field.name: getattr(settings, field.name) for field in fields(settings)}
    run_installation(read_settings(**{**given, "policy": policy or settings.policy}), greet=True)


def run_installation(
    settings: Settings, beside: Beside = lambda _processes: None, *, greet: bool = False
) -> None:
    """Run every process of an installation until SIGINT or SIGTERM. Raises `InUse` when one already runs.

    `greet` says where everything is, and at the first start the owner token.
    """
    speak(settings.log, "up")
    with FolderLock(settings.data), _signals() as stopped:
        refuse_taken(settings.public_host, settings.public_port, "KEPT_PUBLIC_PORT")
        refuse_taken("127.0.0.1", settings.console_port, "KEPT_CONSOLE_PORT")
        if settings.metrics_port:
            refuse_taken("127.0.0.1", settings.metrics_port, "KEPT_METRICS_PORT")
        environment, file = as_environment(settings), PolicyFile(settings.policy)
        _try(file, environment, "opening", *(["--greet"] if greet else []))
        if stopped:
            return
        processes = Processes(say=log.warning, environment=environment)
        _add_parts(processes, settings)
        beside(processes)
        _watch(processes, file, environment, stopped)


def _add_parts(processes: Processes, settings: Settings) -> None:
    """The collectors, with one key of the day among them, and what there is one of."""
    page = day_page()
    for number in range(1, settings.collectors + 1):
        words = ("--number", str(number), "--day-page", str(page))
        processes.add(collector_name(number), "run", "public", *words, handles=(page,))
    for name in ("console", "committer", *(["follow"] if settings.follow else [])):
        processes.add(name, "run", name)


def _try(file: PolicyFile, environment: Mapping[str, str], *arguments: str) -> None:
    """Have a process of its own open the house and put the file in force; at the start it must succeed."""
    now_ms = SystemClock().now_ms()
    try:
        text = read_file(file.path)
    except BadInput:
        text = ""  # it will say so itself
    command = [sys.executable, "-m", "kept.cli", "run", *arguments]
    code = subprocess.run(  # noqa: S603  our own command
        command,
        env={**os.environ, **environment},
        start_new_session=True,  # Ctrl-C is for the watcher: what was begun is finished
        check=False,
    ).returncode
    file.note(text, now_ms, waits=code == WAITS, passes=code in PASSES)
    if arguments[0] == "opening" and code not in (0, WAITS):
        sys.exit(code)


def _watch(
    processes: Processes, file: PolicyFile, environment: Mapping[str, str], stopped: list[int]
) -> None:
    processes.start()
    try:
        while not stopped:
            time.sleep(LOOK_SECONDS)
            processes.watch()
            if file.is_due(SystemClock().now_ms()):
                _try(file, environment, "policy")
    finally:
        log.info("Stopping …")
        processes.stop()


@contextmanager
def _signals() -> Iterator[list[int]]:
    """A list that is empty until the process is told to stop."""
    received: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        received.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
