"""Which cell someone is decided under."""

import pytest

from kept.policy import CompiledPolicy, load_policy
from kept.policy.places import Residence

BASE = """\
company: {name: Example, site: https://example.com, contact: a@example.com, country: US}
version: "1"
in force: 2026-11-01
people:
  reader:
  pupil:
events:
  page_view: {about: reader, from: tracker, keep: 1 year}
purposes:
  serve: {uses: page_view, basis: contract}
"""


def with_audiences(audiences: str) -> CompiledPolicy:
    return load_policy(f"{BASE}audiences: {audiences}\n", "cells.yaml")


@pytest.mark.parametrize(
    ("residence", "sets"),
    [
        ("DE", [{"europe"}]),
        ("no", [{"europe"}]),
        ("US-CA", [{"california"}]),
        ("US-NY", [set()]),
        ("US", [set(), {"california"}]),  # too coarse to tell
        ("BR", [set()]),
        (None, [set(), {"california"}, {"europe"}]),
        (
            "UK",
            [set(), {"california"}, {"europe"}],
        ),  # no code of a place says nothing of where: not elsewhere
        ("ZZ", [set(), {"california"}, {"europe"}]),
        ("EU", [set(), {"california"}, {"europe"}]),
        ("US-ZZ", [set(), {"california"}, {"europe"}]),
    ],
)
def test_a_residence_means_one_place_or_each_that_it_may_be(
    residence: str | None, sets: list[set[str]]
) -> None:
    policy = with_audiences("{california: {lives in: US-CA}, europe: {lives in: [EEA, GB, CH]}}")
    assert policy.possible[policy.cell_of(residence)] == {frozenset(one) for one in sets}
    assert policy.cells[policy.cell_of(residence)] == frozenset().union(*sets)


@pytest.mark.parametrize(
    ("presumed", "age", "names"),
    [
        ("16 or over", None, [set()]),
        ("young", None, [{"young"}]),
        ("any", None, [set(), {"young"}]),
        ("16 or over", 15, [{"young"}]),
        ("young", 16, [set()]),
    ],
)
def test_an_unknown_age_is_read_as_presumed(presumed: str, age: int | None, names: list[set[str]]) -> None:
    policy = with_audiences(f"{{young: {{age: under 16}}, if unknown: {{residence: any, age: {presumed}}}}}")
    assert policy.possible[policy.cell_of("DE", age)] == {frozenset(one) for one in names}


def test_a_presumed_residence() -> None:
    policy = with_audiences("{california: {lives in: US-CA}, if unknown: {residence: DE, age: any}}")
    assert policy.cells[policy.cell_of(None)] == frozenset()


def test_roles_that_are_not_known_are_possible_and_known_ones_are_certain() -> None:
    policy = with_audiences("{child: {age: under 13, is: pupil}, if unknown: {residence: any, age: child}}")
    assert policy.cells[policy.cell_of("DE")] == {"child"}
    assert policy.cells[policy.cell_of("DE", None, frozenset({"everyone"}))] == {"child"}
    assert policy.cells[policy.cell_of("DE", None, frozenset({"reader"}))] == frozenset()
    assert policy.possible[policy.cell_of("DE", 9, frozenset({"pupil"}))] == {frozenset({"child"})}


def test_without_audiences_there_is_one_cell() -> None:
    policy = load_policy(BASE, "cells.yaml")
    assert policy.cells == (frozenset(),)
    assert policy.cell_of(None) == policy.cell_of("US-CA", 3, frozenset({"pupil"})) == 0


def test_norway_is_a_country_and_not_a_no() -> None:
    policy = with_audiences("{north: {lives in: NO}}")
    assert policy.audiences["north"].lives_in == ("NO",)
    assert policy.cells[policy.cell_of("NO")] == {"north"}


@pytest.mark.parametrize("said", ["DE", "GB", "US", "US-CA", "CA-QC", "DE-BY"])
def test_where_someone_lives_is_a_country_or_a_region_of_one(said: str) -> None:
    assert Residence(said) == said


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("UK", "GB"),
        ("EL", "GR"),
        ("de", "DE"),
        ("Germany", "DE"),
        ("the Netherlands", "NL"),
        ("California", "US-CA"),
        ("XX", ""),
        ("EEA", ""),  # a group is too coarse to tell
        ("US-ZZ", ""),
        ("DE-", ""),
        ("", ""),
        (5, ""),
    ],
)
def test_what_is_no_place_is_refused_with_what_was_meant_and_not_repeated(said: object, meant: str) -> None:
    with pytest.raises(ValueError, match="no code of a place") as refused:
        Residence(said)
    words = str(refused.value)
    assert words.endswith(f"Did you mean `{meant}`?") if meant else "Did you mean" not in words
    assert not said or f"`{said}`" not in words
