"""One thing broken in a policy is one error, at its own line; and no mangled file breaks the reader."""

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kept.policy import load_policy, read_policy
from kept.policy.notice import notice_markdown, notice_of
from tests.policies import Tree, trees, written

EXAMPLES = int(os.environ.get("KEPT_EXAMPLES", "40"))
few = settings(max_examples=EXAMPLES, deadline=None)
WORKHIRESPOT = Path(__file__).parents[2].joinpath("policies/workhirespot.yaml").read_text(encoding="utf-8")

BROKEN_VALUES = {
    "basis": ("F06", "concent"),
    "choice": ("F06", "opt-in"),
    "form": ("F06", "psuedonymous"),
    "identifies": ("F06", "directely"),
    "type": ("F06", "txt"),
    "keep": ("D01", "13 monts"),
    "looks back": ("D01", "ninety days"),
    "lasts": ("D01", "for ever"),
    "lives in": ("F06", "XX"),
    "age": ("F06", "young"),
    "about": ("R04", "visitr"),
    "from": ("R04", "tracer"),
    "uses": ("R01", "nothing_of_that_name"),
    "is": ("R04", "visitr"),
    "country": ("F06", "Germany"),
    "in force": ("F06", "tomorrow"),
    "site": ("F06", "example.com"),
}
BROKEN_KEYS = {
    "basis": "basiss",
    "identifies": "identifes",
    "keep": "kep",
    "looks back": "look back",
    "lasts": "last",
    "uses": "use",
    "says": "say",
    "lives in": "live in",
    "in force": "in forc",
    "people": "peopl",
    "purposes": "purpose",
}


def _places(tree: Tree, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in tree.items():
        yield (*path, key)
        if isinstance(value, dict) and key != "if unknown":
            yield from _places(value, (*path, key))


def _at(tree: Tree, path: tuple[str, ...]) -> Any:
    return _at(tree[path[0]], path[1:]) if path else tree


def _line_of(text: str, mark: str) -> int:
    (line,) = (number for number, line in enumerate(text.split("\n"), 1) if mark in line)
    return line


@few
@given(trees(), st.data())
def test_one_broken_value_is_one_error_at_its_line(tree: Tree, data: st.DataObject) -> None:
    places = [
        path for path in _places(tree) if path[-1] in BROKEN_VALUES and not isinstance(_at(tree, path), dict)
    ]
    path = data.draw(st.sampled_from(places))
    code, value = BROKEN_VALUES[path[-1]]
    broken = copy.deepcopy(tree)
    _at(broken, path[:-1])[path[-1]] = value
    text = written(broken)
    (error,) = read_policy(text, "broken.yaml").errors
    assert (error.code, error.line) == (code, _line_of(text, f'"{value}"')), error


@few
@given(trees(), st.data())
def test_one_misspelt_key_is_one_error_at_its_line(tree: Tree, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from([path for path in _places(tree) if path[-1] in BROKEN_KEYS]))
    text = written(_renamed(tree, path, f"{BROKEN_KEYS[path[-1]]}"))
    (error,) = read_policy(text, "broken.yaml").errors
    assert error.nearest == path[-1]
    assert text.split("\n")[error.line - 1].strip().startswith(f"{BROKEN_KEYS[path[-1]]}:")


def _renamed(tree: Tree, path: tuple[str, ...], new: str) -> Tree:
    made: Tree = {}
    for key, value in tree.items():
        if key != path[0]:
            made[key] = value
        elif len(path) == 1:
            made[new] = value
        else:
            made[key] = _renamed(value, path[1:], new)
    return made


@few
@given(st.data())
def test_a_mangled_file_is_refused_or_read_but_never_crashes(data: st.DataObject) -> None:
    lines = WORKHIRESPOT.split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        _mangle(lines, data)
    draft = read_policy("\n".join(lines), "mangled.yaml")
    assert all(1 <= problem.line <= len(lines) + 1 for problem in draft.problems)
    if not draft.errors:
        policy = load_policy("\n".join(lines), "mangled.yaml")
        assert notice_markdown(notice_of(policy))


def _mangle(lines: list[str], data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(lines) - 1))
    how = data.draw(st.sampled_from(["cut", "twice", "indent", "letter", "swap"]))
    if how == "cut":
        del lines[at]
    elif how == "twice":
        lines.insert(at, lines[at])
    elif how == "indent":
        lines[at] = "  " + lines[at]
    elif how == "letter" and lines[at]:
        column = data.draw(st.integers(0, len(lines[at]) - 1))
        letter = data.draw(st.sampled_from("x:{}[],#&*!-'\"\t%é\x07 "))
        lines[at] = lines[at][:column] + letter + lines[at][column + 1 :]
    else:
        other = data.draw(st.integers(0, len(lines) - 1))
        lines[at], lines[other] = lines[other], lines[at]
