"""Published clients of other makes, unmodified, against a living Kept: servers by their SDKs, browsers in Chromium.

Without node, npm or Chromium these tests skip loudly; where CI or KEPT_NEEDS_BROWSER is set, they fail.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from examples.careers_site.forward import Forwarder
from tests.journeys.conftest import MUST_RUN, Serve
from tests.living import GERMAN, Living, living, wait_until

ROOT = Path(__file__).parents[2]
SCRIPTS = Path(__file__).parent / "clients"
FOLDER = ROOT / ".venv" / "clients"


@pytest.fixture(scope="module", name="packages")
def published_packages() -> Path:
    """The clients, as their locks pin them; those from npm are named, those for Python lie beside them."""
    try:
        command: list[str | Path] = [ROOT / "scripts" / "clients", FOLDER, sys.executable]
        subprocess.run(command, check=True, capture_output=True, text=True)
    except subprocess.CalledProcessError as error:
        words = f"the clients cannot be had: {error.stderr[-300:]}"
        pytest.fail(words) if MUST_RUN else pytest.skip(words)
    return FOLDER / "node_modules"


@pytest.fixture(scope="module", name="house")
def a_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    with living(tmp_path_factory.mktemp("house")) as started:
        yield started


@pytest.fixture(scope="module", name="secret")
def its_secret_key(house: Living) -> str:
    return house.secret_key


def run(packages: Path, script: str, *arguments: str) -> str:
    """Run a client's script to its end; what it printed."""
    if script.endswith(".py"):
        program, place = packages.parent / "python" / "bin" / "python", SCRIPTS / script
    else:  # node looks for packages beside the script
        program, place = Path("node"), packages.parent / script
        place.write_text((SCRIPTS / script).read_text())
    ended = subprocess.run(
        [program, place, *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def base(house: Living) -> str:
    return f"http://127.0.0.1:{house.public_port}"


def visits(house: Living, who: str, name: str = "--account") -> list[dict[str, Any]]:
    """What is held about someone, newest words of the committer included."""
    found = json.loads(house.run("person", "show", name, who, "--json"))
    events: list[dict[str, Any]] = found.get("your visits", [])
    return events


def is_unknown(house: Living, account: str) -> bool:
    """Whether nobody was ever joined to an account."""
    return "nothing is known of this account" in house.run("person", "show", "--account", account, code=2)


# ---- servers


@pytest.mark.parametrize(
    ("script", "job"),
    [
        ("segment_server.py", "j-python"),
        ("segment_server.mjs", "j-node"),
        ("posthog_server.py", "j-posthog"),
        ("posthog_server.mjs", "j-posthog-node"),
    ],
)
def test_a_server_s_sdk_joins_and_sends_for_a_visitor_who_said_yes(
    house: Living, secret: str, packages: Path, script: str, job: str
) -> None:
    ana, account = house.browser(), f"ana-{job}"
    ana.answer(by_choice=True, outward=False)
    run(packages, script, base(house), secret, ana.visitor, account)
    found = [each for each in visits(house, account) if each["name"] == "job_view"]
    assert [(each["properties"], each["source"]) for each in found] == [({"job": job}, "server")]
    assert found[0]["purposes"] == ["personalise", "improve", "research"]
    assert [each["name"] for each in visits(house, ana.visitor, "--visitor")] == ["job_view"]
    assert "mood" not in house.run("person", "show", "--account", account, "--json")


@pytest.mark.parametrize("script", ["segment_server.py", "posthog_server.py"])
def test_a_server_s_sdk_sends_nothing_of_a_visitor_who_said_no(
    house: Living, secret: str, packages: Path, script: str
) -> None:
    bo, account = house.browser(), f"bo-{script}"
    bo.answer(by_choice=False, outward=False)
    run(packages, script, base(house), secret, "bo-of-the-site", account)
    assert not visits(house, account)


@pytest.mark.parametrize("script", ["segment_server.py", "posthog_server.py"])
def test_by_the_public_key_nobody_is_joined(house: Living, packages: Path, script: str) -> None:
    ana, account = house.browser(), f"public-{script}"
    ana.answer(by_choice=True, outward=False)
    run(packages, script, base(house), house.write_key, ana.visitor, account)
    assert is_unknown(house, account)
    assert visits(house, ana.visitor, "--visitor")


def test_matomo_s_tracker(house: Living, secret: str, packages: Path) -> None:
    ana = house.browser()
    ana.answer(by_choice=True, outward=False)
    said = run(packages, "matomo_server.cjs", base(house), house.write_key, secret, ana.visitor, "ana-matomo")
    bulk = sorted((json.loads(line) for line in said.splitlines()), key=lambda each: -each["tracked"])
    assert [(each["tracked"], each["status"]) for each in bulk] == [(2, "success"), (1, "success")]
    assert [each["reason"] for each in bulk[0]["refused"]] == ["undeclared property", "public key"]
    found = [(each["name"], each["source"]) for each in visits(house, "ana-matomo")]
    assert sorted(found) == [
        ("job_view", "server"),
        ("page_view", "tracker"),
        ("page_view", "tracker"),
        ("tool_used", "tracker"),
    ]


# ---- browsers


@pytest.fixture(scope="module", name="site")
def a_site(house: Living, packages: Path, serve: Serve) -> str:
    """A company's site: a page for each client, and Kept in a folder of its own."""

    async def page(request: Request) -> HTMLResponse:
        text = (SCRIPTS / f"{request.path_params['name']}_page.html").read_text()
        return HTMLResponse(text.replace("KEY", json.dumps(house.write_key)))

    app = Starlette(
        routes=[
            Route("/{name}.html", page),
            Mount("/clients", StaticFiles(directory=packages)),
            Mount("/kept", Forwarder("/kept", base(house), PlainTextResponse("no answer", 502))),
        ]
    )
    return serve(app)


@pytest.fixture(name="somebody")
def a_browser_in_germany(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(extra_http_headers={"X-Forwarded-For": GERMAN})
    yield context
    context.close()


def refused(page: Page, act: str, ending: str) -> str:
    """Let the client act; why anything in the request that ends so was refused, empty when nothing was.

    By the header: a client that reads no body leaves none for us.
    """

    def is_it(answer: Response) -> bool:
        return answer.url.partition("?")[0].rstrip("/").endswith(ending) and answer.request.method == "POST"

    with page.expect_response(is_it) as told:
        page.evaluate(f"void {act}")
    assert told.value.status == 200
    return told.value.headers.get("kept-refused", "")


def says_yes(page: Page, house: Living) -> str:
    """Answer as the dialog does; the visitor's id."""
    sent = {"key": house.write_key, "answers": {"by_choice": True, "outward": False}, "how": "dialog"}
    page.evaluate("sent => fetch('/kept/v1/choices', {method: 'POST', body: JSON.stringify(sent)})", sent)
    wait_until(
        lambda: any(one.get("name") == "kept_visit" for one in page.context.cookies()), "an id was given"
    )
    return next(str(one["value"]) for one in page.context.cookies() if one.get("name") == "kept_visit")


def test_segment_s_sdk_in_a_browser(house: Living, site: str, somebody: BrowserContext) -> None:
    page = somebody.new_page()
    page.goto(f"{site}/segment.html")
    assert refused(page, "analytics.page()", "/v1/p") == "no purpose"
    visitor = says_yes(page, house)
    assert not refused(page, "analytics.page()", "/v1/p")
    assert not refused(page, "analytics.track('Job View', {job: 'j-browser'})", "/v1/t")
    assert refused(page, "analytics.identify('u1', {mood: 'good'})", "/v1/i") == "public key"
    found = {each["name"]: each for each in visits(house, visitor, "--visitor")}
    assert found.keys() == {"page_view", "job_view"}
    assert (found["page_view"]["page"], found["page_view"]["properties"]) == (
        "/segment.html",
        {"title": "Jobs"},
    )
    assert found["job_view"]["properties"] == {"job": "j-browser"}
    assert is_unknown(house, "u1")


def test_a_beacon_and_a_signal(house: Living, site: str, somebody: BrowserContext) -> None:
    page = somebody.new_page()
    page.goto(f"{site}/segment.html")
    visitor = says_yes(page, house)
    batch = {
        "writeKey": house.write_key,
        "batch": [{"type": "track", "event": "Job View", "anonymousId": "x"}],
    }
    with page.expect_response("**/v1/b"):
        assert page.evaluate("sent => navigator.sendBeacon('/kept/v1/b', JSON.stringify(sent))", batch)
    somebody.set_extra_http_headers({"X-Forwarded-For": GERMAN, "Sec-GPC": "1"})
    assert refused(page, "analytics.page()", "/v1/p") == "signal"
    assert [each["name"] for each in visits(house, visitor, "--visitor")] == ["job_view"]


def test_posthog_s_sdk_in_a_browser(house: Living, site: str, somebody: BrowserContext) -> None:
    page = somebody.new_page()
    page.goto(f"{site}/posthog.html")
    page.wait_for_function("window.posthog && posthog.__loaded")
    assert refused(page, "posthog.capture('$pageview')", "/e") == "no purpose"
    visitor = says_yes(page, house)
    assert not refused(page, "posthog.capture('$pageview')", "/e")
    assert not refused(page, "posthog.capture('Job View', {job: 'j-browser'})", "/e")
    assert refused(page, "posthog.identify('u2', {mood: 'good'})", "/e") == "public key"
    found = {each["name"]: each for each in visits(house, visitor, "--visitor")}
    assert found["page_view"]["page"] == "/posthog.html"
    assert found["job_view"]["properties"] == {"job": "j-browser"}
    assert is_unknown(house, "u2")
