"""What the policy says of one event that comes from one source, prepared: worked out once for each cell and mask."""

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from kept.gather.values import Reader, read_page
from kept.policy.compiled import CompiledPolicy, Event, Item

TRACKER, SERVER = "tracker", "server"
"""The two ways to the door, as the policy's `from` names them: pages, and the company's own server."""
PAGE_PROPERTIES = ("path", "page")
MOST_MASKS = 1_024
COLUMN_ITEMS = {
    "referrer": "referrer",
    "campaign": "campaign",
    "device": "device",
    "browser": "browser",
    "country": "country",
    "address": "ip_address",
}
"""The columns beside the properties, and the item of the policy that each holds."""


@dataclass(frozen=True, slots=True)
class Property:
    """One declared property: how its value is read, and the mask of the purposes that use it."""

    read: Reader
    uses: int


class Ruling(msgspec.Struct, frozen=True, gc=False):
    """What the policy says of one event of some senders: their cell, the purposes that may use it, and what of it is
    stored for those: names of properties, and whether each column is."""

    cell: int = 0
    mask: int = 0
    properties: frozenset[str] = frozenset()
    page: bool = False
    referrer: bool = False
    campaign: bool = False
    device: bool = False
    browser: bool = False
    country: bool = False
    address: bool = False


REFUSED = Ruling()
"""Nothing may use it."""


class EventTerms:
    """May the event come this way, how are its properties read, which cell is it judged in, and what of it stays?

    Purposes that are dark until a demand use nothing here: they never justify gathering alone. An item that the policy
    does not declare, or does not gather this way, has no uses and so is never stored.
    """

    __slots__ = ("_cells", "_policy", "_rulings", "_source", "event", "from_here", "pages", "properties")

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
        self.pages = tuple(name for name in PAGE_PROPERTIES if name in self.properties)
        self._policy, self._source = policy, source
        self._cells: dict[str | None, int] = {}
        self._rulings: dict[tuple[int, int], Ruling] = {}

    def cell_in(self, country: str | None) -> int:
        """The cell of someone in this country; nothing else about the person is known here."""
        cell = self._cells.get(country)
        if cell is None:
            cell = self._policy.cell_of(country, None, frozenset(self.event.about))
            self._cells[country] = cell
        return cell

    def ruling(self, cell: int, mask: int) -> Ruling:
        """With what of a row of this mask is stored: what a purpose of the mask uses, unless a rule of `never` keeps it
        from one of them, since a row opens to its purposes as a whole."""
        found = self._rulings.get((cell, mask))
        if found is None:
            if len(self._rulings) >= MOST_MASKS:
                self._rulings.clear()
            found = self._rulings[cell, mask] = self._work_out(cell, mask)
        return found

    def _work_out(self, cell: int, mask: int) -> Ruling:
        policy, event = self._policy, self.event.name

        def may_stay(uses: int, *names: str) -> bool:
            used = uses & mask  # enforces: unused-items
            never = any(policy.never_for(cell, name) & used for name in names)  # enforces: never-of-an-item
            return bool(used) and not never

        page_uses = 0
        for name in PAGE_PROPERTIES:
            page_uses |= self.event.property_uses.get(name, 0) & ~policy.on_demand
        columns = (may_stay(_uses(policy, item, self._source), item) for item in COLUMN_ITEMS.values())
        return Ruling(
            cell,
            mask,
            frozenset(
                name
                for name, declared in self.properties.items()
                if may_stay(declared.uses, f"{event}.{name}")
            ),
            may_stay(page_uses, *(f"{event}.{name}" for name in PAGE_PROPERTIES)),
            *columns,
        )


def _uses(policy: CompiledPolicy, name: str, source: str) -> int:
    item = policy.items.get(name)
    if item is None or not _comes_from(item, source):
        return 0
    return item.uses & ~policy.on_demand  # enforces: dark-justifies-no-item


def _comes_from(item: Item, source: str) -> bool:
    """What is derived is derived from a visitor's own request; a server's says nothing of the visitor's."""
    return source in item.sources or (source == TRACKER and bool(item.derived_from))
