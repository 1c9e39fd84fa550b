"""What of a telling may be taken, by the policy's word alone: declared, from here, of the right type.

Promise G1: an undeclared item is refused, not stored. Nothing here knows whom it is about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from kept.gather.profiles.model import FileTold, NotTaken, Plain, Refusal, Telling
from kept.gather.profiles.sniffing import sniff
from kept.gather.profiles.values import CREDENTIAL, FILES, read
from kept.policy.compiled import CompiledPolicy, Item

PERSON = "person"
"""Whoever corrects their own data may correct what came by any way (GDPR Art. 16)."""
NAME_SHOWN = 64


@dataclass(frozen=True, slots=True)
class Judged:
    """Values fit to be taken, by item; None takes one away. What is refused, and why."""

    values: Mapping[str, Plain | None]
    refused: tuple[Refusal, ...]


def judge(policy: CompiledPolicy, telling: Telling) -> Judged:
    """Each value by itself: one that is refused does not take the others along."""
    values: dict[str, Plain | None] = {}
    refused = []
    for name, value in telling.values.items():
        found = _judge(policy.items.get(name), telling, value)
        if isinstance(found, NotTaken):
            refused.append(Refusal(name[:NAME_SHOWN], found))
        else:
            values[name] = found
    if telling.whole:
        told = {*values, *(refusal.item for refusal in refused)}
        values |= dict.fromkeys(name for name in may_tell(policy, telling.source) if name not in told)
    return Judged(values, tuple(refused))


def may_tell(policy: CompiledPolicy, source: str) -> list[str]:
    """The items whose values a source may tell, files aside."""
    return [
        name
        for name, item in policy.items.items()
        if source in item.sources and item.type not in FILES and item.type != CREDENTIAL
    ]


def missing(policy: CompiledPolicy, source: str, there: Iterable[str]) -> list[str]:
    """Items that the policy requires, which this source may tell, and which are not there. A file comes after the
    rest, by an address of its own, so it is asked for by the site's form."""
    known = frozenset(there)
    return [name for name in may_tell(policy, source) if policy.items[name].required and name not in known]


def _judge(item: Item | None, telling: Telling, value: object) -> Plain | NotTaken | None:
    if item is None:
        return NotTaken.UNDECLARED  # enforces: undeclared-item
    if item.type == CREDENTIAL:
        return NotTaken.CREDENTIAL  # enforces: credential-item
    if telling.source not in item.sources and telling.how != PERSON:
        return NotTaken.NOT_FROM_HERE  # enforces: item-source
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    return _read(item, value)


def _read(item: Item, value: object) -> Plain | NotTaken:
    if item.type not in FILES:
        return read(item.type, value)  # enforces: item-type
    if not isinstance(value, FileTold):
        return NotTaken.A_FILE
    return sniff(item.type, value)  # enforces: file-type
