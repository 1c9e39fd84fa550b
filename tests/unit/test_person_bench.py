"""`kept bench person` at a small scale: it does to people what it says, and its verdict can fail."""

from pathlib import Path

import pytest

from kept.bench import person as bench
from kept.bench.people import Crowd
from kept.storage import erasures
from kept.storage.keys import Keys, slots
from kept.storage.keys.wrapping import KeyName

SMALL = Crowd(events=2_000, people=60, levels=0, changed=3)
LARGE = Crowd(events=8_000, people=240, levels=1, changed=6)


def test_each_act_is_done_to_people_of_its_own(tmp_path: Path) -> None:
    with bench.company(tmp_path, SMALL) as small, bench.company(tmp_path, LARGE) as large:
        everyone = list(bench._people(small.lake))
        found = bench.measure(small, large, rounds=2)
        assert {act: [len(side) for side in sides] for act, sides in found.items()} == {
            act: [2, 2] for act in bench.ACTS
        }
        with small.records.read() as connection:
            hidden = [each for each in everyone if erasures.state_of(connection, each)]
        shredded = [each for each in everyone if not key_of(small.keys, each)]
        assert len(hidden) == len(shredded) == 3  # one to warm up
        assert not set(hidden) & set(shredded)


@pytest.mark.parametrize(("large_seconds", "met"), [(0.013, True), (0.0131, False)])
def test_the_greatest_ratio_counts(large_seconds: float, met: bool) -> None:
    found = {"hide": ([1.0], [1.0]), "shred": ([0.01], [large_seconds]), "access": ([1.0], [0.5])}
    result = bench.result_of(LARGE, found)
    assert result["met"] is met
    assert result["detail"]["shred_ms"] == [10.0, round(large_seconds * 1000, 2)]
    assert ("target 1.30: met" in bench.in_words(result)) is met


def key_of(keys: Keys, person: int) -> bool:
    """Whether a wrapped key is there; it opens under no master key of ours."""
    with keys._database.read() as connection:
        return slots.find(connection, KeyName("person", person, bench.RETENTION_CLASS))[1] is not None
