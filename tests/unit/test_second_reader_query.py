"""Statements that try to learn, from whether they fail, what stands in rows that their purpose may not see.

Ana said yes. Bo's rows lack the purpose; Cy withdrew, before or after some row knew of a withdrawal. Each
statement fails on their page and on no other: whoever sees it fail knows that somebody of them was there.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.policy import CompiledPolicy, load_policy
from kept.storage.query import QueryWorker, Refused, Rows
from kept.storage.query_words import No
from kept.use import Reader
from tests.asking import DAY, NOW, House, event

ROWS = 700
SECRET = "page = '/secret'"
FAILS_THERE = (
    f"cast(case when {SECRET} then 'x' else '1' end as integer) = 1",
    f"'a' like (case when {SECRET} then 'a!' else 'a' end) escape '!'",
    f"len(str_split_regex('a', case when {SECRET} then '(' else 'b' end)) = 1",
    f"make_timestamp(case when {SECRET} then 9223372036854775807 else 1 end) is not null",
    f"factorial(case when {SECRET} then -1 else 1 end) = 1",
    f"left('a', case when {SECRET} then 9223372036854775807 else 1 end) = 'a'",
    f"lcm(case when {SECRET} then (-9223372036854775808)::bigint else 1 end, 1) = 1",
    f"jaccard('a', case when {SECRET} then '' else 'a' end) = 1",
)
STATEMENTS = ("select count(*) from events where {}", "select count(*) from page_view where {}")


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    path = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
    return load_policy(path.read_text(), "workhirespot.yaml")


@pytest.fixture(scope="module", params=["bo lacks the bit", "cy withdrew", "cy withdrew, someone knew"])
def reader(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, policy: CompiledPolicy
) -> Iterator[Reader]:
    house = House(tmp_path_factory.mktemp("lake"))
    improve, performance = policy.purposes["improve"].mask, policy.purposes["performance"].mask
    withdrew = request.param != "bo lacks the bit"
    rows = [
        event(
            i if i % 7 else 1_000_000,
            NOW - DAY + i,
            mask=improve if withdrew or not i % 7 else performance,
            page="/secret" if i % 7 else "/ok",
        )
        for i in range(ROWS)
    ]
    if request.param == "cy withdrew, someone knew":
        rows.append(event(1_000_000, NOW - DAY + ROWS, mask=improve, page="/ok", cv=10 * ROWS))
    house.put(rows)
    if withdrew:
        for subject in {row.subject for row in rows if row.page == "/secret"}:
            house.choose(subject, improve)
    with QueryWorker() as worker:
        yield house.reader(policy, "improve", worker=worker)
    house.records.close()


def seen(reader: Reader) -> int:
    answer = reader.ask("select count(*) from events")
    assert isinstance(answer, Rows)
    return int(answer.rows[0][0] or 0)


@pytest.mark.parametrize("condition", FAILS_THERE)
def test_a_statement_does_not_fail_on_rows_that_it_may_not_see(reader: Reader, condition: str) -> None:
    """The engine tries a statement's condition on hidden rows before it hides them; that must not be told."""
    for statement in STATEMENTS:
        answer = reader.ask(statement.format(condition))
        assert isinstance(answer, Rows), f"{answer.why.name}: {condition}"
        assert answer.rows == [(seen(reader),)]


def test_what_fails_on_a_row_that_is_seen_still_says_so(reader: Reader) -> None:
    answer = reader.ask("select count(*) from events where cast(page as integer) = 1")
    assert isinstance(answer, Refused)
    assert answer.why is No.BAD_VALUE
    assert seen(reader) >= ROWS // 7, "and the next statement runs as before"


def test_a_word_that_is_not_there_is_named_as_before(reader: Reader) -> None:
    answer = reader.ask("select pagge from events")
    assert isinstance(answer, Refused)
    assert (answer.why, answer.near) == (No.NO_SUCH_COLUMN, "page")
