"""Logs of every sort: nothing stops an import; cut, copied, broken off, each line counts once."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st
from tests.weblog_world import AMERICA, FIREFOX, NETHERLANDS, ROBOT, World, line, policy, world, write

from kept.gather.weblog import FORMATS, LogLine, Malformed, import_log, read_log
from kept.gather.weblog.formats import Format, Reader, recognise
from kept.gather.weblog.moment import Moments
from kept.gather.weblog.store import log_part

RULES = policy()
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SHAPES = st.sampled_from(list(FORMATS.values()))
BYTES = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [b'"', b"\\", b" ", b"[", b"]", b"GET /", b"-", b"200", b"14/Nov/2023:20:00:00 +0000"]
        )
    ).map(b"".join),
)
PAGES = st.builds(
    line,
    st.sampled_from(["/", "/a", "/b", "/c.css"]),
    address=st.sampled_from([AMERICA, NETHERLANDS]),
    at=st.builds("14/Nov/2023:{:02d}:00:{:02d} +0000".format, st.integers(0, 20), st.integers(0, 1)),
    agent=st.sampled_from([FIREFOX, ROBOT]),
)
LOGS = st.lists(PAGES, max_size=30).map(lambda lines: sorted(lines, key=lambda each: each.split("[")[1]))


class _Killed(BaseException):
    """Stands for the end of the process."""


def _imported(folder: Path, *files: Sequence[str], each_alone: bool = False) -> World:
    here = world(folder, RULES)
    paths = [write(folder / f"{number}.log", lines) for number, lines in enumerate(files)]
    for run in [[path] for path in paths] if each_alone else [paths]:
        import_log(run, here.intake)
    return here


def _of_whole(log: Sequence[str]) -> list[int]:
    with tempfile.TemporaryDirectory() as folder:
        here = _imported(Path(folder), log)
        return here.ids


@given(SHAPES, BYTES)
def test_any_line_is_read_or_malformed(shape: Format, raw: bytes) -> None:
    read = Reader(shape).read(1, raw)
    assert isinstance(read, LogLine | Malformed)
    recognise([raw])


@given(SHAPES, st.binary(max_size=2_000))
def test_any_file_is_read_to_its_end(shape: Format, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.log"
        path.write_bytes(data)
        assert all(isinstance(each, LogLine | Malformed) for each in read_log(path, shape))


@given(st.datetimes(), st.sampled_from(["+0000", "-0730", "+1400"]))
def test_every_moment_is_read(moment: datetime, zone: str) -> None:
    stamp = f"{moment:%d}/{MONTHS[moment.month - 1]}/{moment.year:04d}:{moment:%H:%M:%S} {zone}"
    told = datetime.fromisoformat(f"{moment:%Y-%m-%dT%H:%M:%S}+00:00".zfill(25))
    hours = {"+0000": 0.0, "-0730": -7.5, "+1400": 14.0}[zone]
    expected = round(told.timestamp()) * 1_000 - round(hours * 3_600_000)
    assert Moments().read(stamp) == expected


@given(LOGS, st.integers(0, 30), st.integers(0, 30), st.booleans())
def test_rotated_files_that_overlap_in_time_make_the_whole(
    log: list[str], first: int, second: int, each_alone: bool
) -> None:
    """A rotation parts a log at a second; copies may hold parts of it again."""
    ends = sorted(_at_a_second(log, place) for place in (first, second))
    parts = [log[: ends[1]], log[ends[0] :], log]
    with tempfile.TemporaryDirectory() as folder:
        here = _imported(Path(folder), *parts, each_alone=each_alone)
        assert here.ids == _of_whole(log)
        assert len(here.journal) == len(here.ids)


def _at_a_second(log: list[str], place: int) -> int:
    """The next place at which no second is parted in two."""
    times = [each.split("[")[1][:26] for each in log]
    while 0 < place < len(log) and times[place] == times[place - 1]:
        place += 1
    return min(place, len(log))


@given(LOGS, st.integers(0, 30))
def test_a_file_read_while_it_grows_makes_the_whole(log: list[str], place: int) -> None:
    """Here any line may be the last: the next import begins at the first line again."""
    with tempfile.TemporaryDirectory() as folder:
        here = _imported(Path(folder), log[:place], log, each_alone=True)
        assert here.ids == _of_whole(log)
        assert len(here.journal) == len(here.ids)


@given(LOGS, st.integers(0, 6), st.booleans(), st.integers(1, 5))
def test_killed_anywhere_and_run_again_makes_the_whole(
    log: list[str], batches: int, acknowledged: bool, size: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        here = world(Path(folder), RULES)
        path = write(Path(folder) / "a.log", log)
        _run_until_killed(here, path, batches, acknowledged, size)
        import_log([path], here.intake)
        assert here.ids == _of_whole(log)
        assert _noted(here) >= set(here.ids)


def _run_until_killed(here: World, path: Path, batches: int, acknowledged: bool, size: int) -> None:
    left = batches

    def sink(frames: Sequence[bytes]) -> None:
        nonlocal left
        if left == 0 and not acknowledged:
            raise _Killed
        here.journal.extend(frames)
        left -= 1
        if left < 0:
            raise _Killed

    with patch("kept.gather.weblog.importing.BATCH", size), suppress(_Killed):
        import_log([path], replace(here.intake, sink=sink))


def _noted(here: World) -> set[int]:
    with here.intake.records.read() as connection:
        rows = connection.execute(log_part.select()).all()
    return {int.from_bytes(row.ids[at : at + 8], "big") for row in rows for at in range(0, len(row.ids), 8)}
