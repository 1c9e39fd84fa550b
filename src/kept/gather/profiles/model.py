"""What is told about someone, what became of it, and a value as it is held."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TypeAlias


class NotTaken(Enum):
    """Why a value is not taken in. A closed list; the code goes to whoever sent it, with the place."""

    UNDECLARED = "the policy declares no such item"
    NOT_FROM_HERE = "the policy does not gather this item by the way it came"
    CREDENTIAL = "what someone signs in with stays with the site, and is never held here"
    WRONG_TYPE = "the value is not of the declared type"
    TOO_LONG = "the value is longer than its type allows"
    A_FILE = "a file is sent to an address of its own"
    NO_PURPOSE = "no purpose may use this item: the person's answer, their region or the policy rules it out"
    REQUIRED = "the policy requires this item, and it would be missing"
    DELETED = "this account is being deleted"

    @property
    def code(self) -> str:
        """The reason as senders and counts read it: not from here."""
        return self.name.lower().replace("_", " ")


@dataclass(frozen=True, slots=True)
class FileTold:
    """A file as it is sent. `media` is filled in by looking at its bytes, never by what its sender says."""

    name: str
    content: bytes = field(repr=False)
    media: str = ""


Words: TypeAlias = str | int | float | bool | list[str]
Plain: TypeAlias = Words | FileTold


@dataclass(frozen=True, slots=True)
class Telling:
    """Values that are told about one account at once, by their items' names.

    None, or an empty text, is no value: it takes away what was there. `whole`: what its source may tell and it does
    not name is taken away too, files aside. `how` says who spoke: site, person, import.
    """

    values: Mapping[str, object]
    source: str = "form"
    how: str = "site"
    whole: bool = False
    residence: str | None = None  # ISO 3166; unknown: the strictest law counts
    signal: bool = False  # Global Privacy Control of the browser that sent the form


@dataclass(frozen=True, slots=True)
class Refusal:
    """One value that was not taken."""

    item: str
    why: NotTaken


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What became of a telling, by the names of items."""

    taken: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()

    @property
    def nothing_but_refused(self) -> bool:
        """Whether something was refused, and nothing of the rest was taken."""
        return bool(self.refused) and not (self.taken or self.unchanged or self.removed)


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it is held. `plain` is None where its key is gone; of a file it has no content."""

    number: int
    item: str
    plain: Plain | None = field(repr=False)
    source: str
    how: str
    at_ms: int
    ended_ms: int | None
    policy: int
    mask: int
