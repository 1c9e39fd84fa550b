"""The protocol: its paths, how it is read and answered."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Sequence
from urllib.parse import parse_qs

import msgspec

from kept.gather.arrival import Unreadable, decode
from kept.gather.protocols.posthog.meaning import meaning
from kept.gather.protocols.posthog.messages import CAPTURE, ENVELOPE, SEVERAL, SentCapture
from kept.gather.protocols.wire import Answer, Asked, Heard, Message, Outcome

FORM = b"application/x-www-form-urlencoded"
DONE = b'{"status": "Ok"}'
MOST_FIELDS = 16


class PostHog:
    """PostHog's capture API, as far as it moves events and joins."""

    name = "PostHog"
    endings = frozenset({b"batch", b"e", b"capture"})
    methods = frozenset({b"GET", b"POST"})
    most_bytes = 512 * 1_024

    def hear(self, asked: Asked) -> Heard | Unreadable:
        """One event, a list of them, or a batch with its key; older browsers wrap them in a form, by base64."""
        body = _unwrapped(asked)
        if isinstance(body, Unreadable):
            return body
        if body.lstrip()[:1] == b"[":
            several = decode(body, SEVERAL)
            return several if isinstance(several, Unreadable) else _heard(None, several, "")
        envelope = decode(body, ENVELOPE)
        if isinstance(envelope, Unreadable):
            return envelope
        key = envelope.api_key or envelope.token
        if envelope.batch is not None:
            return _heard(key, envelope.batch, "batch")
        one = _capture(body, "", key)
        return one if isinstance(one, Unreadable) else Heard(one[0] or "", [one[1]])

    def answer(self, asked: Asked, outcome: Outcome) -> Answer:
        """That it is well; who looks finds there what was refused."""
        if not outcome.turned_away:
            return Answer(200, b"application/json", DONE)
        said = {"status": "Ok", "accepted": outcome.stored, "refused": outcome.turned_away}
        return Answer(200, b"application/json", msgspec.json.encode(said))


POSTHOG = PostHog()


def _heard(key: str | None, several: Sequence[msgspec.Raw], place: str) -> Heard | Unreadable:
    messages: list[Message] = []
    for index, raw in enumerate(several):
        found = _capture(raw, f"{place}[{index}]", key)
        if isinstance(found, Unreadable):
            return found
        key = found[0]
        messages.append(found[1])
    return Heard(key or "", messages)


def _capture(
    raw: bytes | msgspec.Raw, place: str, key: str | None
) -> tuple[str | None, Message] | Unreadable:
    """The key that counts from here on, and the message. All that comes in one request shows one key."""
    sent = decode(raw, CAPTURE)
    if isinstance(sent, Unreadable):
        return sent.within(place)
    shown = sent.api_key or _token(sent) or key
    if key is not None and shown != key:
        return Unreadable("All events of a request show the same key.", "api_key").within(place)
    return shown, meaning(sent, place)


def _token(sent: SentCapture) -> str | None:
    token = (sent.properties or {}).get("token")
    return token if isinstance(token, str) else None


def _unwrapped(asked: Asked) -> bytes | Unreadable:
    """The JSON itself: the body, or the field `data` of a form or of the query."""
    is_form = asked.headers.get(b"content-type", b"").partition(b";")[0].strip().lower() == FORM
    if asked.body and not is_form:
        return asked.body
    try:
        text = (asked.body or asked.query).decode("latin-1")
        data = parse_qs(text, max_num_fields=MOST_FIELDS).get("data", [""])[0]
    except ValueError:
        return Unreadable("The form has too many fields.", "body")
    if data.lstrip()[:1] in ("{", "["):
        return data.encode()
    try:
        return b64decode(data.replace(" ", "+"))
    except (NotBase64, ValueError):
        return Unreadable("The field is neither JSON nor base64.", "data")
