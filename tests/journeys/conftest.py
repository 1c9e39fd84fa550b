"""One browser a file of tests, and servers in threads.

Without Chromium these tests skip loudly; where CI or KEPT_NEEDS_BROWSER is set, they fail.
"""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

if TYPE_CHECKING:
    from tests.demo import Demo

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Without a head it says so, and Kept sets it apart as a crawler. A context's own agent is not sent by beacons.
    "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/144.0.0.0",
]
MUST_RUN = bool(os.environ.get("CI") or os.environ.get("KEPT_NEEDS_BROWSER"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, started once a file.

    Not once a session: while Playwright's synchronous face is open, an event loop counts as running, and no
    other test could call `asyncio.run`.
    """
    if not CHROMIUM.exists():
        words = f"no browser at {CHROMIUM}: what people see was not tried"
        pytest.fail(words) if MUST_RUN else pytest.skip(words)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        yield started
        started.close()


Serve = Callable[[Any], str]


@pytest.fixture(scope="session")
def serve() -> Iterator[Serve]:
    """Serve an ASGI app on loopback until the session ends; answers its address without a slash."""
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(app: Any) -> str:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        servers.append((server, thread))
        _wait(lambda: server.started)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join(10)


@pytest.fixture(scope="session")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Demo"]:
    """One demo for all who visit it: a process of its own, nothing brought in."""
    from tests.demo import demo  # it loads engines, which few of these tests need

    with demo(tmp_path_factory.mktemp("demo")) as started:
        yield started


def _wait(is_so: Callable[[], bool], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "the server did not start"
        time.sleep(0.01)
