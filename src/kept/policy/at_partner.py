"""A policy as it holds on a partner's site: what that partner sends comes from pages there, and nothing else does.

Its purposes, audiences and choices are the company's own; so whoever asks or gathers on a partner's site does it by
the same rules, for less.
"""

from collections.abc import Collection
from dataclasses import replace
from typing import TypeVar

from kept.policy.compiled import CompiledPolicy, Event, Item

PARTNER, TRACKER = "partner", "tracker"
Held = TypeVar("Held", Event, Item)


def at_partner(policy: CompiledPolicy, name: str) -> CompiledPolicy:
    """The policy on the site of the partner with this name. KeyError when the policy has none."""
    sends, ways = frozenset(policy.partners[name].sends), frozenset({PARTNER, name})
    return replace(
        policy,
        events={each.name: _seen(each, sends, ways) for each in policy.events.values()},
        items={each.name: _seen(each, sends, ways) for each in policy.items.values()},
    )


def _seen(held: Held, sends: Collection[str], ways: frozenset[str]) -> Held:
    """Something that the partner sends comes from its pages; the rest comes no way from there."""
    if held.name not in sends:  # enforces: partner-sends
        return replace(held, sources=(), derived_from=())
    return replace(held, sources=(TRACKER,) if ways & frozenset(held.sources) else ())
