"""Reports on what people do, counted again by hand; only what the purpose sees, and only what was asked for."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kept.policy import CompiledPolicy, load_policy
from kept.storage.event import StoredEvent
from kept.storage.query import QueryWorker
from kept.use import BehaviourAsked, BehaviourKind, NotPossible, behaviour, within_of
from tests.asking import DAY, NOW, House, event

FIRST = NOW - NOW % DAY - 9 * DAY  # Tuesday 2026-05-19
END = FIRST + 10 * DAY
ANA, CY, EVE, BOT = 3, 4, 5, 6
WEEK = BehaviourAsked(BehaviourKind.FUNNEL, date(2026, 5, 24), date(2026, 5, 28))


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    path = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
    return load_policy(path.read_text(), "workhirespot.yaml")


@pytest.fixture(scope="module")
def worker() -> Iterator[QueryWorker]:
    with QueryWorker() as started:
        yield started


def events(bits: int) -> list[StoredEvent]:
    """Ana looks, looks at a job, uses a tool; Cy goes the other way round; Eve only looks; all in two weeks."""
    at = FIRST + 5 * DAY
    return [
        event(ANA, FIRST, device="mobile", mask=bits),
        event(ANA, at, device="mobile", mask=bits),
        event(ANA, at + 1, name="job_view", device="mobile", mask=bits),
        event(ANA, at + 2, name="tool_used", device="mobile", mask=bits),
        event(CY, at + 3, name="job_view", device="desktop", mask=bits),
        event(CY, at + 4, device="desktop", mask=bits),
        event(CY, at + 5, device="desktop", mask=bits),
        event(EVE, END - 60_000, device="mobile", mask=bits),
        event(BOT, at + 6, name="job_view", crawler=True, mask=bits),
        event(7, at + 7, name="job_view", mask=0),
    ]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, policy: CompiledPolicy) -> Iterator[House]:
    made = House(tmp_path_factory.mktemp("behaviour"))
    made.put(events(policy.purposes["improve"].mask))
    yield made
    made.records.close()


@pytest.fixture
def tables(house: House, policy: CompiledPolicy, worker: QueryWorker) -> Any:
    def made(kind: BehaviourKind, purpose: str = "improve", **more: Any) -> Any:
        asked = replace(WEEK, kind=kind, **more)
        reader = house.reader(policy, purpose, END, worker, within_of(asked, END))
        found = behaviour(reader.ask, reader.catalogue, asked, END)
        return {each.name: each.rows for each in found} if isinstance(found, tuple) else found

    return made


def test_a_funnel_counts_people_in_this_order(tables: Any) -> None:
    steps = ("page_view", "job_view", "tool_used")
    assert tables(BehaviourKind.FUNNEL, steps=steps) == {
        "funnel": (("page_view", "100%", 3), ("job_view", "33%", 1), ("tool_used", "33%", 1))
    }
    back = tables(BehaviourKind.FUNNEL, steps=("job_view", "page_view", "page_view"))
    assert [row[-1] for row in back["funnel"]] == [2, 1, 1], "the same again is another time"


def test_a_funnel_split_and_narrowed(tables: Any) -> None:
    steps = ("page_view", "job_view")
    assert tables(BehaviourKind.FUNNEL, steps=steps, by="device")["funnel"] == (
        ("mobile", "page_view", "100%", 2),
        ("mobile", "job_view", "50%", 1),
        ("desktop", "page_view", "100%", 1),
        ("desktop", "job_view", "0%", 0),
    )
    assert tables(BehaviourKind.FUNNEL, steps=steps, where={"device": "desktop"})["funnel"] == (
        ("page_view", "100%", 1),
        ("job_view", "0%", 0),
    )


def test_this_time_beside_the_time_before(tables: Any) -> None:
    found = tables(BehaviourKind.COMPARED)
    assert found["totals"] == (
        ("visitors", 3, 1, "+200%"),
        ("page views", 4, 1, "+300%"),
        ("actions", 3, 0, "—"),
    )
    assert found["days"][0] == ("2026-05-24", 2, 1)
    assert len(found["days"]) == 5
    split = tables(BehaviourKind.COMPARED, by="device")["totals"]
    assert split[0] == ("mobile", "visitors", 2, 1, "+100%")
    assert split[3] == ("desktop", "visitors", 1, 0, "—")


def test_who_comes_back(tables: Any) -> None:
    found = tables(BehaviourKind.RETURN, since=date(2026, 5, 18))
    assert found["return"] == (("2026-05-18", 2), ("2026-05-25", 1))


def test_coming_back_is_counted_by_week(house: House, policy: CompiledPolicy, tables: Any) -> None:
    house.put([event(EVE, FIRST + 1, device="mobile", mask=policy.purposes["improve"].mask)])
    found = tables(BehaviourKind.RETURN, since=date(2026, 5, 18), where={"device": "mobile"})
    assert found["return"] == (("2026-05-18", 2, "50%"),)


def test_what_is_used(tables: Any) -> None:
    assert tables(BehaviourKind.FEATURES)["features"] == (
        ("page_view", "100%", 4, 3),
        ("job_view", "67%", 2, 2),
        ("tool_used", "33%", 1, 1),
    )


def test_the_last_half_hour(tables: Any) -> None:
    found = tables(BehaviourKind.LIVE)
    assert len(found["minutes"]) == 30
    assert found["minutes"][-2] == ("23:59", 1, 1)
    assert found["now"] == (("page_view", 1, 1),)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"by": "address"}, "address"),
        ({"where": {"person": "3"}}, "person"),
        ({"steps": ("page_view", "application")}, "application"),
        ({"steps": ("events",)}, "events"),
    ],
)
def test_what_the_purpose_does_not_have_is_named(tables: Any, more: dict[str, Any], word: str) -> None:
    found = tables(BehaviourKind.FUNNEL, **more)
    assert isinstance(found, NotPossible)
    assert found.word == word
    assert found.instead


def test_a_purpose_has_its_own_columns_alone(tables: Any) -> None:
    found = tables(BehaviourKind.FEATURES, "personalise", by="device")
    assert found == NotPossible("device", ("page", "source"))


@pytest.mark.parametrize("value", ["'", "' or 1=1 --", "\\", "mobile' union all select 1", "日本", ""])
def test_a_filter_is_a_value_and_nothing_else(tables: Any, value: str) -> None:
    assert tables(BehaviourKind.FEATURES, where={"device": value}) == {"features": ()}
