"""Cells: the sets of audiences that a person may be in, and which one to decide under.

Where something is unknown (a residence, or a code too coarse to tell), a cell stands for several possible
audience sets, and what is strictest in any of them counts. All cells are worked out when the policy is
compiled, so that a decision costs one look-up.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import combinations, product

from kept.policy.compiled import Audience, CompiledPolicy
from kept.policy.places import country_of, is_residence, lies_in

Names = frozenset[str]
Possible = frozenset[Names]  # audience sets, of which one is the person's
OLDEST = 150
MANY_ROLES = 6
"""Roles that audiences may name: their combinations double with each."""


def cell_of(policy: CompiledPolicy, residence: str | None, age: int | None, people: frozenset[str]) -> int:
    """The index of the cell for what is known of a person; see `CompiledPolicy.cell_of`.

    What is no code of a place says nothing of where someone lives: it counts as unknown, not as elsewhere.
    """
    code = residence.upper() if residence else ""
    possible = _possible(
        tuple(policy.audiences.values()),
        policy.if_unknown.get("residence", ()),
        _presumed_age(policy.if_unknown),
        code if is_residence(code) else None,
        age,
        people,
    )
    return _index(policy.possible)[possible] if policy.possible else 0


@lru_cache(maxsize=4096)
def _possible(
    audiences: tuple[Audience, ...],
    presumed_places: tuple[str, ...],
    presumed_age: tuple[int, int],
    code: str | None,
    age: int | None,
    people: frozenset[str],
) -> Possible:
    return _combine(
        audiences,
        _residences(audiences, code, presumed_places),
        _ages(audiences, age, presumed_age),
        _roles(audiences, people),
    )


@lru_cache(maxsize=64)
def _index(possible: tuple[Possible, ...]) -> Mapping[Possible, int]:
    return {cell: index for index, cell in enumerate(possible)}


def all_cells(
    audiences: Mapping[str, Audience], if_unknown: Mapping[str, tuple[str, ...]]
) -> tuple[Possible, ...]:
    """Every cell that `cell_of` can answer: the certain ones first, then by name."""
    known = tuple(audiences.values())
    found = {
        _combine(known, residences, ages, roles)
        for residences, ages, roles in product(
            _all_residences(known, if_unknown.get("residence", ())),
            _all_ages(known, _presumed_age(if_unknown)),
            _all_roles(known),
        )
    }
    return tuple(sorted(found, key=lambda cell: (len(cell), sorted(sorted(names) for names in cell))))


def union(cell: Possible) -> Names:
    """Every audience that a person in the cell is, or may be, in."""
    return frozenset().union(*cell)


def _combine(audiences: tuple[Audience, ...], *each: Possible) -> Possible:
    """The audiences that all three conditions allow, for each combination of what is possible."""
    names = frozenset(audience.name for audience in audiences)
    return frozenset(names.intersection(*choice) for choice in product(*each))


def _by_place(audiences: tuple[Audience, ...], code: str) -> Names:
    return frozenset(a.name for a in audiences if not a.lives_in or lies_in(code, a.lives_in))


def _elsewhere(audiences: tuple[Audience, ...]) -> Names:
    return frozenset(a.name for a in audiences if not a.lives_in)


def _named_places(audiences: tuple[Audience, ...]) -> frozenset[str]:
    return frozenset(code for audience in audiences for code in audience.lives_in)


def _residences(audiences: tuple[Audience, ...], code: str | None, presumed: tuple[str, ...]) -> Possible:
    """What a code may mean: a country stands for each of its regions that an audience names, and the rest."""
    if code is None:
        if presumed:
            return frozenset().union(*(_residences(audiences, place, ()) for place in presumed))
        places = _named_places(audiences)
        return frozenset({_elsewhere(audiences), *(_by_place(audiences, place) for place in places)}).union(
            *(_residences(audiences, country_of(place), ()) for place in places)
        )
    regions = {p for p in _named_places(audiences) if country_of(p) == code and p != code}
    return frozenset(_by_place(audiences, place) for place in {code, *regions})


def _all_residences(audiences: tuple[Audience, ...], presumed: tuple[str, ...]) -> frozenset[Possible]:
    places = _named_places(audiences)
    return frozenset(
        {
            _residences(audiences, None, presumed),
            frozenset({_elsewhere(audiences)}),
            *(_residences(audiences, place, ()) for place in places),
            *(_residences(audiences, country_of(place), ()) for place in places),
            # a region of such a country that no audience names
            *(frozenset({_by_place(audiences, f"{country_of(place)}-*")}) for place in places),
        }
    )


def _by_age(audiences: tuple[Audience, ...], age: int) -> Names:
    return frozenset(a.name for a in audiences if a.age is None or a.age[0] <= age <= a.age[1])


def _ages(audiences: tuple[Audience, ...], age: int | None, presumed: tuple[int, int]) -> Possible:
    years = range(presumed[0], presumed[1] + 1) if age is None else (min(max(age, 0), OLDEST),)
    return frozenset(_by_age(audiences, year) for year in years)


def _all_ages(audiences: tuple[Audience, ...], presumed: tuple[int, int]) -> frozenset[Possible]:
    known = (_ages(audiences, year, presumed) for year in range(OLDEST + 1))
    return frozenset({_ages(audiences, None, presumed), *known})


def _presumed_age(if_unknown: Mapping[str, tuple[str, ...]]) -> tuple[int, int]:
    lowest, highest = if_unknown.get("age", ("0", str(OLDEST)))
    return int(lowest), int(highest)


def _by_role(audiences: tuple[Audience, ...], roles: Iterable[str]) -> Names:
    held = frozenset(roles)
    return frozenset(a.name for a in audiences if not a.people or held.intersection(a.people))


def _roles(audiences: tuple[Audience, ...], people: frozenset[str]) -> Possible:
    """Roles given are all the person's roles. None given, or `everyone`: any role is possible."""
    if people and "everyone" not in people:
        return frozenset({_by_role(audiences, people)})
    return frozenset(_by_role(audiences, roles) for roles in _role_sets(audiences))


def _all_roles(audiences: tuple[Audience, ...]) -> frozenset[Possible]:
    known = (frozenset({_by_role(audiences, roles)}) for roles in _role_sets(audiences))
    return frozenset({_roles(audiences, frozenset()), *known})


def _role_sets(audiences: tuple[Audience, ...]) -> list[tuple[str, ...]]:
    named = sorted({role for audience in audiences for role in audience.people})
    return [roles for size in range(len(named) + 1) for roles in combinations(named, size)]
