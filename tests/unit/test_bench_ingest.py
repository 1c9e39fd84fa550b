"""The bench's own arithmetic: what it reads, what it compares, and when it says that something was lost."""

import pytest

from kept.base.errors import BadInput, Damaged
from kept.bench import batches
from kept.bench.acknowledged import Counted
from kept.bench.ingest import Figures, in_words, result_of
from kept.bench.load import Run, read_run
from kept.bench.servers import find_tool

SAID = """
  90000 requests in 3.00s, 12.00MB read
Requests/sec:  30000.00
Transfer/sec:      4.00MB
"""


def figures(rates: list[float], cpu_us: float) -> Figures:
    kept = [Run(90_000, rate, cpu_us) for rate in rates]
    return Figures([Run(1, 100_000.0, 8.0)] * len(rates), kept, [Run(10, 1_000.0, 500.0)], Counted(5, 5, 5))


def test_what_wrk_says_is_read() -> None:
    assert read_run(SAID, cpu_seconds=2.7) == Run(90_000, 30_000.0, 30.0)


@pytest.mark.parametrize(
    "wrong",
    [
        SAID + "Non-2xx or 3xx responses: 3\n",
        "Socket errors: connect 0, read 7, write 0, timeout 0\n" + SAID,
        "?",
    ],
)
def test_a_run_that_did_not_go_through_is_no_figure(wrong: str) -> None:
    with pytest.raises(Damaged):
        read_run(wrong, 1.0)


def test_the_smaller_ratio_counts() -> None:
    by_rate = result_of(figures([15_000.0, 18_000.0, 30_000.0], cpu_us=30.0))
    assert (by_rate["ratio"], by_rate["met"], by_rate["measured"]) == (0.18, False, 18_000)
    by_cpu = result_of(figures([40_000.0], cpu_us=32.0))
    assert (by_cpu["ratio"], by_cpu["met"]) == (0.25, True)
    assert "met" in in_words(by_cpu)


@pytest.mark.parametrize(
    ("counted", "answered", "lost"),
    [
        (Counted(100, 100, 100), 90, False),
        (Counted(100, 99, 99), 90, True),  # acknowledged, not stored
        (Counted(99, 100, 100), 90, True),  # stored, not acknowledged
        (Counted(100, 100, 99), 90, True),  # one of them twice
        (Counted(100, 100, 100), 101, True),  # the load was told more than that
        (Counted(100, 100, 100), 10, True),  # less than can have been under way
    ],
)
def test_what_was_acknowledged_must_be_there_once(counted: Counted, answered: int, lost: bool) -> None:
    if lost:
        with pytest.raises(Damaged):
            counted.require_whole(answered, in_flight=20)
    else:
        counted.require_whole(answered, in_flight=20)


def test_a_missing_program_names_its_package() -> None:
    with pytest.raises(BadInput, match="nothing_like_it is not installed") as refusal:
        find_tool("nothing_like_it", "the-package")
    assert "the-package" in str(refusal.value)


def test_batches_count_events_beside_requests() -> None:
    floor, kept = [Run(10, 40_000.0, 10.0)] * 3, [Run(10, rate, 600.0) for rate in (900.0, 1_000.0, 2_000.0)]
    found = batches.result_of(batches.Figures(2, floor, kept, Counted(5, 5, 5)))
    assert (found["measured"], found["baseline"], found["ratio"], found["met"]) == (
        100_000,
        40_000,
        2.5,
        True,
    )
    assert found["detail"]["ratio_by_cpu"] == pytest.approx(1.667)
    assert "2 cores" in batches.in_words(found)
    slower = [Run(10, 999.0, 600.0)] * 3
    assert not batches.result_of(batches.Figures(2, floor, slower, Counted(5, 5, 5)))["met"]
