"""PostgreSQL crashes and comes back under load: nothing acknowledged is lost, and what people say counts again."""

import json
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import sleep

import pytest

from kept.base.errors import Away
from kept.base.ids import random_63
from kept.storage import withdrawals
from kept.storage.records import Records
from kept.subject import Answers
from tests.faults.living_senders import Sender, in_lake, sending, someone
from tests.faults.test_living_load import SENDERS
from tests.living import Browser, Living, living, wait_until
from tests.postgresql import MUST_RUN, Cluster, programs

pytestmark = pytest.mark.skipif(not MUST_RUN and programs() is None, reason="PostgreSQL is not installed")


def hasty(server: Cluster) -> str:
    """The URL of a new schema, by which the server would confirm before its log is on the disk. Kept asks it not to."""
    return server.url(f"s_{random_63()}") + "%20-csynchronous_commit%3Doff"


@pytest.fixture
def house(server: Cluster, tmp_path: Path) -> Iterator[Living]:
    with living(tmp_path, KEPT_RECORDS=hasty(server)) as started:
        yield started


def test_a_crash_of_the_database_under_load_loses_nothing_and_is_made_good(
    house: Living, server: Cluster
) -> None:
    stop = threading.Event()
    senders = [Sender(someone(house, number), f"sender{number}", stop) for number in range(SENDERS)]
    ana, bo = someone(house, 90), someone(house, 91)
    with sending(senders, stop):
        wait_until(lambda: all(s.acknowledged for s in senders), "they are under way")
        server.leave_log_unwritten()
        assert bo.ask("POST", "/v1/choices", no_to_all(house))[0] == 200
        server.stop("immediate")
        wait_until(lambda: asked(ana) == 503, "a yes that may have become a no is not gone by", 5)
        before = [len(s.acknowledged) for s in senders]
        sleep(2)
        assert [len(s.acknowledged) for s in senders] == before, "the door stays shut"
        status, said = ana.ask("POST", "/v1/choices", no_to_all(house))
        assert (status, json.loads(said)["next"]) == (503, "Try again in a few seconds.")
        server.start()
        wait_until(
            lambda: ana.ask("POST", "/v1/choices", no_to_all(house))[0] == 200, "choices are taken again"
        )
        wait_until(lambda: is_refused(ana), "the collector has heard of it", 5)
        assert is_refused(bo), "what was acknowledged before the crash counts after it"
    acknowledged = sum(len(sender.acknowledged) for sender in senders)
    wait_until(lambda: in_lake(house)[0] >= acknowledged, "all of it is in the lake", 90)
    assert in_lake(house) == (acknowledged, acknowledged)


def test_a_policy_that_is_changed_while_the_database_is_away_comes_into_force_when_it_is_back(
    house: Living, server: Cluster
) -> None:
    server.stop()
    changed = house.policy.read_text().replace("study work and hiring", "study work and pay")
    house.policy.write_text(changed.replace('version: "', 'version: "2027-', 1))
    wait_until(lambda: "the records cannot be reached" in house.out, "it was tried in vain")
    server.start()
    wait_until(lambda: "is in force, number 2" in house.out, "and again, without another change")


def no_to_all(house: Living) -> dict[str, object]:
    return {"key": house.write_key, "answers": {"by_choice": False}, "how": "dialog"}


def asked(who: Browser) -> int:
    """What the door says to an event of someone."""
    return look_at_job(who)[0]


def is_refused(who: Browser) -> bool:
    status, said = look_at_job(who)
    return bool(status == 200 and json.loads(said)["accepted"] == 0)


def look_at_job(who: Browser) -> tuple[int, bytes]:
    sent = {"key": who.living.write_key, "events": [{"name": "job_view", "properties": {"job": "1"}}]}
    return who.ask("POST", "/v1/events", sent)


def test_what_is_known_stands_and_is_not_relied_upon_while_the_database_is_away(server: Cluster) -> None:
    records = Records(server.url(f"s_{random_63()}"))
    with records.write() as connection:
        withdrawals.append(connection, 7, 1)
    answers = Answers(records)
    assert answers.are_fresh()
    server.stop("immediate")
    with pytest.raises(Away):
        answers.refresh()
    assert answers.head == 1
    server.start()
    answers.refresh()
    assert answers.are_fresh()
    records.close()


@pytest.mark.parametrize("kepts_own", [True, False], ids=["as Kept asks", "as the server would"])
def test_a_choice_that_was_confirmed_outlives_a_crash_whatever_the_server_confirms(
    server: Cluster, monkeypatch: pytest.MonkeyPatch, *, kepts_own: bool
) -> None:
    """Without what Kept asks for, the same crash takes the choice away: so it would be seen here."""
    if not kepts_own:
        monkeypatch.setattr("kept.storage.records.postgresql._CONFIRMED", "true")
    records = Records(hasty(server))
    with records.write() as connection:
        withdrawals.append(connection, 7, 1)
    server.leave_log_unwritten()
    with records.write() as connection:
        asked_for = connection.exec_driver_sql("SHOW synchronous_commit").scalar_one()
        withdrawals.append(connection, 7, 2)
    server.stop("immediate")
    server.start()
    with suppress(Away), records.read():  # idle connections have died, which the first to ask hears
        pass
    with records.read() as connection:
        assert (asked_for, withdrawals.head(connection)) == (("on", 2) if kepts_own else ("off", 1))
    records.close()
