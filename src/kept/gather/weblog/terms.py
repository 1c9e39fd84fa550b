"""The policy prepared for server logs: per cell one mask, and for each column since when it may be kept.

A line carries neither a choice nor an identity, so the purposes open to it are those of
`Gathering.of_log_line`. A column is kept only if its item is declared, comes from server logs, some purpose
in the mask uses it, and its own keep time is not over.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from kept.gate.gathering import SERVER_LOG, Gathering
from kept.policy.compiled import CompiledPolicy, Event, Item
from kept.policy.times import NOTHING_ENDED, Span

PAGE_VIEW = "page_view"
PAGE_PROPERTIES = ("path", "page")
NEVER = 1 << 62
"""A time after every time: nothing is gathered later than this."""


@dataclass(frozen=True, slots=True)
class CellTerms:
    """What holds in one cell. Times in milliseconds: what is gathered after them may be kept."""

    mask: int
    event: int
    page: int
    address: int
    country: int
    device: int
    browser: int
    referrer: int
    campaign: int


NOTHING = CellTerms(0, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER, NEVER)


class LogTerms:
    """One version of the policy, as it is at `now_ms`."""

    def __init__(self, policy: CompiledPolicy, now_ms: int) -> None:
        self._policy, self._now_ms = policy, now_ms
        self._gathering = Gathering(policy)
        event = policy.events.get(PAGE_VIEW)
        self._event = event if event and SERVER_LOG in event.sources else None
        self._cells: dict[int, CellTerms] = {}
        self._countries: dict[str | None, CellTerms] = {}

    @property
    def declared(self) -> bool:
        """Whether the policy gathers page views from server logs at all."""
        return self._event is not None

    def in_country(self, country: str | None) -> CellTerms:
        """What holds for someone in this country; None is nowhere known, where the strictest counts."""
        found = self._countries.get(country)
        if found is None:
            found = self._countries[country] = self._in_cell_of(country)
        return found

    def _in_cell_of(self, country: str | None) -> CellTerms:
        if self._event is None:
            return NOTHING
        cell = self._policy.cell_of(country, None, frozenset(self._event.about))
        if cell not in self._cells:
            self._cells[cell] = self._terms(self._event, cell)
        return self._cells[cell]

    def _terms(self, event: Event, cell: int) -> CellTerms:
        mask = self._gathering.of_log_line(event, cell)
        if not mask:
            return NOTHING
        live = mask & ~self._policy.on_demand  # what is dark until a demand never justifies gathering alone
        page_uses = (event.property_uses.get(name, 0) for name in PAGE_PROPERTIES)
        no_page = any(
            self._policy.never_for(cell, f"{event.name}.{name}") & event.property_uses.get(name, 0) & live
            for name in PAGE_PROPERTIES
        )
        return CellTerms(
            mask=mask,
            event=_over(event.keep[cell], self._now_ms),
            page=NOTHING_ENDED if any(uses & live for uses in page_uses) and not no_page else NEVER,
            address=self._kept_after("ip_address", live, cell),
            country=self._kept_after("country", live, cell),
            device=self._kept_after("device", live, cell),
            browser=self._kept_after("browser", live, cell),
            referrer=self._kept_after("referrer", live, cell),
            campaign=self._kept_after("campaign", live, cell),
        )

    def _kept_after(self, name: str, mask: int, cell: int) -> int:
        item = self._policy.items.get(name)
        if item is None or not _from_logs(item) or not item.uses & mask:
            return NEVER
        if self._policy.never_for(cell, name) & item.uses & mask:
            return NEVER
        return _over(item.keep[cell], self._now_ms)


def _from_logs(item: Item) -> bool:
    return SERVER_LOG in item.sources or bool(item.derived_from)


def _over(spans: Iterable[Span], now_ms: int) -> int:
    return max((span.cutoff(now_ms) for span in spans), default=NOTHING_ENDED)
