"""The console until somebody calls: its ports are held, and nothing of it is loaded.

Most of the day nobody looks at a console. Its pages, the keys and the records take some forty megabytes, so it begins
with its listeners alone, loads the rest when someone connects, and comes back to this when they have gone.
"""

import select
import signal
import socket
import sys

import msgspec

from kept.app.ports import listen
from kept.app.processes import watched
from kept.app.resting import carried_over
from kept.app.vitals import Durations, Vitals
from kept.base.settings import Settings

LOOK_SECONDS = 1.0
LOOPBACK = "127.0.0.1"


class Seated(msgspec.Struct, frozen=True):
    """What a console at rest hands on: its listeners' handles, its sessions, and its figures."""

    listeners: list[int]
    sessions: dict[str, tuple[float, str]] = {}
    counts: list[int] = msgspec.field(default_factory=lambda: Durations().counts)
    seconds: float = 0.0


def await_caller(settings: Settings) -> Seated | None:
    """Hold the ports until someone connects; None when whoever watches over this process has gone.

    Told to stop, it ends the process. Raises `InUse` when a port cannot be had.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(0))
    seated = carried_over(Seated) or Seated(_opened(settings))
    vitals = Vitals(settings.data, "console", Durations(seated.counts, seated.seconds).figures)
    is_watched = watched()
    while is_watched():
        vitals.tell()
        if select.select(seated.listeners, (), (), LOOK_SECONDS)[0]:
            return seated
    return None


def _opened(settings: Settings) -> list[int]:
    ports = [(settings.console_port, "KEPT_CONSOLE_PORT")]
    if settings.metrics_port:
        ports.append((settings.metrics_port, "KEPT_METRICS_PORT"))
    opened: list[socket.socket] = [listen(LOOPBACK, port, variable) for port, variable in ports]
    return [listener.detach() for listener in opened]
