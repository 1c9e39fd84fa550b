"""Asking what stands on the disk, whoever put it there: the eyes of `kept prove`. See `search_worker`."""

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kept.base.errors import KeptError

SECONDS = 600.0

Row = dict[str, Any]
"""One row of the lake, by column."""


class SearchFailed(KeptError):
    """The search could not be carried out, so it says nothing."""

    retry = True


@dataclass(frozen=True, slots=True)
class Names:
    """What occurs in the lake: columns, and each (policy number, event, property or None)."""

    columns: frozenset[str]
    names: frozenset[tuple[int, str, str | None]]


def rows_in(files: Sequence[str], workspace: int) -> list[Row]:
    """Every row of a workspace in these Parquet files."""
    return list(_ask(ask="rows", files=list(files), workspace=workspace))


def names_in(files: Sequence[str]) -> Names:
    """The columns of these Parquet files, and the events and properties in them."""
    found = _ask(ask="names", files=list(files))
    return Names(
        frozenset(found["columns"]), frozenset((number, event, key) for number, event, key in found["names"])
    )


def traces_in(
    data: Path,
    *,
    texts: Iterable[str] = (),
    byte_strings: Iterable[bytes] = (),
    numbers: Iterable[int] = (),
    since_s: float = 0.0,
) -> list[str]:
    """The files below `data` in which any of these stands, decoded or as bytes, and how it was found.

    Numbers are not looked for in database files, where pseudonyms stand as tombstones by right. `since_s`
    (seconds of UTC) leaves out files that have not been changed since.
    """
    return list(
        _ask(
            ask="traces",
            data=str(data),
            texts=list(texts),
            bytes=[part.hex() for part in byte_strings],
            numbers=list(numbers),
            since=since_s,
        )
    )


def found_in(data: Path, texts: Iterable[str], since_s: float = 0.0) -> frozenset[str]:
    """Those of the texts that stand anywhere below `data`, found as `traces_in` finds them."""
    return frozenset(_ask(ask="standing", data=str(data), texts=list(texts), since=since_s))


def copy_rows(files: Sequence[str], subject: int, to: Path) -> None:
    """Write a subject's rows to a file of its own, as a forgotten copy would stand there."""
    _ask(ask="copy", files=list(files), subject=subject, to=str(to))


def _ask(**question: object) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "kept.storage.search_worker"],
        input=json.dumps(question).encode(),
        capture_output=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode != 0:  # what it printed may quote a row, so it stays unsaid
        raise SearchFailed(
            "the disk could not be searched",
            where=str(question["ask"]),
            why="The search ended early; what it printed may quote a row, so it stays unsaid.",
            next_step="Look at free memory and at the disk, then run it again.",
        )
    return json.loads(done.stdout)
