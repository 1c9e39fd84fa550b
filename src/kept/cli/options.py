"""Options that every command on an installation takes."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from kept.base.settings import read_settings

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
