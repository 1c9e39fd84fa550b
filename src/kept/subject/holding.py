"""What every room that keeps personal data offers: find, export, correct, erase, duty to keep.

`app` hands the list of Holdings to those who must reach every room: `rights` and `prove`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Person:
    """All subjects of one person: the account, if there is one, and every visitor joined to it."""

    workspace: int
    account: int | None
    subjects: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Held:
    """One kind of thing held about a person, in words for that person."""

    item: str  # its name in the policy
    title: str
    count: int
    sources: tuple[str, ...]
    purposes: tuple[str, ...]  # those that may use it now
    first_ms: int | None
    last_ms: int | None
    until_ms: int | None  # when the last of it will have gone; None: no end is known yet


@dataclass(frozen=True, slots=True)
class Duty:
    """Why something must stay although its person asked for deletion."""

    item: str
    ground: str
    until_ms: int | None


@dataclass(frozen=True, slots=True)
class NotCorrectable:
    """Why an item cannot be corrected, in words for the person (GDPR Art. 16 covers what is inaccurate)."""

    reason: str


class Holding(Protocol):
    """One room's personal data, as the rights of a person need it."""

    @property
    def name(self) -> str:
        """What is held, in a word or two; receipts print it."""
        ...

    def find(self, person: Person) -> list[Held]:
        """What is held about a person, one entry for each item."""
        ...

    def export(self, person: Person) -> Iterator[Mapping[str, object]]:
        """Every row held about a person, as it is, in open types."""
        ...

    def correct(self, person: Person, item: str, value: object) -> NotCorrectable | None:
        """Put a right value in a wrong one's place; None when done."""
        ...

    def erase(self, person: Person) -> None:
        """Remove all of it. Run again after a crash, it does what is left; done when it returns."""
        ...

    def duties(self, person: Person) -> list[Duty]:
        """What must stay, and on what ground."""
        ...

    def remains(self, person: Person) -> int:
        """How many traces a search finds now: 0 after an erasure, or the erasure is not done."""
        ...
