"""The schema for editors: it takes every good policy, knows every word of the grammar, and sees what it can see."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from kept.cli.policy import policy_group
from kept.policy import read_policy
from kept.policy.grammar import SECTIONS
from kept.policy.keys import Shape
from kept.policy.meanings import MEANINGS
from kept.policy.schema import schema
from tests.policies import policies
from tests.schemas import faults, read

ROOT = Path(__file__).parents[2]
SCHEMA = schema()
STARTER = (ROOT / "src/kept/policy/starter.yaml").read_text(encoding="utf-8")
POLICIES = ("policies/workhirespot.yaml", "src/kept/policy/starter.yaml")


@pytest.mark.parametrize("name", POLICIES)
def test_the_policies_of_the_repository_fit(name: str) -> None:
    assert faults(SCHEMA, read((ROOT / name).read_text(encoding="utf-8"))) == []


@settings(max_examples=int(os.environ.get("KEPT_EXAMPLES", "25")), deadline=None)
@given(policies())
def test_whatever_passes_the_check_fits(text: str) -> None:
    assert faults(SCHEMA, read(text)) == []


@pytest.mark.parametrize("name", SECTIONS)
def test_every_section_and_key_is_in_it_with_its_meaning(name: str) -> None:
    found, section = SCHEMA["properties"][name], SECTIONS[name]
    assert found["description"]
    if section.kind == "entry":
        _knows(found, section.shape)
    elif section.kind == "names":
        (entry,) = found["patternProperties"].values()
        _knows(entry, section.shape)
        if section.shape.groups:
            (member,) = entry["properties"]["items"]["patternProperties"].values()
            _knows(member, Shape(section.shape.keys))


def _knows(entry: Any, shape: Shape) -> None:
    for name in shape.names:
        assert entry["properties"][name].get("description"), name
    for name, below in shape.sections.items():
        (inner,) = entry["properties"][name]["patternProperties"].values()
        _knows(inner, below)


def test_no_meaning_is_left_over() -> None:
    said = set(_descriptions(SCHEMA))
    assert set(MEANINGS.values()) <= said


def _descriptions(node: Any) -> Any:
    if isinstance(node, dict):
        if isinstance(node.get("description"), str):
            yield node["description"]
        for one in node.values():
            yield from _descriptions(one)


BROKEN = [
    ("country: DE\n", "country: Germany\n"),
    ("country: DE\n", ""),
    ("country: DE\n", "country: DE\n  fax: none\n"),
    ("site: https://www.example.com", "site: www.example.com"),
    ("contact: privacy@example.com", "contact: nobody"),
    ('version: "1"', "version: 1"),
    ("in force: 2026-01-01", "in force: 1 January"),
    ("in force: 2026-01-01\n", ""),
    ("people:\n", "persons:\n"),
    ("notices:\n", "recipients:\n"),
    ("{lives in: [EEA, GB, CH]}", "{lives in: [Europe]}"),
    ("{age: under 16}", "{age: young}"),
    ("  technical:  ", "  Technical:  "),
    ("    identifies: indirectly\n    keep: 3 years", "    identifies: perhaps\n    keep: 3 years"),
    ("    identifies: indirectly\n    keep: 3 years", "    identifies: indirectly"),
    ("keep: 3 years", "keep: for long"),
    ("keep: 3 years", "keep: {duty: tax}"),
    ("reduced to: domain", "reduced to: nothing"),
    ("with: {path: text, title: text}", "with: {path: word}"),
    ("lasts: 13 months, ", ""),
    ("strictly necessary: yes", "strictly necessary: maybe"),
    ("    uses: choices\n", ""),
    ("    uses: choices\n", "    uses: [choices and more]\n"),
    ("basis: notice  ", "basis: agreement  "),
    ("    basis: legal obligation              # no choice: we must\n", ""),
    ("form: pseudonymous\n    for:", "form: hidden\n    for:"),
    ("looks back: 90 days", "looks back: far"),
    ("europe: {basis: consent} ", "europe: {form: aggregate} "),
    ("reading age: 12", "reading age: 3"),
    ("reading age: 12", "reading age: twelve"),
    ("at: /privacy", "at: privacy"),
]


@pytest.mark.parametrize(("before", "after"), BROKEN)
def test_one_broken_field_is_seen_as_the_check_sees_it(before: str, after: str) -> None:
    assert before in STARTER
    broken = STARTER.replace(before, after, 1)
    assert faults(SCHEMA, read(broken))
    assert read_policy(broken, "broken").errors


def test_the_command_prints_it() -> None:
    printed = CliRunner().invoke(policy_group, ["schema"])
    assert printed.exit_code == 0
    assert json.loads(printed.output) == SCHEMA
