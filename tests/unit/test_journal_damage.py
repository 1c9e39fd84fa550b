"""Reading a journal after anything: an honest tear ends a segment, damage to what was durable alarms."""

from pathlib import Path

import pytest

from kept.base.errors import Damaged
from kept.storage.committer.intake import Intake
from kept.storage.files import Files
from kept.storage.journal import Journal
from kept.storage.segments import list_segments

Cursors = dict[int, tuple[int, int]]


def written(folder: Path, *groups: list[bytes]) -> Path:
    """A journal with one block a group; its newest segment."""
    journal = Journal(Files(), folder, 1, 0)
    for group in groups:
        journal.append_now(group)
    journal.close()
    return folder / list_segments(Files(), folder)[-1].name


def read(folder: Path, cursors: Cursors | None = None) -> tuple[list[bytes], Cursors]:
    portion = Intake(Files(), folder).portion(cursors or {})
    return [frame for lines in portion.lines for frame in lines.split(b"\n")], portion.cursors


def spoil(path: Path, text: bytes) -> None:
    path.write_bytes(path.read_bytes().replace(text, bytes(len(text))))


@pytest.mark.parametrize("cut", range(1, 28))
def test_a_torn_end_is_left_and_what_precedes_it_read(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path, [b"one"], [b"two"])
    path.write_bytes(path.read_bytes()[:-cut])
    assert read(tmp_path)[0] == ([b"one"] if cut <= 23 else [])


def test_a_torn_end_before_a_later_segment_is_an_end(tmp_path: Path) -> None:
    path = written(tmp_path, [b"one"], [b"two"])
    path.write_bytes(path.read_bytes()[:-1])
    written(tmp_path, [b"three"])
    assert read(tmp_path)[0] == [b"one", b"three"]


def test_a_bad_block_before_one_that_knew_it_durable_alarms(tmp_path: Path) -> None:
    spoil(written(tmp_path, [b"one"], [b"two"], [b"three"]), b"two")
    with pytest.raises(Damaged, match="durable"):
        read(tmp_path)


def test_a_hole_in_what_was_never_durable_is_no_alarm(tmp_path: Path) -> None:
    """A failed sync abandons a segment; a power cut may then lose an earlier page of it and not a later one."""

    class Unsynced(Files):
        def sync_data(self, handle: int) -> None:
            if self.fails:
                raise OSError(5, "bad sector")

        fails = False

    disk = Unsynced()
    journal = Journal(disk, tmp_path, 1, 0)
    journal.append_now([b"one"])
    disk.fails = True
    with pytest.raises(Damaged):
        journal.append_now([b"x" * (5 << 20), b"y" * (5 << 20)])  # two blocks, neither synced
    journal.close()
    path = tmp_path / list_segments(Files(), tmp_path)[-1].name
    spoil(path, b"x" * 100)
    assert read(tmp_path)[0] == [b"one"]


def test_a_shortened_segment_alarms_when_its_successor_knew_more(tmp_path: Path) -> None:
    journal = Journal(Files(), tmp_path, 1, 0, segment_bytes=1)
    for frame in (b"one", b"two"):
        journal.append_now([frame])
    journal.close()
    first = tmp_path / list_segments(Files(), tmp_path)[0].name
    whole = first.read_bytes()
    segments = [tmp_path / segment.name for segment in list_segments(Files(), tmp_path)]
    assert read(tmp_path)[0] == [b"one", b"two"]
    victim = next(path for path in segments if b"one" in path.read_bytes())
    victim.write_bytes(victim.read_bytes()[:-1])
    with pytest.raises(Damaged, match="durable"):
        read(tmp_path)
    first.write_bytes(whole)


def test_a_missing_segment_alarms(tmp_path: Path) -> None:
    paths = [written(tmp_path, [frame]) for frame in (b"one", b"two", b"three")]
    _, cursors = read(tmp_path)
    paths[1].unlink()
    with pytest.raises(Damaged, match="missing"):
        read(tmp_path)
    paths[2].unlink()
    with pytest.raises(Damaged, match="missing"):
        read(tmp_path, cursors)  # the lake knows later segments than there are


def test_trimmed_segments_are_not_missed(tmp_path: Path) -> None:
    first, _ = written(tmp_path, [b"one"]), written(tmp_path, [b"two"])
    _, cursors = read(tmp_path)
    first.unlink()
    assert read(tmp_path, cursors) == ([], {})
    written(tmp_path, [b"three"])
    assert read(tmp_path, cursors)[0] == [b"three"]


def test_a_cursor_beyond_what_a_power_cut_left_skips_nothing_new(tmp_path: Path) -> None:
    """The committer read frames that were never synced; after the cut the segment is shorter than its cursor."""
    path = written(tmp_path, [b"one"], [b"two"])
    _, cursors = read(tmp_path)
    path.write_bytes(path.read_bytes()[:-10])
    assert read(tmp_path, cursors) == ([], {})
    written(tmp_path, [b"three"])
    assert read(tmp_path, cursors)[0] == [b"three"]


def test_a_portion_ends_at_a_block_and_goes_on_there(tmp_path: Path) -> None:
    written(tmp_path, [b"one"], [b"two"], [b"three"])
    intake, cursors, seen = Intake(Files(), tmp_path), Cursors(), []
    for _ in range(4):
        portion = intake.portion(cursors, limit=1)
        seen.append(portion.lines)
        cursors.update(portion.cursors)
    assert seen == [[b"one"], [b"two"], [b"three"], []]
