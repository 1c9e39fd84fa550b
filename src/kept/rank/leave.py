"""Whether a person's own data may rank for them. Pure: it reads the policy and the person's answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kept.policy.compiled import Answer, CompiledPolicy, Event, Form, Purpose, decide
from kept.rank.model import WhyGeneral


@dataclass(frozen=True, slots=True)
class RankedBy:
    """The purpose that ranks a kind of thing, by a property of an event: `job_view.job`."""

    purpose: Purpose
    event: Event
    part: str


@dataclass(frozen=True, slots=True)
class Asking:
    """For whom: their subjects, the answer in force, where they live, whether the browser sends a signal.

    `profile` has items by name, as the site knows them now; they are used for this once and kept nowhere.
    """

    subjects: tuple[int, ...]
    answer: Answer
    residence: str | None = None
    signal: bool = False
    profile: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ranked:
    """Leave to rank by what is known of a person."""

    by: RankedBy
    profile: Mapping[str, str]


def ranked_by(policy: CompiledPolicy, kind: str) -> RankedBy | None:
    """Which purpose ranks this kind of thing: one that is about a person as such, says what one gets without it,
    and uses the property. A purpose that works with pseudonyms or figures is turned on nobody.
    """
    name, _, part = kind.partition(".")
    event = policy.events.get(name)
    if event is None or event.properties.get(part) != "id":
        return None
    for purpose in policy.purposes.values():
        if (name, part) in purpose.properties and _is_for_one(purpose):
            return RankedBy(purpose, event, part)
    return None


def _is_for_one(purpose: Purpose) -> bool:
    if purpose.on_demand or not purpose.without_it:
        return False
    return purpose.form is Form.IDENTIFIED  # enforces: ranking-form


def leave_to_rank(policy: CompiledPolicy, kind: str, asking: Asking) -> tuple[Ranked | WhyGeneral, str]:
    """Leave, or why everyone's order is shown; and the clause that says so."""
    by = ranked_by(policy, kind)
    if by is None:
        return WhyGeneral.NO_PURPOSE, "purposes"
    cell = policy.cell_of(asking.residence, None, frozenset(by.event.about))
    decision = decide(policy, by.purpose.name, cell, asking.answer, signal=asking.signal)
    if not decision.allowed:  # enforces: ranking-leave
        return WhyGeneral.NO_LEAVE, decision.clause
    return Ranked(by, _usable(policy, by.purpose, asking.profile)), decision.clause


def _usable(policy: CompiledPolicy, purpose: Purpose, profile: Mapping[str, str]) -> dict[str, str]:
    """The items of a profile that the purpose uses; the others are not looked at."""
    return {name: words for name, words in profile.items() if name in purpose.items and name in policy.items}
