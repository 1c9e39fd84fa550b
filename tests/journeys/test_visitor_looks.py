"""Every living page of the demo, in light, in dark and at 320 px: nothing axe finds wrong, no sideways scroll."""

import json
import os
from collections.abc import Iterator
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package ships no types
from playwright.sync_api import Browser, Page, expect

from tests.demo import GATHERED, YES, Demo, Someone, someone

FORMS: list[tuple[int, Literal["light", "dark"]]] = [(1200, "light"), (320, "dark")]
if os.environ.get("KEPT_LONG"):
    FORMS += [(1200, "dark"), (320, "light")]


@pytest.fixture
def person(browser: Browser, at: Demo) -> Iterator[Someone]:
    with someone(browser, at) as found:
        yield found


def look(page: Page) -> None:
    """Look at the page as it stands, in each form, with everything on it unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    for width, scheme in FORMS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        wrong = Axe().run(page).response["violations"]
        seen = f"{page.url}, {width} px, {scheme}"
        assert wrong == [], f"{seen}\n{json.dumps(wrong, indent=1)}"
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{seen}: {over} px wider than the window"


def test_the_pages_of_a_visit(person: Someone) -> None:
    page = person.page
    person.go("/")
    expect(page.locator("kept-choices section")).to_be_visible()
    look(page)
    person.answer(YES)
    look(page)
    for path in ("privacy", "choices", "dialog"):
        person.open(path)
        look(page)


def test_the_pages_of_someone_with_an_account(person: Someone, at: Demo) -> None:
    page = person.page
    person.go("/")
    person.answer(YES)
    person.wander("tamarintutor")
    visitor = person.cookies()["kept_visit"]
    person.go("/sign-in")
    look(page)
    person.press("Sign in as Ana")
    at.wait_for(visitor, GATHERED)
    page.goto(f"{at.site}/your-data")
    look(page)
    person.press("See what a deletion would do")
    look(page)
    person.press("Delete my data")
    expect(page.get_by_role("heading", name="Your data is deleted")).to_be_visible(timeout=30_000)
    look(page)


def test_the_pages_of_the_company(person: Someone, at: Demo) -> None:
    page = person.page
    page.goto(f"{at.console}/refusals")
    look(page)
    page.get_by_role("link", name="Sign in").click()
    look(page)
    page.get_by_label("Owner token").fill(at.owner_token)
    person.press("Sign in")
    page.wait_for_url("**/refusals")
    seat = page.url.removesuffix("refusals")
    for path in ("reports?for=improve", "refusals", "ledger"):
        page.goto(f"{seat}{path}")
        look(page)
