"""Compares two entries of one name, field by field: no field can differ without being named."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, cast

from kept.base.language import ENGLISH
from kept.policy.diff_model import Change, Kind, Pair, added_and_gone, change
from kept.policy.times import Span
from kept.policy.wording import title_of

APART = frozenset({"name", "bit", "uses", "property_uses", "passes"})
"""What is no fact of its own: the name is the path, and uses are told by the purposes."""


@dataclass(frozen=True, slots=True)
class Both:
    """One entry in both versions: how it is called now, and whom it is about."""

    pair: Pair
    path: str
    title: str
    old: Any
    new: Any
    people: tuple[str, ...] = ("everyone",)

    def change(self, kind: Kind, field: str, says: str) -> Change:
        """A change of one of its fields."""
        return change(kind, f"{self.path}.{field}" if field else self.path, says, self.people)

    def values(self, field: str) -> tuple[Any, Any]:
        """The field's value before and after."""
        return getattr(self.old, field), getattr(self.new, field)


Teller = Callable[[Both, str], Iterable[Change]]
"""Tells how one field differs."""


def differences(both: Both, tellers: Mapping[str, Teller]) -> Iterator[Change]:
    """Every field that differs, told by its teller; what that does not put into words is named all the same.

    Both versions must hold the same kind of entry. A field of cells may differ in form alone, when the
    audiences do: those are named then.
    """
    for field in fields(both.old):
        before, after = both.values(field.name)
        if field.name in APART or before == after:
            continue
        told = list(tellers[field.name](both, field.name)) if field.name in tellers else []
        regrouped = field.name in {"keep", "terms"} and both.pair.old.possible != both.pair.new.possible
        yield from told or ([] if regrouped else [plainly(both, field.name)])


def plainly(both: Both, field: str) -> Change:
    """That a field differs, with what stood and stands there."""
    return both.change(Kind.WORDS, field, f"{both.title}: {_field(field)} {_from_to(*both.values(field))}.")


def as_kind(kind: Kind) -> Teller:
    """A teller that says what stood and stands there, as a change of this kind."""

    def tell(both: Both, field: str) -> Iterator[Change]:
        yield both.change(kind, field, f"{both.title}: {_field(field)} {_from_to(*both.values(field))}.")

    return tell


def members(more: Kind, fewer: Kind, gains: str, loses: str) -> Teller:
    """A teller for a field that lists names: what came, and what went."""

    def tell(both: Both, field: str) -> Iterator[Change]:
        added, gone = added_and_gone(*both.values(field))
        if added:
            yield both.change(more, field, f"{both.title}: {gains} {ENGLISH.listing(words(added))}.")
        if gone:
            yield both.change(fewer, field, f"{both.title}: {loses} {ENGLISH.listing(words(gone))}.")

    return tell


def words(names: Iterable[str]) -> list[str]:
    """Names of the file as words."""
    return [title_of(name).lower() for name in names]


def _field(name: str) -> str:
    return f"“{name.replace('_', ' ')}”"


def _from_to(before: object, after: object) -> str:
    said, says = plain(before), plain(after)
    if not said:
        return f"now says “{says}”"
    return f"said “{said}” and now says “{says}”" if says else f"said “{said}” and now says nothing"


def plain(value: object) -> str:
    """A fact in words, whatever it is made of; empty for one that is not there."""
    if value is None or isinstance(value, bool):
        return {None: "", False: "no", True: "yes"}[value]
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {plain(one)}" for key, one in sorted(value.items()))
    if is_dataclass(value) and not isinstance(value, Span):
        held = ((one.name, getattr(value, one.name)) for one in fields(value))
        return ", ".join(f"{name}: {plain(one)}" for name, one in held if one)
    if isinstance(value, tuple | frozenset):
        return ", ".join(sorted(plain(one) for one in cast("Iterable[object]", value)))
    return str(getattr(value, "value", value))
