"""The policy prepared for the door: per event what is declared, per country which cell, worked out once.

A door belongs to one version of the policy, one workspace and one source; when a new version comes into force,
new doors are hung. Nothing in it changes but the memory of cells, which the world's countries bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from kept.base.ids import prepare, prepare_for_subject
from kept.base.remembered import Remembered
from kept.gate.gathering import Gathering
from kept.gather.day import DayKey
from kept.gather.minimise import Hiding, Known, kept_of_referrers, page_of
from kept.gather.values import READERS, Reader, read_page, reader_of
from kept.policy.compiled import NO_ANSWER, Answer, CompiledPolicy, Event, Item

TRACKER, SERVER = "tracker", "server"
"""The two ways to the door, as the policy's `from` names them: pages, and the company's own server."""
SESSION_ID = "session_id"
"""What a cookie holds that may hold one visit together."""
PAGE_PROPERTIES = ("path", "page")
MOST_MASKS = 4_096
ADDRESSES = 8_192
"""A site's visitors come from the same places, and look at the same pages, over and over."""
ADDRESS = 512
"""Longer ones are read anew each time."""
COLUMN_ITEMS = {
    "address": "ip_address",
    "browser": "browser",
    "campaign": "campaign",
    "country": "country",
    "device": "device",
    "referrer": "referrer",
}
"""The columns beside the properties, and the item of the policy that each holds."""


class Answers(Protocol):
    """Who gave which answer, as far as this process knows."""

    def of(self, subject: int) -> tuple[Answer, int]:
        """The answer, and the choice sequence number up to which it is known."""
        ...

    def look_again(self, subject: int) -> tuple[Answer, int]:
        """The same, once this process knows what others have heard by now."""
        ...


@dataclass(slots=True)
class AnswersInMemory:
    """Answers that stand in a dictionary."""

    known: dict[int, Answer]
    head: int = 0

    def of(self, subject: int) -> tuple[Answer, int]:
        """The answer, and the head; a stranger has given none."""
        return self.known.get(subject, NO_ANSWER), self.head

    look_again = of


@dataclass(frozen=True, slots=True)
class DoorKeys:
    """Keys of one workspace, 32 bytes each. A client's own ids are stored only as hashes under them."""

    visitor: bytes
    event: bytes


@dataclass(frozen=True, slots=True)
class Property:
    """One declared property: how its value is read, and the mask of the purposes that use it."""

    read: Reader
    uses: int


class EventTerms:
    """What the policy says of one event, prepared: may it come this way, its properties, its cells.

    Purposes that are dark until a demand use nothing here: they never justify gathering alone.
    """

    __slots__ = ("_cells", "_policy", "event", "from_here", "page_uses", "properties")

    def __init__(
        self, policy: CompiledPolicy, event: Event, source: str, readers: Mapping[str, Reader]
    ) -> None:
        self.event = event
        self.from_here = source in event.sources
        self.properties: Mapping[str, Property] = {
            name: Property(
                read_page if name in PAGE_PROPERTIES and kind == "text" else readers[kind],
                event.property_uses.get(name, 0) & ~policy.on_demand,
            )
            for name, kind in event.properties.items()
        }
        self.page_uses = 0
        for name in PAGE_PROPERTIES:
            self.page_uses |= event.property_uses.get(name, 0) & ~policy.on_demand
        self._policy = policy
        self._cells: dict[str | None, int] = {}

    def cell_in(self, country: str | None) -> int:
        """The cell of someone in this country; nothing else about the person is known here."""
        cell = self._cells.get(country)
        if cell is None:
            cell = self._policy.cell_of(country, None, frozenset(self.event.about))
            self._cells[country] = cell
        return cell


class ColumnUses:
    """For each column beside the properties: the mask of the purposes that use the item it holds.

    The policy names the items; an item that it does not declare, or does not gather this way, has 0 and so is
    never stored.
    """

    __slots__ = ("_known", "address", "browser", "campaign", "country", "device", "referrer")

    def __init__(self, policy: CompiledPolicy, source: str) -> None:
        self.address = _uses(policy, "ip_address", source)
        self.browser = _uses(policy, "browser", source)
        self.campaign = _uses(policy, "campaign", source)
        self.country = _uses(policy, "country", source)
        self.device = _uses(policy, "device", source)
        self.referrer = _uses(policy, "referrer", source)
        self._known: dict[int, tuple[bool, ...]] = {}

    def used(self, mask: int) -> tuple[bool, ...]:
        """Which columns a purpose of the mask uses: referrer, campaign, device, browser, country, address."""
        found = self._known.get(mask)
        if found is None:
            if len(self._known) >= MOST_MASKS:
                self._known.clear()
            items = (self.referrer, self.campaign, self.device, self.browser, self.country, self.address)
            found = self._known[mask] = tuple(bool(uses & mask) for uses in items)
        return found


class Door:
    """One version of the policy at one workspace's door, for what comes from one source.

    `carried` is the source that its events carry: the door's own, or the name of the partner on whose site it stands.
    """

    __slots__ = (
        "answers",
        "carried",
        "columns",
        "counting_in",
        "day",
        "event_id",
        "events",
        "gathering",
        "number",
        "pages",
        "referrers",
        "ruled_out",
        "session_id",
        "session_uses",
        "source",
        "visitor_id",
        "workspace",
    )

    def __init__(
        self,
        policy: CompiledPolicy,
        number: int,
        *,
        workspace: int,
        keys: DoorKeys,
        answers: Answers,
        day: DayKey,
        source: str = TRACKER,
        partner: str = "",
        known: Known | None = None,
    ) -> None:
        self.number = number
        self.source = source
        self.carried = partner or source  # enforces: partner-source
        self.workspace = workspace
        self.visitor_id = prepare(keys.visitor, b"visitor")
        self.event_id = prepare_for_subject(keys.event, b"event")
        self.session_uses = policy.cookie_purposes(SESSION_ID)
        self.session_id = prepare_for_subject(keys.event, b"session")
        self.answers = answers
        self.day = day
        self.gathering = Gathering(policy)
        self.counting_in = policy.counting_in
        self.columns = ColumnUses(policy, source)
        self.ruled_out = {cell: never for cell, never in enumerate(policy.ruled_out) if never}
        hiding, referrer_of = Hiding(known), kept_of_referrers(reduced_referrers(policy))
        self.pages = hiding.then(lambda url: hiding.page(page_of(url)), ADDRESS, ADDRESSES)
        self.referrers = Remembered[tuple[str, str | None], str | None](
            lambda pair: referrer_of(*pair), ADDRESSES, ADDRESS
        )
        readers = Remembered[str, Reader](lambda kind: reader_of(kind, hiding), len(READERS))
        self.events = {
            name: EventTerms(policy, event, source, readers) for name, event in policy.events.items()
        }

    def declared(self, event: str, of_event: str | None = None) -> str:
        """The part of the policy that has these names: `event.property`, or else the event, or else nothing."""
        terms = self.events.get(event)
        if terms is None:
            return ""
        return f"{event}.{of_event}" if of_event in terms.properties else event


def reduced_referrers(policy: CompiledPolicy) -> str:
    """The policy's word for what is kept of a referrer; empty where it has none."""
    item = policy.items.get(COLUMN_ITEMS["referrer"])
    return item.reduced_to if item else ""


def _uses(policy: CompiledPolicy, name: str, source: str) -> int:
    item = policy.items.get(name)
    if item is None or not _comes_from(item, source):
        return 0
    return item.uses & ~policy.on_demand  # enforces: dark-justifies-no-item


def _comes_from(item: Item, source: str) -> bool:
    """What is derived is derived from a visitor's own request; a server's says nothing of the visitor's."""
    return source in item.sources or (source == TRACKER and bool(item.derived_from))
