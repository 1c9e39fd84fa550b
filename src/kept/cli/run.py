"""`kept run`: one process of an installation. `kept up` starts them; a service manager may do so instead."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kept.app.processes import collector_name
from kept.base.logs import speak
from kept.base.settings import Settings, read_settings

if TYPE_CHECKING:
    from kept.app.house import House


@click.group("run", hidden=True)
def run_group() -> None:
    """Run one process of an installation that was started with `kept up`."""


@run_group.command("public")
@click.option("--number", type=int, default=1, help="Which of several it is.")
@click.option("--day-page", type=int, help="The inherited handle of the page with the day's key.")
def public_command(number: int, day_page: int | None) -> None:
    """Collector and centre."""
    settings = _begin(collector_name(number))
    from kept.web.public import run_public

    run_public(settings, number, day_page)


@run_group.command("console")
def console_command() -> None:
    """The console."""
    settings = _begin("console")
    from kept.app.waiting import await_caller

    seated = await_caller(settings)
    if seated is None:
        return
    from kept.web.office import run_console

    run_console(settings, seated)


@run_group.command("ranking")
def ranking_command() -> None:
    """What ranks: one question a line on standard input. The public process starts it when it is asked."""
    from kept.app.ranking import run_ranking

    run_ranking(read_settings())


@run_group.command("committer")
def committer_command() -> None:
    """What moves the journal to the lake, and carries deletions through."""
    settings = _begin("committer")
    from kept.app.committing import run_committer

    run_committer(settings)


@run_group.command("follow")
def follow_command() -> None:
    """What follows the server logs that KEPT_FOLLOW names."""
    settings = _begin("follow")
    from kept.app.following import follow_logs

    follow_logs(settings, [Path(name) for name in settings.follow])


@run_group.command("opening")
@click.option("--greet", is_flag=True, help="Say where everything is, and the owner token if there was none.")
def opening_command(*, greet: bool) -> None:
    """Make the installation if it is not there, and put the policy file in force."""
    settings = _begin("up")
    from kept.app.coming_into_force import start_under
    from kept.app.house import House
    from kept.app.opening import refuse_old_records
    from kept.app.policy_file import WAITS

    is_new = not settings.master_key.exists()
    house = House.open(settings)
    if is_new and settings.log == "json":  # at a terminal it is greeted with
        says = "A master key was made at %s. Keep a copy apart: without it the data is lost."
        logging.getLogger("kept.keys").warning(says, settings.master_key.absolute())
    try:
        refuse_old_records(house)
        waits = _say_version(start_under(house, settings.policy)) == WAITS
        if greet:
            _greet(house)
    finally:
        house.close()
    sys.exit(WAITS if waits else 0)  # a file that was not taken has been named: it starts all the same


@run_group.command("policy")
def policy_command() -> None:
    """Put the policy file in force if it passes its check and its day has come."""
    settings = _begin("up")
    from kept.app.coming_into_force import go_on_under
    from kept.app.house import House

    house = House.open_existing(settings)
    try:
        code = _say_version(go_on_under(house, settings.policy))
    finally:
        house.close()
    sys.exit(code)


def _say_version(found: object) -> int:
    """Tell which version is in force, or why the file was not taken; what this process ends with."""
    from kept.app.policy_file import WAITS
    from kept.base.errors import KeptError
    from kept.gate import InForce, NotYet

    log = logging.getLogger("kept.policy")
    if isinstance(found, KeptError):
        waits = isinstance(found, NotYet)
        log.log(logging.WARNING if waits else logging.ERROR, "%s\nThe version in force stays.", found)
        return WAITS if waits else found.exit_code
    if isinstance(found, InForce):
        version, fingerprint = found.policy.version, found.policy.fingerprint[:12]
        log.info("Policy %s is in force, number %d, %s….", version, found.number, fingerprint)
    return 0


def _greet(house: "House") -> None:
    """For the person at the terminal. A log is read by many: no token is printed where it is JSON."""
    from kept.app.owner import owner_token_once

    settings = house.settings
    if settings.log == "json":
        return
    token = owner_token_once(settings.data)
    click.echo(f"Public interface  http://{settings.public_host}:{settings.public_port}/privacy")
    click.echo(f"Console           http://127.0.0.1:{settings.console_port}/")
    if token:
        click.echo(f"Owner token       {token}   (shown once; `kept keys owner` makes another)")
    click.echo(f"Write key         {house.api_keys.write}   (for pages)")
    if token:
        key = settings.master_key.absolute()
        click.echo(f"Master key        {key}   (keep a copy apart: without it the data is lost)")
    click.echo("Ctrl-C stops.")


def _begin(process: str) -> Settings:
    settings = read_settings()
    speak(settings.log, process)
    return settings
