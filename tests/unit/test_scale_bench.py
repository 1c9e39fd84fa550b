"""The scale bench's own arithmetic, and that it runs: what is compared with what, and what it calls too much."""

from dataclasses import replace
from pathlib import Path

import pytest

from kept.bench.people import Crowd
from kept.bench.scale import Measured, in_words, measure, result_of

SMALL = Measured(1_000_000, 18, 50.0, 900, 120, 4.0, 2.0, 500)
MIDDLE = replace(SMALL, events=5_000_000, dashboards_ms=200.0, committer_peak_mb=1_000)
LARGE = replace(MIDDLE, events=20_000_000, dashboards_ms=900.0, worker_peak_mb=170)


def test_questions_may_grow_with_the_events_and_the_rest_may_not() -> None:
    found = result_of(500_000, [SMALL, MIDDLE, LARGE])
    assert (found["measured"], found["baseline"], found["ratio"], found["met"]) == (900.0, 1_000.0, 0.9, True)
    assert found["detail"]["growth_of_memory"] == pytest.approx(1.417, abs=0.001)
    assert "met" in in_words(found)


@pytest.mark.parametrize(
    "worse",
    [
        replace(LARGE, dashboards_ms=1_001.0),
        replace(LARGE, compact_s=6.0),
        replace(LARGE, committer_peak_mb=1_501),
        replace(LARGE, worker_peak_mb=190),
    ],
)
def test_more_than_that_is_not_met(worse: Measured) -> None:
    assert result_of(500_000, [SMALL, MIDDLE, worse])["met"] is False


def test_it_measures_a_lake_and_takes_new_events_into_it(tmp_path: Path) -> None:
    found = measure(tmp_path / "crowd", Crowd(events=20_000, people=200, levels=0, changed=2), 3_000)
    assert found.events == 20_000
    assert min(found.dashboards_ms, found.first_question_ms, found.flush_s, found.compact_s) > 0
    assert min(found.worker_peak_mb, found.committer_peak_mb) > 30
