"""Options that every command on an installation takes."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from kept.base.errors import BadInput
from kept.base.settings import read_settings
from kept.policy.places import Residence


class _ResidenceGiven(click.ParamType[Residence]):
    """Where people live, as ISO 3166 has it. BadInput for what is no place."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Residence:
        try:
            return Residence(value)
        except ValueError as error:
            raise BadInput(
                str(error),
                where="--residence",
                why="Which law holds depends on it, so a place is never guessed.",
                next_step="Name a country, or a region of one.",
            ) from None


RESIDENCE = _ResidenceGiven()

_OPTIONS = (
    click.option(
        "--data", type=click.Path(path_type=Path, file_okay=False), help="The data folder. [KEPT_DATA]"
    ),
    click.option(
        "--master-key",
        type=click.Path(path_type=Path, dir_okay=False),
        help="The master key's file, kept outside the data folder. [KEPT_MASTER_KEY]",
    ),
)


def on_installation(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the settings, from its options and the environment, as its first argument."""

    @wraps(command)
    def with_settings(*args: Any, data: Path | None, master_key: Path | None, **options: Any) -> Any:
        return command(read_settings(data=data, master_key=master_key), *args, **options)

    for option in reversed(_OPTIONS):
        with_settings = option(with_settings)
    return with_settings
