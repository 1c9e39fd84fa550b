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
from kept.web.living import LivingCentre
from kept.web.office import LivingConsole
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
    return LivingCentre(house, open_people(house), Proxies(["127.0.0.1"]), frozenset({house.api_keys.write}))


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
