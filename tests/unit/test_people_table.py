"""The table `people` in free SQL: a row a person, what the purpose uses of whom allows it, and nowhere on the disk."""

from typing import Any

import pytest

from kept.app.house import House
from kept.app.opening import open_people
from kept.app.using import Installation
from kept.base.errors import Refused
from kept.gather.profiles import FileTold, Telling
from kept.policy.compiled import Form
from kept.storage import query_words
from kept.storage.query_words import Cell
from kept.use import people

ANA: dict[str, Any] = {
    "name": "Ana",
    "email": "ana@example.com",
    "occupation": "Warehouse lead",
    "skills": ["forklift", "stock"],
}


def tell(house: House, account: str, **values: object) -> int:
    told = house.tellings.tell(account, Telling(values, residence="US"))
    assert not told.refused
    person = open_people(house).of_account(account)
    assert person is not None
    return person.subjects[0]


def ask(house: House, sql: str, purpose: str = "operate") -> list[dict[str, Cell]]:
    with Installation(house).use(purpose) as use:
        return list(use.ask(sql))


def test_each_person_has_one_row_with_what_the_purpose_uses(house: House) -> None:
    ana, bo = tell(house, "u-1", **ANA), tell(house, "u-2", name="Bo")
    house.voice.join("kv_1", "u-1", "site", {})
    visitor = house.identities.visitor("kv_1")
    found = ask(house, "select * exclude (skills, known_as), skills[1] as first from people order by name")
    assert [row["person"] for row in found] == [ana, bo]
    assert found[0]["occupation"] == "Warehouse lead"
    assert (found[0]["first"], found[1]["first"]) == ("forklift", None)
    known = ask(
        house, "select list_contains(known_as, 7) as no, len(known_as) as n from people order by name"
    )
    assert known == [{"no": False, "n": 2}, {"no": False, "n": 1}]
    assert visitor != ana


def test_columns_are_those_that_the_purpose_uses_and_no_others(house: House) -> None:
    installation = Installation(house)
    with installation.use("marketing") as use:
        assert {"person", "known_as", "name", "email", "occupation"} == set(use.tables["people"])
        assert use.table("people").columns
    with installation.use("protect") as use:
        assert "people" not in use.tables
        with pytest.raises(Refused, match="no such table"):
            use.ask("select * from people")
    with installation.use("research") as use:  # it works under pseudonyms: nothing there names anyone
        assert not {"name", "email"} & set(use.tables["people"])


def test_a_no_and_a_deletion_count_in_the_next_question(house: House) -> None:
    tell(house, "u-1", **ANA)
    people = open_people(house)
    with Installation(house).use("marketing") as use:
        assert use.ask("select count(*) as n from people").rows == ((1,),)
        no = house.policies.now().policy.purposes["marketing"].mask
        people.answer_for_account("u-1", yes=0, no=no, how="account", words="May we?")
        assert use.ask("select count(*) as n from people").rows == ((0,),)
    with Installation(house).use("operate") as use:
        assert use.ask("select name from people").rows == (("Ana",),)
        who = people.of_account("u-1")
        assert who is not None
        people.erase(people.plan(who))
        assert use.ask("select name from people").rows == ()


def test_what_stood_before_is_not_there(house: House) -> None:
    tell(house, "u-1", name="Anna")
    tell(house, "u-1", name="Ana")
    assert ask(house, "select name from people") == [{"name": "Ana"}]


def test_a_question_that_names_no_people_opens_nobodys_values(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(house, "u-1", **ANA)
    opened: list[str] = []
    whole = type(house.readings).everyone

    def everyone(*args: Any) -> Any:
        opened.append("opened")
        return whole(*args)

    monkeypatch.setattr(type(house.readings), "everyone", everyone)
    with Installation(house).use("personalise") as use:
        use.ask("select count(*) from events")
        assert not opened
        use.ask("select count(*) from PEOPLE")
        assert opened


def test_more_people_than_a_question_may_hold_are_refused(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people, "MOST", 1)
    tell(house, "u-1", name="Ana")
    assert len(ask(house, "select * from people")) == 1
    tell(house, "u-2", name="Bo")
    with pytest.raises(Refused, match="More people"):
        ask(house, "select * from people")


def test_a_file_is_no_column_and_makes_no_row(house: House) -> None:
    tell(house, "u-1", cv=FileTold("cv.pdf", b"%PDF-1.7 Ana"))
    with Installation(house).use("operate") as use:
        assert "cv" not in use.tables["people"]
        assert use.ask("select * from people").rows == ()


def test_values_stand_nowhere_on_the_disk(house: House) -> None:
    tell(house, "u-1", occupation="Underwater basket weaver")
    assert ask(house, "select occupation from people") == [{"occupation": "Underwater basket weaver"}]
    for path in house.settings.data.rglob("*"):
        assert not path.is_file() or b"basket weaver" not in path.read_bytes()


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("DOUBLE", 7, 7.0),
        ("DOUBLE", "7", None),
        ("BOOLEAN", True, True),
        ("BOOLEAN", "yes", None),
        ("DATE", "2026-11-30", "2026-11-30"),
        ("DATE", "soon", None),
        ("VARCHAR", 7, "7"),
        ("VARCHAR", ["a"], None),
        ("VARCHAR[]", ["a"], ["a"]),
        ("VARCHAR[]", "a", None),
    ],
)
def test_a_value_of_another_type_than_its_column_is_text_or_nothing(
    kind: str, value: query_words.Value, cell: query_words.Value
) -> None:
    assert people._as(kind, value) == cell


def test_an_account_of_another_workspace_is_not_there(house: House) -> None:
    other = house.in_workspace(0)
    tell(other, "u-1", name="Canary")
    tell(house, "u-1", name="Ana")
    assert ask(house, "select name from people") == [{"name": "Ana"}]


def test_a_purpose_that_gives_out_figures_has_no_table(house: House) -> None:
    assert house.policies.now().policy.purposes["trends"].form is Form.AGGREGATE
    with pytest.raises(Refused, match="figures only"):
        ask(house, "select * from people", "trends")
