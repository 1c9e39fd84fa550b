"""One thing broken in a policy is one error, at its own line; and no mangled file breaks the reader."""

import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.policy import load_policy, read_policy
from kept.policy.keys import Key
from kept.policy.maps import ListedBy
from kept.policy.notice import notice_markdown, notice_of
from kept.policy.problems import CODES
from kept.policy.values import keep, ref, selection, timed, within
from kept.policy.words import Many, sentence, text
from tests.policies import Tree, trees, written
from tests.policy_breakers import BREAKERS, broken
from tests.policy_fields import every_field, fields_of

EXAMPLES = int(os.environ.get("KEPT_EXAMPLES", "40"))
few = settings(max_examples=EXAMPLES, deadline=None)
WORKHIRESPOT = Path(__file__).parents[2].joinpath("policies/workhirespot.yaml").read_text(encoding="utf-8")

NOTHING = "nothing_of_that_name"


def broken_value(key: Key[object]) -> tuple[str, Any]:
    """The code of an error that a key's reader or its names must give, and a value that gives it."""
    read = key.read.read if isinstance(key.read, Many) else key.read
    if read in (timed, keep, within):
        return "D01", "13 monts"
    if read is selection:
        return "R01", NOTHING
    if read is ref:
        return "R04", NOTHING
    if read in (text, sentence):
        return "F05", " "
    if isinstance(read, ListedBy):
        return "F04", {"smell": "Nothing smells."}
    return "F06", "no such value"  # fixed words, numbers, places, dates, addresses, maps


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
    path, name, key = data.draw(st.sampled_from(list(fields_of(tree))))
    code, value = broken_value(key)
    if key.read is text and path[-2:-1] == ("if unknown",):
        return
    broken = copy.deepcopy(tree)
    _at(broken, path[:-1])[path[-1]] = value
    _at(broken, path[:-1]).pop("assumed", None)  # it may speak of the key
    marked = _marked(written(broken), value)
    (error,) = read_policy(marked[0], "broken.yaml").errors
    assert (error.code, error.line) == (code, marked[1]), (name, error)


def _marked(text: str, value: Any) -> tuple[str, int]:
    """The text, and the line in which the broken value stands."""
    words = '"Nothing smells."' if isinstance(value, dict) else f': "{value}"'
    return text, _line_of(text, words)


def test_every_key_of_the_grammar_can_be_broken_so() -> None:
    """The test above draws a key at a time; here each key is broken once, in the first policies that have it."""
    left, wrong = every_field(), list[str]()

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(trees())
    def draw(tree: Tree) -> None:
        for path, name, key in fields_of(tree):
            if name in left:
                left.discard(name)
                code, value = broken_value(key)
                broken = copy.deepcopy(tree)
                _at(broken, path[:-1])[path[-1]] = value
                _at(broken, path[:-1]).pop("assumed", None)
                text, line = _marked(written(broken), value)
                errors = [(one.code, one.line) for one in read_policy(text, "broken.yaml").errors]
                if errors != [(code, line)]:
                    wrong.append(f"{name}: {errors} instead of {code} in line {line}")

    draw()
    assert (wrong, left) == ([], set())


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


def test_every_code_can_be_drawn() -> None:
    assert set(BREAKERS) == set(CODES)


@pytest.mark.parametrize("code", BREAKERS)
@settings(max_examples=2, deadline=None)
@given(trees())
def test_whatever_else_a_policy_says_each_code_is_found(code: str, tree: Tree) -> None:
    assert code in {problem.code for problem in read_policy(broken(code, tree), "broken.yaml").problems}
