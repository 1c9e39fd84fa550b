"""A whole installation, from the first start to the last receipt, through its public doors."""

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.living import AMERICAN, Living, answers, living, wait_until

VIEW = {"name": "page_view", "page": "https://www.workhirespot.example/jobs?from=mail"}
JOB = {"name": "job_view", "properties": {"job": "j-17"}}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(tmp_path_factory.mktemp("house")) as started:
        yield started


def shown(house: Living, visitor: str) -> dict[str, list[dict[str, object]]]:
    found: dict[str, list[dict[str, object]]] = json.loads(
        house.run("person", "show", "--visitor", visitor, "--json")
    )
    return found


def test_ana_said_yes_and_her_visit_is_kept_under_its_purposes(house: Living) -> None:
    ana = house.browser()
    ana.answer(by_choice=True, outward=False)
    assert ana.send(VIEW, JOB) == {"accepted": 2, "refused": []}
    visits = shown(house, ana.visitor)["your visits"]
    by_name = {visit["name"]: visit for visit in visits}
    assert set(by_name) == {"page_view", "job_view"}
    assert by_name["page_view"]["page"] == "/jobs"
    assert by_name["page_view"]["purposes"] == ["personalise", "improve", "research"]


def test_bo_said_no_and_nothing_is_stored_but_the_no(house: Living) -> None:
    bo = house.browser()
    bo.answer(by_choice=False, outward=False)
    assert set(bo.cookies) == {"kept_choice"}
    bo.cookies["kept_visit"] = "kv_" + "b" * 43  # as if a script had made one up
    assert bo.send(VIEW)["accepted"] == 0


def test_cy_withdrew_and_it_counts_at_once(house: Living) -> None:
    cy = house.browser()
    cy.answer(by_choice=True, outward=False)
    cy.send(VIEW)
    visitor = cy.visitor
    cy.answer(by_choice=False)
    assert all(visit["purposes"] == [] for visit in shown(house, visitor)["your visits"])
    assert "kept_visit" not in cy.cookies


def test_eve_is_a_stranger_and_nobody_asked_her(house: Living) -> None:
    eve = house.browser()
    eve.cookies["kept_visit"] = "kv_" + "e" * 43
    assert eve.send(VIEW)["refused"][0]["reason"] == "no purpose"


def test_a_browser_that_says_no_is_not_asked_and_not_watched(house: Living) -> None:
    quiet = house.browser(AMERICAN, signal=True)
    _, said = quiet.ask("GET", f"/v1/choices?key={house.write_key}")
    told = json.loads(said)
    assert (told["ask"], told["signal"]) == (False, True)
    quiet.cookies["kept_visit"] = "other_" + "q" * 43  # an id of the site's own making
    assert quiet.send(VIEW)["refused"][0]["reason"] == "signal"


def test_the_companys_server_brings_in_history_for_a_visitor(house: Living) -> None:
    from http.client import HTTPConnection

    visitor, day = "hv_" + "a" * 32, 86_400_000
    told = {
        "visitor": visitor,
        "residence": "US",
        "history": True,
        "events": [{**JOB, "id": "1", "at": (time.time_ns() // 1_000_000) - 90 * day}],
    }
    for key, status in ((house.secret_key, 200), (house.write_key, 401), ("sk_guess", 401)):
        connection = HTTPConnection("127.0.0.1", house.public_port, timeout=30)
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/events", json.dumps(told), headers)
        assert connection.getresponse().status == status
        connection.close()
    assert len(shown(house, visitor)["your visits"]) == 1


def test_the_owner_token_opens_the_console_and_nothing_else_does(house: Living) -> None:
    from http.client import HTTPConnection

    for token, status in ((house.owner_token, 200), ("ot_guess", 401), ("", 401)):
        connection = HTTPConnection("127.0.0.1", house.console_port, timeout=30)
        connection.request("GET", "/refusals", headers={"Authorization": f"Bearer {token}"})
        assert connection.getresponse().status == status
        connection.close()


def test_a_second_start_on_the_folder_refuses_with_the_reason(house: Living) -> None:
    assert "already runs on this data folder" in house.run("up", code=3)


def test_a_policy_that_fails_its_check_never_replaces_the_one_in_force(house: Living) -> None:
    whole = house.policy.read_text()
    try:
        house.policy.write_text(whole.replace("says: To study work and hiring.", "sais: To study work."))
        wait_until(lambda: "The version in force stays." in house.out, "the misspelt policy is named")
        assert "F04" in house.out
        ana = house.browser()
        ana.answer(by_choice=True)
        assert ana.send(VIEW)["accepted"] == 1
    finally:
        house.policy.write_text(whole)


def test_a_changed_policy_is_followed(house: Living) -> None:
    whole = house.policy.read_text()
    try:
        changed = whole.replace("To study work and hiring.", "To study work, pay and hiring.")
        house.policy.write_text(changed.replace('version: "', 'version: "2027-', 1))
        anyone = house.browser()
        wait_until(
            lambda: b"To study work, pay and hiring." in anyone.ask("GET", "/privacy")[1],
            "the notice follows",
        )
    finally:
        house.policy.write_text(whole)
        wait_until(lambda: b"To study work and hiring." in anyone.ask("GET", "/privacy")[1], "and back")


def test_each_process_that_is_killed_comes_back_and_nothing_acknowledged_is_lost(house: Living) -> None:
    ana = house.browser()
    ana.answer(by_choice=True)
    for name in ("committer", "public", "console"):
        assert ana.send(VIEW)["accepted"] == 1
        before = house.children()[name]
        os.kill(before, signal.SIGKILL)
        wait_until(lambda: house.children().get(name, before) != before, f"{name} comes back")  # noqa: B023
        wait_until(lambda: answers(house.public_port), "the public interface answers")
    assert ana.send(VIEW)["accepted"] == 1
    assert len(shown(house, ana.visitor)["your visits"]) == 4


def test_a_deletion_leaves_a_receipt_and_no_trace(house: Living, tmp_path: Path) -> None:
    cy, ana = house.browser(), house.browser()
    for person in (cy, ana):
        person.answer(by_choice=True)
        person.send(VIEW, JOB)
    plan = house.run("person", "erase", "--visitor", cy.visitor)
    assert "Goes: Page view, 1." in plan
    assert "Nothing was changed." in plan
    receipt = tmp_path / "receipt.json"
    house.run("person", "erase", "--visitor", cy.visitor, "--apply", "--receipt", str(receipt))
    key = tmp_path / "public.key"
    key.write_text(house.run("ledger", "public-key"))
    assert "● kept" in house.run("ledger", "verify", str(receipt), "--public-key", str(key))
    left = shown(house, cy.visitor)
    assert {"your visits", "your choices", "your profile", "your account and browsers"} <= set(left)
    assert not any(left.values())
    assert len(shown(house, ana.visitor)["your visits"]) == 2
    receipt.write_text(receipt.read_text().replace("done", "gone"))
    assert "● kept" not in house.run("ledger", "verify", str(receipt), "--public-key", str(key), code=5)


def test_di_is_under_hold_and_her_data_stays(house: Living) -> None:
    di = house.browser()
    di.answer(by_choice=True)
    di.send(VIEW)
    who = ("--visitor", di.visitor)
    house.run("person", "hold", *who, "--ground", "case 14/26", "--owner", "legal", "--review", "2027-02-01")
    assert "Stopped by a hold: case 14/26" in house.run("person", "erase", *who, "--apply", code=4)
    assert len(shown(house, di.visitor)["your visits"]) == 1
    house.run("person", "release", *who)
    house.run("person", "erase", *who, "--apply")


def test_it_stops_cleanly_and_starts_again_with_everything(tmp_path: Path) -> None:
    with living(tmp_path) as house:
        ana = house.browser()
        ana.answer(by_choice=True)
        assert ana.send(VIEW)["accepted"] == 1
        assert house.stop(signal.SIGINT) == 0
        assert "Traceback" not in house.out
        house.start()
        assert ana.send(VIEW)["accepted"] == 1
        assert len(shown(house, ana.visitor)["your visits"]) == 2
        assert house.out.count("Owner token") == 1
        wait_until(lambda: keys_told(house), "keys in the ledger")
        told = keys_told(house)  # once each, over the restart too: the site's and the canaries'
        assert len(told) == len(set(told)) >= 5


def keys_told(house: Living) -> list[str]:
    """Which keys the ledger says were made."""
    lines = house.run("ledger", "show", "--last", "200").splitlines()
    return [line.partition("storage:key:created")[2] for line in lines if "storage:key:created" in line]
