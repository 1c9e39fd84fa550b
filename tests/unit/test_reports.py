"""Reports: counted again by hand, and only from what the purpose sees."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kept.policy import CompiledPolicy, load_policy
from kept.storage.event import StoredEvent
from kept.storage.query import Open, QueryWorker, Refused, Rows
from kept.use import Reader, UsageReport, span_of, usage_report
from tests.asking import DAY, NOW, House, event

FIRST = NOW - NOW % DAY - 2 * DAY  # midnight of the first of three days
SINCE, UNTIL = date(2026, 5, 26), date(2026, 5, 28)
ANA, CY, EVE, BOT = 3, 4, 5, 6


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    path = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
    return load_policy(path.read_text(), "workhirespot.yaml")


@pytest.fixture(scope="module")
def worker() -> Iterator[QueryWorker]:
    with QueryWorker() as started:
        yield started


def events(bits: int) -> list[StoredEvent]:
    """Three days: Ana on the first and third, Cy on the first; a crawler; someone the day before and after."""
    hour = DAY // 24
    return [
        event(ANA, FIRST, page="/jobs", session=1, mask=bits),
        event(ANA, FIRST + 1, page="/jobs/1", session=1, referrer=None, mask=bits),
        event(ANA, FIRST + 2, name="job_view", page="/jobs/1", session=1, mask=bits),
        event(ANA, FIRST + 2 * DAY, page="/jobs", session=2, device="desktop", mask=bits),
        event(CY, FIRST + 3, page="/jobs", session=None, country="US", campaign="spring", mask=bits),
        event(CY, FIRST + 5 * hour, page="/jobs", session=None, country=None, mask=bits),
        event(BOT, FIRST + 4, page="/jobs", crawler=True, mask=bits),
        event(EVE, FIRST - 1, mask=bits),
        event(EVE, FIRST + 3 * DAY, mask=bits),
        event(EVE, FIRST + 5, mask=0),
    ]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.records.close()


def report(
    house: House, policy: CompiledPolicy, worker: QueryWorker, purpose: str = "improve"
) -> UsageReport:
    reader = house.reader(policy, purpose, FIRST + 3 * DAY + 1, worker)
    found = usage_report(reader.ask, reader.catalogue, SINCE, UNTIL)
    assert isinstance(found, UsageReport), found
    return found


def test_figures(house: House, policy: CompiledPolicy, worker: QueryWorker) -> None:
    house.put(events(policy.purposes["improve"].mask))
    found = report(house, policy, worker)
    assert (found.visitors, found.views, found.actions, found.crawler_views) == (2, 5, 1, 1)
    assert found.sessions == 3, "two of Ana's, and Cy's day without a session"
    assert found.missing == ()


def test_tables(house: House, policy: CompiledPolicy, worker: QueryWorker) -> None:
    house.put(events(policy.purposes["improve"].mask))
    tables = {table.name: table.rows for table in report(house, policy, worker).tables}
    assert tables == {
        "days": (("2026-05-26", 2, 4), ("2026-05-27", 0, 0), ("2026-05-28", 1, 1)),
        "pages": (("/jobs", 4, 2), ("/jobs/1", 1, 1)),
        "sources": (("search.example", 4, 2), ("(direct, or not told)", 1, 1)),
        "campaigns": (("(none)", 4, 2), ("spring", 1, 1)),
        "countries": (("DE", 3, 1), ("(not known)", 1, 1), ("US", 1, 1)),
        "devices": (("mobile", 4, 2), ("desktop", 1, 1)),
        "browsers": (("Firefox", 5, 2),),
        "actions": (("job_view", 1, 1),),
    }


def test_people_who_withdrew_are_in_no_figure(
    house: House, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    mask = policy.purposes["improve"].mask
    house.put(events(mask))
    house.choose(CY, mask)
    found = report(house, policy, worker)
    assert (found.visitors, found.views, found.sessions) == (1, 3, 2)
    assert "US" not in str(found.tables)


def test_what_a_purpose_does_not_see_is_named_as_missing(
    house: House, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    """`personalise` uses events and no technical data; nothing is said of what others would see."""
    house.put(events(policy.purposes["personalise"].mask))
    found = report(house, policy, worker, "personalise")
    assert found.sessions is None
    assert found.missing == ("Sources", "Campaigns", "Countries", "Devices", "Browsers")
    assert {table.name for table in found.tables} == {"days", "pages", "actions"}


def test_an_empty_lake_has_a_report_of_nothing(
    house: House, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    found = report(house, policy, worker)
    assert (found.visitors, found.sessions, found.views, found.actions) == (0, 0, 0, 0)
    assert [row[1:] for row in found.tables[0].rows] == [(0, 0)] * 3


def test_a_refusal_is_handed_on(house: House, policy: CompiledPolicy, worker: QueryWorker) -> None:
    reader = house.reader(policy, "honour_rights", worker=worker)  # it uses no event
    assert isinstance(usage_report(reader.ask, {}, SINCE, UNTIL), Refused)


def test_a_span_gives_its_own_moments_and_opens_no_other_file(
    house: House, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    """Its first moment is in it, the first after it is not; a file that lies outside is not read."""
    bits = policy.purposes["improve"].mask
    since, until = span_of(SINCE, UNTIL)
    for ts in (since - DAY, since - 1, since, until - 1, until, until + DAY):
        house.put([event(ANA, ts, mask=bits)])
    house.put([event(CY, since - 1, mask=bits), event(CY, since, mask=bits), event(CY, until, mask=bits)])
    reader = house.reader(policy, "improve", until + 2 * DAY, worker, within=(since, until))
    answer = reader.ask("select person, count(*) from events group by all order by 1")
    assert isinstance(answer, Rows), answer
    assert answer.rows == [(ANA, 2), (CY, 1)]
    whole = house.reader(policy, "improve", until + 2 * DAY, worker)
    assert (_files_in(reader), _files_in(whole)) == (3, 7)


def test_a_report_within_its_span_is_the_same(
    house: House, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    for each in events(policy.purposes["improve"].mask):
        house.put([each])
    reader = house.reader(policy, "improve", FIRST + 3 * DAY + 1, worker, within=span_of(SINCE, UNTIL))
    assert usage_report(reader.ask, reader.catalogue, SINCE, UNTIL) == report(house, policy, worker)


def _files_in(reader: Reader) -> int:
    """How many files the private views name."""
    snapshot = reader._lake.snapshot()
    told = reader._told(snapshot, [])
    assert isinstance(told, Open)
    return sum(sql.count(".parquet") for name, sql in told.views if name not in told.public)
