"""The command line. Each command lives in its own file and is loaded when it is called."""

import logging
import os
import sys
from importlib import import_module

import click

from kept.base.errors import KeptError
from kept.base.logs import is_log_of_objects

COMMANDS = {
    "init": "kept.cli.policy:init_command",
    "policy": "kept.cli.policy:policy_group",
    "up": "kept.cli.up:up_command",
    "demo": "kept.cli.demo:demo_command",
    "import": "kept.cli.import_:import_group",
    "query": "kept.cli.query:query_command",
    "person": "kept.cli.person:person_group",
    "partner": "kept.cli.partner:partner_group",
    "ledger": "kept.cli.ledger:ledger_group",
    "keys": "kept.cli.keys:keys_group",
    "run": "kept.cli.run:run_group",
    "prove": "kept.cli.prove:prove_command",
    "bench": "kept.cli.bench:bench_group",
}


class _Commands(click.Group):
    """Loads a command's file only when it is asked for, so that `kept policy check` starts no engine."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name].split(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{COMMANDS[cmd_name]} is not a command")
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kept")
def kept() -> None:
    """Kept executes a company's own privacy policy."""


def main() -> None:
    """Run a command. The one place where an error becomes words and an exit code."""
    os.umask(0o077)  # the engines' files too are nobody else's, whoever made the data folder
    try:
        kept(standalone_mode=False)
    except KeptError as error:
        if is_log_of_objects():
            logging.getLogger("kept").critical("%s", error)
        else:
            click.echo(str(error), err=True)
        sys.exit(error.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
