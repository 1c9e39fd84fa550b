"""The script in a real browser, on a site with a strict policy of its own: what it sends, keeps and shows, and when."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from kept.policy.compiled import Answer
from tests.journeys.conftest import Serve
from tests.pages_house import MemoryHouse
from tests.pages_site import Site

YES, NO = "Yes, you may", "No, you may not"
BOX = "kept-choices section"


@dataclass
class Visit:
    """One browser profile on one site. `errors` is what the console complained of."""

    site: Site
    address: str
    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)

    def open(self, path: str = "/one") -> None:
        self.page.goto(self.address + path)
        self.page.wait_for_load_state("networkidle")

    def say(self, words: str) -> None:
        with self.page.expect_response("**/v1/choices?lang=*"):
            self.page.get_by_role("button", name=words, exact=True).click()

    def cookies(self) -> set[str]:
        return {cookie["name"] for cookie in self.context.cookies()}

    def wait(self, is_so: Callable[[], bool], seconds: float = 8) -> None:
        end = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < end, (self.site.events, self.site.asked, self.errors)
            self.page.wait_for_timeout(50)

    def settle(self) -> None:
        """Longer than the script waits before it sends."""
        self.page.wait_for_timeout(1400)


Start = Callable[..., Visit]


@pytest.fixture
def start(browser: Browser, serve: Serve) -> Iterator[Start]:
    """A new visitor: `start(site, gpc=True)`."""
    contexts = []

    def begin(site: Site | None = None, *, gpc: bool = False, **options: Any) -> Visit:
        site = site or Site()
        context = browser.new_context(**options)
        if gpc:
            context.set_extra_http_headers({"Sec-GPC": "1"})
            context.add_init_script(
                "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', {value: true})"
            )
        contexts.append(context)
        page = context.new_page()
        visit = Visit(site, serve(site.app()), context, page)
        page.on(
            "console", lambda message: visit.errors.append(message.text) if message.type == "error" else None
        )
        page.on("pageerror", lambda error: visit.errors.append(str(error)))
        return visit

    yield begin
    for context in contexts:
        context.close()


def test_before_an_answer_it_asks_one_question_and_does_nothing_else(start: Start) -> None:
    visit = start()
    visit.open()
    visit.page.click("#tool")
    visit.page.click("#out")
    visit.page.evaluate("kept.track('tool_used', {tool: 'x'})")
    visit.settle()
    assert [asked for asked in visit.site.asked if "/v1/" in asked] == ["GET /kept/v1/choices"]
    assert visit.cookies() == set()
    assert visit.page.evaluate("localStorage.length + sessionStorage.length") == 0
    assert visit.errors == []


def test_yes_and_no_are_alike_and_the_page_does_not_move(start: Start) -> None:
    visit = start()
    visit.page.goto(visit.address + "/one")
    before = visit.page.locator("h1").bounding_box()
    expect(visit.page.locator(BOX)).to_be_visible()
    assert visit.page.locator("h1").bounding_box() == before
    yes, no = (visit.page.get_by_role("button", name=words, exact=True) for words in (YES, NO))
    one, other = yes.bounding_box(), no.bounding_box()
    assert one
    assert other
    assert (one["width"], one["height"], one["y"]) == (other["width"], other["height"], other["y"])
    style = "element => (({color, backgroundColor, font}) => [color, backgroundColor, font])(getComputedStyle(element))"
    assert yes.evaluate(style) == no.evaluate(style)
    shift = visit.page.evaluate(
        """() => new Promise(done => {
            let sum = 0
            new PerformanceObserver(list => { for (const entry of list.getEntries()) sum += entry.value })
                .observe({type: 'layout-shift', buffered: true})
            setTimeout(() => done(sum), 300)
        })"""
    )
    assert shift == 0


def test_ana_says_yes_and_her_page_view_is_sent(start: Start) -> None:
    visit = start()
    visit.open("/one?utm_campaign=spring&mail=ana%40example.com#part")
    visit.say(YES)
    visit.wait(lambda: bool(visit.site.events))
    (event,) = visit.site.events
    assert event["name"] == "page_view"
    assert event["page"] == "/one?utm_campaign=spring"
    assert event["properties"] == {"path": "/one", "title": "Page /one"}
    assert re.fullmatch("[0-9a-f]{32}", event["id"])
    assert abs(event["at"] - time.time() * 1000) < 60_000
    assert visit.cookies() == {"kept_choice", "kept_visit", "kept_session"}
    assert event["session"] == next(
        c["value"] for c in visit.context.cookies() if c["name"] == "kept_session"
    )
    assert "kept_visit=kv_" in visit.site.cookies_sent[0]
    assert visit.site.kinds[0].startswith("text/plain")
    session = next(cookie for cookie in visit.context.cookies() if cookie["name"] == "kept_session")
    assert 29 * 60 < session["expires"] - time.time() <= 30 * 60
    assert visit.errors == []


def test_bo_says_no_and_nothing_follows(start: Start) -> None:
    visit = start()
    visit.open()
    visit.say(NO)
    expect(visit.page.locator(BOX)).to_contain_text("You said no.")
    visit.page.click("#tool")
    visit.open("/two")
    visit.settle()
    assert visit.site.events == []
    assert visit.cookies() == {"kept_choice"}
    assert visit.page.locator("kept-choices").count() == 0
    assert visit.site.house.written == []


def test_after_an_answer_the_focus_stands_on_what_was_said(start: Start) -> None:
    visit = start()
    visit.open()
    visit.page.keyboard.press("Tab")
    assert visit.page.evaluate("document.activeElement.shadowRoot?.activeElement.textContent") == YES
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.press("Enter")
    expect(visit.page.locator(BOX)).to_be_focused()
    expect(visit.page.locator(BOX)).to_have_attribute("aria-label", "You said no.")
    visit.page.get_by_role("button", name="Hide this line").press("Enter")
    assert visit.page.locator("kept-choices").count() == 0
    assert visit.page.evaluate("document.body.style.paddingBottom") == ""


def test_the_signal_is_honoured_without_a_question(start: Start) -> None:
    visit = start(gpc=True)
    visit.open()
    expect(visit.page.locator(BOX)).to_contain_text("Global Privacy Control")
    assert visit.page.get_by_role("button", name=YES).count() == 0
    visit.page.click("#tool")
    visit.settle()
    assert visit.site.events == []
    assert visit.cookies() == set()


def test_the_signal_is_heard_from_the_browser_alone(start: Start) -> None:
    """Some browsers set the property and not the header."""
    visit = start(gpc=True)
    visit.context.set_extra_http_headers({})
    visit.open()
    expect(visit.page.locator(BOX)).to_contain_text("Global Privacy Control")


def said_yes(start: Start, **options: Any) -> Visit:
    visit = start(**options)
    visit.open()
    visit.say(YES)
    visit.wait(lambda: visit.site.names() == ["page_view"])
    return visit


def test_pages_of_one_document_are_counted_each_once(start: Start) -> None:
    visit = said_yes(start)
    visit.page.evaluate("history.pushState({}, '', '/two'); document.title = 'Second'")
    visit.wait(lambda: len(visit.site.events) == 2)
    visit.page.evaluate("history.replaceState({}, '', '/two?filter=1')")
    visit.page.evaluate("history.replaceState({}, '', '/two#part')")
    visit.page.go_back()
    visit.page.evaluate("history.forward()")
    visit.settle()
    views = [(event["properties"]["path"], event["properties"]["title"]) for event in visit.site.events]
    assert views[:2] == [("/one", "Page /one"), ("/two", "Second")]
    assert all(path in {"/one", "/two"} for path, _title in views)
    assert visit.site.events[0]["session"] == visit.site.events[1]["session"]


def test_declared_actions_are_sent_with_what_is_declared_of_them(start: Start) -> None:
    visit = said_yes(start)
    warned: list[str] = []
    visit.page.on("console", lambda message: warned.append(message.text))
    visit.page.click("#tool")
    visit.page.fill("#form input", "words of a person")
    visit.page.click("#form button")
    visit.page.evaluate("kept.track('job_view', {job: '1001', mood: 'good'})")
    visit.page.evaluate("kept.track('tool_usd', {})")
    visit.wait(lambda: len(visit.site.events) == 4)
    told = [(event["name"], event["properties"]) for event in visit.site.events[1:]]
    assert told == [
        ("tool_used", {"tool": "salary"}),
        ("tool_used", {"tool": "form"}),
        ("job_view", {"job": "1001"}),
    ]
    assert warned == [
        "Kept: tool_used.not_declared is not declared, or not allowed for this visitor",
        "Kept: job_view.mood is not declared, or not allowed for this visitor",
        "Kept: tool_usd is not declared, or not allowed for this visitor",
    ]


def test_a_link_that_leaves_is_sent_without_what_it_carries(start: Start) -> None:
    visit = said_yes(start)
    visit.page.click("#out")
    visit.page.click("#out", button="middle")
    visit.wait(lambda: len(visit.site.events) == 3)
    assert [event["properties"] for event in visit.site.events[1:]] == [
        {"target": "https://other.example/path"}
    ] * 2
    assert visit.site.names()[1:] == ["link_followed"] * 2


def test_what_waits_when_the_page_is_left_goes_by_beacon(start: Start) -> None:
    visit = said_yes(start)
    visit.page.click("#tool")
    visit.page.goto("about:blank")
    visit.wait(lambda: "tool_used" in visit.site.names(), seconds=3)
    assert visit.site.kinds[-1].startswith("text/plain")
    assert "kept_visit=" in visit.site.cookies_sent[-1]


def test_a_failed_sending_is_repeated_with_the_same_ids(start: Start) -> None:
    visit = said_yes(start)
    visit.site.fail_next = 1
    visit.page.click("#tool")
    visit.wait(lambda: len(visit.site.events) == 2)
    visit.settle()
    ids = [event["id"] for event in visit.site.events]
    assert len(set(ids)) == len(ids) == 2


def test_without_a_network_it_waits_and_repeats(start: Start) -> None:
    visit = said_yes(start)
    visit.context.set_offline(True)
    visit.page.click("#tool")
    visit.settle()
    visit.context.set_offline(False)
    visit.wait(lambda: visit.site.names() == ["page_view", "tool_used"], seconds=10)


def test_cy_withdraws_in_another_tab_and_this_one_stops_at_once(start: Start) -> None:
    visit = said_yes(start)
    visit.page.click("#tool")
    other = visit.context.new_page()
    other.goto(visit.address + "/kept/choices")
    other.get_by_role("button", name="No to all of these").first.click()
    other.wait_for_url("**/choices?saved=yes")
    assert "kept_visit" not in visit.cookies()
    sent = len(visit.site.events)
    visit.page.click("#tool")
    visit.page.evaluate("history.pushState({}, '', '/three')")
    visit.settle()
    assert len(visit.site.events) == sent
    visit.wait(lambda: visit.cookies() == {"kept_choice"})


def test_a_withdrawal_elsewhere_is_noticed_on_the_next_page(start: Start) -> None:
    visit = said_yes(start)
    policy = visit.site.house.policy()
    mask = sum(policy.purposes[name].mask for name in ("personalise", "improve", "research", "marketing"))
    for token in visit.site.house.answers:
        visit.site.house.answers[token] = Answer(0, mask)  # said under the account, on another machine
    visit.open("/two")
    visit.settle()
    assert visit.site.names() == ["page_view"]
    assert visit.cookies() == {"kept_choice"}


def test_where_no_question_is_needed_it_counts_without_cookies(start: Start) -> None:
    visit = start(Site(MemoryHouse(country="US")))
    visit.open()
    visit.wait(lambda: visit.site.names() == ["page_view"])
    assert "session" not in visit.site.events[0]
    assert visit.cookies() == set()
    assert visit.page.locator("kept-choices").count() == 0


def test_an_unreachable_house_breaks_nothing(start: Start) -> None:
    visit = start()
    visit.page.route("**/v1/choices*", lambda route: route.abort())
    visit.open()
    visit.page.click("#tool")
    visit.settle()
    assert visit.cookies() == set()
    assert [error for error in visit.errors if "ERR_FAILED" not in error] == []


def test_an_answer_that_cannot_be_saved_says_so_and_can_be_given_again(start: Start) -> None:
    visit = start()
    visit.open()
    visit.page.route("**/v1/choices?lang=*", lambda route: route.fulfill(status=503, body="{}"))
    visit.page.get_by_role("button", name=YES).click()
    expect(visit.page.locator(BOX).get_by_role("alert")).to_contain_text("could not be saved")
    assert visit.cookies() == set()
    visit.page.unroute("**/v1/choices?lang=*")
    visit.say(YES)
    visit.wait(lambda: visit.site.names() == ["page_view"])


def test_a_low_window_is_not_covered(start: Start) -> None:
    visit = start(viewport={"width": 320, "height": 256})
    visit.open()
    expect(visit.page.locator(BOX)).to_be_visible()
    assert (
        visit.page.evaluate("getComputedStyle(document.querySelector('kept-choices')).position") == "static"
    )
    assert visit.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_site_may_have_the_question_at_its_start(start: Start) -> None:
    visit = start(Site(more=' data-place="start"'))
    visit.open()
    expect(visit.page.locator(BOX)).to_be_visible()
    assert (
        visit.page.evaluate("getComputedStyle(document.querySelector('kept-choices')).position") == "static"
    )


def test_without_script_the_question_stands_on_a_page(start: Start) -> None:
    visit = start(java_script_enabled=False)
    visit.page.goto(visit.address + "/kept/dialog?back=/one")
    visit.page.get_by_role("button", name=NO).click()
    assert visit.page.url == visit.address + "/one"
    assert visit.cookies() == {"kept_choice"}
