"""Deadlines and caps of the HTTP server, and the sweeper that enforces the deadlines."""

import asyncio
import ctypes
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from email.utils import formatdate
from typing import TYPE_CHECKING, Final

from kept.web.call import Call, Listener, NobodyElse, Taker
from kept.web.reply import FAILED, TOO_SLOW

if TYPE_CHECKING:
    from kept.web.http import GuardedProtocol

# What a connection is reading. Plain numbers: an Enum's members cost a look-up each, several times a request.
HEAD: Final = 0
BODY: Final = 1
BETWEEN: Final = 2  # a request is whole; it is being answered, or the next is awaited
DEAF: Final = 3  # refused: what still comes is thrown away until the sender has taken note

MUCH = 8 * 1024 * 1024
"""Bytes of bodies after which the memory that they took is worth giving back."""
QUIET_TICKS = 4

logger = logging.getLogger("kept.web")


@dataclass(frozen=True, slots=True)
class Guards:
    """Deadlines in seconds, caps in bytes or pieces. Deadlines are kept to within `sweep_seconds`."""

    head_seconds: float = 10.0  # from the first byte, or from connecting, to the end of the head
    body_seconds: float = 15.0  # from there to the end of the body, however it trickles
    idle_seconds: float = 20.0  # between two requests of one connection
    write_seconds: float = 30.0  # for a reader who has stopped reading
    linger_seconds: float = 2.0  # for a refused sender to take note before the connection is cut
    stop_seconds: int = 10  # for requests under way when the server is told to stop
    head_bytes: int = 16_384
    header_lines: int = 64
    body_bytes: int = 524_288
    file_bytes: int = 5 * 1024 * 1024 + 65_536  # of a file for a profile, by whoever shows a credential
    held_bytes: int = (
        64 * 1024 * 1024
    )  # of all bodies that are not whole yet; one that comes at once never waits
    connections: int = 4_096
    turned_away: int = 1_024  # connections beyond those that still hear why
    sweep_seconds: float = 0.5


class Watch:
    """The time as the connections know it, and the sweep over them all."""

    def __init__(self, guards: Guards, taker: Taker, others: Listener | None = None) -> None:
        self.guards = guards
        self.taker = taker
        self.others = others or NobodyElse()
        self.now = 0.0
        self.stays = self.closes = b""
        self.held = 0  # bytes of bodies that are not whole yet
        self._quiet_in = 0  # ticks
        self._failed = False
        self.tick()

    def give(self, call: Call) -> None:
        """Hand a whole call to the taker. A fault of ours is answered as one; it never reaches the parser."""
        try:
            (self.others if call.url else self.taker).take(call)
        except Exception as bug:
            self._note(bug)
            call.reply(FAILED.head, FAILED.body)

    def _note(self, bug: Exception) -> None:
        """One line between two ticks: a fault in every request must not fill the disk. The message of an
        unforeseen error may quote the request, so its kind and place must do."""
        if not self._failed:
            logger.error("The collector failed: %s at %s", type(bug).__name__, _place_of(bug))
        self._failed = True

    def tick(self) -> None:
        """Tell the time: `now` in seconds that only grow, and the date (RFC 9110, 6.6.1) with which the head of
        a reply ends, on a connection that stays and on one that closes. HTTP/1.0 must be told which."""
        self.now = time.monotonic()
        self._failed = False
        date = b"date: " + formatdate(usegmt=True).encode() + b"\r\n"
        self.stays = date + b"connection: keep-alive\r\n\r\n"
        self.closes = date + b"connection: close\r\n\r\n"

    async def run(self, connections: Iterable["GuardedProtocol"]) -> None:
        """Tick and sweep until cancelled. `connections` is the living set."""
        while True:
            await asyncio.sleep(self.guards.sweep_seconds)
            self.tick()
            for connection in tuple(connections):
                self.sweep(connection)
            self._give_back_what_was_held()

    def _give_back_what_was_held(self) -> None:
        """Some ticks after much was held: by then all who held it are gone."""
        if self.held > MUCH:
            self._quiet_in = QUIET_TICKS
        elif self._quiet_in:
            self._quiet_in -= 1
            if not self._quiet_in:
                give_back()

    def sweep(self, connection: "GuardedProtocol") -> None:
        """Cut a connection off if it has outstayed the deadline of what it is doing."""
        age, guards = self.now - connection.since, self.guards
        if connection.flow.write_paused:
            if age > guards.write_seconds:
                connection.transport.abort()
        elif connection.phase == DEAF:
            if age > guards.linger_seconds:
                connection.transport.abort()
        elif connection.flow.read_paused:
            return  # it is we who keep the sender waiting
        elif connection.phase == BETWEEN:
            if age > guards.idle_seconds and connection.is_idle():
                connection.transport.abort() if connection.transport.is_closing() else connection.leave()
        elif age > (guards.head_seconds if connection.phase == HEAD else guards.body_seconds):
            connection.refuse(TOO_SLOW)


def give_back() -> None:
    """What was freed stays with the process until the C library is told (malloc_trim(3), where it has that)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def _place_of(bug: BaseException) -> str:
    trace = bug.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else "?"
