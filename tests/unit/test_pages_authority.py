"""Every route declares its authority, and what changes something is taken from our own pages alone."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from kept.policy import CompiledPolicy
from kept.web.authority import MOST_BYTES, Allowed, Authority, Because, Doors, route, undeclared
from kept.web.centre import centre_app
from kept.web.console import console_app
from tests.pages_call import Reply, call
from tests.pages_house import OWNER, SECRET, MemoryHouse

APPS: tuple[Callable[[Any], Starlette], ...] = (centre_app, console_app)
OWN_HEADERS: tuple[dict[str, str], ...] = (
    {"sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
    {"origin": "http://site.example"},
    {},
)
OTHERS_HEADERS = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
)


@pytest.mark.parametrize("make", APPS)
def test_every_route_declares_an_authority_that_somebody_guards(make: Callable[[Any], Starlette]) -> None:
    assert undeclared(make(MemoryHouse())) == []


def test_a_route_without_an_authority_is_found() -> None:
    app = Starlette(
        routes=[
            Route("/plain", lambda _request: PlainTextResponse("hello")),
            Mount("/below", Starlette()),
            route("/unguarded", lambda _asked: PlainTextResponse("hello"), authority=Authority.OWNER),
            route("/good", lambda _asked: PlainTextResponse("hello"), authority=Authority.ANYONE),
        ]
    )
    guards = {Authority.ANYONE: lambda _asked: Allowed()}
    app.state.doors = Doors(
        None, guards, lambda _asked, because: PlainTextResponse(because.says, because.status)
    )
    assert undeclared(app) == ["/plain", "/below", "/unguarded"]


def test_what_changes_something_is_not_for_anyone() -> None:
    with pytest.raises(ValueError, match="not for anyone"):
        route("/x", lambda _asked: PlainTextResponse(""), ("POST",), authority=Authority.ANYONE)


@pytest.mark.parametrize("headers", OWN_HEADERS)
def test_our_own_form_is_taken(headers: dict[str, str]) -> None:
    reply = call(centre_app(MemoryHouse()), "/choices", "POST", headers=headers, body=b"everything=no")
    assert reply.status == 303


@pytest.mark.parametrize("headers", OTHERS_HEADERS)
def test_a_form_on_another_site_says_nothing_for_anyone(headers: dict[str, str]) -> None:
    house = MemoryHouse()
    reply = call(centre_app(house), "/choices", "POST", headers=headers, body=b"everything=yes")
    assert reply.status == 403
    assert reply.cookies == {}
    assert house.written == []


@pytest.mark.parametrize("headers", OTHERS_HEADERS)
def test_another_site_cannot_delete_an_account(headers: dict[str, str]) -> None:
    house = MemoryHouse()
    reply = call(centre_app(house), "/data/erase", "POST", headers=headers, body=b"token=ana&plan=d1")
    assert reply.status == 403
    assert house.erased == {}


def test_an_origin_that_the_house_knows_may_answer_and_others_may_not() -> None:
    house = MemoryHouse(known_origins=frozenset({"https://www.site.example"}))
    body = {"key": "wk_test", "answers": {"by_choice": True}}
    known = {"origin": "https://www.site.example", "sec-fetch-site": "same-site"}
    reply = call(centre_app(house), "/v1/choices", headers=known, data=body)
    assert reply.status == 200
    assert reply.header("access-control-allow-origin") == "https://www.site.example"
    assert reply.header("access-control-allow-credentials") == "true"
    strange = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
    assert call(centre_app(house), "/v1/choices", headers=strange, data=body).status == 403
    asked = call(centre_app(house), "/v1/choices?key=wk_test", headers=strange)
    assert asked.header("access-control-allow-origin") == ""


def test_a_body_that_is_too_large_is_not_read() -> None:
    reply = call(centre_app(MemoryHouse()), "/choices", "POST", body=b"x" * (MOST_BYTES + 1))
    assert reply.status == Because.TOO_LARGE.status


@pytest.mark.parametrize("path", ["/reports", "/reports.json", "/reports/days.csv", "/refusals", "/ledger"])
def test_the_console_opens_to_nobody_without_the_token(path: str) -> None:
    reply = call(console_app(MemoryHouse()), path)
    assert reply.status == 401
    assert "<table" not in reply.text
    assert "figs" not in reply.text


def test_the_bare_address_of_the_console_leads_to_its_door() -> None:
    reply = call(console_app(MemoryHouse()), "/")
    assert (reply.status, reply.header("location")) == (303, "sign-in")


def test_the_console_opens_to_a_bearer_and_to_a_cookie() -> None:
    app = console_app(MemoryHouse())
    assert call(app, "/reports", headers={"authorization": f"Bearer {OWNER}"}).status == 200
    assert call(app, "/reports", headers={"authorization": "Bearer wrong"}).status == 401
    assert call(app, "/reports", cookies={"kept_owner": "made up"}).status == 401


@pytest.mark.parametrize("bearer", ["", "Bearer", "Bearer wrong", f"Basic {SECRET}", SECRET])
def test_a_visitor_is_joined_by_the_site_alone(bearer: str) -> None:
    house = MemoryHouse()
    reply = call(
        centre_app(house),
        "/v1/join",
        headers={"authorization": bearer},
        data={"visitor": "v" * 20, "account": "ana"},
    )
    assert reply.status == 401
    assert house.joined == {}


def test_join_takes_the_account_of_a_signed_token_and_no_other() -> None:
    house = MemoryHouse()
    app = centre_app(house)
    signed = {"authorization": "Bearer signed-ana"}
    ours = "kv_" + "v" * 43
    assert call(app, "/v1/join", headers=signed, data={"visitor": ours}).json == {"joined": True}
    assert call(app, "/v1/join", headers=signed, data={"visitor": ours, "account": "bo"}).status == 403
    assert call(app, "/v1/join", headers=signed, data={"visitor": "customer-17"}).status == 409
    secret = {"authorization": f"Bearer {SECRET}"}
    assert call(app, "/v1/join", headers=secret, data={"visitor": "w" * 20, "account": "bo"}).status == 200
    assert call(app, "/v1/join", headers=secret, data={"visitor": "w" * 20, "account": "cy"}).status == 409
    assert call(app, "/v1/join", headers=secret, data={"visitor": "x" * 20}).status == 400
    assert call(app, "/v1/join", headers=secret, data={"guest": 1}).status == 400
    assert house.joined == {ours: "ana", "w" * 20: "bo"}


@pytest.mark.parametrize("make", APPS)
def test_an_unknown_address_gets_a_page_with_a_way_on(make: Callable[[Any], Starlette]) -> None:
    reply = call(make(MemoryHouse()), "/deep/nowhere")
    assert reply.status == 404
    assert 'href="../' in reply.text


@pytest.mark.parametrize("path", ["/privacy", "/v1/choices?key=wk_test"])
def test_a_bug_shows_a_page_that_tells_nothing(path: str) -> None:
    class Broken(MemoryHouse):
        def policy(self) -> CompiledPolicy:
            raise RuntimeError("the secret place /var/kept is unreadable")

    told: list[Reply] = []
    with pytest.raises(RuntimeError):  # the server still gets to know
        call(centre_app(Broken()), path, told=told)
    assert told[0].status == 500
    assert "secret" not in told[0].text
    assert "went wrong" in told[0].text or "could not be done" in told[0].text
