"""What all benchmarks have in common on the command line: their options, and how a result is told."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

WORKHIRESPOT = Path("policies/workhirespot.yaml")

Command = TypeVar("Command", bound=Callable[..., Any])
Option = Callable[[Command], Command]

as_json = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")


def quick(what: str) -> Option[Any]:
    """The short form: under a minute, for this price."""
    return click.option("--quick", is_flag=True, help=f"Under a minute: {what}.")


def policy(whose: str) -> Option[Any]:
    """Which policy is in force."""
    return click.option(
        "--policy",
        type=click.Path(path_type=Path, exists=True, dir_okay=False),
        default=WORKHIRESPOT,
        show_default=True,
        help=f"The policy {whose}.",
    )


disk = click.option(
    "--folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=Path(),
    help="Where the journal is written: on the disk to measure.  [the current folder]",
)
place = click.option(
    "--folder", type=click.Path(path_type=Path, file_okay=False), help="Where the events are made."
)
keep = click.option("--keep", is_flag=True, help="Leave them there for the next time.")


def tell(
    result: Mapping[str, Any], in_words: Callable[[Mapping[str, Any]], str], *, as_json: bool
) -> NoReturn:
    """Print a result, and end with 0 where the target was met, 1 where it was not."""
    click.echo(json.dumps(result) if as_json else in_words(result))
    sys.exit(0 if result["met"] else 1)
