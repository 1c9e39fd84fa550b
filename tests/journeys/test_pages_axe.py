"""Every page, in light, in dark and at 320 px: nothing that axe finds wrong, nothing wider than the window."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AxeResults  # type: ignore[import-untyped]  # the package ships no types
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package ships no types
from playwright.sync_api import Browser, Page, expect

from kept.web.console import console_app
from kept.web.house import Account
from kept.web.seat import seat_of
from tests.journeys.conftest import Serve
from tests.pages_german import GermanHouse
from tests.pages_house import MemoryHouse
from tests.pages_site import Site

WIDTHS = (1200, 320)
COLOURS = {
    "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]},
    "resultTypes": ["violations"],
}
"""What can differ between light and dark: one load serves for both."""
CENTRE = (
    "privacy",
    "privacy/versions",
    "privacy/versions/1",
    "choices",
    "choices?saved=yes",
    "dialog",
    "data?token=ana",
    "data?token=ana&corrected=email",
    "data?token=ana&corrected=email&problem=wrong_type",
    "data?token=di",
    "data?token=eve",
    "data/erase?token=ana",
    "data/erase?token=di",
    "data/receipt/DONE",
    "data/receipt/OPEN",
    "data?token=ana-old",
    "data",
    "nowhere",
    "-/parts",
)
GERMAN = (
    "privacy",
    "privacy/versions",
    "choices",
    "dialog",
    "data?token=ana",
    "data?token=di",
    "data/erase?token=ana",
)
CONSOLE = (
    "sign-in",
    "reports",
    "reports?for=trends",
    "behaviour",
    "behaviour?by=browser",
    "seen",
    "seen?for=trends",
    "refusals",
    "ledger",
    "nowhere",
)
FACES = ("reports", "behaviour", "seen", "refusals", "ledger")


@dataclass
class Addresses:
    """Where everything is served: the site, its pages under /kept/, consoles in three states."""

    site: str
    german: str
    consoles: dict[str, str]
    receipts: dict[str, str]

    def centre(self, path: str) -> str:
        for word, number in self.receipts.items():
            path = path.replace(word, number)
        return f"{self.site}/kept/{path}"


@pytest.fixture(scope="module")
def at(serve: Serve) -> Addresses:
    site = Site()
    done = site.house.erase(Account("ana"), "d1")
    still = site.house.erase(Account("ana"), "d1")
    numbers = sorted(site.house.erased)
    site.house.finish(numbers[0])
    assert done != still
    consoles = {
        name: serve(console_app(MemoryHouse(sessions={"s1"}, empty=name == "empty", broken=name == "broken")))
        for name in ("full", "empty", "broken")
    }
    consoles = {name: f"{address}/{seat_of('s1')}" for name, address in consoles.items()}
    return Addresses(
        serve(site.app()),
        serve(Site(house=GermanHouse()).app()),
        consoles,
        {"DONE": str(numbers[0]), "OPEN": str(numbers[1])},
    )


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, at: Addresses) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": request.param, "height": 900}, color_scheme="light")
    for address in at.consoles.values():
        context.add_cookies([{"name": "kept_owner", "value": "s1", "url": f"{address}/"}])
    yield context.new_page()
    context.close()


def look(page: Page, address: str) -> None:
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    check(page, address)


def check(page: Page, address: str) -> None:
    """All rules in light, the rules of colour again in dark, and no sideways scrolling."""
    where = urlsplit(address).path
    for scheme, found in (("light", Axe().run(page)), ("dark", _in_dark(page))):
        assert found.violations_count == 0, (
            f"{where} in {scheme}\n{json.dumps(found.response['violations'], indent=1)}"
        )
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{where} is {over} px wider than the window"


def _in_dark(page: Page) -> AxeResults:
    page.emulate_media(color_scheme="dark")
    try:
        return Axe().run(page, options=COLOURS)
    finally:
        page.emulate_media(color_scheme="light")


def test_the_pages_for_people(page: Page, at: Addresses) -> None:
    for path in CENTRE:
        look(page, at.centre(path))


def test_the_pages_in_german(page: Page, at: Addresses) -> None:
    """Other words are of other lengths."""
    page.set_extra_http_headers({"Accept-Language": "de"})
    for path in GERMAN:
        look(page, f"{at.german}/kept/{path}")
        assert page.locator("html").get_attribute("lang") == "de"
    page.goto(f"{at.german}/one")  # a page of the site that is in English, and asks in English
    expect(page.get_by_role("button", name="Yes, you may")).to_be_visible()


def test_the_console(page: Page, at: Addresses) -> None:
    for path in CONSOLE:
        look(page, f"{at.consoles['full']}/{path}")
    for state in ("empty", "broken"):
        for path in FACES:
            look(page, f"{at.consoles[state]}/{path}")


def test_a_refused_sign_in(page: Page, at: Addresses) -> None:
    page.goto(f"{at.consoles['full']}/sign-in")
    page.get_by_label("Owner token").fill("ot_wrong")
    page.get_by_role("button", name="Sign in").click()
    check(page, "sign-in, wrong token")


def test_the_dialog_of_the_script_and_what_it_says_afterwards(page: Page, at: Addresses) -> None:
    page.goto(f"{at.site}/one")
    expect(page.locator("kept-choices section")).to_be_visible()
    check(page, "the question")
    page.get_by_role("button", name="No, you may not").click()
    expect(page.locator("kept-choices")).to_contain_text("You said no.")
    check(page, "the answer")


def test_the_choices_under_the_signal(page: Page, at: Addresses) -> None:
    page.set_extra_http_headers({"Sec-GPC": "1"})
    for path in ("choices", "privacy", "dialog"):
        look(page, at.centre(path))


def test_a_choice_can_be_made_with_the_keyboard_alone(page: Page, at: Addresses) -> None:
    page.goto(at.centre("choices"))
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    reached = []
    for _press in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || document.activeElement.textContent")
        reached.append(name)
        if name == "improve":
            page.keyboard.press("ArrowDown")
            page.keyboard.press("ArrowDown")
            page.keyboard.press("ArrowUp")
        if name == "Save my answers":
            page.keyboard.press("Enter")
            break
    page.wait_for_url("**/choices?saved=yes")
    assert "improve" in reached
    assert page.locator("input[name=improve]:checked").count() == 1


def test_a_report_says_that_it_counts(page: Page, at: Addresses) -> None:
    page.goto(f"{at.consoles['full']}/reports")
    assert page.locator("#loading").is_hidden()
    page.evaluate(
        "document.addEventListener('submit', (event) => event.preventDefault())"
    )  # it takes for ever
    page.get_by_role("button", name="Show").click()
    expect(page.locator("#loading")).to_be_visible()
    expect(page.locator("#results")).to_have_attribute("aria-busy", "true")
