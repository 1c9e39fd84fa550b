"""Every living page of the demo, in light, in dark and at 320 px: nothing axe finds wrong, no sideways scroll."""

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package ships no types
from playwright.sync_api import Browser, Page, expect

from tests.demo import YES, Demo, Someone, demo, someone
from tests.living import wait_until

FORMS = [(1200, "light"), (320, "dark")]
if os.environ.get("KEPT_LONG"):
    FORMS += [(1200, "dark"), (320, "light")]


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    with demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


@pytest.fixture(params=FORMS, ids=lambda form: f"{form[0]} px, {form[1]}")
def person(request: pytest.FixtureRequest, browser: Browser, at: Demo) -> Iterator[Someone]:
    width, scheme = request.param
    size: Any = {"width": width, "height": 900}
    with someone(browser, at, viewport=size, color_scheme=scheme) as found:
        yield found


def look(page: Page) -> None:
    """Look at the page as it stands, with everything on it unfolded."""
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    wrong = Axe().run(page).response["violations"]
    assert wrong == [], f"{page.url}\n{json.dumps(wrong, indent=1)}"
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} is {over} px wider than the window"


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
    wait_until(lambda: len(at.shown(visitor)) >= 9, "the whole visit is held")
    page.goto(f"{at.site}/your-data")
    look(page)
    person.press("See what a deletion would do")
    look(page)
    person.press("Delete my data")
    expect(page.get_by_role("heading", name="Your data is deleted")).to_be_visible(timeout=30_000)
    look(page)


def test_the_pages_of_the_company(person: Someone, at: Demo) -> None:
    page = person.page
    page.goto(f"{at.console}/reports")
    look(page)
    page.get_by_role("link", name="Sign in").click()
    look(page)
    page.get_by_label("Owner token").fill(at.owner_token)
    person.press("Sign in")
    page.wait_for_url("**/reports")
    for path in ("reports?for=improve", "refusals", "ledger"):
        page.goto(f"{at.console}/{path}")
        look(page)
