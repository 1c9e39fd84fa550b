"""What a purpose may see and why the rest is missing: true of the real policy, counted without telling of anyone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.gate import InForce, Permit
from kept.policy import CompiledPolicy, load_policy
from kept.storage.query import QueryWorker, Rows
from kept.use import Counts, Kind, Missing, Part, Unseen, catalogue_of, counts_for, views_of
from kept.use.missing import FEWEST_PEOPLE, rounded
from kept.use.people import people_view
from tests.asking import DAY, NOW, House, event


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    path = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
    return load_policy(path.read_text(), "workhirespot.yaml")


@pytest.fixture(scope="module")
def worker() -> Iterator[QueryWorker]:
    with QueryWorker() as started:
        yield started


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.records.close()


def parts(policy: CompiledPolicy, purpose: str) -> dict[str, Part]:
    return {part.name: part for part in catalogue_of(policy, policy.purposes[purpose], NOW)}


def counted(house: House, policy: CompiledPolicy, purpose: str, worker: QueryWorker) -> Counts:
    permit = Permit(policy.purposes[purpose], InForce(1, policy, ""), NOW)
    found = counts_for(permit, house.lake, house.records, 1, worker)
    assert isinstance(found, Counts), found
    return found


def missing(found: Counts) -> dict[Missing, int | None]:
    return {each.why: each.rows for each in found.missing}


def test_every_declared_thing_stands_there_once(policy: CompiledPolicy) -> None:
    found = [part.name for part in catalogue_of(policy, policy.purposes["improve"], NOW)]
    declared = [*policy.items, *policy.events, "session_id"]
    declared += [f"{event.name}.{name}" for event in policy.events.values() for name in event.properties]
    assert sorted(found) == sorted(declared)


@pytest.mark.parametrize(
    ("purpose", "name", "seen_as", "why"),
    [
        ("improve", "page_view.path", ("page_view.page",), None),
        ("improve", "job_search.words", (), Unseen.NOT_NAMED),
        ("personalise", "job_search.words", ("job_search.words",), None),
        ("improve", "ip_address", (), Unseen.NOT_USED),
        ("improve", "email", (), Unseen.NOT_USED),
        ("operate", "email", ("people.email",), None),
        ("operate", "cv", (), Unseen.NOT_IN_TABLES),
        ("performance", "session_id", (), Unseen.NO_COOKIE),
        ("trends", "page_view", (), Unseen.FIGURES_ONLY),
        ("obey_law", "page_view", (), Unseen.ON_DEMAND),
    ],
)
def test_seen_or_why_not(
    policy: CompiledPolicy, purpose: str, name: str, seen_as: tuple[str, ...], why: Unseen | None
) -> None:
    part = parts(policy, purpose)[name]
    assert (part.seen_as, part.why) == (seen_as, why)
    assert part.clause


def test_a_part_is_seen_exactly_where_the_tables_have_its_column(policy: CompiledPolicy) -> None:
    rows = {"person", "time", "name", "source", "crawler"}  # these describe a row, and are no declared thing
    for name, purpose in policy.purposes.items():
        found = parts(policy, name).values()
        if any(part.why in {Unseen.ON_DEMAND, Unseen.FIGURES_ONLY} for part in found):
            continue
        views = views_of(policy, purpose, NOW)
        columns = {f"{view.name}.{column}" for view in views for column in view.columns if column not in rows}
        people = people_view(policy, purpose)
        columns |= {f"people.{column}" for column in people.columns[2:]} if people else set()
        seen = {each for part in found for each in part.seen_as if "." in each}
        assert seen == columns - {"events.page"}, name
        assert {part.name for part in found if part.kind is Kind.EVENT and part.seen_as} == {
            view.name for view in views if view.name != "events"
        }


def test_a_time_shorter_than_the_event_s_is_told(policy: CompiledPolicy) -> None:
    assert parts(policy, "protect")["ip_address"].kept_for == "30 days"


def test_rows_are_counted_by_the_first_reason_that_fits(
    house: House, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    improve, many = policy.purposes["improve"].mask, range(100, 100 + FEWEST_PEOPLE)
    old = NOW - 500 * DAY
    house.put(
        [
            *(event(who, NOW - 1, mask=improve) for who in range(1, 4)),
            *(event(who, NOW - 2, mask=0) for who in many),
            *(event(who, NOW - 3, mask=0) for who in many),
            *(event(who, old, mask=improve) for who in many),
            *(event(who, NOW - 4, name="application", mask=improve) for who in range(1, 24)),
            *(event(who, NOW - 5, mask=improve) for who in range(200, 203)),
            event(1, NOW, mask=improve, workspace=2),
        ]
    )
    for who in range(200, 203):
        house.choose(who, improve)
    found = counted(house, policy, "improve", worker)
    assert found.there == 3
    assert missing(found) == {
        Missing.OTHER_EVENT: 20,  # 23, to one digit
        Missing.NOT_ALLOWED: 40,
        Missing.WITHDRAWN: None,  # of three people, so it is not told
        Missing.PAST_ITS_TIME: 20,
    }


def test_what_is_there_is_what_the_purpose_s_own_question_counts(
    house: House, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    """Floors, splits of time, knowledge of choices: both ways of counting agree on each purpose."""
    bits = [purpose.mask for purpose in policy.purposes.values()]
    for who in range(30):
        house.choose(who % 7, bits[who % len(bits)], dropped=who == 11)
    everyone = [
        event(
            who % 9,
            NOW - who * 20 * DAY,
            mask=bits[who % len(bits)] | bits[who % 3],
            cv=who % 31,
            name=("page_view", "job_view", "application")[who % 3],
        )
        for who in range(60)
    ]
    house.put(everyone[:30], floor=10)
    house.put(everyone[30:], group="b0", floor=25)
    for name, purpose in policy.purposes.items():
        if not views_of(policy, purpose, NOW):
            continue
        with QueryWorker() as other:
            answer = house.reader(policy, name, NOW, other).ask("select count(*) from events")
        assert isinstance(answer, Rows), answer
        assert counted(house, policy, name, worker).there == answer.rows[0][0], name


def test_before_the_first_event_nothing_is_missing(
    tmp_path: Path, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    made = House(tmp_path / "x")
    assert counted(made, policy, "improve", worker) == counted(made, policy, "protect", worker)
    made.records.close()


@pytest.mark.parametrize(("rows", "told"), [(0, 0), (7, 7), (14, 10), (3_712, 4_000), (96, 100)])
def test_a_count_is_told_to_one_digit(rows: int, told: int) -> None:
    assert rounded(rows) == told
