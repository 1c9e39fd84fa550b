"""What PostHog's SDKs send, as far as it is read."""

from typing import Annotated, Any

import msgspec

from kept.gather.arrival import Short
from kept.gather.protocols.wire import MOST_MESSAGES, Id

Said = dict[str, Any]


class SentCapture(msgspec.Struct, rename={"set_": "$set", "set_once": "$set_once"}, gc=False):
    """One event. Browsers put the id and the key among the properties."""

    event: str
    distinct_id: Id | None = None
    properties: Said | None = None
    timestamp: Short | int | None = None
    uuid: Short | None = None
    api_key: Short | None = None
    set_: Said | None = None
    set_once: Said | None = None


class Envelope(msgspec.Struct, gc=False):
    """What several events come in. Without `batch`, the body itself is one event."""

    batch: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MOST_MESSAGES)] | None = None
    api_key: Short | None = None
    token: Short | None = None


CAPTURE = msgspec.json.Decoder(SentCapture)
ENVELOPE = msgspec.json.Decoder(Envelope)
SEVERAL = msgspec.json.Decoder(Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MOST_MESSAGES)])
