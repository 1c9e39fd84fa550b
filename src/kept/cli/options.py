"""Options that every command on an installation takes."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
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


class _DurationGiven(click.ParamType[int]):
    """A time such as 90s, 30m, 24h or 2d, in seconds. BadInput for anything else, and for more than `LONGEST`."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        read = _DURATION.fullmatch(str(value))
        seconds = int(read[1]) * SECONDS[read[2]] if read else -1
        if not 0 <= seconds <= LONGEST_S:
            raise BadInput(
                f"“{value}” is no time that can be taken here",
                where=param.opts[0] if param else "time",
                why="It is a whole number with its unit, s, m, h or d, and at most 30 days.",
                next_step="Write 24h, or 2d.",
            )
        return seconds


class Whole(click.ParamType[int]):
    """A whole number between two, or of at least one."""

    name = "number"

    def __init__(self, least: int, most: int | None = None) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The number; a usage error says which there are."""
        text = str(value)
        within = text.isascii() and text.isdecimal() and len(text) < 19 and int(text) >= self.least
        if not within or (self.most is not None and int(text) > self.most):
            bounds = f"{self.least} or more" if self.most is None else f"from {self.least} to {self.most}"
            self.fail(f"“{text}” is no whole number {bounds}.", param, ctx)
        return int(text)


class _DayGiven(click.ParamType[datetime]):
    """A day of the calendar; its beginning, in no zone."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The day; a usage error says how days are written."""
        try:
            return value if isinstance(value, datetime) else datetime.strptime(value, "%Y-%m-%d")  # noqa: DTZ007
        except ValueError:
            self.fail(f"“{value}” is no day of the calendar; write one as 2026-11-23.", param, ctx)


PORT = Whole(1, 65_535)
DAY = _DayGiven()
SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
LONGEST_S = 30 * 86_400
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
DURATION = _DurationGiven()


def moment(ms: int) -> str:
    """A moment as commands print it, from milliseconds of UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


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
