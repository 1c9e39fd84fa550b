"""Compares two entries of one name, field by field: no field can differ without being named."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from kept.base.language import Language, marked
from kept.policy.diff_model import Change, Kind, Pair, added_and_gone
from kept.policy.diff_words import field_words, names_words, plain, value_words

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

    @property
    def say(self) -> Language:
        """The language in which its changes are told."""
        return self.pair.say

    @property
    def section(self) -> str:
        """The section of the policy that it stands in."""
        return self.path.partition(".")[0]

    def change(self, kind: Kind, field: str, says: str) -> Change:
        """A change of one of its fields."""
        return self.pair.change(kind, f"{self.path}.{field}" if field else self.path, says, self.people)

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
    return both.change(Kind.WORDS, field, _from_to(both, field))


def as_kind(kind: Kind) -> Teller:
    """A teller that says what stood and stands there, as a change of this kind."""

    def tell(both: Both, field: str) -> Iterator[Change]:
        yield both.change(kind, field, _from_to(both, field))

    return tell


def members(more: Kind, fewer: Kind, gains: str, loses: str) -> Teller:
    """A teller for a field that lists names: what came, and what went, each a marked sentence."""

    def tell(both: Both, field: str) -> Iterator[Change]:
        added, gone = added_and_gone(*both.values(field))
        for kind, says, policy, names in (
            (more, gains, both.pair.new, added),
            (fewer, loses, both.pair.old, gone),
        ):
            if names:
                words = names_words(policy, both.section, field, names, both.say)
                yield both.change(kind, field, both.say(says, title=both.title, names=words))

    return tell


def _from_to(both: Both, field: str) -> str:
    before, after = both.values(field)
    said = value_words(both.pair.old, both.section, field, before, both.say)
    says = value_words(both.pair.new, both.section, field, after, both.say)
    if said == says:  # what differs is in no word of the notice
        said, says = plain(before, both.say), plain(after, both.say)
    frame = FRAMES[bool(said), bool(says)]
    named = field_words(both.section, field, both.say)
    return both.say(frame, title=both.title, field=named, before=said.rstrip("."), after=says.rstrip("."))


FRAMES = {
    (True, True): marked("{title}: “{field}” said “{before}” and now says “{after}”."),
    (True, False): marked("{title}: “{field}” said “{before}” and now says nothing."),
    (False, True): marked("{title}: “{field}” now says “{after}”."),
    (False, False): marked("{title}: “{field}” is told in other words."),
}
