"""`kept up`: start an installation and watch over it."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from types import FrameType

import click

from kept.app.house import House
from kept.app.lock import FolderLock
from kept.app.opening import refuse_old_records
from kept.app.owner import has_owner_token, make_owner_token
from kept.app.policy_file import PolicyFile
from kept.app.ports import refuse_taken
from kept.app.processes import Processes
from kept.base.errors import KeptError
from kept.base.settings import Settings, as_environment, read_settings
from kept.cli.options import on_installation
from kept.gate import InForce

LOOK_SECONDS = 0.5
PROCESSES = ("public", "console", "committer")
WithHouse = Callable[[House, Processes], None]
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
    run_installation(read_settings(**{**given, "policy": policy or settings.policy}), _say_where)


def run_installation(settings: Settings, beside: WithHouse) -> None:
    """Run every process of an installation until SIGINT or SIGTERM. Raises `InUse` when one already runs."""
    with FolderLock(settings.data), _signals() as stopped:
        refuse_taken(settings.public_host, settings.public_port, "KEPT_PUBLIC_PORT")
        refuse_taken("127.0.0.1", settings.console_port, "KEPT_CONSOLE_PORT")
        file = PolicyFile(settings.policy)
        house = House.open(settings)
        try:
            refuse_old_records(house)
            say_version(file.start(house))
            processes = Processes(say=click.echo, environment=as_environment(settings))
            for name in PROCESSES:
                processes.add(name, "run", name)
            beside(house, processes)
            _watch(house, processes, file, stopped)
        finally:
            house.close()


def say_version(found: InForce | KeptError) -> None:
    """Tell which version is in force, or why the file was not taken."""
    if isinstance(found, KeptError):
        click.echo(f"{found}\nThe version in force stays.", err=True)
    else:
        fingerprint = found.policy.fingerprint[:12]
        click.echo(f"Policy {found.policy.version} is in force, number {found.number}, {fingerprint}….")


def owner_token_once(house: House) -> str | None:
    """A new owner token at the first start; None later."""
    data = house.settings.data
    return None if has_owner_token(data) else make_owner_token(data)


def _say_where(house: House, _processes: Processes) -> None:
    settings, token = house.settings, owner_token_once(house)
    click.echo(f"Public interface  http://{settings.public_host}:{settings.public_port}/privacy")
    click.echo(f"Console           http://127.0.0.1:{settings.console_port}/")
    if token:
        click.echo(f"Owner token       {token}   (shown once; `kept keys owner` makes another)")
    click.echo(f"Write key         {house.api_keys.write}   (for pages)")
    click.echo("Ctrl-C stops.")


def _watch(house: House, processes: Processes, file: PolicyFile, stopped: list[int]) -> None:
    processes.start()
    try:
        while not stopped:
            time.sleep(LOOK_SECONDS)
            processes.watch()
            found = file.follow(house)
            if found is not None:
                say_version(found)
    finally:
        click.echo("Stopping …")
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
