"""What a purpose sees, as tables: columns by purpose, rows by age, values by age, people by choice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.policy import CompiledPolicy, load_policy
from kept.storage.query import QueryWorker, Refused, Rows
from tests.asking import DAY, NOW, House, event

POLICY = """
company: {name: Example, site: https://example.com, contact: a@example.com, country: US}
version: "1"
in force: 2026-01-01
people: {visitor: {says: Someone who looks.}}
data:
  technical:
    about: visitor
    category: technical
    from: tracker
    identifies: indirectly
    keep: 60 days
    items:
      ip_address: {reduced to: shortened address, keep: 10 days}
      device:
      country: {derived from: ip_address}
events:
  usage:
    about: visitor
    category: behaviour
    from: tracker
    identifies: indirectly
    keep: 90 days
    items:
      page_view: {with: {path: text}}
      order: {keep: 30 days, with: {amount: number, gift: yes or no, due: date, tags: list of text, note: text}}
      search: {with: {words: free text}}
cookies:
  kept_visit: {says: Recognises., for: [improve, sell], lasts: 1 month, holds: visitor_id}
  kept_session: {says: Holds one visit., for: improve, lasts: 30 minutes, holds: session_id}
purposes:
  improve: {uses: [page_view, order, device, country], basis: consent, form: pseudonymous}
  sell: {uses: [order.amount, order, page_view], basis: consent, form: pseudonymous, looks back: 20 days}
  guard: {uses: [page_view, ip_address, device], basis: contract, form: pseudonymous}
  read: {uses: [search.words, search, page_view.path, page_view], basis: contract, form: pseudonymous}
  idle: {uses: [device, country, ip_address], basis: contract, form: pseudonymous}
"""
COMMON = "source crawler"
COLUMNS = {
    ("improve", "events"): f"person time name page session device country {COMMON}",
    ("improve", "page_view"): f"person time page session device country {COMMON}",
    ("improve", "order"): f"person time amount gift due tags note session device country {COMMON}",
    ("sell", "events"): f"person time name page {COMMON}",
    ("sell", "order"): f"person time amount gift due tags note {COMMON}",
    ("sell", "page_view"): f"person time page {COMMON}",
    ("guard", "events"): f"person time name page device address {COMMON}",
    ("guard", "page_view"): f"person time page device address {COMMON}",
    ("read", "events"): f"person time name page {COMMON}",
    ("read", "page_view"): f"person time page {COMMON}",
    ("read", "search"): f"person time words {COMMON}",
}
"""Each table of each purpose. `idle` uses no event, and sees none."""


@pytest.fixture(scope="module")
def policy() -> CompiledPolicy:
    return load_policy(POLICY, "policy.yaml")


@pytest.fixture(scope="module")
def worker() -> Iterator[QueryWorker]:
    with QueryWorker() as started:
        yield started


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.records.close()


def ask(
    house: House, policy: CompiledPolicy, worker: QueryWorker, purpose: str, sql: str
) -> list[tuple[object, ...]]:
    answer = house.reader(policy, purpose, worker=worker).ask(sql)
    assert isinstance(answer, Rows), answer
    return list(answer.rows)


def test_columns_by_purpose(house: House, policy: CompiledPolicy) -> None:
    seen = {
        (purpose, table): " ".join(columns)
        for purpose in policy.purposes
        for table, columns in house.reader(policy, purpose).catalogue.items()
    }
    assert seen == COLUMNS


AGES = (
    # purpose, event, days old, seen
    ("improve", "page_view", 89, True),
    ("improve", "page_view", 90, False),
    ("improve", "order", 29, True),
    ("improve", "order", 30, False),
    ("sell", "page_view", 19, True),
    ("sell", "page_view", 20, False),
    ("sell", "order", 19, True),
    ("sell", "order", 20, False),
    ("read", "page_view", 89, True),
    ("guard", "order", 0, False),
    ("guard", "search", 0, False),
)


@pytest.mark.parametrize(("purpose", "name", "days", "seen"), AGES)
def test_rows_by_age(
    house: House, policy: CompiledPolicy, worker: QueryWorker, purpose: str, name: str, days: int, seen: bool
) -> None:
    """Ceilings by event, and how far a purpose looks back; gathered at the last moment is gone."""
    bits = policy.purposes[purpose].mask
    house.put([event(3, NOW - days * DAY, name=name, mask=bits)])
    house.put([event(4, NOW - 1, mask=bits)])
    found = ask(house, policy, worker, purpose, "select person from events order by person")
    assert found == ([(3,), (4,)] if seen else [(4,)])


VALUES = (
    # days old, device, country, address
    (9, "mobile", "DE", "192.0.2.0"),
    (10, "mobile", "DE", None),
    (59, "mobile", "DE", None),
    (60, None, None, None),
)


@pytest.mark.parametrize(("days", "device", "country", "address"), VALUES)
def test_values_by_age(
    house: House,
    policy: CompiledPolicy,
    worker: QueryWorker,
    days: int,
    device: str | None,
    country: str | None,
    address: str | None,
) -> None:
    """An item with a shorter life than its event is gone before it."""
    house.put([event(3, NOW - days * DAY, mask=-1 & ((1 << 63) - 1))])
    for table in ("events", "page_view"):
        assert ask(house, policy, worker, "improve", f"select device, country from {table}") == [
            (device, country)
        ]
        assert ask(house, policy, worker, "guard", f"select device, address from {table}") == [
            (device, address)
        ]


def test_properties_have_types(house: House, policy: CompiledPolicy, worker: QueryWorker) -> None:
    """As `gather.values` writes them; what cannot be read as its type is nothing."""
    told = '{"amount":"12.5","gift":"yes","due":"2026-11-23","tags":"[\\"a, b\\",\\"c\\"]","note":"it\'s"}'
    broken = '{"amount":"much","gift":"no","due":"soon"}'
    house.put(
        [
            event(n, NOW - n, name="order", mask=7, properties=text)
            for n, text in ((1, told), (2, broken), (3, None))
        ]
    )
    found = ask(
        house,
        policy,
        worker,
        "improve",
        'select amount, gift, due, tags[1], note from "order" order by person',
    )
    assert found == [
        (12.5, True, "2026-11-23", "a, b", "it's"),
        (None, False, None, None, None),
        (None, None, None, None, None),
    ]


def test_a_page_stands_only_with_events_whose_page_the_purpose_uses(
    house: House, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    house.put(
        [
            event(3, NOW - 2, mask=-1 & ((1 << 63) - 1)),
            event(3, NOW - 1, name="order", mask=-1 & ((1 << 63) - 1)),
        ]
    )
    found = ask(house, policy, worker, "improve", "select name, page from events order by time")
    assert found == [("page_view", "/"), ("order", None)]


PEOPLE: tuple[tuple[str, str, int, list[tuple[str, bool]], bool], ...] = (
    # what happened, the purposes' bits at gathering, cv, the choices since (bits, dropped), seen
    ("Ana said yes", "improve", 0, [], True),
    ("Bo said no", "sell", 0, [], False),
    ("Cy withdrew", "improve", 0, [("improve", False)], False),
    ("Cy withdrew from another", "improve", 0, [("sell", False)], True),
    ("Cy said yes again before this", "improve", 1, [("improve", False)], True),
    ("Cy withdrew again", "improve", 1, [("improve", False), ("improve", False)], False),
    ("Di was erased", "improve", 0, [("", True)], False),
    ("Di came back", "improve", 1, [("", True)], True),
    ("Eve is a stranger", "", 0, [], False),
)


@pytest.mark.parametrize(("what", "given", "cv", "since", "seen"), PEOPLE, ids=[row[0] for row in PEOPLE])
def test_people_by_choice(
    house: House,
    policy: CompiledPolicy,
    worker: QueryWorker,
    what: str,
    given: str,
    cv: int,
    since: list[tuple[str, bool]],
    seen: bool,
) -> None:
    bits = {name: purpose.mask for name, purpose in policy.purposes.items()} | {"": 0}
    house.put([event(7, NOW - 1, mask=bits[given], cv=cv)])
    for name, dropped in since:
        house.choose(7, bits[name], dropped=dropped)
    assert ask(house, policy, worker, "improve", "select count(*) from events") == [(int(seen),)]


def test_what_a_purpose_does_not_use_does_not_exist(
    house: House, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    house.put([event(3, NOW - 1, mask=31)])
    asked = house.reader(policy, "guard", worker=worker)
    assert isinstance(asked.ask('select * from "order"'), Refused)
    assert isinstance(asked.ask("select country from events"), Refused)
    assert isinstance(house.reader(policy, "idle", worker=worker).ask("select * from events"), Refused)


def test_a_lake_without_files_answers_with_no_rows(
    house: House, policy: CompiledPolicy, worker: QueryWorker
) -> None:
    assert ask(house, policy, worker, "improve", "select count(*) from events") == [(0,)]
    assert ask(house, policy, worker, "improve", 'select amount from "order"') == []
