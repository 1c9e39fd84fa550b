"""The careers site in a real browser, run as its own process: look, accessibility, its script, its end."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # the package ships no types
from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
PATHS = (
    "/",
    "/jobs",
    "/jobs?words=zzz",
    "/jobs/1001",
    "/salary?field=care&experience=3-5",
    "/sign-in",
    "/nowhere",
)
TRACK = b"""
window.kept = { track(name, properties) { (window.told ??= []).push([name, properties]); } };
"""


class Listener(BaseHTTPRequestHandler):
    """Stands where Kept stands, and serves a script that writes down what it is told."""

    def do_GET(self) -> None:
        found = self.path == "/kept.js"
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/javascript")
        self.end_headers()
        self.wfile.write(TRACK if found else b"")

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def site(folder: Path, kept_url: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The site as a process of its own, and its address."""
    environ = os.environ | {
        "KEPT_URL": kept_url,
        "KEPT_WRITE_KEY": "wk_x",
        "SITE_DATA": str(folder),
        "SITE_JOB_VIEWS": "nowhere.csv",
    }
    command = [sys.executable, "-m", "examples.careers_site", "--port", str(_free_port())]
    process = subprocess.Popen(
        command, cwd=ROOT, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().split()[2].rstrip("/,")
        _wait_for(address)
        yield process, address
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _wait_for(address: str) -> None:
    for _ in range(200):
        connection = HTTPConnection(address.removeprefix("http://"), timeout=1)
        try:
            connection.request("GET", "/static/spot.svg")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.05)
        else:
            return
        finally:
            connection.close()
    raise AssertionError("the site did not start")


@pytest.fixture(scope="module")
def kept_url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, kept_url: str) -> Iterator[str]:
    with site(tmp_path_factory.mktemp("site"), kept_url) as (_, address):
        yield address


@contextmanager
def page_of(browser: Browser, **options: Any) -> Iterator[Page]:
    context = browser.new_context(**options)
    try:
        yield context.new_page()
    finally:
        context.close()


def told(page: Page) -> Any:
    page.wait_for_load_state("load")
    return page.evaluate("window.told ?? []")


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1200, "light"),
        (320, "dark"),
        pytest.param(1200, "dark", marks=pytest.mark.long),
        pytest.param(320, "light", marks=pytest.mark.long),
    ],
)
def test_every_page_is_accessible_and_fits(browser: Browser, address: str, width: int, scheme: Any) -> None:
    size: Any = {"width": width, "height": 900}
    with page_of(browser, viewport=size, color_scheme=scheme) as page:
        for path in PATHS:
            page.goto(address + path)
            _look(page, width, path)
        page.goto(f"{address}/sign-in")
        page.get_by_role("button", name="Sign in as Ana").click()
        for path in ("/profile", "/jobs/1003"):
            page.goto(address + path)
            _look(page, width, path)


def _look(page: Page, width: int, path: str) -> None:
    assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["html"]) for each in found] == [], path


def test_the_pages_tell_the_script_what_happened(browser: Browser, address: str) -> None:
    with page_of(browser) as page:
        page.goto(address)
        assert told(page) == []
        page.get_by_role("textbox", name="What").fill("nurse")
        page.get_by_role("textbox", name="Where").fill("Phoenix")
        page.get_by_role("button", name="Search jobs").click()
        page.wait_for_url("**/jobs?words=nurse*")
        assert told(page) == [["job_search", {"words": "nurse", "place": "Phoenix"}]]
        page.get_by_role("link", name="Registered Nurse").click()
        page.wait_for_url("**/jobs/1004")
        assert told(page) == [["job_view", {"job": "1004"}]]
        page.goto(f"{address}/salary?field=care")
        assert told(page) == [["tool_used", {"tool": "salary"}]]


def test_an_application_with_the_keyboard_alone(browser: Browser, address: str) -> None:
    with page_of(browser) as page:
        page.goto(f"{address}/jobs/1005")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to content"
        page.keyboard.press("Enter")
        page.get_by_role("link", name="Sign in to apply").focus()
        page.keyboard.press("Enter")
        page.get_by_label("Email").fill("bo@example.com")
        page.get_by_label("Password").fill("bo-demo")
        page.keyboard.press("Enter")
        page.get_by_label("Letter").fill("I count well.")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text("Your application is with Quayside Insurance").wait_for()
        assert told(page) == [["job_view", {"job": "1005"}], ["application", {"job": "1005"}]]
        page.reload()
        assert told(page) == [["job_view", {"job": "1005"}]]


def test_the_strict_policy_stops_nothing_that_the_site_needs(browser: Browser, address: str) -> None:
    with page_of(browser) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        for path in ("/", "/jobs?words=cook", "/jobs/1001", "/salary?field=care"):
            page.goto(address + path)
            page.wait_for_load_state("networkidle")
        assert said == []


def test_without_kept_only_its_script_is_missing(browser: Browser, tmp_path: Path) -> None:
    with site(tmp_path, "http://127.0.0.1:9") as (_, address), page_of(browser) as page:
        broken: list[str] = []
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.on("response", lambda answer: broken.append(answer.url) if answer.status > 399 else None)
        page.goto(f"{address}/jobs?words=cook")
        page.get_by_role("link", name="Line Cook").click()
        page.get_by_role("heading", name="Line Cook").wait_for()
        assert set(broken) == {f"{address}/kept/kept.js"}
        page.goto(f"{address}/kept/privacy")
        page.get_by_role("heading", name="This page cannot be reached just now").wait_for()
        _look(page, 1280, "/kept/privacy")


def test_everything_works_without_javascript(browser: Browser, address: str) -> None:
    with page_of(browser, java_script_enabled=False) as page:
        page.goto(address)
        page.get_by_role("textbox", name="What").fill("welder")
        page.get_by_role("button", name="Search jobs").click()
        page.get_by_role("link", name="Welder").click()
        page.get_by_role("link", name="Sign in to apply").click()
        page.get_by_role("button", name="Sign in as Bo").click()
        page.get_by_role("button", name="Send application").click()
        page.get_by_text("Your application is with Ironwood Parts").wait_for()


def test_it_stops_when_told_and_leaves_no_noise(tmp_path: Path) -> None:
    with site(tmp_path, "http://127.0.0.1:9") as (process, _):
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) in (0, -signal.SIGTERM)
        assert process.stdout is not None
        assert process.stdout.read() == ""


def test_a_bad_setting_is_said_in_one_line() -> None:
    environ = os.environ | {"KEPT_SECRET_KEY": "wk_public"}
    run = subprocess.run(
        [sys.executable, "-m", "examples.careers_site"],
        cwd=ROOT,
        env=environ,
        text=True,
        capture_output=True,
        check=False,
    )
    assert run.returncode == 1
    assert run.stderr == "careers site: KEPT_SECRET_KEY must be a key that starts with sk_\n"
