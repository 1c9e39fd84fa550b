"""`v1/people`: what the site's server tells and reads, by whom, and what the replies say; *Your data* with it."""

import json
from pathlib import Path
from typing import Any

import jwt
import pytest

from kept.app.house import House
from kept.app.opening import open_people
from kept.base.clock import SetClock
from kept.base.settings import Settings
from kept.web.centre import centre_app
from kept.web.living import LivingCentre
from kept.web.whence import Proxies
from tests.pages_call import Reply, call
from tests.pages_house import MemoryHouse

POLICY = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"
NOW_MS = 1_795_435_200_000
ANA = {"name": "Ana", "email": "ana@example.com"}


class Site:
    """The site's server, and Ana's browser with the link that the site gave her."""

    def __init__(self, folder: Path) -> None:
        self.clock = SetClock(NOW_MS)
        self.house = House.open(Settings(data=folder / "data", master_key=folder / "master.key"), self.clock)
        self.house.policies.put_in_force(POLICY.read_text(), "workhirespot.yaml")
        self.app = centre_app(LivingCentre(self.house, open_people(self.house), Proxies(())))

    def asks(
        self, method: str, path: str, data: object = None, body: bytes = b"", credential: str | None = None
    ) -> Reply:
        bearer = self.house.api_keys.secret if credential is None else credential
        sent = json.dumps(data).encode() if data is not None else body
        return call(
            self.app, path, method, headers={"authorization": f"Bearer {bearer}"} if bearer else {}, body=sent
        )

    def token(self, account: str = "u-1") -> str:
        ends = self.clock.now_ms() // 1000 + 300
        return jwt.encode({"sub": account, "exp": ends}, self.house.api_keys.secret, algorithm="HS256")

    def values(self, purpose: str = "operate") -> dict[str, Any]:
        found = self.asks("GET", f"/v1/people/u-1?for={purpose}").json["values"]
        return {item: each["value"] for item, each in found.items()}


@pytest.fixture
def site(tmp_path: Path) -> Any:
    made = Site(tmp_path)
    yield made
    made.house.close()


def test_a_profile_is_told_and_read_under_a_purpose(site: Site) -> None:
    told = site.asks("PUT", "/v1/people/u-1", {"values": ANA, "residence": "US"})
    assert (told.status, told.json) == (
        200,
        {"taken": ["name", "email"], "unchanged": [], "removed": [], "refused": []},
    )
    read = site.asks("GET", "/v1/people/u-1?for=marketing")
    assert read.status == 200
    assert read.json["values"]["email"] == {"value": "ana@example.com", "source": "form", "at_ms": NOW_MS}
    assert read.header("cache-control") == "no-store"


def test_refusals_name_the_item_the_reason_and_the_place(site: Site) -> None:
    told = site.asks("PUT", "/v1/people/u-1", {"values": {**ANA, "email": "no", "shoe": 41}})
    assert told.status == 200
    assert told.json["taken"] == ["name"]
    assert told.json["refused"] == [
        {"item": "email", "reason": "wrong type", "where": "values.email"},
        {"item": "shoe", "reason": "undeclared", "where": "values.shoe"},
    ]
    assert site.asks("PATCH", "/v1/people/u-1", {"values": {"shoe": 41}}).status == 422


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"{", "body"),
        (b"\xff", "body"),
        (b"[]", "body"),
        (b'{"values": {}, "more": 1}', "body"),
        (b'{"values": 7}', "values"),
        (b'{"values": {}, "residence": "Germany"}', "residence"),
        (b'{"values": {}, "residence": "UK"}', "residence"),
        (b"[" * 3_000, "body"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_place(site: Site, body: bytes, where: str) -> None:
    told = site.asks("PUT", "/v1/people/u-1", body=body)
    assert (told.status, told.json["where"]) == (400, where)


def test_nobody_tells_or_reads_without_the_secret_key(site: Site) -> None:
    for credential in ("", "sk_another", site.house.api_keys.write):
        for method, path in (
            ("PUT", "/v1/people/u-1"),
            ("PATCH", "/v1/people/u-1"),
            ("GET", "/v1/people/u-1?for=operate"),
            ("PUT", "/v1/people/u-1/cv"),
            ("DELETE", "/v1/people/u-1/name"),
        ):
            assert site.asks(method, path, {"values": ANA}, credential=credential).status == 401


def test_a_token_tells_for_its_own_account_and_reads_nothing(site: Site) -> None:
    token = site.token()
    assert site.asks("PATCH", "/v1/people/u-1", {"values": ANA}, credential=token).status == 200
    assert site.asks("PATCH", "/v1/people/u-2", {"values": ANA}, credential=token).status == 403
    server = {"values": {"country": "DE"}, "source": "server"}
    assert site.asks("PATCH", "/v1/people/u-1", server, credential=token).status == 403
    assert site.asks("GET", "/v1/people/u-1?for=operate", credential=token).status == 403


def test_a_read_names_its_purpose_or_is_none(site: Site) -> None:
    site.asks("PUT", "/v1/people/u-1", {"values": ANA})
    assert site.asks("GET", "/v1/people/u-1").status == 400
    for purpose, reason in (
        ("selling", "no such purpose"),
        ("research", "nobody by name"),
        ("trends", "figures only"),
        ("obey_law", "dark until a demand is approved"),
    ):
        refused = site.asks("GET", f"/v1/people/u-1?for={purpose}")
        assert (refused.status, refused.json["reason"]) == (403, reason)


def test_a_stranger_and_someone_whom_the_purpose_does_not_see_look_alike(site: Site) -> None:
    site.asks("PUT", "/v1/people/u-1", {"values": {"business_address": None, "company_name": "Mill"}})
    known, stranger = (site.asks("GET", f"/v1/people/{who}?for=marketing") for who in ("u-1", "nobody"))
    assert {**known.json, "account": ""} == {**stranger.json, "account": ""}
    assert (known.status, stranger.status) == (200, 200)


def test_one_value_is_told_read_and_taken_away(site: Site) -> None:
    assert site.asks("PUT", "/v1/people/u-1/name", {"value": "Ana"}).json["taken"] == ["name"]
    read = site.asks("GET", "/v1/people/u-1/name?for=operate").json
    assert (read["item"], read["value"]) == ("name", "Ana")
    assert site.asks("DELETE", "/v1/people/u-1/name").json["removed"] == ["name"]
    assert site.asks("GET", "/v1/people/u-1/name?for=operate").status == 404


def test_a_file_goes_in_as_it_is_and_comes_out_to_be_saved(site: Site) -> None:
    paper = b"%PDF-1.7 " + b"x" * 1_000_000
    assert site.asks("PUT", "/v1/people/u-1/cv?name=my%20cv.pdf", body=paper).json["taken"] == ["cv"]
    read = site.asks("GET", "/v1/people/u-1/cv?for=operate")
    assert read.body == paper
    assert read.header("content-type") == "application/pdf"
    assert read.header("content-disposition") == "attachment; filename*=UTF-8''my%20cv.pdf"
    assert "sandbox" in read.header("content-security-policy")
    assert site.values()["cv"] == {"name": "my cv.pdf", "media": "application/pdf"}
    assert site.asks("PUT", "/v1/people/u-1/cv", body=b"<html>").status == 422


def test_what_is_beyond_the_size_is_not_read_on(site: Site) -> None:
    assert site.asks("PUT", "/v1/people/u-1/cv", body=b"%PDF-" + b"x" * (6 << 20)).status == 413
    assert site.asks("PUT", "/v1/people/u-1", body=b" " * 70_000).status == 413


def test_ana_sees_corrects_and_takes_along_what_she_told(site: Site) -> None:
    site.asks("PUT", "/v1/people/u-1", {"values": ANA})
    site.asks("PUT", "/v1/people/u-1/cv?name=ana.pdf", body=b"%PDF-1.7 Ana")
    page = call(site.app, f"/data?token={site.token()}")
    assert "What you told us" in page.text
    assert "ana@example.com" in page.text
    saved = call(
        site.app, "/data/correct", "POST", form={"token": site.token(), "item": "name", "value": "Anna"}
    )
    assert saved.status == 303
    assert "corrected=name" in saved.header("location")
    rows = call(site.app, f"/data/copy.json?token={site.token()}").json["your profile"]
    assert [row["value"] for row in rows if row["item"] == "name"] == ["Anna", "Ana"]
    assert next(row for row in rows if row["item"] == "cv")["content_base64"] == "JVBERi0xLjcgQW5h"
    link = page.text.partition('href="data/file/')[2].partition('"')[0].replace("&amp;", "&")
    assert call(site.app, f"/data/file/{link}").body == b"%PDF-1.7 Ana"
    number = link.partition("?")[0]
    assert call(site.app, f"/data/file/{number}?token={site.token('u-2')}").status == 404


def test_a_correction_of_another_kind_is_refused_in_words(site: Site) -> None:
    site.asks("PUT", "/v1/people/u-1", {"values": ANA})
    for item, value in (("email", "no"), ("skills", "x"), ("ip_address", "192.0.2.1")):
        form = {"token": site.token(), "item": item, "value": value}
        assert "problem=" in call(site.app, "/data/correct", "POST", form=form).header("location")
    assert site.values() == ANA
    shown = call(site.app, f"/data?token={site.token()}&problem=wrong_type").text
    assert "That is not a value of this kind." in shown
    assert "Not saved" not in call(site.app, f"/data?token={site.token()}&problem=%3Cb%3E").text


@pytest.mark.parametrize(
    ("value", "says"),
    [("no", "Email: That is not a value of this kind."), ("new@example.com", "Email says what you wrote.")],
)
def test_what_came_of_a_correction_stands_at_its_field_with_the_form_open(
    site: Site, value: str, says: str
) -> None:
    site.asks("PUT", "/v1/people/u-1", {"values": ANA})
    form = {"token": site.token(), "item": "email", "value": value}
    back = call(site.app, "/data/correct", "POST", form=form).header("location")
    address, _, field = back.removeprefix("..").partition("#")
    assert field == "told-email"
    page = call(site.app, address).text
    opened = page.partition("<details open><summary>Correct it")[2].partition("</details>")[0]
    assert says in opened
    assert f'id="{field}"' in opened
    assert 'aria-describedby="outcome"' in opened
    assert ('aria-invalid="true"' in opened) == (value == "no")
    assert page.count('id="outcome"') == 1


def test_a_value_that_is_taken_away_leads_back_to_what_is_left(site: Site) -> None:
    site.asks("PUT", "/v1/people/u-1", {"values": {**ANA, "skills": ["welding"]}})
    form = {"token": site.token(), "item": "skills", "value": " "}
    back = call(site.app, "/data/correct", "POST", form=form).header("location")
    assert "problem=" not in back
    assert back.endswith("#told")
    assert (
        "Your profile says what you wrote." in call(site.app, back.removeprefix("..").partition("#")[0]).text
    )


def test_a_link_that_would_live_too_long_is_not_called_expired(site: Site) -> None:
    ends = site.clock.now_ms() // 1000 + 86_400
    long = jwt.encode({"sub": "u-1", "exp": ends}, site.house.api_keys.secret, algorithm="HS256")
    page = call(site.app, f"/data?token={long}")
    assert page.status == 403
    assert "longer than ten minutes" in page.text
    assert "has expired" not in page.text


def test_on_the_page_of_your_data_each_value_has_its_source_and_what_it_was() -> None:
    text = call(centre_app(MemoryHouse()), "/data?token=ana").text
    for told in ("ana@example.com", "ana@old.example", "you, in a form", "data/file/3"):
        assert told in text
    corrected = call(centre_app(MemoryHouse()), "/data?token=ana&corrected=email").text
    assert "Email says what you wrote." in corrected


def test_the_site_deletes_a_person_as_planned_and_gets_the_address_of_the_receipt(site: Site) -> None:
    site.asks("PUT", "/v1/people/u-1", {"values": ANA})
    planned = site.asks("DELETE", "/v1/people/u-1")
    assert planned.status == 200
    assert {"item": "name", "count": 1} in planned.json["goes"]
    assert site.values() == ANA
    site.asks("PUT", "/v1/people/u-1", {"values": {**ANA, "occupation": "Cook"}})
    other = site.asks("DELETE", f"/v1/people/u-1?plan={planned.json['plan']}")
    assert other.status == 409
    assert "changed" in other.json["error"]
    begun = site.asks("DELETE", f"/v1/people/u-1?plan={other.json['plan']}")
    assert begun.status == 202
    assert site.values() == {}
    receipt = begun.json["receipt"]
    assert receipt.startswith("data/receipt/")
    assert call(site.app, f"/{receipt.removesuffix('.json')}").status == 200


def test_the_whole_of_a_person_goes_by_the_secret_key_alone_and_never_under_a_hold(site: Site) -> None:
    site.asks("PUT", "/v1/people/u-1", {"values": ANA})
    plan = site.asks("DELETE", "/v1/people/u-1").json["plan"]
    for credential, status in ((site.token(), 403), ("sk_another", 401), (site.house.api_keys.write, 401)):
        answer = site.asks("DELETE", f"/v1/people/u-1?plan={plan}", credential=credential)
        assert answer.status == status
    assert site.asks("DELETE", "/v1/people/nobody").status == 404
    people = open_people(site.house)
    who = people.of_account("u-1")
    assert who is not None
    people.voice.hold(who, ground="Case 7", owner="counsel", review_ms=NOW_MS * 2, now_ms=NOW_MS)
    held = site.asks("DELETE", "/v1/people/u-1").json
    assert held["held_by"] == ["counsel"]
    assert "Case 7" not in str(held)
    assert site.asks("DELETE", f"/v1/people/u-1?plan={held['plan']}").status == 409
    assert site.values() == ANA


def test_a_deletion_under_way_takes_nothing_more(site: Site) -> None:
    site.asks("PUT", "/v1/people/u-1", {"values": ANA})
    people = open_people(site.house)
    who = people.of_account("u-1")
    assert who is not None
    people.erase(people.plan(who))
    told = site.asks("PUT", "/v1/people/u-1", {"values": ANA})
    assert (told.status, told.json["refused"][0]["reason"]) == (409, "deleted")
    assert site.values() == {}
