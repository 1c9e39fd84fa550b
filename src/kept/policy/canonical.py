"""The same facts as the same bytes. Bits, masks and positions stay apart: they are not what is promised."""

import hashlib
from dataclasses import fields, is_dataclass, replace
from enum import Enum
from typing import Any, cast

import msgspec

from kept.policy.compiled import CompiledPolicy
from kept.policy.times import Span

APART = frozenset(
    {
        "bit",  # a purpose's place in masks belongs to an installation
        "canonical",
        "cells",
        "fingerprint",
        "line",  # where an assumption stands
        "masks",
        "passes",  # follows from what a recipient gets and what its purposes use
        "property_uses",
        "ruled_out",
        "uses",
    }
)


def fingerprinted(policy: CompiledPolicy) -> CompiledPolicy:
    """The policy with its canonical JSON and the SHA-256 of it."""
    canonical = canonical_bytes(policy)
    return replace(policy, canonical=canonical, fingerprint=hashlib.sha256(canonical).hexdigest())


def canonical_bytes(policy: CompiledPolicy) -> bytes:
    """Facts as JSON: keys and sets sorted, spans as words, assumptions by their path."""
    facts = cast("dict[str, Any]", _plain(policy))
    facts.pop("on_demand", None)  # each purpose says it of itself
    facts["assumptions"] = sorted(facts["assumptions"], key=lambda one: sorted(one.items()))
    for group in facts["groups"].values():
        group["purposes"].sort()
    facts["cookies"] = {name: _cookie(policy, name, cookie) for name, cookie in facts["cookies"].items()}
    return msgspec.json.encode(facts, order="deterministic")


def _cookie(policy: CompiledPolicy, name: str, cookie: dict[str, object]) -> dict[str, object]:
    mask = policy.cookies[name].purposes
    served = sorted(purpose.name for purpose in policy.purposes.values() if purpose.mask & mask)
    return {**cookie, "purposes": served}


def _plain(value: object) -> object:  # noqa: PLR0911 — one line a kind
    if isinstance(value, Span):
        return str(value)
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value):
        return {one.name: _plain(getattr(value, one.name)) for one in fields(value) if one.name not in APART}
    if isinstance(value, frozenset):
        return sorted((_plain(member) for member in value), key=repr)
    if isinstance(value, tuple | list):
        return [_plain(member) for member in value]
    if isinstance(value, dict):
        return {str(key): _plain(member) for key, member in value.items()}
    return value
