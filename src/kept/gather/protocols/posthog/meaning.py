"""What one of PostHog's events means in our words."""

from collections.abc import Mapping
from typing import Any

from kept.gather.arrival import LONGEST_ACCOUNT, SentEvent
from kept.gather.protocols.names import renamed, snake
from kept.gather.protocols.posthog.messages import SentCapture
from kept.gather.protocols.wire import LONGEST_ID, Message, address_of

NAMES = {"$pageview": "page_view", "$screen": "screen_view"}
JOINS = ("$identify", "$create_alias")
GROUP = "$groupidentify"
DESCRIBES = ("$set", GROUP)
ITS_OWN = "$"
"""Names that begin so are the SDK's own: what it finds out by itself. They are passed over, but for those read here."""
NOT_PROPERTIES = ("token", "distinct_id")
EARLIER_ID_FIRST = "posthog-python"
"""The one SDK that calls `distinct_id` what others call `alias`, and the other way round."""


def meaning(sent: SentCapture, place: str) -> Message:
    """The event, as we take it: something done, a join, a description."""
    said = sent.properties or {}
    distinct = _id(sent.distinct_id) or _id(said.get("distinct_id"), LONGEST_ACCOUNT)
    message = Message(
        place,
        visitor=_id(said.get("$device_id")) or distinct,
        account=_id(said.get("$user_id"), LONGEST_ACCOUNT),
        account_at="properties.$user_id",
    )
    if sent.event == GROUP:  # of which company someone is says nothing of which account a visitor is
        message.account = None
    _describe(message, sent, said)
    if sent.event in JOINS:
        _join(message, sent.event, said, distinct)
    elif sent.event not in DESCRIBES:
        message.event = _done(sent, said)
    return message


def _join(message: Message, event: str, said: Mapping[str, Any], distinct: str | None) -> None:
    """`$identify` and `$create_alias`: two ids are one person. The site's own is the account."""
    message.account_at = "distinct_id"
    if event == "$identify":
        message.visitor, message.account = _id(said.get("$anon_distinct_id")) or message.visitor, distinct
    elif said.get("$lib") == EARLIER_ID_FIRST:
        message.visitor, message.account = distinct, _id(said.get("alias"), LONGEST_ACCOUNT)
    else:
        message.visitor, message.account = _id(said.get("alias")), distinct


def _describe(message: Message, sent: SentCapture, said: Mapping[str, Any]) -> None:
    given = (sent.set_, sent.set_once, said.get("$set"), said.get("$set_once"), said.get("$group_set"))
    found = {
        name: value for each in given if isinstance(each, dict) for name, value in _not_its_own(each).items()
    }
    message.described, message.described_at = found, "$set"


def _done(sent: SentCapture, said: Mapping[str, Any]) -> SentEvent:
    own = _not_its_own(said)
    for name in NOT_PROPERTIES:
        own.pop(name, None)
    return SentEvent(
        name=NAMES.get(sent.event) or snake(sent.event),
        id=sent.uuid or None,
        at=sent.timestamp,
        page=address_of(said.get("$current_url")) or address_of(said.get("$pathname")),
        referrer=address_of(said.get("$referrer")),
        session=_id(said.get("$session_id")),
        properties=renamed(own),
    )


def _not_its_own(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if not name.startswith(ITS_OWN)}


def _id(value: object, most: int = LONGEST_ID) -> str | None:
    """An id among properties, where nothing is checked while it is read; one that is none is passed over."""
    if type(value) is int:
        value = str(value)
    return value if isinstance(value, str) and 0 < len(value) <= most else None
