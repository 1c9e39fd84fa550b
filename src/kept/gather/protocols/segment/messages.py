"""What Segment's SDKs send, as far as it is read. What a client adds by itself, such as `context`, is passed over,
but for the page."""

from typing import Annotated, Any, Literal

import msgspec

from kept.gather.arrival import Address, Short
from kept.gather.protocols.wire import MOST_MESSAGES, AccountId, Id

Kind = Literal["track", "page", "screen", "identify", "group", "alias"]


class Page(msgspec.Struct, gc=False):
    """The page on which a browser stood."""

    url: Address | None = None
    path: Address | None = None
    referrer: Address | None = None


class Context(msgspec.Struct, gc=False):
    """What the SDK tells of itself and its surroundings; the page alone is read."""

    page: Page | None = None


class SentMessage(msgspec.Struct, rename="camel", gc=False):
    """One message. Which fields count depends on its type."""

    type: Kind | None = None
    message_id: Id | None = None
    anonymous_id: Id | None = None
    user_id: AccountId | None = None
    previous_id: Id | None = None
    group_id: AccountId | None = None
    event: str | None = None
    name: str | None = None
    category: str | None = None
    timestamp: Short | int | None = None
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: Context | None = None


class Keyed(msgspec.Struct, rename="camel", gc=False):
    """The key, where the body holds it: of a batch, or of a message sent alone."""

    write_key: Short | None = None


class SentBatch(Keyed, rename="camel", gc=False, kw_only=True):
    """Several messages, each still as it was written, so that its size can be told."""

    batch: Annotated[list[msgspec.Raw], msgspec.Meta(max_length=MOST_MESSAGES)]


MESSAGE = msgspec.json.Decoder(SentMessage)
KEYED = msgspec.json.Decoder(Keyed)
BATCH = msgspec.json.Decoder(SentBatch)
