"""Things on offer, and their order for one person with the reason of each place."""

from dataclasses import dataclass
from enum import Enum


class Order(Enum):
    """Which order it is."""

    OWN = "own"
    GENERAL = "general"


class WhyGeneral(Enum):
    """Why everyone's order, and not the person's own. A closed list."""

    NO_PURPOSE = "no purpose of the policy may rank this for one person"
    NO_LEAVE = "the person's answer, the place or the policy rules it out"
    NOTHING_KNOWN = "nothing is known that could rank it"
    NOT_NOW = "the ranking cannot be worked out at present"


@dataclass(frozen=True, slots=True)
class Offer:
    """A thing that the site has: its id in events, and the words that describe it. No personal data."""

    id: str
    words: str
    open: bool = True  # what is no longer on offer still says what somebody looked at


@dataclass(frozen=True, slots=True)
class Because:
    """Why a thing stands where it does: a thing that the person looked at, or an item of their profile."""

    viewed: str = ""
    profile: str = ""


@dataclass(frozen=True, slots=True)
class Thing:
    """One place of a ranking. In the general order there is no reason about the person."""

    id: str
    because: Because | None = None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Things, the best first. `why` and `clause` say why the order is the general one."""

    order: Order
    things: tuple[Thing, ...]
    why: WhyGeneral | None = None
    clause: str = ""
