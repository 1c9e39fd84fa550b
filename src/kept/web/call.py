"""One whole request of the short way: what the collector gets to see, and how it answers."""

from typing import TYPE_CHECKING, ClassVar, Protocol

import msgspec

from kept.web.reply import Reply

if TYPE_CHECKING:
    from kept.web.http import GuardedProtocol

Headers = dict[bytes, bytes]


class _Nobody:
    """Stands where ASGI keeps the event that a receiver waits for: nobody waits on a call."""

    def set(self) -> None:
        """Wake nobody."""


class Call(msgspec.Struct, eq=False):
    """One request, whole. `client` is the address that the connection comes from, None if it has none.

    Header names are in lower case; the lines of a repeated header are joined. `url` is given for other clients' paths
    alone, where it tells them apart. The names that the collector does not need are those by which uvicorn treats it as
    one more request in line. A struct, since one is made for each request.
    """

    protocol: "GuardedProtocol"
    client: str | None
    method: bytes
    headers: Headers
    keep_alive: bool
    url: bytes = b""
    body: bytes = b""
    more_body: bool = True
    begun: bool = False
    refusal: Reply | None = None
    disconnected: bool = False
    response_complete: bool = False
    rest: list[bytes] | None = None
    message_event: ClassVar = _Nobody()

    def add(self, part: bytes) -> None:
        """Take in a piece of the body; most bodies come in one."""
        if not self.body:
            self.body = part
        elif self.rest is None:
            self.rest = [part]
        else:
            self.rest.append(part)

    def end(self) -> None:
        """The body has ended."""
        self.more_body = False
        if self.rest is not None:
            self.body = b"".join((self.body, *self.rest))
            self.rest = None

    def drop(self) -> None:
        """The body will not be read."""
        self.body, self.rest = b"", None

    def reply(self, head: bytes, body: bytes) -> None:
        """Answer, once, on the loop; see `Reply` for the two parts. That the sender has gone is no error."""
        if not self.disconnected and not self.response_complete:
            self.response_complete = True
            self.protocol.write_reply(self, head, body)


class Taker(Protocol):
    """Who takes the calls."""

    path: bytes
    """How the path ends, such as /v1/events: the customer's site chooses what stands before it."""

    def take(self, call: Call) -> None:
        """Answer the call by `call.reply`, now or later. Must not raise."""
        ...


class Listener(Protocol):
    """Who takes the calls of other makes' clients, by their own paths."""

    def speaks(self, path: bytes) -> bool:
        """Whether one of them sends to this path."""
        ...

    def take(self, call: Call) -> None:
        """As `Taker.take`; the call's `url` is set."""
        ...


class NobodyElse:
    """Where no other clients are served."""

    def speaks(self, path: bytes) -> bool:
        """None does."""
        return False

    def take(self, call: Call) -> None:
        """Never called."""
