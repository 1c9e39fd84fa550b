"""How long a statement takes does not tell what a hidden row holds: two lakes that differ in one person, measured.

Before there was a wall, 200 runs of each told the lakes apart (area under the curve 1.000 and 0.997); behind it
they do no better than chance. `KEPT_LONG=1` takes 200 runs.
"""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from kept.policy import CompiledPolicy, load_policy
from kept.storage.query import Rows
from kept.use import Reader
from tests.asking import DAY, NOW, House, event

RUNS = 200 if os.environ.get("KEPT_LONG") else 20
BY_CHANCE = 4.7  # standard deviations; once in 400,000 times
LONG = "ab" * 2_500
SECRET = "page = '/secret-page'"
STATEMENTS = {
    "slow on a hidden row": f"levenshtein(case when {SECRET} then '{LONG}' else 'b' end, '{LONG}') > 0",
    "failing on a hidden row": f"'a' like (case when {SECRET} then 'a!' else 'a' end) escape '!'",
}


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    path = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
    return load_policy(path.read_text(), "workhirespot.yaml")


@pytest.fixture(scope="module")
def readers(
    tmp_path_factory: pytest.TempPathFactory, policy: CompiledPolicy
) -> Iterator[tuple[Reader, Reader]]:
    """Cy withdrew. In one lake Cy looked at the page in question, in the other at one of the same length."""
    houses = [House(tmp_path_factory.mktemp("lake")) for _ in range(2)]
    mask = policy.purposes["improve"].mask
    for house, page in zip(houses, ("/secret-page", "/a-page-of-n"), strict=True):
        seen = [event(1_000 + i % 50, NOW - DAY + i, mask=mask, page=f"/{i % 9}") for i in range(1_500)]
        house.put([*seen, *(event(7, NOW - DAY + 9_000 + i, mask=mask, page=page) for i in range(20))])
        house.choose(7, mask)
    one, other = (house.reader(policy, "improve") for house in houses)
    yield one, other
    for reader, house in zip((one, other), houses, strict=True):
        reader.close()
        house.records.close()


@pytest.mark.parametrize("what", STATEMENTS)
def test_the_time_of_a_statement_tells_lakes_apart_by_chance_only(
    readers: tuple[Reader, Reader], what: str
) -> None:
    one, other = list[float](), list[float]()
    for _ in range(RUNS + 1):  # in turn: both share the machine's moods
        one.append(seconds(readers[0], STATEMENTS[what]))
        other.append(seconds(readers[1], STATEMENTS[what]))
    area, deviations = told_apart(one[1:], other[1:])
    print(f"{what}: area under the curve {area:.3f}, {deviations:+.1f} standard deviations")
    assert abs(deviations) < BY_CHANCE, f"{what}: {area:.3f} ({deviations:+.1f})"


def seconds(reader: Reader, condition: str) -> float:
    began = time.perf_counter()
    answer = reader.ask(f"select count(*) from events where {condition}")
    assert isinstance(answer, Rows), answer
    assert answer.rows == [(1_500,)]
    return time.perf_counter() - began


def told_apart(one: Sequence[float], other: Sequence[float]) -> tuple[float, float]:
    """The share of pairs in which the first is longer, and its distance from a half (Mann and Whitney 1947)."""
    n, m = len(one), len(other)
    longer = sum((a > b) + (a == b) / 2 for a in one for b in other)
    return longer / (n * m), (longer - n * m / 2) / (n * m * (n + m + 1) / 12) ** 0.5


def test_the_measure_tells_different_times_apart() -> None:
    times = [0.01 + i / 1e5 for i in range(RUNS)]
    assert told_apart([each + 1 for each in times], times)[1] > BY_CHANCE
    assert told_apart(times, times) == (0.5, 0.0)
