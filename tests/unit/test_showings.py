"""Who was shown which version: counts without people, a record for accounts where the policy declares it."""

import json
import time
from typing import Any

import jwt
import pytest
from click.testing import CliRunner
from sqlalchemy import select

from kept.amend import ITEM, ShownCounts, shown_by_day, tell_showings
from kept.amend.store import shown_to
from kept.app.house import House
from kept.app.people import People
from kept.cli.person import person_group
from kept.cli.policy import versions_command
from kept.ledger import entries, facts
from kept.storage import erasures
from kept.web.centre import centre_app
from kept.web.living import LivingCentre
from kept.web.whence import Proxies
from tests.pages_call import Reply, call
from tests.unit.conftest import POLICY

LAPTOP = "kv_" + "l" * 43


@pytest.fixture
def counts(house: House) -> ShownCounts:
    return ShownCounts(house.records, house.clock)


@pytest.fixture
def app(house: House, people: People, counts: ShownCounts) -> Any:
    return centre_app(LivingCentre(house, people, Proxies(["127.0.0.1"]), counts=counts))


def token(house: House, account: str = "ana") -> str:
    return jwt.encode({"sub": account, "exp": int(time.time()) + 300}, house.api_keys.secret, "HS256")


def site(app: Any, house: House, **sent: str) -> Reply:
    return call(app, "/v1/shown", data=sent, headers={"authorization": f"Bearer {house.api_keys.secret}"})


def rows(house: House) -> list[tuple[int, str]]:
    with house.records.read() as connection:
        found = connection.execute(select(shown_to.c.policy, shown_to.c.how).order_by(shown_to.c.how))
        return [(row.policy, row.how) for row in found]


def test_looking_is_counted_and_nobody_is_in_the_count(app: Any, house: House, counts: ShownCounts) -> None:
    for path in ("/privacy", "/privacy.md", "/choices"):
        assert call(app, path).status == 200
    counts.write()
    counts.write()
    named = {one.page: one.times for one in shown_by_day(house.records, house.policies.versions())}
    assert named == {"main": 2, "choices": 1}
    assert rows(house) == []


def test_the_question_is_counted_where_it_is_asked(app: Any, house: House, counts: ShownCounts) -> None:
    german = {"x-forwarded-for": "84.128.0.1"}
    call(app, f"/v1/choices?key={house.api_keys.write}", headers=german)
    call(app, "/dialog", headers={**german, "sec-gpc": "1"})
    counts.write()
    assert [one.page for one in shown_by_day(house.records, house.policies.versions())] == ["question"]


def test_a_day_that_is_over_goes_on_record_once(app: Any, house: House, counts: ShownCounts) -> None:
    call(app, "/privacy")
    counts.write()
    tomorrow = house.clock.now_ms() + 86_400_000 + 61_000
    assert tell_showings(house.records, house.policies.past(), house.clock.now_ms()) == 0
    assert [tell_showings(house.records, house.policies.past(), tomorrow) for _ in "ab"] == [1, 0]
    with house.records.read() as connection:
        told = [one.fact for one in entries(connection) if isinstance(one.fact, facts.NoticesShown)]
    assert [(one.page, one.times, one.version) for one in told] == [("main", 1, "2026-11")]


def test_an_account_finds_what_it_was_shown_and_it_goes_with_the_account(
    app: Any, house: House, people: People
) -> None:
    people.join(LAPTOP, "ana", "site")
    for _ in "ab":
        assert call(app, f"/data?token={token(house)}").status == 200
    assert rows(house) == [(1, "page")]
    text = call(app, f"/data?token={token(house)}").text
    assert "What we showed you" in text
    assert 'href="./privacy/versions/1">2026-11</a>' in text
    copy = json.loads(call(app, f"/data/copy.json?token={token(house)}").body)
    [kept] = copy["what we showed you"]
    assert (kept["version"], kept["how"]) == ("2026-11", "page")
    person = people.of_account("ana")
    assert person is not None
    showings = next(one for one in people.holdings if one.name == "what we showed you")
    assert [one.item for one in showings.find(person)] == [ITEM]
    showings.erase(person)
    assert (showings.remains(person), rows(house)) == (0, [])


def test_a_stranger_stays_one(app: Any, house: House, people: People) -> None:
    call(app, f"/data?token={token(house, 'eve')}")
    assert rows(house) == []
    assert people.of_account("eve") is None


def test_the_site_says_what_it_showed_at_sign_up(app: Any, house: House, people: People) -> None:
    assert site(app, house, account="bo", how="sign_up").json == {"recorded": True}
    assert site(app, house, account="bo", how="mail", version="2026-11").status == 200
    assert rows(house) == [(1, "mail"), (1, "sign_up")]
    person = people.of_account("bo")
    assert person is not None
    assert [one.how for one in people.showings(person)] == ["sign_up", "mail"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"account": "bo", "version": "1999"}, 409),
        ({"how": "mail"}, 400),
        ({"account": "bo", "how": "shouting"}, 400),
    ],
)
def test_what_the_site_cannot_say(app: Any, house: House, sent: dict[str, str], status: int) -> None:
    assert site(app, house, **sent).status == status
    assert rows(house) == []


def test_nobody_but_the_site_says_it(app: Any, house: House) -> None:
    assert call(app, "/v1/shown", data={"account": "bo"}).status == 401
    signed = {"authorization": f"Bearer {token(house, 'ana')}"}
    assert call(app, "/v1/shown", data={"account": "bo"}, headers=signed).status == 403


def test_where_the_policy_declares_no_such_item_nothing_is_kept(
    app: Any, house: House, people: People
) -> None:
    text = "\n".join(line for line in POLICY.read_text().splitlines() if "notices_shown:" not in line)
    named = text.replace("notices_shown, ", "").replace('version: "', 'version: "2027-', 1)
    house.policies.put_in_force(named, "policy.yaml")
    people.join(LAPTOP, "ana", "site")
    call(app, f"/data?token={token(house)}")
    assert site(app, house, account="bo").status == 409
    assert rows(house) == []
    assert people.of_account("bo") is None


def test_of_someone_whose_rows_are_being_erased_nothing_is_written(
    app: Any, house: House, people: People
) -> None:
    people.join(LAPTOP, "ana", "site")
    person = people.of_account("ana")
    assert person is not None
    with house.records.write() as connection:
        erasures.hide(connection, person.subjects)
    call(app, f"/data?token={token(house)}")
    assert rows(house) == []


def test_the_command_lists_versions_and_how_often_each_was_shown(
    app: Any, house: House, counts: ShownCounts
) -> None:
    call(app, "/privacy")
    counts.write()
    said = told(house, versions_command)
    assert "1  2026-11, from " in said
    assert "in force" in said
    assert "main: shown 1 times" in said


def test_the_company_sees_what_a_person_was_shown(app: Any, house: House, people: People) -> None:
    people.join(LAPTOP, "ana", "site")
    call(app, f"/data?token={token(house)}")
    said = told(house, person_group, "show", "--account", "ana")
    assert "what we showed you" in said
    assert "Notices shown (1) from server" in said


def told(house: House, command: Any, *arguments: str) -> str:
    at = ["--data", str(house.settings.data), "--master-key", str(house.settings.master_key)]
    done = CliRunner().invoke(command, [*arguments[:1], *at, *arguments[1:]], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output
