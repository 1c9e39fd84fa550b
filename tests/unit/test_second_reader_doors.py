"""Doors that opened a little too far: joins by guessed ids, forged answers, sessions, odd numbers in addresses."""

import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest

from kept.app.house import House
from kept.app.opening import open_people
from kept.app.owner import make_owner_token
from kept.app.site_token import BadToken, account_named
from kept.base.ids import token as random_token
from kept.base.settings import Settings
from kept.web.centre import centre_app
from kept.web.limits import Rate
from kept.web.living import LivingCentre
from kept.web.office import LivingConsole
from kept.web.public import slowly
from kept.web.whence import Proxies
from tests.pages_call import call

POLICY = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
SECRET = "s" * 46
NOW_MS = 1_790_000_000_000
AMERICAN, GERMAN = "128.103.0.1", "84.128.0.1"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House.open(Settings(data=tmp_path / "data", master_key=tmp_path / "master.key"))
    made.policies.put_in_force(POLICY.read_text(), "workhirespot.yaml")
    yield made
    made.close()


def centre(house: House) -> LivingCentre:
    return LivingCentre(house, open_people(house), Proxies(["127.0.0.1"]))


def bearer(house: House, account: str) -> dict[str, str]:
    signed = jwt.encode({"sub": account, "exp": int(time.time()) + 300}, house.api_keys.secret)
    return {"authorization": f"Bearer {signed}"}


def test_a_signed_in_stranger_cannot_join_an_id_that_can_be_guessed(house: House) -> None:
    """The company's server may speak for visitors under ids of its own, such as customer-17. Eve, who has an
    account and so a token, must not reach what is held under that id by naming it."""
    people, app = open_people(house), centre_app(centre(house))
    for guessed in ("customer-17", "bo@example.com", "0123456789abcdef", "kv_short", "kv_" + "v" * 42):
        assert call(app, "/v1/join", headers=bearer(house, "eve"), data={"visitor": guessed}).status == 409
    assert people.of_account("eve") is None
    own = random_token("kv")
    assert call(app, "/v1/join", headers=bearer(house, "eve"), data={"visitor": own}).status == 200
    by_server = {"authorization": f"Bearer {house.api_keys.secret}"}
    said = {"visitor": "customer-17", "account": "bo"}
    assert call(app, "/v1/join", headers=by_server, data=said).status == 200


BIT_OF_NO_PURPOSE = 1 << 40


def test_a_yes_that_somebody_wrote_into_their_cookie_becomes_no_record_of_consent(house: House) -> None:
    """Art. 7(1): the record says what was asked and agreed to. A purpose that comes later may get that bit."""
    purposes = house.policies.now().policy.purposes
    never_asked = BIT_OF_NO_PURPOSE | purposes["obey_law"].mask | purposes["operate"].mask
    cookie = {"kept_choice": f"1.1790000000.{never_asked:x}.0"}
    told = {"key": house.api_keys.write, "answers": {"by_choice": True}, "how": "dialog"}
    reply = call(
        centre_app(centre(house)),
        "/v1/choices",
        cookies=cookie,
        data=told,
        headers={"x-forwarded-for": GERMAN},
    )
    assert reply.status == 200
    recorded = open_people(house).answer_in_force(reply.kept["kept_visit"])
    asked = purposes["improve"].mask | purposes["personalise"].mask | purposes["research"].mask
    assert recorded.yes == asked


def test_who_changes_the_owner_token_ends_the_sessions_of_the_one_before(house: House) -> None:
    console, stolen = LivingConsole(house), make_owner_token(house.settings.data)
    session = console.sign_in(stolen)
    assert session
    assert console.is_owner(session)
    fresh = make_owner_token(house.settings.data)
    assert not console.is_owner(session)
    again = console.sign_in(fresh)
    assert again
    assert console.is_owner(again)
    assert not console.is_owner("")


@pytest.mark.parametrize("number", ["9" * 5_000, "-1", "1.5", "٣", "+7", "0x10", "1%0a"])
@pytest.mark.parametrize("end", ["", ".json"])
def test_odd_numbers_of_receipts_are_no_page_and_no_error(house: House, number: str, end: str) -> None:
    assert call(centre_app(centre(house)), f"/data/receipt/{number}{end}").status == 404


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": 10**400},
        {"exp": float("inf")},
        {"exp": float("nan")},
        {"exp": True},
        {"sub": "\ud800"},
        {"sub": 7},
    ],
)
def test_odd_claims_name_nobody_and_raise_nothing(claims: dict[str, object]) -> None:
    token = jwt.encode({"sub": "ana", "exp": NOW_MS // 1000 + 300, **claims}, SECRET)
    assert isinstance(account_named(token, (SECRET,), NOW_MS), BadToken)


def test_a_proxy_that_adds_a_line_of_its_own_is_believed_before_the_senders_line(house: House) -> None:
    """The collector joins repeated lines; the pages must come to the same country."""
    seen: list[bytes | None] = []

    class Watching(LivingCentre):
        def residence_of(self, peer: str | None, forwarded: bytes | None) -> str | None:
            seen.append(forwarded)
            return None

    people = open_people(house)
    app = centre_app(Watching(house, people, Proxies(["127.0.0.1"])))
    call(app, "/choices", more=[("x-forwarded-for", AMERICAN), ("x-forwarded-for", GERMAN)])
    assert seen[0] == f"{AMERICAN}, {GERMAN}".encode()


def test_one_place_cannot_fill_the_ledger_with_answers(house: House) -> None:
    """Each answer of a new visitor leaves a key and facts that stay. Others are not made to wait for one."""
    app = centre_app(centre(house), slowly(Proxies(["203.0.113.9"]), Rate(0.01, 3)))
    told = {"key": house.api_keys.write, "answers": {"by_choice": True}}
    statuses = [
        call(app, "/v1/choices", data=told, headers={"x-forwarded-for": f"128.103.0.{last}"}).status
        for last in range(1, 6)
    ]
    assert statuses == [200, 200, 200, 429, 429]
    assert call(app, "/v1/choices", data=told, headers={"x-forwarded-for": GERMAN}).status == 200
    refused = call(app, "/choices", form={"everything": "no"}, headers={"x-forwarded-for": AMERICAN})
    assert refused.status == 429
    assert "Nothing was changed" in refused.text
    assert call(app, "/choices", headers={"x-forwarded-for": AMERICAN}).status == 200, "looking is free"
    by_server = {"authorization": f"Bearer {house.api_keys.secret}", "x-forwarded-for": AMERICAN}
    said = {"visitor": "customer-17", "account": "bo"}
    assert call(app, "/v1/join", headers=by_server, data=said).status == 200, "the site's server has its key"
