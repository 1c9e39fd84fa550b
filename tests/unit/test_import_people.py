"""`kept import people`: a plan first, errors by line, nothing twice, and nothing of a cell in any message."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from kept.app.house import House
from kept.base.errors import BadInput
from kept.cli import kept
from kept.gate import Permit
from kept.gather.profiles.importing import Asked, PeopleReport, import_people
from kept.gather.profiles.store import profile_value
from kept.ledger import entries, facts

HEAD = "account,name,Mail,skills,shoe\n"
ANA = 'u-1,Ana,ana@example.com,"forklift; stock",41\n'
BO = "u-2,Bo,bo@example.com,,38\n"


def run(house: House, folder: Path, text: str, *, apply: bool = True, **more: str) -> PeopleReport:
    path = folder / "people.csv"
    path.write_bytes(text.encode())
    asked = Asked(path, named={"Mail": "email"}, residence="US", **more)
    return import_people(house.tellings, asked, apply=apply)


def held(house: House) -> int:
    with house.records.read() as connection:
        return int(connection.execute(select(func.count()).select_from(profile_value)).scalar_one())


def test_a_plan_changes_nothing_and_says_what_would_be_done(house: House, tmp_path: Path) -> None:
    plan = run(house, tmp_path, HEAD + ANA + BO, apply=False)
    assert (plan.lines, plan.new, plan.known, plan.refused) == (2, 2, 0, 0)
    assert plan.taken == {"name": 2, "email": 2, "skills": 1}
    assert plan.strange == {"shoe": "the policy declares no such item"}
    assert held(house) == 0
    done = run(house, tmp_path, HEAD + ANA + BO)
    assert (done.lines, done.new, done.taken) == (plan.lines, plan.new, plan.taken)
    assert held(house) == 5


def test_what_was_imported_is_read_like_anything_told(house: House, tmp_path: Path) -> None:
    run(house, tmp_path, HEAD + ANA)
    permit = house.gate.use_by_name("operate")
    assert isinstance(permit, Permit)
    values = {value.item: (value.plain, value.how) for value in house.readings.read(permit, "u-1")}
    assert values["skills"] == (["forklift", "stock"], "import")
    assert values["email"] == ("ana@example.com", "import")


def test_importing_twice_adds_nothing(house: House, tmp_path: Path) -> None:
    run(house, tmp_path, HEAD + ANA + BO)
    again = run(house, tmp_path, HEAD + ANA + BO)
    assert (again.taken.total(), again.unchanged, again.known) == (0, 5, 2)
    assert held(house) == 5


def test_faults_have_their_line_and_column_and_hold_no_ones_data(house: House, tmp_path: Path) -> None:
    text = HEAD + ANA + "u-3,Cy,not a mail,,\nu-1,Ana again,a@example.com,,\n,Di,di@example.com,,\nu-4,Eve\n"
    report = run(house, tmp_path, text)
    assert report.faults == [
        (3, "email", "the value is not of the declared type, email"),
        (4, "", "its account stands in an earlier line"),
        (5, "", "it names no account"),
        (6, "", "it has 2 cells, and the header 5"),
    ]
    assert report.lines == 5
    assert "Cy" not in str(report.faults)


def test_an_empty_cell_takes_nothing_away(house: House, tmp_path: Path) -> None:
    run(house, tmp_path, HEAD + ANA)
    assert run(house, tmp_path, HEAD + "u-1,Anna,,,\n").taken == {"name": 1}
    assert held(house) == 4  # three that stand, and what the name was


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_files_of_office_programs_are_read(house: House, tmp_path: Path, delimiter: str) -> None:
    text = "\ufeff" + delimiter.join(("account", "name", "occupation")) + "\r\n"
    text += delimiter.join(("u-1", '"An""a"', "Köchin")) + "\r\n\r\n"
    report = run(house, tmp_path, text)
    assert (report.lines, report.taken.total(), report.refused) == (1, 2, 0)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no header"),
        (b"name\nAna\n", "no single column"),
        (b"account,account\nu-1,u-1\n", "no single column"),
        (b"account,name\nu-1,\xff\n", "cannot be read"),
        (b'account,name\nu-1,"Ana\n', "cannot be read"),
        (b"account,name\nu-1,A\x00na\n", ""),
    ],
)
def test_what_is_no_csv_is_said_with_its_place(
    house: House, tmp_path: Path, content: bytes, says: str
) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(content)
    if not says:
        assert import_people(house.tellings, Asked(path)).refused == 1
        return
    with pytest.raises(BadInput, match=says) as error:
        import_people(house.tellings, Asked(path), apply=True)
    assert "people.csv" in error.value.where
    assert "Ana" not in str(error.value)


def test_an_import_is_on_record(house: House, tmp_path: Path) -> None:
    run(house, tmp_path, HEAD + ANA + "u-9,Cy,wrong,,\n")
    with house.records.read() as connection:
        found = [
            entry.fact for entry in entries(connection, 0) if isinstance(entry.fact, facts.PeopleImported)
        ]
    assert [(fact.lines, fact.taken, fact.refused, fact.source) for fact in found] == [(2, 4, 1, "form")]


def command(house: House, *arguments: str) -> Result:
    settings = house.settings
    where = ("--data", str(settings.data), "--master-key", str(settings.master_key))
    return CliRunner().invoke(kept, ["import", "people", *arguments, *where])


def test_the_command_plans_and_then_acts(house: House, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEAD + ANA)
    planned = command(house, str(path), "--column", "Mail=email")
    assert "reading" not in planned.output, "no bar where nobody looks"
    assert planned.exit_code == 0
    assert "Nothing was changed" in planned.output
    assert held(house) == 0
    done = command(house, str(path), "--column", "Mail=email", "--apply", "--json")
    said = json.loads(done.output)
    assert (said["applied"], said["taken"]["email"], said["new_people"]) == (True, 1, 1)
    assert said["columns_not_taken"] == {"shoe": "the policy declares no such item"}


def test_options_that_mean_nothing_are_refused(house: House, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEAD)
    for wrong in (("--residence", "Germany"), ("--residence", "UK"), ("--column", "Mail")):
        assert isinstance(command(house, str(path), *wrong).exception, BadInput)
