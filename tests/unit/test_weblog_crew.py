"""Chunks of a log taken by several processes: what comes of them, in which order, and what ends them."""

import os
import secrets
import signal
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from kept.base.errors import NoRoom
from kept.gather.minimise import Hiding
from kept.gather.weblog import NotKept, import_log
from kept.gather.weblog.chunks import Chunk, Chunks
from kept.gather.weblog.crew import Crew
from kept.gather.weblog.forms import FORMS
from kept.gather.weblog.taking import Brief, Taking
from tests.weblog_world import KEY, NOW, ROBOT, line, policy, world, write

LINES = [
    line(
        f"/{number % 90}",
        address=f"8.8.{number % 7}.{number % 250}",
        at=f"1{number % 3}/Nov/2023:20:00:00 +0000",
    )
    for number in range(3_000)
] + [line("/robot", agent=ROBOT), line("/a.css"), "cut off", line("/twice"), line("/twice")]
BRIEF = Brief(policy(), 3, 1, KEY, 17, "www.example.com", 0, NOW)

at_once = patch("kept.gather.weblog.crew.ALONE", 0)
small_blocks = patch("kept.gather.weblog.unpacking.BLOCK", 20_000)


def chunks() -> Iterator[Chunk]:
    made = Chunks(FORMS["combined"])
    for start in range(0, len(LINES), 100):
        yield made.chunk("".join(f"{each}\n" for each in LINES[start : start + 100]).encode())


class Keys(dict[int, bytes]):
    def __missing__(self, day: int) -> bytes:
        return self.setdefault(day, secrets.token_bytes(32))


def children() -> set[int]:
    found = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {int(each) for path in found for each in path.read_text().split()}


@pytest.fixture
def crew() -> Iterator[Crew]:
    before, made = children(), Crew(BRIEF, Keys().__getitem__, Hiding())
    yield made
    made.close()
    assert children() <= before


def test_others_give_what_one_would_have_given_and_in_its_order() -> None:
    keys = Keys()
    alone = Taking(BRIEF, keys.__getitem__, Hiding())
    with at_once:
        crew = Crew(BRIEF, keys.__getitem__, Hiding())
        assert list(crew.take(chunks())) == [alone.take(chunk) for chunk in chunks()]
        crew.close()
    assert len(keys) == 4  # each day's key was drawn once, and told to whoever asked


def test_a_short_log_starts_no_process(crew: Crew) -> None:
    before = children()
    assert len(list(crew.take(chunks()))) == 31
    assert children() == before


class Somebody:
    """Knows of one identifier."""

    version = 1

    def __bool__(self) -> bool:
        return True

    def places_in(self, text: str, *, numbers: bool = True) -> Sequence[tuple[int, int]]:
        return [(0, len(text))] if text == "7" else []


def test_where_people_are_known_nobody_else_is_told_of_them() -> None:
    with at_once:
        before, crew = children(), Crew(BRIEF, Keys().__getitem__, Hiding(Somebody()))
        frames = [
            frame for each in crew.take(chunks()) for hour in each.hours.values() for frame in hour.frames
        ]
        assert children() == before
    assert any(b'"/:person"' in frame for frame in frames)
    assert not any(b'"/7"' in frame for frame in frames)


def test_a_process_that_is_ended_from_outside_is_said(crew: Crew) -> None:
    with at_once:
        taken = crew.take(chunks())
        before = children()
        next(taken)
        for child in children() - before:
            os.kill(child, signal.SIGKILL)
        with pytest.raises(NoRoom, match="a process that helped with the log has ended"):
            list(taken)


def test_an_import_with_others_is_the_same_import(tmp_path: Path) -> None:
    reports, events = [], []
    path = write(tmp_path / "a.log", LINES)
    for name, help_ in (("alone", patch("kept.gather.weblog.crew.ALONE", 10_000)), ("others", at_once)):
        (tmp_path / name).mkdir()
        here = world(tmp_path / name)
        with help_, small_blocks:
            reports.append(import_log([path], here.intake).as_dict())
            assert import_log([path], here.intake).refused[NotKept.KNOWN] == reports[-1]["kept"]
        events.append([msgspec.structs.replace(event, subject=0) for event in here.events])
    assert reports[0] == reports[1]
    assert events[0] == events[1]
    assert reports[0]["malformed_at"][0]["line"] == len(LINES) - 2


def test_who_breaks_off_leaves_no_process_behind(tmp_path: Path) -> None:
    def sink(_: Sequence[bytes]) -> None:
        raise KeyboardInterrupt

    before, path = children(), write(tmp_path / "a.log", LINES)
    batches = patch("kept.gather.weblog.importing.BATCH", 100)
    with at_once, small_blocks, batches, pytest.raises(KeyboardInterrupt):
        import_log([path], replace(world(tmp_path).intake, sink=sink))
    assert children() <= before
