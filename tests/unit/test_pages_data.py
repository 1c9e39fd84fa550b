"""*Your data* and deletion: who may open them, what they say, and that nothing goes before it is confirmed."""

import pytest

from kept.web.centre import centre_app
from tests.pages_call import call
from tests.pages_house import MemoryHouse

PAGES = ("/data", "/data/copy.json", "/data/erase")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("token", "says"),
    [
        ("", "opens from the company’s own site"),
        ("ana-old", "expired"),
        ("forged", "was not made by the site"),
    ],
)
def test_a_token_that_names_nobody_opens_nothing(path: str, token: str, says: str) -> None:
    reply = call(centre_app(MemoryHouse()), f"{path}?token={token}")
    assert reply.status == 403
    assert says in reply.text
    assert "Page views" not in reply.text


def test_a_link_that_opens_nothing_leads_to_the_site_where_one_signs_in() -> None:
    assert 'href="/">To the site</a>' in call(centre_app(MemoryHouse()), "/data").text
    assert 'href="./privacy">Privacy notice</a>' in call(centre_app(MemoryHouse()), "/data?token=forged").text


def test_ana_sees_what_is_held_from_where_why_and_until_when() -> None:
    text = call(centre_app(MemoryHouse()), "/data?token=ana").text
    for told in (
        "Page view",
        "1\N{NARROW NO-BREAK SPACE}204 entries",
        "your visits",
        "A better site",
        "23 December 2027",
    ):
        assert told in text
    assert "Harbour Clinic (employer)" in text
    assert "once" in text


def test_eve_has_nothing_and_is_told_so() -> None:
    text = call(centre_app(MemoryHouse()), "/data?token=eve").text
    assert "We hold nothing about you." in text
    assert "copy.json" not in text


def test_personal_pages_are_not_cached_and_their_addresses_not_told() -> None:
    for path in PAGES:
        reply = call(centre_app(MemoryHouse()), f"{path}?token=ana")
        assert reply.header("cache-control") == "no-store"
        assert reply.header("referrer-policy") == "strict-origin"
        assert "set-cookie" not in dict(reply.headers)


def test_links_hold_under_any_prefix() -> None:
    house = MemoryHouse()
    app = centre_app(house)
    call(app, "/data/erase", form={"token": "ana", "plan": "d1"})
    (number,) = house.erased
    for path, root in (
        ("/privacy", "./"),
        ("/data/erase?token=ana", "../"),
        (f"/data/receipt/{number}", "../../"),
    ):
        text = call(app, path).text
        assert f'href="{root}static/kept.css"' in text
        assert 'href="/' not in text
        assert 'action="/' not in text


def test_looking_at_the_plan_deletes_nothing() -> None:
    house = MemoryHouse()
    reply = call(centre_app(house), "/data/erase?token=ana")
    assert reply.status == 200
    assert "What must stay, and why" in reply.text
    assert "GDPR Art. 7(1)" in reply.text
    assert house.erased == {}


def test_only_the_plan_that_was_shown_is_carried_out() -> None:
    house = MemoryHouse()
    changed = call(centre_app(house), "/data/erase", form={"token": "ana", "plan": "another"})
    assert changed.status == 409
    assert "Look again." in changed.text
    assert house.erased == {}
    done = call(centre_app(house), "/data/erase", form={"token": "ana", "plan": "d1"})
    assert done.status == 303
    (number,) = house.erased
    assert done.header("location") == f"receipt/{number}"


def test_di_is_under_hold_and_stays() -> None:
    house = MemoryHouse()
    app = centre_app(house)
    plan = call(app, "/data/erase?token=di").text
    assert "Stopped" in plan
    assert "Delete my data" not in plan
    assert "labour court" in call(app, "/data?token=di").text
    refused = call(app, "/data/erase", form={"token": "di", "plan": "d1"})
    assert refused.status == 200
    assert "Stopped" in refused.text
    assert house.erased == {}


def test_the_receipt_under_way_and_done() -> None:
    house = MemoryHouse()
    app = centre_app(house)
    call(app, "/data/erase", form={"token": "ana", "plan": "d1"})
    (number,) = house.erased
    under_way = call(app, f"/data/receipt/{number}").text
    assert "Under way" in under_way
    assert call(app, f"/data/receipt/{number}.json").status == 404
    house.finish(number)
    done = call(app, f"/data/receipt/{number}").text
    assert "Your data is deleted" in done
    assert "ana" not in done.split("<main")[1].split("</main")[0].replace("analy", "")
    assert call(app, f"/data/receipt/{number}.json").json == {"receipt": 1}


@pytest.mark.parametrize("number", ["1", str(1 << 80), "4611686018427387905"])
def test_a_number_that_was_not_given_finds_no_receipt(number: str) -> None:
    assert call(centre_app(MemoryHouse()), f"/data/receipt/{number}").status == 404


def test_the_copy_is_for_programs() -> None:
    reply = call(centre_app(MemoryHouse()), "/data/copy.json?token=ana")
    assert reply.json == {"account": "ana"}
    assert "attachment" in reply.header("content-disposition")
