"""What one of Segment's messages means in our words."""

from collections.abc import Callable, Mapping
from typing import Any

from kept.gather.arrival import SentEvent
from kept.gather.protocols.names import renamed, snake
from kept.gather.protocols.segment.messages import Page, SentMessage
from kept.gather.protocols.wire import Message, address_of, text_of

PAGE, SCREEN = "page_view", "screen_view"
OF_THE_PAGE = ("url", "path", "referrer", "search")
"""What `page()` puts among the properties by itself. The address becomes our page, and its query is not kept."""


def meaning(sent: SentMessage, place: str) -> Message:
    """The message, as we take it."""
    found = _KINDS[sent.type or "track"](sent)
    found.place = place
    return found


def _track(sent: SentMessage) -> Message:
    page = (sent.context.page if sent.context else None) or Page()
    return _acted(sent, snake(sent.event or ""), page, sent.properties or {})


def _page(sent: SentMessage) -> Message:
    return _looked(sent, PAGE)


def _screen(sent: SentMessage) -> Message:
    return _looked(sent, SCREEN)


def _looked(sent: SentMessage, event: str) -> Message:
    """`page()` and `screen()`: where it was stands among the properties, or in the context."""
    known = (sent.context.page if sent.context else None) or Page()
    given = dict(sent.properties or {})
    own = {name: address_of(given.pop(name, None)) for name in OF_THE_PAGE}
    page = Page(
        url=own["url"] or known.url or own["path"] or known.path,
        referrer=own["referrer"] or known.referrer,
    )
    for name, value in (("name", sent.name), ("category", sent.category)):
        if value:
            given.setdefault(name, value)
    return _acted(sent, event, page, given)


def _acted(sent: SentMessage, event: str, page: Page, properties: Mapping[str, Any]) -> Message:
    """Someone did something."""
    message = _about(sent)
    message.event = SentEvent(
        name=event,
        id=text_of(sent.message_id),
        at=sent.timestamp,
        page=page.url or page.path or None,
        referrer=page.referrer or None,
        properties=renamed(properties),
    )
    return message


def _identify(sent: SentMessage) -> Message:
    """Someone is an account; what their traits say is a profile."""
    message = _about(sent)
    message.described, message.described_at = sent.traits, "traits"
    return message


def _group(sent: SentMessage) -> Message:
    """Someone belongs to a company, or the like: that alone describes them. Which account a visitor is, `identify` and
    `alias` say; this call bears both ids because the SDK knows them."""
    message = Message(place="", visitor=text_of(sent.anonymous_id) or text_of(sent.user_id))
    message.described, message.described_at = {"group": sent.group_id, **(sent.traits or {})}, "groupId"
    return message


def _alias(sent: SentMessage) -> Message:
    """Whoever was known by one id is the account with the other."""
    message = _about(sent)
    message.visitor = text_of(sent.previous_id) or message.visitor
    return message


def _about(sent: SentMessage) -> Message:
    return Message(
        place="",
        visitor=text_of(sent.anonymous_id),
        account=text_of(sent.user_id),
        account_at="userId",
    )


_KINDS: Mapping[str, Callable[[SentMessage], Message]] = {
    "track": _track,
    "page": _page,
    "screen": _screen,
    "identify": _identify,
    "group": _group,
    "alias": _alias,
}
