"""Whose data it is: who someone is known to be is itself held about them, and a subject is of one workspace."""

import pytest
from click.testing import CliRunner

from kept.app.house import House
from kept.app.opening import open_people
from kept.app.people import People
from kept.base.errors import BadInput
from kept.cli.person import person_group
from kept.ledger import entries, facts
from kept.rights import TOMBSTONE, Stage
from kept.subject import Bindings, Person
from kept.web.house import Account
from kept.web.living import LivingCentre
from kept.web.whence import Proxies

PHONE, LAPTOP = "kv_a-phone-0123456789", "kv_a-laptop-0123456789"
BINDINGS = "your account and browsers"


def centre(house: House) -> LivingCentre:
    return LivingCentre(house, open_people(house), Proxies(()))


def joined(people: People, *visitors: str, account: str = "ana") -> Person:
    found = [people.join(visitor, account, "site") for visitor in visitors][-1]
    assert isinstance(found, Person)
    return found


def as_command(house: House, *words: str, told: str = "") -> str:
    options = ["--data", str(house.settings.data), "--master-key", str(house.settings.master_key)]
    found = CliRunner().invoke(person_group, [words[0], *options, *words[1:]], input=told)
    assert found.exit_code == 0, (found.output, found.exception)
    return found.output


def test_a_join_alone_is_held_and_shown(people: People) -> None:
    """Nothing was gathered: that two browsers are Ana's, since when and by whose word, is held all the same."""
    ana = joined(people, PHONE, LAPTOP)
    found = {held.item: held for held in people.found(ana)[BINDINGS]}
    assert (found["account"].count, found["joined"].count) == (1, 2)
    assert found["joined"].sources == ("site",)
    assert found["joined"].first_ms is not None


def test_it_is_shown_on_the_command_line_and_on_the_page(house: House, people: People) -> None:
    joined(people, PHONE)
    assert "Browsers known as yours (1)" in as_command(house, "show", "--account", "ana")
    view = centre(house).person_view(Account("ana"))
    assert [held.item for held in view.held] == ["account", "joined"]


def test_the_copy_has_each_browser_since_when_and_by_what(people: People) -> None:
    ana = joined(people, PHONE, LAPTOP)
    copied = people.copy(ana)[BINDINGS]
    assert isinstance(copied, list)
    browsers = [row for row in copied if row["what"] == "browser"]
    assert {row["visitor"] for row in browsers} == {str(subject) for subject in ana.subjects[1:]}
    assert all(row["shown_by"] == "site" and row["joined_ms"] for row in browsers)
    assert [row["what"] for row in copied if row["what"] != "browser"] == ["account"]


def test_a_browser_alone_is_told_that_it_was_joined_and_not_to_whom(house: House, people: People) -> None:
    joined(people, PHONE, LAPTOP)
    copied = people.copy(house.identities.person_of_visitor(PHONE))[BINDINGS]
    assert isinstance(copied, list)
    assert [(row["what"], row["visitor"]) for row in copied] == [
        ("browser", str(house.identities.visitor(PHONE)))
    ]


def test_its_deletion_is_offered_counted_and_done(house: House, people: People) -> None:
    ana = joined(people, PHONE)
    plan = people.plan(ana)
    assert not plan.empty
    assert "Goes: Browsers known as yours, 1." in plan.lines()
    shown = centre(house).plan_erasure(Account("ana"))
    assert [held.item for held in shown.goes] == ["account", "joined"]
    Bindings(house.records, house.identities).erase(ana)
    assert people.of_account("ana") is None
    assert people.found(ana)[BINDINGS] == []


def test_a_deletion_is_not_done_while_a_join_is_left(house: House, people: People) -> None:
    ana = joined(people, PHONE)
    bindings = Bindings(house.records, house.identities)
    assert bindings.remains(ana) == 2
    bindings.erase(ana)
    bindings.erase(ana)  # again, as after a crash
    assert bindings.remains(ana) == 0
    joined(people, PHONE)  # while the deletion was under way
    assert bindings.remains(ana) == 1, "the same browser is joined again: the account is a new one"


def test_a_hold_that_ended_goes_with_the_person(house: House, people: People) -> None:
    """Its number stands in the ledger beside the person's pseudonym, and its ground may tell a lot."""
    di = joined(people, PHONE, account="di")
    people.voice.hold(di, ground="case 7", owner="legal", review_ms=0, now_ms=5)
    bindings = Bindings(house.records, house.identities)
    assert any(row.get("ground") == "case 7" for row in bindings.export(di))
    people.voice.release(di, 9)
    bindings.erase(di)
    assert bindings.remains(di) == 0
    with house.records.read() as connection:
        assert connection.exec_driver_sql("select count(*) from hold").scalar_one() == 0


def test_a_joined_stranger_is_deleted_to_the_end(house: House, people: People) -> None:
    joined(people, PHONE)
    said = as_command(house, "erase", "--account", "ana", "--apply")
    assert "Goes: Your account with us, 1." in said
    assert "● done" in said
    assert people.of_account("ana") is None
    assert people.deletions.open() == []
    assert Stage.DONE.value in str(_stages(house))


def _stages(house: House) -> list[str]:
    with house.records.read() as connection:
        return list(connection.exec_driver_sql("select stage from deletion").scalars())


@pytest.mark.parametrize("command", ["show", "erase", "release"])
def test_a_visitors_id_is_read_from_standard_input(house: House, people: People, command: str) -> None:
    """Whoever knows the id is that visitor to the door; a command's words stand in `ps` for everyone here."""
    joined(people, PHONE)
    by_name = as_command(house, command, "--visitor", PHONE)
    assert as_command(house, command, "--visitor", "-", told=f"{PHONE}\n") == by_name
    if command != "release":
        assert "Browsers known as yours" in by_name


def test_an_empty_line_names_nobody(house: House) -> None:
    options = ["--data", str(house.settings.data), "--master-key", str(house.settings.master_key)]
    for option in ("--visitor", "--account"):
        found = CliRunner().invoke(person_group, ["show", *options, option, "-"], input="\n")
        assert isinstance(found.exception, BadInput)
        assert found.exception.where == option


def in_order(house: House) -> list[tuple[str, int, int]]:
    """Every row of the records that holds a choice's number: the table, whose, which."""
    with house.records.read() as connection:
        return [
            (table, int(subject), int(seq))
            for table in ("choice", "erasure", "said", "answer")
            for subject, seq in connection.exec_driver_sql(f"select subject, seq from {table}")
        ]


def test_after_a_deletion_no_order_leads_from_an_id_to_the_ledger(house: House, people: People) -> None:
    """The attacker has the database, the visitors' key, and a cookie that survived. Each choice is a fact in the
    ledger, in the same order: a row (seq, subject) would say which one, and its pseudonym all the others."""
    improve = house.policies.now().policy.purposes["improve"].mask
    bo = house.identities.visitor("kv_bo-0123456789")
    for _ in range(3):
        people.answer(PHONE, yes=improve, no=0, how="page", words="May we?")
        people.answer("kv_bo-0123456789", yes=0, no=improve, how="page", words="May we?")
    cy = joined(people, PHONE, LAPTOP, account="cy")
    people.answer(PHONE, yes=0, no=improve, how="page", words="May we?")
    head = max(seq for _, _, seq in in_order(house))
    assert "● done" in as_command(house, "erase", "--account", "cy", "--apply")

    left = [row for row in in_order(house) if row[1] in cy.subjects]
    for subject in cy.subjects:
        rows = [(table, seq) for table, whose, seq in left if whose == subject]
        assert [table for table, _ in rows] == ["choice", "erasure"], "one tombstone, and nothing before it"
        assert len({seq for _, seq in rows}) == 1
        assert rows[0][1] > head, "the head of the choices never sinks"
    assert len([row for row in in_order(house) if row[:2] == ("choice", bo)]) == 3, "Bo's are as they were"
    with house.records.read() as connection:
        assert connection.exec_driver_sql("select seq, subjects, account from deletion").all() == [
            (0, None, None)
        ]
        planned = [
            entry.fact for entry in entries(connection) if isinstance(entry.fact, facts.ErasurePlanned)
        ]
    assert [fact.person for fact in planned] == [None]


@pytest.mark.sqlite
def test_the_records_file_itself_holds_the_tombstones_and_no_more(house: House, people: People) -> None:
    """Two rows and their two indexes, as bytes: no copy on a page that was freed, none in the log."""
    for _ in range(60):
        people.answer(PHONE, yes=1, no=0, how="page", words="May we?")
    cy = joined(people, PHONE, LAPTOP, account="cy")
    before = traces(house, cy)
    assert sum(before) > 180, "the same search finds what is there"
    as_command(house, "erase", "--account", "cy", "--apply")
    house.records.scrub()
    assert traces(house, cy) == [4] * len(cy.subjects)


def traces(house: House, person: Person) -> list[int]:
    """How often each pseudonym stands in the records' files, as SQLite writes a number of 63 bits."""
    files = sorted(house.settings.data.glob("records.db*"))
    assert files
    return [
        sum(path.read_bytes().count(subject.to_bytes(8, "big")) for path in files if path.suffix != ".db-shm")
        for subject in person.subjects
    ]


def test_plan_and_receipt_say_what_stays(house: House, people: People) -> None:
    ana = joined(people, PHONE)
    assert people.plan(ana).stays == (TOMBSTONE,)
    assert any(line.startswith("Stays: a number without a name") for line in people.plan(ana).lines())
    number = people.erase(people.plan(ana))
    assert isinstance(number, int)
    receipt = centre(house).receipt(number)
    assert receipt is not None
    assert receipt.stays == (TOMBSTONE,)
    assert people.plan(house.identities.person_of_visitor("kv_eve")).stays == (), "of Eve there is no number"
