"""Files as they come: compressed, cut off, in old encodings, with lines of a gigabyte."""

import gzip
import secrets
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest
from backports import zstd

from kept.base.errors import BadInput
from kept.gather.weblog import FORMS, Fault, LogLine, Malformed, read_log
from kept.gather.weblog.line import LONGEST
from kept.gather.weblog.unpacking import BLOCK
from tests.weblog_world import line, write


def numbers(path: Path) -> list[int | tuple[int, Fault]]:
    return [
        each.number if isinstance(each, LogLine) else (each.number, each.fault) for each in read_log(path)
    ]


def test_plain_and_compressed_read_alike(tmp_path: Path) -> None:
    lines = [line(f"/{number}") for number in range(1_000)]
    plain = list(read_log(write(tmp_path / "a.log", lines)))
    assert list(read_log(write(tmp_path / "a.log.gz", lines))) == plain
    assert [each.target for each in plain if isinstance(each, LogLine)] == [f"/{n}" for n in range(1_000)]


def test_several_archives_in_one_file_are_read_on(tmp_path: Path) -> None:
    path = tmp_path / "joined.gz"
    path.write_bytes(b"".join(gzip.compress(f"{line(f'/{number}')}\n".encode()) for number in range(3)))
    assert numbers(path) == [1, 2, 3]


def test_a_damaged_archive_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.log.gz", [line(f"/{number}") for number in range(50_000)])
    path.write_bytes(path.read_bytes()[:-20_000])
    found = numbers(path)
    assert len(found) > 1_000
    assert found[-1] == (len(found), Fault.ARCHIVE)


def test_line_ends_of_windows_and_blank_lines(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(f"\r\n{line()}\r\n\r\n  \n{line()}\n".encode())
    first, second = (each for each in read_log(path) if isinstance(each, LogLine))
    assert (first.number, second.number) == (2, 5)
    assert first.raw == second.raw == line().encode()


def test_old_encodings_read_too(tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", [line("/über").encode("latin-1"), line("/über").encode()])
    assert [each.target for each in read_log(path) if isinstance(each, LogLine)] == ["/über", "/über"]


def test_a_line_still_being_written_waits(tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", [line(), line("/second")])
    path.write_bytes(path.read_bytes()[:-1])
    assert numbers(path) == [1, (2, Fault.UNFINISHED)]


@pytest.mark.parametrize("length", [LONGEST + 1, 3 * BLOCK])
def test_a_line_too_long_is_passed_over_in_bounded_memory(tmp_path: Path, length: int) -> None:
    path = write(tmp_path / "a.log", [line(), "x" * length, line()])
    tracemalloc.start()
    assert numbers(path) == [1, (2, Fault.TOO_LONG), 3]
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 3 * BLOCK + 8 * LONGEST


def test_a_line_too_long_that_never_ends(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(line().encode() + b"\n" + b"x" * (2 * BLOCK))
    assert numbers(path) == [1, (2, Fault.UNFINISHED)]


def test_what_is_no_log_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "photo.png", ["\x89PNG", "nothing", "of the kind"])
    with pytest.raises(BadInput, match="no log in a form that is known") as told:
        read_log(path)
    assert "photo.png" in told.value.where


def test_what_was_tried_is_told_with_the_line_and_the_way_out(tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", ["", "192.0.2.7 is no line of a log"])
    with pytest.raises(BadInput) as told:
        read_log(path)
    assert told.value.where.endswith("a.log:2")
    assert all(form in told.value.why for form in FORMS)
    assert "--form" in told.value.next_step
    assert "192.0.2.7" not in str(told.value)


def test_two_forms_that_read_as_much_are_told_and_not_guessed(tmp_path: Path) -> None:
    common = line().rpartition(' "-" ')[0]
    path = write(tmp_path / "a.log", [common, line(), line(), common])
    with pytest.raises(BadInput, match="ambiguous") as told:
        read_log(path)
    assert "common 2 of them, the first in line 1" in told.value.why
    assert "combined 2 of them, the first in line 2" in told.value.why
    assert "--form" in told.value.next_step
    assert len(list(read_log(path, FORMS["common"]))) == 4


def test_zstd_reads_as_plain_does(tmp_path: Path) -> None:
    lines = [line(f"/{number}") for number in range(1_000)]
    plain = write(tmp_path / "a.log", lines)
    packed, half = tmp_path / "a.log.zst", len(plain.read_bytes()) // 2
    packed.write_bytes(
        zstd.compress(plain.read_bytes()[:half]) + zstd.compress(plain.read_bytes()[half:])
    )  # two frames
    assert list(read_log(packed)) == list(read_log(plain))


def test_a_damaged_archive_of_zstd_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    text = b"".join(line(f"/{secrets.token_hex(8)}").encode() + b"\n" for _ in range(20_000))
    path = tmp_path / "a.log.zst"
    path.write_bytes(zstd.compress(text)[:-20_000])
    found = numbers(path)
    assert len(found) > 1_000
    assert found[-1] == (len(found), Fault.ARCHIVE)


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_an_archive_that_grows_beyond_all_measure_is_left(
    tmp_path: Path, pack: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "bomb"
    path.write_bytes(pack(line().encode() + b"\n" + (b"x" * 9_999 + b"\n") * 12_000))
    with patch("kept.gather.weblog.unpacking.UNPACKED_FREELY", 4 << 20):
        tracemalloc.start()
        *_, last = read_log(path)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert isinstance(last, Malformed)
    assert last.fault is Fault.BOMB
    assert last.number < 8_000
    assert most < 16 << 20


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_read_by_its_mark(tmp_path: Path, encoding: str) -> None:
    text = "\ufeff" + "".join(f"{line(f'/jobs/ärzte-{number}')}\r\n" for number in range(20_000))
    path = tmp_path / "a.log"
    path.write_bytes(text.encode(encoding))
    found = [each for each in read_log(path) if isinstance(each, LogLine)]
    assert [each.target for each in found] == [f"/jobs/ärzte-{number}" for number in range(20_000)]


@pytest.mark.parametrize("name", ["a.log", "a.log.gz"])
def test_a_mark_of_the_encoding_is_no_part_of_the_first_line(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, [b"\xef\xbb\xbf" + line().encode(), line("/second")])
    plain = write(tmp_path / "b.log", [line(), line("/second")])
    assert list(read_log(path)) == list(read_log(plain))


def test_a_format_that_is_given_is_not_questioned(tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", ["nothing", line()])
    found = list(read_log(path, FORMS["combined"]))
    assert [type(each) for each in found] == [Malformed, LogLine]


def test_a_few_foreign_lines_do_not_change_the_format(tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", ["nothing", "at all", line(), line(), "nothing"])
    assert [type(each) for each in read_log(path)] == [Malformed, Malformed, LogLine, LogLine, Malformed]


def test_an_empty_file_has_no_lines(tmp_path: Path) -> None:
    assert list(read_log(write(tmp_path / "a.log", []))) == []
    assert list(read_log(write(tmp_path / "a.log.gz", []))) == []


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be opened"):
        read_log(tmp_path / "none.log")


@pytest.mark.parametrize("name", ["a.log", "a.log.gz"])
def test_progress_adds_up_to_the_file(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, [line(f"/{number}") for number in range(20_000)])
    steps: list[int] = []
    assert len(list(read_log(path, progress=steps.append))) == 20_000
    assert sum(steps) == path.stat().st_size


@pytest.mark.parametrize("block", [100, 1_000, 300_000])
def test_fields_are_named_for_all_lines_until_they_are_named_anew(tmp_path: Path, block: int) -> None:
    values = "2023-11-14 20:00:00 8.8.8.8 GET /a 200 x"
    one = "#Fields: date time c-ip cs-method cs-uri-stem sc-status cs(User-Agent)"
    other = one.replace("cs-uri-stem", "cs-unknown").replace("cs(User-Agent)", "cs-uri-stem").lower()
    too_long = f"{one} {'x' * LONGEST}"
    path = write(
        tmp_path / "a.log", [one, *[values] * 90, other, "# Remark", *[values] * 90, too_long, values]
    )
    with patch("kept.gather.weblog.unpacking.BLOCK", block):
        read = list(read_log(path, FORMS["w3c"]))
    targets = [each.target for each in read if isinstance(each, LogLine)]
    assert targets == ["/a"] * 90 + ["x"] * 91
    assert [each.number for each in read if isinstance(each, Malformed)] == [184]
