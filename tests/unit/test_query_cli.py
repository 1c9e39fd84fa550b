"""`kept query` as it is typed."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from kept.app.house import House as Installation
from kept.base.errors import BadInput, Refused
from kept.base.settings import Settings
from kept.cli.query import query_command
from tests.asking import NOW, House, event

POLICY = """
company: {name: Example, site: https://example.com, contact: a@example.com, country: US}
version: "1"
in force: 2026-01-01
people: {visitor: {says: Someone who looks.}}
events:
  usage:
    about: visitor
    category: behaviour
    from: tracker
    identifies: indirectly
    keep: 10 years
    items: {page_view: {with: {path: text}}, order: {with: {amount: number}}}
purposes:
  protect: {uses: [page_view, page_view.path], basis: contract, form: pseudonymous}
  sell: {uses: [order, order.amount], basis: contract, form: pseudonymous}
  count: {uses: [page_view], basis: contract, form: aggregate}
  obey: {uses: [order], basis: legal obligation, on demand: yes}
"""
ANA = (1 << 62) + 5


@pytest.fixture(autouse=True)
def _data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path / "data", master_key=tmp_path / "master.key")
    installed = Installation.open(settings)
    bits = installed.policies.put_in_force(POLICY, "policy.yaml").policy.purposes
    installed.close()
    house = House(settings.data)
    house.put(
        [
            event(ANA, NOW, page="/a,b", mask=bits["protect"].mask),
            event(7, NOW + 1, mask=bits["protect"].mask),
        ]
    )
    house.records.close()
    monkeypatch.setenv("KEPT_DATA", str(settings.data))
    monkeypatch.setenv("KEPT_MASTER_KEY", str(settings.master_key))


def run(*arguments: str) -> str:
    return CliRunner().invoke(query_command, arguments, catch_exceptions=False).output


def test_rows_as_a_table() -> None:
    assert run(
        "--for", "protect", "select page, count(*) as n from events group by 1 order by 1"
    ).splitlines() == [
        "page  n",
        "────  ─",
        "/     1",
        "/a,b  1",
    ]


def test_rows_as_json_with_pseudonyms_as_text() -> None:
    lines = run("--for", "protect", "--json", "select person, page from events order by person").splitlines()
    assert [json.loads(line) for line in lines] == [
        {"person": 7, "page": "/"},
        {"person": str(ANA), "page": "/a,b"},
    ]


def test_rows_as_csv() -> None:
    assert run("--for", "protect", "--csv", "select page, null as x from events order by 1 desc") == (
        'page,x\n"/a,b",\n/,\n'  # the runner reads line ends as Python does
    )


def test_the_tables_of_a_purpose() -> None:
    assert run("--for", "protect", "--tables").splitlines() == [
        "events (person, time, name, page, source, crawler)",
        "page_view (person, time, page, source, crawler)",
        "",
        "2 rows are there. Not there:",
        "               none  Events that this purpose does not use.",
        "               none  Gathered without leave for this purpose.",
        "               none  Withdrawn since.",
        "               none  Past its time, or older than the purpose looks back.",
        "",
        "Declared, and not there:",
        "  order         The purpose does not use it. [purposes.protect.uses]",
        "  order.amount  The purpose does not use it. [purposes.protect.uses]",
    ]


def test_the_tables_for_programs() -> None:
    said = json.loads(run("--for", "protect", "--tables", "--json"))
    assert said["rows"] == {
        "there": 2,
        "missing": {"OTHER_EVENT": 0, "NOT_ALLOWED": 0, "WITHDRAWN": 0, "PAST_ITS_TIME": 0},
    }
    seen = {part["name"]: part["seen_as"] for part in said["parts"]}
    assert seen == {
        "page_view": ["page_view"],
        "page_view.path": ["page_view.page"],
        "order": [],
        "order.amount": [],
    }


def refused(*arguments: str) -> str:
    with pytest.raises(Refused) as caught:
        run(*arguments)
    assert caught.value.exit_code == 4
    return str(caught.value)


def test_what_the_purpose_does_not_see_is_refused_with_the_clause() -> None:
    said = refused("--for", "protect", 'select * from "order"')
    assert "purposes.protect.uses" in said
    assert "There is no such table: order." in said
    assert "This purpose sees: events, page_view." in said


def test_a_purpose_that_opens_no_rows_is_refused_with_the_reason() -> None:
    assert "figures only" in refused("--for", "count", "select 1")
    assert "demand" in refused("--for", "obey", "select 1")
    assert "Did you mean sell?" in refused("--for", "sel", "select 1")


def test_nothing_asked_is_a_mistake() -> None:
    with pytest.raises(BadInput):
        run("--for", "protect")


@pytest.mark.parametrize(
    ("days", "rows"),
    [
        (["--since", "2026-05-28"], 2),
        (["--until", "2026-05-28"], 2),
        (["--since", "2026-05-29"], 0),
        (["--until", "2026-05-27"], 0),
        (["--since", "2026-05-28", "--until", "2026-05-28"], 2),
    ],
)
def test_days(days: list[str], rows: int) -> None:
    """Both events are of 2026-05-28."""
    assert run("--for", "protect", "--json", *days, "select count(*) as n from events") == f'{{"n":{rows}}}\n'
