"""A clean draft, opened: audiences, cells, and what each purpose uses. Law and compiling start from it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from kept.policy.cells import OLDEST, Names, Possible, all_cells
from kept.policy.compiled import Audience
from kept.policy.draft import Draft
from kept.policy.grammar import (
    AGE,
    IS,
    LIVES_IN,
    ON_DEMAND,
    UNKNOWN_AGE,
    UNKNOWN_RESIDENCE,
    USES,
)
from kept.policy.keys import CALLED
from kept.policy.nodes import Text
from kept.policy.places import lies_in, opened
from kept.policy.plain import ages
from kept.policy.selections import Selected, Selections
from kept.policy.values import Ref
from kept.policy.wording import title_of


@dataclass(frozen=True, slots=True)
class Opened:
    """What the words of a draft come to, before terms and bits."""

    draft: Draft
    selections: Selections
    audiences: dict[str, Audience]
    if_unknown: dict[str, tuple[str, ...]]
    cells: tuple[Possible, ...]
    uses: dict[str, Selected]  # by purpose

    @property
    def certain(self) -> Iterator[Names]:
        """The audience sets of people of whom all is known."""
        return (names for cell in self.cells if len(cell) == 1 for names in cell)

    def may_live_in(self, people: Names, places: frozenset[str]) -> bool:
        """Whether someone who lives in one of the places can be in exactly these audiences."""
        return any(self._fits(people, code) for code in places)

    def _fits(self, people: Names, code: str) -> bool:
        for name, audience in self.audiences.items():
            inside = not audience.lives_in or lies_in(code, audience.lives_in)
            by_place_alone = audience.age is None and not audience.people
            if (name in people and not inside) or (name not in people and inside and by_place_alone):
                return False
        return True

    @property
    def everyday(self) -> Iterator[Selected]:
        """What purposes use that are not dark until a demand: those alone justify no gathering."""
        purposes = self.draft.section("purposes")
        return (used for name, used in self.uses.items() if not purposes[name].want(ON_DEMAND, False))


def open_draft(draft: Draft) -> Opened:
    """Open a draft whose words and names are right, and whose audiences name few roles."""
    selections, audiences, if_unknown = Selections(draft), audiences_of(draft), presumed(draft)
    return Opened(
        draft,
        selections,
        audiences,
        if_unknown,
        all_cells(audiences, if_unknown),
        {name: selections.open(entry.want(USES, ())) for name, entry in draft.section("purposes").items()},
    )


def audiences_of(draft: Draft) -> dict[str, Audience]:
    """The audiences, with groups of countries opened."""
    return {
        name: Audience(
            name,
            opened(entry.want(LIVES_IN, ())),
            entry.get(AGE),
            names(entry.get(IS)),
            entry.own(CALLED) or title_of(name),
        )
        for name, entry in draft.section("audiences").items()
    }


def presumed(draft: Draft) -> dict[str, tuple[str, ...]]:
    """What `if unknown` presumes: `residence` codes, `age` from and to; without a word of it, any."""
    if draft.if_unknown is None:
        return {}
    found = {}
    places = draft.if_unknown.want(UNKNOWN_RESIDENCE, ("any",))
    if "any" not in places:
        found["residence"] = opened(places)
    age = draft.if_unknown.want(UNKNOWN_AGE, "any")
    if age != "any" and (span := _presumed_ages(draft, age)) is not None:
        found["age"] = (str(span[0]), str(span[1]))
    return found


def _presumed_ages(draft: Draft, age: str) -> tuple[int, int] | None:
    if age in draft.section("audiences"):
        return draft.section("audiences")[age].get(AGE)
    low, high = ages(Text(draft.company.place, age, quoted=True, cut=False))
    return low, min(high, OLDEST)


def names(refs: Iterable[Ref] | None) -> tuple[str, ...]:
    """The names of references, sorted: their order has no meaning."""
    return tuple(sorted({ref.name for ref in refs or ()}))
