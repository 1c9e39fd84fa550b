"""A visitor of the demo, in a real browser: asked once, and what the answer then does."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.demo import GATHERED, NO, NOTHING, YES, Demo, Someone, someone
from tests.living import wait_until

BY_CHOICE = ("personalise", "improve", "research")


@pytest.fixture(scope="module")
def no_script(browser: Browser, at: Demo) -> Iterator[Someone]:
    with someone(browser, at, java_script_enabled=False) as found:
        yield found


def say_yes_and_wander(browser: Browser, at: Demo, words: str) -> tuple[dict[str, Any], str]:
    """Someone says yes and uses the site. Their browser's state, and the job they looked at."""
    with someone(browser, at) as ana:
        ana.go("/")
        ana.answer(YES)
        job = ana.wander(words)
        state: Any = ana.page.context.storage_state()
    at.wait_for(cookie(state, "kept_visit"), GATHERED)
    return state, job


def cookie(state: dict[str, Any], name: str) -> str:
    return next(str(each["value"]) for each in state["cookies"] if each["name"] == name)


def purposes_of(at: Demo, visitor: str) -> set[tuple[str, ...]]:
    return {tuple(visit["purposes"]) for visit in at.shown(visitor)}


def seen(at: Demo, purpose: str, words: str) -> list[dict[str, Any]]:
    return at.asked(purpose, f"select place from job_search where words = '{words}'")


def say_no_to(visitor: Someone, *purposes: str) -> None:
    """On the choices page, one purpose at a time."""
    visitor.open("choices")
    for purpose in purposes:
        visitor.page.get_by_role("group", name=purpose).get_by_label("No", exact=True).check()
    visitor.press("Save my answers")
    expect(visitor.page.get_by_role("status")).to_contain_text("It counts from now on.")


def count_at_the_door(at: Demo) -> int:
    """Every event that came to the door so far: one more is sent, and its count waited for."""
    before, eve = at.heard(), at.browser()
    eve.cookies["kept_visit"] = "kv_" + "e" * 43
    assert eve.send({"name": "page_view", "page": "/"})["accepted"] == 0
    wait_until(lambda: at.heard() > before, "the door's count is written down")
    return at.heard()


@pytest.fixture(scope="module")
def count_before(at: Demo) -> int:
    return count_at_the_door(at)


@pytest.mark.usefixtures("count_before")
def test_bo_says_no_and_nothing_is_stored_but_the_no(browser: Browser, at: Demo) -> None:
    with someone(browser, at) as bo:
        bo.go("/")
        assert (bo.cookies(), bo.stored()) == ({}, NOTHING)
        bo.answer(NO)
        bo.wander("quokkaherder")
        bo.go("/")
        assert set(bo.cookies()) == {"kept_choice"}
        assert bo.stored() == NOTHING
        assert bo.page.locator("kept-choices").count() == 0


@pytest.mark.usefixtures("count_before")
def test_the_signal_is_honoured_without_a_question(browser: Browser, at: Demo) -> None:
    with someone(browser, at, extra_http_headers={"Sec-GPC": "1"}) as quiet:
        quiet.page.add_init_script(
            "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {get: () => true})"
        )
        quiet.go("/")
        told = quiet.page.locator("kept-choices")
        expect(told).to_contain_text("Global Privacy Control")
        assert told.get_by_role("button").all_inner_texts() == ["Hide this line"]
        quiet.wander("echidnaguard")
        quiet.go("/")
        assert (quiet.cookies(), quiet.stored()) == ({}, NOTHING)


def test_of_neither_was_anything_sent(at: Demo, count_before: int) -> None:
    assert count_at_the_door(at) == count_before + 1
    assert at.traces("quokkaherder", "echidnaguard") == []


@pytest.fixture(scope="module")
def ana(browser: Browser, at: Demo) -> tuple[dict[str, Any], str]:
    return say_yes_and_wander(browser, at, "wombatkeeper")


def test_ana_says_yes_and_her_visit_is_there_under_its_purposes(
    at: Demo, ana: tuple[dict[str, Any], str]
) -> None:
    state, job = ana
    assert {each["name"] for each in state["cookies"]} == {"kept_choice", "kept_visit", "kept_session"}
    visitor = cookie(state, "kept_visit")
    assert purposes_of(at, visitor) == {BY_CHOICE}
    by_name = {visit["name"]: visit for visit in at.shown(visitor)}
    assert by_name["job_view"]["properties"] == {"job": job}
    assert by_name["tool_used"]["properties"] == {"tool": "salary"}
    assert by_name["link_followed"]["properties"] == {"target": "cv-clinic.example/"}
    assert seen(at, "personalise", "wombatkeeper") == [{"place": "Phoenix"}]
    assert "words" in at.run("query", "--for", "improve", "select words from job_search", code=4)
    assert {row["name"] for row in at.asked("improve", "select distinct name from events")} >= GATHERED
    assert at.traces("wombatkeeper"), "the search that found nothing of Bo finds Ana"


def test_the_company_finds_the_visit_in_its_reports(
    browser: Browser, at: Demo, ana: tuple[dict[str, Any], str]
) -> None:
    with someone(browser, at) as owner:
        owner.page.goto(f"{at.console}/sign-in")
        owner.page.get_by_label("Owner token").fill(at.owner_token)
        owner.press("Sign in")
        owner.page.wait_for_url("**/reports")
        owner.page.goto(f"{owner.page.url}?for=improve")
        for word in (f"/jobs/{ana[1]}", "tool_used", "link_followed", "Chrome"):
            expect(owner.page.locator("#results")).to_contain_text(word, ignore_case=True)


@pytest.mark.parametrize("script", [True, False], ids=["with JavaScript", "without"])
def test_cy_withdraws_and_it_counts_at_once(browser: Browser, at: Demo, script: bool) -> None:
    words = f"numbatfriend{script}"
    state, _ = say_yes_and_wander(browser, at, words)
    visitor = cookie(state, "kept_visit")
    kept: Any = state
    with someone(browser, at, storage_state=kept, java_script_enabled=script) as cy:
        say_no_to(cy, "Jobs that suit you")
        assert seen(at, "personalise", words) == []
        assert purposes_of(at, visitor) == {("improve", "research")}
        say_no_to(cy, "A better site", "Research on work", "Job mail", "A fuller picture")
        assert purposes_of(at, visitor) == {()}
        assert set(cy.cookies()) == {"kept_choice"}
        expect(cy.page.get_by_text("You said no.")).to_be_visible()


def test_the_question_without_javascript(browser: Browser, at: Demo, no_script: Someone) -> None:
    no_script.open("dialog?back=/kept/choices")
    no_script.press(NO)
    assert no_script.page.url.endswith("/kept/choices")
    expect(no_script.page.get_by_text("You said no.")).to_be_visible()
    assert set(no_script.cookies()) == {"kept_choice"}
    no_script.say_yes_to_all("by_choice")
    assert set(no_script.cookies()) == {"kept_choice", "kept_visit"}
    no_script.say_no_to_all("by_choice")
    assert set(no_script.cookies()) == {"kept_choice"}
