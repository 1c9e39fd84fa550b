"""A signed-in browser's seat: the cookie goes to a path that nobody can guess, and opens nothing anywhere else."""

import re

import pytest

from kept.web.console import console_app, wanted
from kept.web.seat import seat_of
from tests.pages_call import Reply, call
from tests.pages_house import OWNER, MemoryHouse

SEAT = re.compile(r"at-[0-9a-f]{32}")


class ManySessions(MemoryHouse):
    """Each sign-in has a credential of its own, as the living console gives them."""

    def sign_in(self, token: str) -> str | None:
        if token != OWNER:
            return None
        self.sessions.add(f"session-{len(self.sessions)}")
        return f"session-{len(self.sessions) - 1}"


def signed_in(app: object, **form: str) -> Reply:
    return call(app, "/sign-in", form={"token": OWNER, **form})


def test_signing_in_leads_to_a_seat_and_the_cookie_goes_there_alone() -> None:
    reply = signed_in(console_app(MemoryHouse()))
    seat, _, page = reply.header("location").partition("/")
    cookie = reply.cookies["kept_owner"]
    assert SEAT.fullmatch(seat)
    assert page == "reports"
    assert cookie["path"] == f"/{seat}"
    assert (cookie["httponly"], cookie["samesite"]) == (True, "strict")
    assert cookie.value not in {OWNER, seat}


def test_the_cookie_opens_the_console_at_its_own_seat_and_nowhere_else() -> None:
    app = console_app(ManySessions())
    mine, other = signed_in(app), signed_in(app)
    seats = [reply.header("location").partition("/")[0] for reply in (mine, other)]
    assert seats[0] != seats[1]
    for page in ("reports", "reports.json", "reports/pages.csv", "refusals", "ledger"):
        assert call(app, f"/{seats[0]}/{page}", cookies=mine.kept).status == 200
        for elsewhere in (f"/{page}", f"/{seats[1]}/{page}", f"/at-{'0' * 32}/{page}"):
            assert call(app, elsewhere, cookies=mine.kept).status == 401


def test_a_session_is_no_bearer_token() -> None:
    app = console_app(MemoryHouse())
    credential = signed_in(app).kept["kept_owner"]
    for path in ("/reports", f"/{seat_of(credential)}/reports"):
        assert call(app, path, headers={"authorization": f"Bearer {credential}"}).status == 401
        assert call(app, path, headers={"authorization": f"Bearer {OWNER}"}).status == 200


def test_a_cookie_that_another_port_put_beside_it_does_not_drown_it() -> None:
    app = console_app(MemoryHouse())
    credential = signed_in(app).kept["kept_owner"]
    path = f"/{seat_of(credential)}/reports"
    for line in (f"kept_owner=x; kept_owner={credential}", f"kept_owner={credential}; kept_owner=x"):
        assert call(app, path, headers={"cookie": line}).status == 200


def test_pages_and_files_of_a_seat_link_within_it() -> None:
    app = console_app(MemoryHouse())
    reply = signed_in(app)
    seat = reply.header("location").partition("/")[0]
    text = call(app, f"/{seat}/reports", cookies=reply.kept).text
    assert 'href="./ledger"' in text
    assert 'action="./sign-out"' in text
    assert call(app, f"/{seat}/static/kept.css").status == 200


def test_signing_out_ends_the_session_and_takes_the_cookie_back() -> None:
    house = MemoryHouse()
    app = console_app(house)
    reply = signed_in(app)
    seat = reply.header("location").partition("/")[0]
    out = call(app, f"/{seat}/sign-out", form={}, cookies=reply.kept)
    assert out.header("location") == "../sign-in"
    assert out.cookies["kept_owner"]["path"] == f"/{seat}"
    assert out.kept == {}
    assert house.sessions == set()


def test_who_must_sign_in_first_goes_on_to_what_they_asked_for() -> None:
    app = console_app(MemoryHouse())
    denied = call(app, "/reports?for=improve&since=2026-11-01")
    assert denied.status == 401
    assert "sign-in?to=reports%3Ffor%3Dimprove%26since%3D2026-11-01" in denied.text
    ended = call(app, f"/at-{'0' * 32}/ledger")
    assert "../sign-in?to=ledger" in ended.text
    asked = call(app, "/sign-in?to=reports%3Ffor%3Dimprove").text
    assert 'value="reports?for=improve"' in asked
    assert signed_in(app, to="reports?for=improve").header("location").endswith("/reports?for=improve")


@pytest.mark.parametrize(
    "to", ["", "//evil.example", "https://evil.example", "../x", "reports\r\nx", "nowhere"]
)
def test_no_other_address_is_gone_to_after_signing_in(to: str) -> None:
    assert wanted(to) == "reports"
