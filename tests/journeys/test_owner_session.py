"""Two ports of one host, as browsers see them: what the company's own site is sent is of no use at the console."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from kept.web.console import console_app
from tests.journeys.conftest import Serve
from tests.pages_house import OWNER, MemoryHouse


@dataclass
class Stranger:
    """A site on another port: it notes each cookie that it is sent, and plants one of the console's name."""

    cookies: list[str] = field(default_factory=list)

    def app(self) -> Any:
        async def anything(request: Request) -> Response:
            self.cookies.append(request.headers.get("cookie", ""))
            reply = HTMLResponse("<!doctype html><title>Site</title><script>localStorage.length</script>")
            reply.set_cookie("kept_owner", "planted", path="/")
            reply.set_cookie("site", "1")
            return reply

        return Starlette(routes=[Route("/{path:path}", anything)])


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Any:
    context = browser.new_context(java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def sign_in(page: Page, console: str) -> str:
    """The address of the seat, with a slash at its end."""
    page.goto(f"{console}/sign-in")
    page.get_by_label("Owner token").fill(OWNER)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/reports")
    return page.url.removesuffix("reports")


def test_another_port_is_sent_nothing_of_the_console(page: Page, serve: Serve) -> None:
    stranger, console = Stranger(), serve(console_app(MemoryHouse()))
    site = serve(stranger.app())
    seat = sign_in(page, console)
    for path in (
        "/",
        "/reports",
        "/sign-in",
        "/at-/reports",
        "/static/kept.css",
        "/at-" + "0" * 32 + "/reports",
    ):
        page.goto(site + path)
    mine = [each for each in page.context.cookies(f"{seat}reports") if each["path"] != "/"]
    assert [each["name"] for each in mine] == ["kept_owner"]
    assert any("site=1" in line for line in stranger.cookies), "cookies do cross ports: the test would notice"
    assert all(mine[0]["value"] not in line for line in stranger.cookies)
    page.goto(f"{seat}ledger")  # with the planted cookie beside ours
    expect(page.get_by_role("heading", name="Ledger")).to_be_visible()


def test_the_bare_address_goes_on_to_the_seat_until_the_session_ends(browser: Browser, serve: Serve) -> None:
    console, stranger = serve(console_app(MemoryHouse())), Stranger()
    site = serve(stranger.app())
    context = browser.new_context()
    page = context.new_page()
    seat = sign_in(page, console)
    page.goto(f"{console}/reports?for=performance")
    page.wait_for_url(f"{seat}reports?for=performance")
    page.goto(f"{console}/")
    page.wait_for_url(f"{seat}reports")
    page.goto(site)
    assert page.evaluate("localStorage.getItem('kept_seat')") is None
    page.goto(f"{seat}reports")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{console}/sign-in")
    page.goto(f"{console}/ledger")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_label("Owner token").fill(OWNER)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/ledger")
    context.close()


def test_a_session_that_ended_elsewhere_is_said_once(browser: Browser, serve: Serve) -> None:
    house = MemoryHouse()
    console = serve(console_app(house))
    context = browser.new_context()
    page = context.new_page()
    seat = sign_in(page, console)
    house.sessions.clear()
    page.goto(f"{console}/reports")
    page.wait_for_url(f"{seat}reports")
    expect(page.get_by_role("heading", name="Sign in with the owner token first.")).to_be_visible()
    page.get_by_role("link", name="Sign in").click()
    expect(page.get_by_label("Owner token")).to_be_visible()
    assert page.url.startswith(f"{console}/sign-in")
    context.close()
