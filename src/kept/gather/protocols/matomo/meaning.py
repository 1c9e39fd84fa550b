"""What one of Matomo's requests means in our words. All its values are text."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import NamedTuple

from kept.gather.arrival import LONGEST_ACCOUNT, SentEvent
from kept.gather.protocols.names import snake
from kept.gather.protocols.wire import LONGEST_ID, Message, address_of

Fields = Mapping[str, str]


class Action(NamedTuple):
    """What someone did: `told_by` is the parameter that shows it. Properties by the parameter they come from."""

    told_by: str
    event: str
    properties: Mapping[str, str]


ACTIONS = (
    Action("search", "site_search", {"search": "words", "search_cat": "category", "search_count": "results"}),
    Action("link", "link_followed", {"link": "target"}),
    Action("download", "file_downloaded", {"download": "target"}),
    Action("ec_id", "order", {"ec_id": "order", "revenue": "revenue"}),
    Action("idgoal", "goal_reached", {"idgoal": "goal", "revenue": "revenue"}),
    Action("c_n", "content_seen", {"c_n": "name", "c_p": "piece", "c_t": "target", "c_i": "interaction"}),
)
"""The first that fits counts. Without any it is a page view."""
PAGE_VIEW = Action("url", "page_view", {"action_name": "title"})
EVENT = {"e_c": "category", "e_n": "name", "e_v": "value"}
"""Of an event the action, `e_a`, is the name."""
NUMBERS = frozenset({"search_count", "revenue", "e_v"})
_DIMENSION = re.compile(r"dimension[0-9]{1,3}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})")


def meaning(fields: Fields, place: str) -> Message:
    """The request, as we take it. One that only says that a page is still open is no event."""
    return Message(
        place,
        event=None if fields.get("ping") == "1" else _done(fields),
        visitor=_id(fields, "_id", LONGEST_ID) or _id(fields, "cid", LONGEST_ID),
        account=_id(fields, "uid", LONGEST_ACCOUNT),
        account_at="uid",
    )


def _done(fields: Fields) -> SentEvent:
    name, properties = _action(fields)
    found: dict[str, str | int | float] = {
        to: _number(fields[of]) if of in NUMBERS else fields[of]
        for of, to in properties.items()
        if fields.get(of)
    }
    found |= {name: value for name, value in fields.items() if value and _DIMENSION.fullmatch(name)}
    return SentEvent(
        name=name,
        at=_at(fields.get("cdt", "")),
        page=address_of(fields.get("url")),
        referrer=address_of(fields.get("urlref")),
        properties=found,
    )


def _action(fields: Fields) -> tuple[str, Mapping[str, str]]:
    if fields.get("e_a"):
        return snake(fields["e_a"]), EVENT
    found = next((each for each in ACTIONS if fields.get(each.told_by)), PAGE_VIEW)
    return found.event, found.properties


def _at(text: str) -> int | str | None:
    """Seconds since 1970, or a moment of UTC; what is neither is refused as it stands."""
    if _SECONDS.fullmatch(text):
        return int(text) * 1_000
    return _MOMENT.sub(r"\1T\2+00:00", text) or None


def _number(text: str) -> int | float | str:
    """A number that is written as one; other words stay what they are, and their type is refused."""
    try:
        value = float(text)
    except ValueError:
        return text
    if not isfinite(value):
        return text
    return int(value) if value.is_integer() else value


def _id(fields: Fields, name: str, most: int) -> str | None:
    value = fields.get(name, "")
    return value if 0 < len(value) <= most else None
