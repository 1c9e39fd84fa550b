"""The table `people` of a purpose: one row a person, with what was told of them that the purpose uses and they allow.

Values stand under their people's keys, so the engine cannot read them where they lie. They are opened for one question,
handed to its locked process, held in memory there, and gone with the next question. On no disk do they stand.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from kept.gate import Permit
from kept.policy.compiled import CompiledPolicy, Form, Item, Purpose
from kept.storage.query import Given, No, Refused, Value
from kept.use.views import ITEM_COLUMNS, PEOPLE, View

STORED = "_people"
MOST = 50_000
"""People in one question: about twelve seconds of opening what stands under their keys."""

_BY_EVENTS = frozenset({"tracker", "server log", "partner", "dialog"})
"""Ways by which nothing is told of an account."""
_FILES = frozenset({"file", "image", "audio", "video", "credential"})
_KINDS = {"number": "DOUBLE", "yes or no": "BOOLEAN", "date": "DATE", "list of text": "VARCHAR[]"}
_IBIS = {
    "BIGINT": "int64",
    "BIGINT[]": "array<int64>",
    "VARCHAR": "string",
    "DOUBLE": "float64",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "VARCHAR[]": "array<string>",
}


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person: the account's number, those under which their events stand, and values by item."""

    person: int
    known_as: tuple[int, ...]
    values: Mapping[str, Value]


Everyone = Callable[[Permit, int], Iterable[PersonRow]]
"""Whoever a purpose may see something of, that many at most."""


def people_view(policy: CompiledPolicy, purpose: Purpose) -> View | None:
    """The table, if the purpose uses anything that is told of accounts."""
    kinds = _kinds(policy, purpose)
    if len(kinds) == len(_WHO):
        return None
    types = tuple(_IBIS[kind] for kind in kinds.values())
    return View(PEOPLE, tuple(kinds), f"select * from {STORED}", types)  # noqa: S608  a name of ours


def nobody(policy: CompiledPolicy, purpose: Purpose) -> Given:
    """The table without a row, for questions that do not ask for it."""
    return _given(_kinds(policy, purpose), ())


def everybody(permit: Permit, everyone: Everyone) -> Given | Refused:
    """The table with everyone in it."""
    rows = list(everyone(permit, MOST + 1))
    if len(rows) > MOST:
        return Refused(No.TOO_MANY_PEOPLE)
    return _given(_kinds(permit.in_force.policy, permit.purpose), rows)


_WHO = {"person": "BIGINT", "known_as": "BIGINT[]"}


def _kinds(policy: CompiledPolicy, purpose: Purpose) -> dict[str, str]:
    """The columns with their types."""
    items = {item.name: _KINDS.get(item.type, "VARCHAR") for item in _items(policy, purpose)}
    return {**_WHO, **{name: kind for name, kind in items.items() if name not in _WHO}}


def _items(policy: CompiledPolicy, purpose: Purpose) -> Iterator[Item]:
    """What may be told of an account and the purpose uses. A purpose under pseudonyms has nothing that names people."""
    by_events = _BY_EVENTS | policy.partners.keys()
    for item in policy.items.values():
        told = bool(frozenset(item.sources) - by_events) and item.type not in _FILES
        named = item.identifies == "directly" and purpose.form is not Form.IDENTIFIED
        # enforces: people-columns
        if told and not named and item.name not in ITEM_COLUMNS and item.uses & purpose.mask:
            yield item


def _given(kinds: Mapping[str, str], rows: Iterable[PersonRow]) -> Given:
    told: list[Mapping[str, Value]] = [
        {"person": row.person, "known_as": list(row.known_as), **row.values} for row in rows
    ]
    values = [[_as(kind, each.get(name)) for each in told] for name, kind in kinds.items()]
    return Given(list(kinds.items()), values)


def _as(kind: str, value: Value) -> Value:
    """A value as its column takes it: what was told while the item had another type is text, or nothing."""
    match kind, value:
        case (
            ("BIGINT", int()) | ("BIGINT[]" | "VARCHAR[]", list()) | ("BOOLEAN", bool()) | ("VARCHAR", str())
        ):
            return value
        case "DOUBLE", int() | float():
            return float(value)
        case "VARCHAR", int() | float():
            return str(value)
        case "DATE", str() if _is_day(value):
            return value
        case _:
            return None


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
