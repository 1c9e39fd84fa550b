"""The log and memory benches' own arithmetic, and the lines that are measured."""

import os
from pathlib import Path

from kept.bench import log, memory
from kept.bench.log_lines import write_log
from kept.gather.weblog import LogLine, read_log

END_MS = 1_700_000_000_000


def test_every_line_reads_and_has_an_address_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "access.log"
    write_log(path, 5_000, END_MS)
    lines = list(read_log(path))
    read = [line for line in lines if isinstance(line, LogLine)]
    assert len(read) == len(lines) == 5_000
    assert len({line.address for line in read}) == 5_000
    assert all(END_MS - 86_401_000 <= line.ts <= END_MS for line in read)
    again = tmp_path / "again.log"
    write_log(again, 5_000, END_MS)
    assert again.read_bytes() == path.read_bytes()


def test_the_smaller_ratio_counts() -> None:
    kept, other = [log.Took(2.0, 2.0)] * 3, [log.Took(4.0, 1.0)] * 3
    result = log.result_of(log.QUICK, kept, other)
    assert (result["ratio"], result["met"]) == (0.5, False)
    assert "not met" in log.in_words(result)


def test_memory_is_that_of_all_processes() -> None:
    assert sum(memory.pss_below(os.getpid()).values()) > 1 << 20
    found = {"busy": {"up": 300 << 20}, "idle": {"up": 90 << 20, "public": 100 << 20}}
    result = memory.result_of(memory.QUICK, found)
    assert (result["measured"], result["met"], result["detail"]["idle_public"]) == (190, True, 100)
    assert "190 MB  together" in memory.in_words(result)
