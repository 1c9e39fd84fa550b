"""What the policy's own word is: what may be stored of an event, and which values are right and wrong.

It asks `decide()` purpose by purpose, and shares nothing with the masks by which the collector decides.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from kept.policy import NO_ANSWER, Answer, CompiledPolicy, decide
from kept.policy.compiled import Choice, Event, Item, Purpose

TRACKER, SERVER = "tracker", "server"
VISITOR_ID = "visitor_id"
SESSION_ID = "session_id"
PAGE = "page_view"
PAGE_PROPERTIES = ("path", "page")
COLUMN_ITEMS = {
    "address": "ip_address",
    "browser": "browser",
    "campaign": "campaign",
    "country": "country",
    "device": "device",
    "referrer": "referrer",
}
"""Columns of the lake that hold an item of the policy, by the item's name."""

RIGHT: dict[str, object] = {
    "text": "canary",
    "place": "Berlin",
    "free text": "canary",
    "id": "canary-1",
    "number": 7,
    "yes or no": True,
    "date": date(2026, 1, 1).isoformat(),
    "list of text": ["canary"],
    "web address": "https://example.org/about",
}
"""A value of each type that the collector takes."""


FORM = "form"
FILES = frozenset({"file", "image", "audio", "video"})
CREDENTIAL = "credential"
PAPER = b"%PDF-1.7 "
"""How a file begins that an item of the type `file` takes."""


def told_items(policy: CompiledPolicy) -> list[Item]:
    """The items whose values people tell in forms, files and credentials aside."""
    return [
        item
        for item in policy.items.values()
        if FORM in item.sources and item.type not in FILES and item.type != CREDENTIAL
    ]


def right_value(kind: str, secret: str) -> object:
    """A value of a type with a secret in it, where the type has room for one."""
    fixed: dict[str, object] = {
        "number": 7,
        "yes or no": True,
        "date": "1990-01-31",
        "phone": "+49 30 1234567",
    }
    wrapped: dict[str, object] = {
        "email": f"{secret}@example.com",
        "web address": f"https://example.org/{secret}",
        "list of text": [secret, "canary"],
    }
    return fixed.get(kind, wrapped.get(kind, secret))


def told_mask(policy: CompiledPolicy, item: Item, country: str, answer: Answer = NO_ANSWER) -> int:
    """The purposes that may use a value told now about an account; 0: it must be refused."""
    cell = policy.cell_of(country, None, frozenset(item.about))
    lit, mask = _lit(policy), 0
    for name, purpose in policy.purposes.items():
        if _may_have(policy, cell, purpose, item.name) and decide(lit, name, cell, answer).allowed:
            mask |= purpose.mask
    return mask if mask & ~policy.on_demand else 0


def tracker_events(policy: CompiledPolicy) -> list[Event]:
    """The events that pages may send, page views first."""
    return sorted(events_from(policy, TRACKER), key=lambda event: event.name != PAGE)


def events_from(policy: CompiledPolicy, source: str) -> list[Event]:
    """The events that the policy gathers from a source."""
    return [event for event in policy.events.values() if source in event.sources]


def right_values(event: Event) -> dict[str, object]:
    """A right value for each property that is not the page itself."""
    return {
        name: RIGHT[kind]
        for name, kind in event.properties.items()
        if kind in RIGHT and name not in PAGE_PROPERTIES
    }


def expected_mask(
    policy: CompiledPolicy, event: Event, country: str, answer: Answer = NO_ANSWER, *, signal: bool = False
) -> int:
    """The purposes that an event with a visitor's id may serve; 0: it must be refused.

    At most those that the visitor's cookie is declared for. Purposes that are dark until a demand come along
    with others, and justify nothing alone.
    """
    cell = policy.cell_of(country, None, frozenset(event.about))
    lit = _lit(policy)
    live = dark = 0
    for name, purpose in policy.purposes.items():
        if (
            _may_have(policy, cell, purpose, event.name)
            and decide(lit, name, cell, answer, signal=signal).allowed
        ):
            if purpose.on_demand:
                dark |= purpose.mask
            elif _has_cookie(policy, purpose.mask):
                live |= purpose.mask
    return live | dark if live else 0


def expected_keys(policy: CompiledPolicy, event: Event, country: str, answer: Answer) -> frozenset[str]:
    """The properties that are stored of an event that was sent with right values."""
    mask = expected_mask(policy, event, country, answer)
    live = [purpose for purpose in policy.purposes.values() if purpose.mask & mask and not purpose.on_demand]
    cell = policy.cell_of(country, None, frozenset(event.about))
    return frozenset(
        name
        for name in right_values(event)
        if any((event.name, name) in each.properties for each in live)
        and not any(
            (event.name, name) in each.properties
            and ruled_out(policy, cell, each.name, f"{event.name}.{name}")
            for each in live
        )
    )


def expected_nameless(policy: CompiledPolicy, event: Event, country: str) -> int:
    """The purposes that a visit counted without cookies, or a log line, may serve; 0: it must be refused.

    Nobody's answer can be known, so only what needs none, or what people object to one by one.
    """
    cell = policy.cell_of(country, None, frozenset(event.about))
    live = dark = 0
    for name, purpose in policy.purposes.items():
        if not _may_have(policy, cell, purpose, event.name):
            continue
        if purpose.on_demand:
            dark |= purpose.mask if decide(_lit(policy), name, cell).allowed else 0
        elif purpose.terms[cell].choice in (Choice.NONE, Choice.OBJECTION):
            live |= purpose.mask
    return live | dark if live else 0


def _may_have(policy: CompiledPolicy, cell: int, purpose: Purpose, name: str) -> bool:
    return name in purpose.items and not ruled_out(policy, cell, purpose.name, name)


def ruled_out(policy: CompiledPolicy, cell: int, purpose: str, name: str) -> bool:
    """Whether a rule of `never` keeps an item, event or `event.property` from a purpose for somebody in the cell.

    Read from the rules themselves, and from what the policy says is worked out of what.
    """
    return any(
        rule.forbids in {"gather", "use"}
        and (not rule.audiences or bool(policy.cells[cell].intersection(rule.audiences)))
        and (not rule.purposes or purpose in rule.purposes)
        and _covered(policy, frozenset(rule.items), name)
        for rule in policy.never.values()
    )


def _covered(policy: CompiledPolicy, items: frozenset[str], name: str) -> bool:
    """Whether it is one of the items, or worked out of one, in however many steps."""
    waiting, seen = [name], {name}
    while waiting:
        one = waiting.pop()
        if one in items:
            return True
        held = policy.items.get(one) or policy.events.get(one)
        new = set(held.derived_from if held else ()) - seen
        seen |= new
        waiting += new
    return False


def parts_ruled_out(
    policy: CompiledPolicy, row: dict[str, object], keys: frozenset[str], cell: int
) -> Iterator[str]:
    """What a row holds though a rule of `never` keeps it, in that cell, from a purpose to which the row is open."""
    event, mask = policy.events.get(str(row["name"])), int(str(row["mask"]))
    if event is None:
        return
    live = [p for p in policy.purposes.values() if p.mask & mask and not p.on_demand]
    for column, item in COLUMN_ITEMS.items():
        users = [each.name for each in live if item in each.items]
        if row[column] is not None and any(ruled_out(policy, cell, user, item) for user in users):
            yield column
    for key in sorted(keys):
        users = [each.name for each in live if (event.name, key) in each.properties]
        if any(ruled_out(policy, cell, user, f"{event.name}.{key}") for user in users):
            yield f"{event.name}.{key}"


def unused_parts(policy: CompiledPolicy, row: dict[str, object], keys: frozenset[str]) -> Iterator[str]:
    """What a row holds although no purpose in its mask uses it: columns by item, properties, the page.

    Purposes that are dark until a demand do not count: they never justify gathering alone.
    """
    event, mask = policy.events.get(str(row["name"])), int(str(row["mask"]))
    live = [p for p in policy.purposes.values() if p.mask & mask and not p.on_demand]
    if event is None:
        return
    for column, item in COLUMN_ITEMS.items():
        if row[column] is not None and not any(item in purpose.items for purpose in live):
            yield column
    if row["session"] is not None and not any(
        _has_cookie(policy, purpose.mask, SESSION_ID) for purpose in live
    ):
        yield "session"
    pages = {(event.name, name) for name in PAGE_PROPERTIES}
    if row["page"] is not None and not any(pages & purpose.properties for purpose in live):
        yield "page"
    for key in sorted(keys):
        if not any((event.name, key) in purpose.properties for purpose in live):
            yield f"{event.name}.{key}"


def _lit(policy: CompiledPolicy) -> CompiledPolicy:
    """The policy as if every demand were approved, to ask for the choice alone."""
    purposes = {name: replace(each, on_demand=False) for name, each in policy.purposes.items()}
    return replace(policy, purposes=purposes)


def _has_cookie(policy: CompiledPolicy, bit: int, holds: str = VISITOR_ID) -> bool:
    return any(
        cookie.holds == holds and not cookie.strictly_necessary and cookie.purposes & bit
        for cookie in policy.cookies.values()
    )
