"""What pages tell the company: reports, what was turned away, the ledger. No row in it is about one person."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ReportAsked:
    """Which report is wanted: for a purpose, from a day up to and including another (UTC)."""

    purpose: str
    since: date
    until: date


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name. `note` says what to know about it."""

    name: str  # visitors, sessions, …: its name in CSV and JSON
    title: str
    value: int | float
    unit: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    title: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows to read: `name` is its name in addresses. Empty `rows` is a fact, not an error."""

    name: str  # days, pages, sources, countries, devices, actions
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str | int | float, ...], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """A purpose's figures. The table named `days` has a row a day, its first column an ISO date: it is drawn."""

    asked: ReportAsked
    figures: tuple[Figure, ...]
    tables: tuple[Table, ...]
    note: str = ""  # what the reader must know, such as who is left out and why


@dataclass(frozen=True, slots=True)
class BehaviourWanted:
    """Which report on what people do: days (UTC), a value that a column must have, what to split by, steps."""

    purpose: str
    report: str
    since: date
    until: date
    where: tuple[tuple[str, str], ...] = ()
    by: str = ""
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Its tables. Those named `days` and `minutes` go on in time, and are drawn."""

    asked: BehaviourWanted
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class NoReport:
    """Why there is none. `clause` is the place in the policy; `retry` whether asking again later can help."""

    says: str
    clause: str = ""
    next_step: str = ""
    retry: bool = False


@dataclass(frozen=True, slots=True)
class ReportPurpose:
    """A purpose that reports may be asked for. Those it may not stand in the list too, with the reason."""

    name: str
    title: str
    refused: str = ""


@dataclass(frozen=True, slots=True)
class SeenPart:
    """One declared thing as a purpose sees it: in which columns, or why not, and the place in the policy."""

    name: str
    kind: str
    seen_as: tuple[str, ...]
    why: str
    clause: str
    kept_for: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a purpose sees. `missing` has reasons with about how many rows; None: a few people's, not told.

    `there` is None where the purpose reads no rows at all: then none were counted.
    """

    purpose: str
    parts: tuple[SeenPart, ...]
    there: int | None
    missing: tuple[tuple[str, int | None], ...]


@dataclass(frozen=True, slots=True)
class RefusalCount:
    """How often something was turned away at the door since `since_ms`, and why.

    `part` is the event of the policy, or its property as `event.property`; empty where none is declared or known.
    """

    reason: str
    says: str
    count: int
    is_of_property: bool = False
    part: str = ""

    @property
    def what(self) -> str:
        """What was turned away, in words."""
        if self.reason in ("undeclared event", "undeclared property"):
            return f"{self.part and self.part + ': '}a name that the policy does not declare"
        return self.part or ("a property" if self.is_of_property else "an event or a message")


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One fact of the ledger, in words without names."""

    index: int
    at_ms: int
    fact: str
    says: str


@dataclass(frozen=True, slots=True)
class LedgerView:
    """The ledger's newest entries, and the checkpoint that covers them."""

    size: int
    root: str
    signed_ms: int | None
    entries: tuple[LedgerEntry, ...]


@dataclass(frozen=True, slots=True)
class Refusals:
    """What was turned away, and what came in, since the beginning of a day; None where nothing has been counted."""

    since_ms: int | None
    accepted: int
    counts: tuple[RefusalCount, ...]
