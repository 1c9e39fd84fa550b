"""When it is forgotten which lines were imported: after the policy's time, and never before their events leave."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.gather.weblog import import_log
from kept.gather.weblog.forgetting import PARTS, Forgetting, due_before
from kept.gather.weblog.store import begun_before
from kept.gather.weblog.taking import CLOCK_SKEW_MS
from kept.policy import CompiledPolicy
from kept.policy.times import parse_span
from tests.weblog_world import NOW, World, line, policy, world, write

DAY = 86_400_000
YEAR_AND_MORE = 400 * DAY
"""Page views are kept for 13 months."""


class Lake:
    """Which ids are stored; what is past its time may leave it, or stay."""

    def __init__(self, here: World) -> None:
        self.here, self.left = here, set[int]()

    def stored(self, ids: Sequence[int]) -> Collection[int]:
        """As `lookup.known_ids`."""
        return (set(self.here.ids) - self.left) & set(ids)


@pytest.fixture(name="here")
def a_world(tmp_path: Path) -> World:
    return world(tmp_path)


@pytest.fixture(name="lake")
def a_lake(here: World) -> Lake:
    return Lake(here)


@pytest.fixture(name="forgetting")
def a_forgetting(here: World, lake: Lake) -> Forgetting:
    return Forgetting(here.intake.records, lake.stored)


def left(here: World) -> int:
    """How many rows still say what was imported."""
    with here.intake.records.read() as connection:
        return len(begun_before(connection, 1 << 62, 0, 1 << 20))


def log(tmp_path: Path) -> Path:
    return write(tmp_path / "a.log", [line("/a"), line("/b"), line("/c", at="14/Nov/2023:19:00:00 +0000")])


def pass_of(forgetting: Forgetting, here: World, now_ms: int) -> int:
    """One day's whole pass."""
    forgotten = forgetting.step(here.intake.policy, now_ms)
    while forgetting.after is not None:
        forgotten += forgetting.step(here.intake.policy, now_ms)
    return forgotten


def test_what_was_imported_is_forgotten_when_its_time_is_over_and_its_events_have_left(
    here: World, lake: Lake, forgetting: Forgetting, tmp_path: Path
) -> None:
    import_log([log(tmp_path)], here.intake)
    lake.left.update(here.ids)  # gone from the lake, yet the policy's time is not over
    assert pass_of(forgetting, here, NOW + 390 * DAY) == 0
    assert pass_of(forgetting, here, NOW + YEAR_AND_MORE) == 2
    assert left(here) == 0


def test_nothing_is_forgotten_while_an_event_of_it_is_stored(
    here: World, lake: Lake, forgetting: Forgetting, tmp_path: Path
) -> None:
    path = log(tmp_path)
    import_log([path], here.intake)
    assert pass_of(forgetting, here, NOW + YEAR_AND_MORE) == 0
    lake.left.update(here.ids[:1])
    pass_of(forgetting, here, NOW + YEAR_AND_MORE + DAY)
    held = len(here.journal)
    longer = replace(here.intake, policy=_kept_for("10 years"))
    here.clock.at_ms = NOW + YEAR_AND_MORE + DAY
    import_log([path], longer)  # a policy that keeps longer reads them again: no event may be there twice
    again = [event.event_id for event in here.events[held:]]
    assert not set(lake.stored(again))


def _kept_for(span: str) -> CompiledPolicy:
    rules = policy()
    keep = tuple((parse_span(span),) for _ in rules.cells)
    events = {name: replace(event, keep=keep) for name, event in rules.events.items()}
    return replace(rules, events=events)


def test_a_pass_goes_once_a_day_through_everything_a_few_rows_a_step(
    here: World, lake: Lake, forgetting: Forgetting, tmp_path: Path
) -> None:
    hours = [line(f"/{n}", at=f"{13 + n // 24:02d}/Nov/2023:{n % 24:02d}:00:00 +0000") for n in range(45)]
    import_log([write(tmp_path / "a.log", hours)], here.intake)
    rows = left(here)
    assert rows > 2 * PARTS
    late = NOW + YEAR_AND_MORE
    assert forgetting.step(here.intake.policy, late) == 0  # all still stored: they do not stand in the way
    lake.left.update(here.ids)
    rest = pass_of(forgetting, here, late)
    assert rest == rows - PARTS
    assert forgetting.step(here.intake.policy, late + 1) == 0  # today's pass is over
    assert pass_of(forgetting, here, late + DAY) == PARTS
    assert left(here) == 0


SPANS = st.sampled_from(["1 hour", "3 days", "1 month", "13 months", "2 years"])


@given(
    keeps=st.lists(st.lists(SPANS, min_size=1, max_size=2), min_size=3, max_size=3),
    earlier=st.integers(0, 3 * YEAR_AND_MORE),
)
def test_what_is_due_is_past_the_ceiling_of_every_audience(keeps: list[list[str]], earlier: int) -> None:
    rules = policy()
    keep = tuple(tuple(map(parse_span, spans)) for spans in keeps)
    assert len(keep) == len(rules.cells)
    events = {name: replace(event, keep=keep) for name, event in rules.events.items()}
    rules = replace(rules, events=events)
    begun = NOW - earlier
    if begun < due_before(rules, NOW):
        last = begun + CLOCK_SKEW_MS
        assert all(any(last <= span.cutoff(NOW) for span in spans) for spans in keep)


def test_where_page_views_are_declared_no_more_the_lake_alone_decides(here: World) -> None:
    bare = replace(here.intake.policy, events={})
    assert NOW - 3 * DAY < due_before(bare, NOW) < NOW - DAY
