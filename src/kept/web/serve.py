"""Starting and stopping the server. What was taken is answered before the door shuts."""

import asyncio
import gc
import logging
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import cast

from uvicorn import Config, Server
from uvicorn._types import ASGIApplication

from kept.app.ports import BACKLOG
from kept.web.call import Listener, Taker
from kept.web.http import GuardedProtocol
from kept.web.watch import Guards, Watch

logger = logging.getLogger("kept.web")

OTHER_FILES = 256
"""Files and sockets of a collector beside its connections: journal, records, what ranks."""


class _QuietServer(Server):
    """uvicorn's server would end the process by the very signal that it has just obeyed. The caller still has
    a journal to close, so signals are ours."""

    def __init__(self, config: Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, and say so."""
        await super().startup(sockets)
        self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield


def stop_on_signals(stop: asyncio.Event) -> None:
    """Let SIGTERM and SIGINT set `stop`, on the running loop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


async def serve(
    app: ASGIApplication,
    taker: Taker,
    listener: socket.socket,
    *,
    stop: asyncio.Event,
    others: Listener | None = None,
    guards: Guards | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until `stop` is set and every request under way has been answered, or `stop_seconds` have passed.

    Calls for the taker's path go to it, those of other makes' clients to `others`, all else to `app`. `ready` is
    called once connections are taken.
    Nothing is logged about any request: an access log would be personal data that no policy declares.
    """
    watch = Watch(_within_reach(guards or Guards()), taker, others)
    server = _QuietServer(_config(app, watch), ready)
    tasks = [
        asyncio.create_task(watch.run(server.server_state.connections)),  # type: ignore[arg-type]  # all are ours
        asyncio.create_task(_stop_when(stop, server)),
    ]
    _collect_garbage_rarely()
    try:
        await server.serve(sockets=[listener])
    finally:
        for task in tasks:
            task.cancel()
        listener.close()


def _within_reach(guards: Guards) -> Guards:
    """As many connections as this process may have files open. Without a file for it, a connection would end
    without a word, and so would whatever else needs one: the journal's next segment, the records."""
    wanted = guards.connections + guards.turned_away + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        soft = min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft >= wanted:
        return guards
    most = max(1, (soft - OTHER_FILES) * 4 // 5)
    logger.warning("Only %d connections at once: this process may have %d files open.", most, soft)
    return replace(guards, connections=most, turned_away=most // 4)


def _config(app: ASGIApplication, watch: Watch) -> Config:
    return Config(
        app,
        loop="uvloop",
        http=cast(type[asyncio.Protocol], partial(GuardedProtocol, watch=watch)),
        ws="none",
        lifespan="auto",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # believed only where `Proxies` says so
        server_header=False,
        backlog=BACKLOG,
        timeout_graceful_shutdown=watch.guards.stop_seconds,
    )


async def _stop_when(stop: asyncio.Event, server: Server) -> None:
    await stop.wait()
    server.should_exit = True


def _collect_garbage_rarely() -> None:
    """Keep the collector of cycles away from what lives as long as the process, and from every 700th request:
    requests leave no cycles behind."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
