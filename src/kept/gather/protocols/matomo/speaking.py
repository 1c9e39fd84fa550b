"""The protocol: its path, how it is read and answered."""

from base64 import b64decode
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import parse_qsl

import msgspec

from kept.gather.arrival import Unreadable, decode
from kept.gather.protocols.matomo.meaning import Fields, meaning
from kept.gather.protocols.wire import MOST_MESSAGES, Answer, Asked, Heard, Message, Outcome

MOST_FIELDS = 200
PICTURE = b64decode(b"R0lGODlhAQABAIAAAAAAAAAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")
"""A GIF of one point that nobody sees, of 43 bytes."""
NO_PICTURE = "send_image", "0"


class SentBulk(msgspec.Struct, gc=False):
    """Several requests at once, each as its query."""

    requests: Annotated[list[str], msgspec.Meta(max_length=MOST_MESSAGES)]
    token_auth: str | None = None


BULK = msgspec.json.Decoder(SentBulk)


class Matomo:
    """Matomo's tracking API. The write key stands as `idsite`, the secret key as `token_auth`."""

    name = "Matomo"
    endings = frozenset({b"matomo.php", b"piwik.php"})
    methods = frozenset({b"GET", b"POST"})
    most_bytes = 512 * 1_024

    def hear(self, asked: Asked) -> Heard | Unreadable:
        """One request as a query or a form, or several as JSON."""
        if asked.body.lstrip()[:1] == b"{":
            bulk = decode(asked.body, BULK)
            return bulk if isinstance(bulk, Unreadable) else _several(bulk.requests, bulk.token_auth)
        fields = _fields(_form(asked), "")
        return fields if isinstance(fields, Unreadable) else _all([(fields, "")], None)

    def answer(self, asked: Asked, outcome: Outcome) -> Answer:
        """A picture, or nothing where none is wanted; of several requests, how many were taken."""
        if asked.body.lstrip()[:1] == b"{":
            refused = outcome.turned_away
            said = {
                "status": "success",
                "tracked": outcome.stored,
                "invalid": outcome.messages - outcome.stored,
            }
            more = {"refused": refused} if refused else {}
            return Answer(200, b"application/json", msgspec.json.encode({**said, **more}))
        if NO_PICTURE in parse_qsl(_form(asked), max_num_fields=MOST_FIELDS):
            return Answer(204, b"", b"")
        return Answer(200, b"image/gif", PICTURE)


MATOMO = Matomo()


def _form(asked: Asked) -> str:
    """The query, and what a form adds to it."""
    return b"&".join(part for part in (asked.query, asked.body) if part).decode("latin-1")


def _several(requests: Sequence[str], token: str | None) -> Heard | Unreadable:
    found: list[tuple[Fields, str]] = []
    for index, request in enumerate(requests):
        fields = _fields(request.rpartition("?")[2], f"requests[{index}]")
        if isinstance(fields, Unreadable):
            return fields
        found.append((fields, f"requests[{index}]"))
    return _all(found, token)


def _all(several: Sequence[tuple[Fields, str]], token: str | None) -> Heard | Unreadable:
    """What they say. All that comes in one body shows one key."""
    key: str | None = token
    messages: list[Message] = []
    for fields, place in several:
        shown = token or fields.get("token_auth") or fields.get("idsite", "")
        if key is not None and shown != key:
            return Unreadable("All requests of a body show the same key.", "idsite").within(place)
        key = shown
        messages.append(meaning(fields, place))
    return Heard(key or "", messages)


def _fields(query: str, place: str) -> Fields | Unreadable:
    try:
        fields = dict(parse_qsl(query, max_num_fields=MOST_FIELDS))
    except ValueError:
        return Unreadable(f"A request has at most {MOST_FIELDS} fields.", place or "body")
    if fields.get("rec") != "1":
        return Unreadable("A request that shall be recorded says rec=1.", "rec").within(place)
    return fields
