"""Why something is turned away at the door: a closed list, counted, and named to whoever sent it.

A refusal here is a normal result. What is refused is not kept anywhere; the counts hold no data about anyone.
"""

from collections import Counter
from collections.abc import Mapping
from enum import Enum

import msgspec


class AtDoor(Enum):
    """Why an event, or one property of it, is not taken in."""

    UNDECLARED_EVENT = "the policy declares no such event"
    NOT_FROM_HERE = "the policy does not gather this event by the way it came"
    UNDECLARED_PROPERTY = "the policy declares no such property"
    WRONG_TYPE = "the value is not of the declared type"
    TOO_LONG = "the value is longer than its type allows"
    WRONG_TIME = "the time is neither milliseconds nor RFC 3339 with an offset"
    TOO_OLD = "the event is more than 7 days old"
    IN_FUTURE = "the event lies in the future"
    NO_VISITOR = "no visitor is given, and visits are not counted without cookies there"
    DELETED = "whoever had this id was deleted, and has chosen nothing since"
    SIGNAL = "the browser's privacy signal says no, and nothing else allows it"
    PUBLIC_KEY = "a page's key is public: it can neither say who a visitor is nor describe them"
    PROFILE = "what describes a person, beside what they did, is not taken this way"
    ANOTHER_ACCOUNT = "this visitor is part of another account"
    TOO_LARGE = "the event is larger than its protocol allows"
    NO_PURPOSE = "no purpose may use this event: the person's answer, their region or the policy rules it out"

    @property
    def is_of_property(self) -> bool:
        """Whether it turns away one property alone, and the event goes on without it."""
        return self in _OF_PROPERTIES

    @property
    def code(self) -> str:
        """The reason as senders and counts read it: undeclared event."""
        return self.name.lower().replace("_", " ")


_OF_PROPERTIES = frozenset({AtDoor.UNDECLARED_PROPERTY, AtDoor.WRONG_TYPE, AtDoor.TOO_LONG})


class TurnedAway(msgspec.Struct, frozen=True, gc=False):
    """One refusal as the sender reads it. When `where` names a property, that property alone was refused."""

    event: int
    reason: str
    where: str


Refused = tuple[AtDoor, str]
"""Why, and which part of the policy: an event, or a property as `event.property`. Empty where it declares none of
that name: names that are not declared may hold anything, and are kept nowhere."""


class Counts:
    """How often each reason occurred in this process. Counting never fails and never waits."""

    def __init__(self) -> None:
        self._by_part: Counter[Refused] = Counter()
        self.accepted = 0

    def add(self, reason: AtDoor, part: str = "") -> None:
        """One more. `part` is a name that the policy declares, never one that was sent."""
        self._by_part[reason, part] += 1

    def by_part(self) -> Mapping[Refused, int]:
        """Every reason with its number by part, as it is now."""
        return dict(self._by_part)

    def of(self) -> Mapping[AtDoor, int]:
        """Every reason with its number, zeros included."""
        sums = dict.fromkeys(AtDoor, 0)
        for (reason, _), count in self.by_part().items():
            sums[reason] += count
        return sums
