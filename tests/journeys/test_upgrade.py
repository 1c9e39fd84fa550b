"""A data folder that the thin line left, the first version that ran (commit 1b9c886): nobody's word is lost.

It was made through that version's doors on 30 November 2026: Ana said yes and was joined to her account; Bo said
yes and took it back; Cy was joined and erased; a log of three lines was imported.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from kept.app.house import House
from kept.app.opening import open_lake, open_people
from kept.base.clock import SetClock
from kept.base.settings import Settings
from kept.gate import Permit
from kept.ledger import Proven, verify, verify_receipt
from kept.storage import erasures
from kept.storage.keys import public_key_of
from kept.storage.query_words import Rows
from kept.subject import DELETED, Answers
from kept.use import Reader
from tests.living import WORKHIRESPOT, Living, wait_until
from tests.schemas_of_records import differences
from tests.thin_line import unpack_thin_line

pytestmark = pytest.mark.sqlite  # it knew nothing else

THEN = int(datetime(2026, 11, 30, 6, tzinfo=UTC).timestamp() * 1000)
ANA = "kv_m196Xmcwl2oOD408J4x87xlB_5HCACMTmbB2zWJ1an8"
BO = "kv_rkhX9PL3hjZ55Mf67ChGTV-6i56vnMl4skgeo__fEcA"
CY = "kv_NQfjmBYTrXeOysVcahQRFyoGh_3_kiFiWS8PxLKHGhc"
ENTRIES, SUBJECTS_OF_CY = 19, 2
"""Of the ledger, as that version counted them; Cy's browser and account."""
VIEW = {"name": "page_view", "page": "https://www.workhirespot.example/jobs"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    unpack_thin_line(tmp_path)
    return tmp_path


@pytest.fixture
def then(folder: Path) -> Iterator[House]:
    """Opened by this version, on the evening of that day: what was gathered is within its times."""
    opened = House.open(_settings(folder), SetClock(THEN))
    yield opened
    opened.close()


def _settings(folder: Path) -> Settings:
    return Settings(data=folder / "data", master_key=folder / "master.key", policy=folder / "policy.yaml")


def test_its_tables_are_those_of_today(then: House) -> None:
    assert differences(then.records) == []


def test_what_people_said_holds(then: House) -> None:
    answers, of = Answers(then.records), then.identities.visitor
    improve = 1 << then.policy.purposes["improve"].bit
    assert answers.of(of(ANA))[0].yes & improve
    assert answers.of(of(BO))[0].no & improve
    assert answers.of(of(CY))[0] is DELETED


def test_what_is_held_is_found_and_used_as_it_may_be(then: House) -> None:
    people = open_people(then)
    ana = people.of_account("ana@example.com")
    assert ana is not None
    assert then.identities.visitor(ANA) in ana.subjects
    assert {held.item for held in people.found(ana)["your visits"]} == {"job_view", "page_view"}
    permit = then.gate.use("improve")
    assert isinstance(permit, Permit)
    with Reader(permit, open_lake(then), then.records, then.settings.workspace) as reader:
        found = reader.ask("select name, count(*) from events group by all order by all")
    assert isinstance(found, Rows)
    assert [tuple(row) for row in found.rows] == [("job_view", 1), ("page_view", 1)], "Bo took his yes back"


def test_who_was_erased_stays_so(then: House) -> None:
    assert open_people(then).of_account("cy@example.com") is None
    with then.records.read() as connection:
        done = connection.execute(
            select(erasures.erasure.c.subject).where(erasures.erasure.c.state == "done")
        ).all()
    assert len(done) == SUBJECTS_OF_CY


def test_the_ledger_is_whole_and_the_receipt_given_out_then_proves_it(then: House, folder: Path) -> None:
    public = public_key_of(folder / "data" / "keys.db")
    audit = verify(then.records, public)
    assert (audit.clean, audit.entries) == (True, ENTRIES)
    proven = verify_receipt((folder / "receipt.json").read_bytes(), public)
    assert isinstance(proven, Proven)
    assert type(proven.fact).__name__ == "ErasureDone"


def test_it_runs_on_and_its_policy_can_be_replaced(folder: Path) -> None:
    house = Living(folder)
    house.start()
    try:
        ana, bo, cy = (house.browser(f"84.128.{number}.1") for number in range(3))
        for who, visitor in ((ana, ANA), (bo, BO), (cy, CY)):
            who.cookies["kept_visit"] = visitor
        assert ana.send(VIEW)["accepted"] == 1
        assert bo.send(VIEW)["accepted"] == 0
        assert cy.send(VIEW)["accepted"] == 0
        assert "nothing altered" in house.run("ledger", "verify")
        house.policy.write_text(WORKHIRESPOT.read_text())
        wait_until(lambda: "is in force, number 2" in house.out, "the policy of today is in force")
        assert ana.send(VIEW)["accepted"] == 1
        assert "done: searched and found clean" in house.run(
            "person", "erase", "--account", "ana@example.com", "--apply"
        )
        held = json.loads(house.run("person", "show", "--visitor", ANA, "--json"))
        assert held["your visits"] == []
    finally:
        house.stop()
