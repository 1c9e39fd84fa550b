"""A demo for tests: `kept demo` in a process of its own, and people who come to its careers site by browser."""

import json
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import duckdb
import psycopg
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, expect

from kept.base.errors import KeptError
from kept.cli import kept
from tests import postgresql
from tests.living import Living, free_port, wait_until

ROOT = Path(__file__).parents[1]
LOG = ROOT.parent / "shared" / "data" / "apache_access.log"
GATHERED = {"page_view", "job_view", "job_search", "tool_used", "link_followed"}
"""What `Someone.wander` leaves behind, where it may."""

YES, NO = "Yes, you may", "No, you may not"
KEPT_BY_BROWSERS = """async () => ({
  local: localStorage.length,
  session: sessionStorage.length,
  databases: (await indexedDB.databases()).length,
  caches: (await caches.keys()).length,
  workers: (await navigator.serviceWorker.getRegistrations()).length,
})"""
NOTHING = {"local": 0, "session": 0, "databases": 0, "caches": 0, "workers": 0}


@dataclass
class Demo(Living):
    """A demo: an installation with a careers site before it. `empty`: nothing is brought in."""

    site_port: int = field(default_factory=free_port)
    empty: bool = True

    @property
    def site(self) -> str:
        """The careers site's address, without a slash."""
        return f"http://127.0.0.1:{self.site_port}"

    @property
    def console(self) -> str:
        """The console's address, without a slash."""
        return f"http://127.0.0.1:{self.console_port}"

    @property
    def write_key(self) -> str:
        """The key for pages, as it stands in one."""
        connection = HTTPConnection("127.0.0.1", self.site_port, timeout=30)
        connection.request("GET", "/")
        found = re.search(r"wk_[\w-]+", connection.getresponse().read().decode())
        connection.close()
        assert found is not None
        return found[0]

    @property
    def command(self) -> list[str]:
        """How it is started."""
        ports = {"public": self.public_port, "console": self.console_port, "site": self.site_port}
        named = [part for name, port in ports.items() for part in (f"--{name}-port", str(port))]
        program = str(Path(sys.executable).with_name("kept"))
        return [program, "demo", "--folder", str(self.folder), *named, *(["--empty"] if self.empty else [])]

    def start(self) -> None:
        """Start, and wait until it says where everything is, which it does once all of it answers."""
        begun = (self.folder / "out").read_text().count("Try this") if (self.folder / "out").exists() else 0
        with (self.folder / "out").open("a") as out:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=out, stderr=subprocess.STDOUT, text=True
            )
        wait_until(lambda: self.out.count("Try this") > begun, "it says where everything is", 60)

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command of Kept on this installation, in this process: starting one takes longest."""
        ended = CliRunner().invoke(kept, arguments, env=self.environment)
        error = ended.exception if isinstance(ended.exception, KeptError) else None
        found = error.exit_code if error else ended.exit_code
        assert found == code, f"{found}: {ended.output}{ended.exception!r}"
        return f"{ended.output}{error or ''}"

    def alive(self) -> dict[int, str]:
        """Every process of this demo that lives, whoever its parent is now: its id and command line."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if f"KEPT_DATA={self.data}\0".encode() in (folder / "environ").read_bytes():
                    found[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            except OSError:  # it has just ended
                continue
        return found

    def shown(self, visitor: str) -> list[dict[str, Any]]:
        """What is held of a visitor's visits, as `kept person show` tells."""
        found: dict[str, list[dict[str, Any]]] = json.loads(
            self.run("person", "show", "--visitor", visitor, "--json")
        )
        return found["your visits"]

    def wait_for(self, visitor: str, names: Collection[str]) -> None:
        """Until each of these events of a visitor is held. Looking is not cheap, so it is done now and then."""
        end = time.monotonic() + 30
        while not {visit["name"] for visit in self.shown(visitor)} >= set(names):
            assert time.monotonic() < end, f"waited in vain for {names}"
            time.sleep(0.5)

    def asked(self, purpose: str, sql: str) -> list[dict[str, Any]]:
        """The rows that a question under a purpose gets."""
        lines = self.run("query", "--for", purpose, "--json", sql).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def heard(self) -> int:
        """How many events ever came to the door, taken or turned away, as far as that is written down."""
        return sum(self.numbers("select events from tally"))

    def numbers(self, sql: str) -> list[int]:
        """The first column of what stands in the records."""
        file = self.data / "records.db"
        url = postgresql.instead_of(file)
        with closing(psycopg.connect(url) if url else sqlite3.connect(file)) as records:
            return [int(row[0]) for row in records.execute(sql)]

    def traces(self, *texts: str) -> list[str]:
        """Where any of these texts stands below the data folder: every Parquet file decoded, all else as bytes.

        Written without Kept's own search, so that the two can disagree.
        """
        return [
            f"{path.relative_to(self.data)}: {text}"
            for path in sorted(self.data.rglob("*"))
            if path.is_file()
            for text in _found(path, texts)
        ]


def _found(path: Path, texts: Sequence[str]) -> list[str]:
    whole = path.read_bytes()
    if path.suffix == ".parquet":
        rows = duckdb.execute("select * from read_parquet(?)", [str(path)]).fetchall()
        whole += repr(rows).encode()
    return [text for text in texts if text.encode() in whole]


@contextmanager
def demo(folder: Path, *, empty: bool = True) -> Iterator[Demo]:
    """A demo that has started; stopped at the end."""
    found = Demo(folder, empty=empty)
    try:
        found.start()
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            found.process.terminate()
            found.process.wait(30)


@dataclass
class Someone:
    """Someone at a browser, on the careers site of a demo."""

    page: Page
    at: Demo

    def go(self, path: str) -> None:
        """Open a page of the careers site; the script has heard what it may."""
        with self.page.expect_response(lambda reply: "/v1/choices" in reply.url):
            self.page.goto(self.at.site + path)

    def open(self, path: str) -> None:
        """Open a page that Kept makes."""
        self.page.goto(f"{self.at.site}/kept/{path}")

    def press(self, name: str) -> None:
        """Press a button of this name."""
        self.page.get_by_role("button", name=name, exact=True).click()

    def say_yes_to_all(self, group: str) -> None:
        """Press the button for all purposes of a group, on the page of choices."""
        self.page.locator(f"button[value='{group} yes']").click()

    def say_no_to_all(self, group: str) -> None:
        """The other button."""
        self.page.locator(f"button[value='{group} no']").click()

    def answer(self, word: str) -> None:
        """Answer the question, and see it taken."""
        self.press(word)
        expect(self.page.locator("kept-choices")).to_contain_text("You said")

    def cookies(self) -> dict[str, str]:
        """What stands in the browser's cookies."""
        return {
            str(each.get("name")): str(each.get("value")) for each in self.page.context.cookies(self.at.site)
        }

    def stored(self) -> Any:
        """What else the browser keeps for the site."""
        return self.page.evaluate(KEPT_BY_BROWSERS)

    def wander(self, words: str) -> str:
        """Use the site as people do: a search, a job, the salary tool, a link to elsewhere. Returns the job."""
        self.go("/salary?field=care")
        self.go(f"/jobs?words={words}&place=Phoenix")
        self.go("/jobs")
        address = self.page.locator("a[href^='/jobs/']").first.get_attribute("href") or ""
        self.go(address)
        self.page.get_by_role("link", name="CV Clinic").click()
        self.page.get_by_text("Elsewhere, under its own policy").wait_for()
        return address.rpartition("/")[2]


@contextmanager
def someone(browser: Browser, at: Demo, **options: Any) -> Iterator[Someone]:
    """Someone new at a browser that has never been here. Other sites are played; nothing leaves the machine."""
    context = browser.new_context(accept_downloads=True, **options)
    context.route(
        re.compile(r"https://.*\.example/"),
        lambda route: route.fulfill(body="Elsewhere, under its own policy", content_type="text/plain"),
    )
    try:
        yield Someone(context.new_page(), at)
    finally:
        context.close()
