"""Which form a log is taken for. What cannot be told is said with what was tried, and never guessed."""

from collections.abc import Sequence
from pathlib import Path

from kept.base.errors import BadInput
from kept.gather.weblog.forms import FORMS, Form, Vote, votes
from kept.gather.weblog.forms.clf import COMBINED

NAME_IT = "Name the form with --form, if the file is in one of these."


def recognise(path: Path, lines: Sequence[bytes]) -> Form:
    """The form that reads most of these lines, which stand at the beginning of a file.

    A file without any is taken for combined. Raises `BadInput` where none reads any, or two read as many.
    """
    found = votes(lines)
    if found and (len(found) == 1 or found[0].lines > found[1].lines):
        return found[0].form
    if found:
        raise _ambiguous(path, found)
    if any(line.strip() for line in lines):
        raise _unknown(path, lines)
    return COMBINED


def _ambiguous(path: Path, found: Sequence[Vote]) -> BadInput:
    best = [vote for vote in found if vote.lines == found[0].lines]
    read = ", ".join(
        f"{vote.form.name} {vote.lines} of them, the first in line {vote.first + 1}" for vote in best
    )
    return BadInput(
        "the form of this log is ambiguous",
        where=str(path),
        why=f"Of its beginning, as many lines are read as one form as are as another: {read}.",
        next_step=NAME_IT,
    )


def _unknown(path: Path, lines: Sequence[bytes]) -> BadInput:
    first = next(place for place, line in enumerate(lines, start=1) if line.strip())
    return BadInput(
        "this is no log in a form that is known",
        where=f"{path}:{first}",
        why=f"Of the first {len(lines)} lines none could be read. Tried: {', '.join(FORMS)}.",
        next_step=NAME_IT,
    )
