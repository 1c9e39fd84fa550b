"""Moving an old log to the present for a demonstration: by whole weeks, so weekdays and hours stay true."""

from collections.abc import Sequence
from pathlib import Path

from kept.gather.weblog.forms import Form
from kept.gather.weblog.line import LogLine
from kept.gather.weblog.reading import read_log
from kept.gather.weblog.unpacking import Progress

WEEK_MS = 7 * 86_400_000


def weeks_to(last_ms: int, end_ms: int) -> int:
    """How many weeks bring `last_ms` into the 7 days that end at `end_ms`."""
    return (end_ms - last_ms) // WEEK_MS


def last_moment(files: Sequence[Path], form: Form | None, progress: Progress) -> int | None:
    """The latest time in any of the files, in milliseconds; None when no line can be read."""
    times = (
        line.ts for path in files for line in read_log(path, form, progress) if isinstance(line, LogLine)
    )
    return max(times, default=None)
