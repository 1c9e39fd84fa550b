"""Chunks of a log taken by several processes: what comes of them, in which order, and what ends them."""

import os
import secrets
import signal
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest

from kept.base.errors import NoRoom
from kept.base.ids import prepare
from kept.gather.minimise import Hiding
from kept.gather.weblog import NotKept, import_log
from kept.gather.weblog.chunks import Chunk, Chunks
from kept.gather.weblog.crew import Crew
from kept.gather.weblog.forms import FORMS
from kept.gather.weblog.taking import Brief, Taken, Taking
from kept.subject.digests import Digests, phrase_of, shape
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


def known_to(version: int, *identifiers: str) -> Digests:
    digest, phrases = prepare(KEY, b"known"), [phrase_of(each) for each in identifiers]
    ordered = array("q", sorted(digest(phrase.encode()) for phrase in phrases))
    shapes = frozenset(shape(phrase.count(" ") + 1, len(phrase)) for phrase in phrases)
    return Digests(KEY, version, ordered, frozenset(), shapes)


class Learning:
    """Somebody more is known with each chunk."""

    def __init__(self) -> None:
        self.now = known_to(1, "u-470001")

    @property
    def version(self) -> int:
        return self.now.version

    def __bool__(self) -> bool:
        return True

    def places_in(self, text: str, *, numbers: bool = True) -> Sequence[tuple[int, int]]:
        return self.now.places_in(text, numbers=numbers)

    def copy(self) -> Digests:
        return self.now


def of_people() -> Iterator[Chunk]:
    made = Chunks(FORMS["combined"])
    for start in range(0, 1_000, 100):
        lines = [line(f"/cv/u-{470_000 + each % 5}") for each in range(start, start + 100)]
        yield made.chunk("".join(f"{each}\n" for each in lines).encode())


def frames(taken: Iterable[Taken]) -> list[bytes]:
    return [frame for each in taken for hour in each.hours.values() for frame in hour.frames]


def test_identifiers_that_are_known_are_taken_out_by_helpers_too() -> None:
    hiding, keys = Hiding(known_to(1, "u-470001", "u-470003")), Keys()
    alone = Taking(BRIEF, keys.__getitem__, hiding)
    with at_once:
        before, crew = children(), Crew(BRIEF, keys.__getitem__, hiding)
        found, helped = list[Taken](), False
        for each in crew.take(of_people()):
            found.append(each)
            helped = helped or children() > before
        assert helped
        assert children() == before, "with the chunks they end, and forget"
    assert found == [alone.take(chunk) for chunk in of_people()]
    assert sum(b"/cv/:person" in frame for frame in frames(found)) == 400
    assert not any(b"470001" in frame or b"470003" in frame for frame in frames(found))


def test_helpers_are_told_who_has_become_known() -> None:
    learning = Learning()
    with at_once, patch("kept.gather.weblog.crew._processors", return_value=2):
        crew = Crew(BRIEF, Keys().__getitem__, Hiding(learning))
        list(crew.take(list(of_people())[:3]))
        taken = crew.take(of_people())
        next(taken)
        learning.now = known_to(2, "u-470001", "u-470002")
        later = list(taken)[6:]  # two helpers may have had two chunks each, and one waits
        crew.close()
    assert any(b"/cv/:person" in frame for frame in frames(later))
    assert not any(b"470002" in frame for frame in frames(later))


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
