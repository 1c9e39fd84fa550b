"""Replies as bytes, made once: what the collector and the guards say to a sender."""

from http import HTTPStatus

import msgspec


class Reply(msgspec.Struct, frozen=True, gc=False):
    """A status line with header lines, each ending in CRLF but without date and connection; and a body."""

    status: int
    head: bytes
    body: bytes


def json_reply(status: int, said: object, *lines: bytes) -> Reply:
    """A reply whose body is `said` as JSON. `lines` are further header lines without their CRLF."""
    return with_lines(status, msgspec.json.encode(said), b"content-type: application/json", *lines)


def with_lines(status: int, body: bytes, *lines: bytes) -> Reply:
    """A reply from its parts. Nothing that Kept answers here may be stored on the way."""
    length = (b"content-length: %d" % len(body),) if status != HTTPStatus.NO_CONTENT else ()
    first = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode()
    return Reply(status, b"\r\n".join((first, *lines, *length, b"cache-control: no-store", b"")), body)


def said_no(status: int, what: str, *lines: bytes, **more: object) -> Reply:
    """A refusal in words: `{"error": what, …}`."""
    return json_reply(status, {"error": what, **more}, *lines)


UNREADABLE = said_no(400, "This is not an HTTP request that can be read.")
NO_UPGRADE = said_no(400, "Send the request without Upgrade: this server speaks HTTP/1.1 alone.")
TOO_SLOW = said_no(408, "The request did not arrive in time.")
TOO_BIG = said_no(413, "The body is larger than this server takes. Send fewer events at once.")
HEAD_TOO_BIG = said_no(431, "The request's head is larger than this server takes.")
FAILED = said_no(500, "The server failed. Nothing of the request was stored.")
TOO_MUCH = said_no(503, "Too much is being sent at once. Try again shortly.", b"retry-after: 5")
NO_ROOM = said_no(503, "Nothing can be stored at present. Try again later.", b"retry-after: 30")
BUSY = said_no(503, "Too many connections. Try again shortly.", b"retry-after: 5")
