"""An application of a test's own, served on loopback: what the careers site speaks to."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.types import ASGIApp

QUIET: dict[str, Any] = {"log_level": "critical", "lifespan": "off", "ws": "none", "proxy_headers": False}


@contextmanager
def serving(app: ASGIApp) -> Iterator[int]:
    """Run an application on a free loopback port."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, **QUIET))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
