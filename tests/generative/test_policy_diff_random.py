"""Two policies differ for people exactly where they differ: nothing is told of equals, nothing is left untold."""

import copy
import os
from typing import Any

import msgspec
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from kept.base.errors import BadInput
from kept.policy import CompiledPolicy
from kept.policy.diff import diff, diff_text
from tests.policies import Tree, compile_text, policies, trees, written

few = settings(max_examples=int(os.environ.get("KEPT_EXAMPLES", "25")), deadline=None)

WORDS = (
    "13 months, 2 years, no, yes, directly, indirectly, opt in, never, consent, contract, notice, aggregate, "
    "pseudonymous, Other words., DE, FR, visitor, everyone, form, tracker, under 12, text, number, item_0, "
    "event_0, https://example.org, 2027-01-01"
)
VALUES = st.sampled_from(WORDS.split(", "))


@few
@given(policies())
def test_nothing_differs_from_itself(text: str) -> None:
    one, again = compile_text(text), compile_text(text, {"before": 3})
    assert diff(one, again) == ()
    assert diff_text(diff(one, one)) == "Nothing changed."


@few
@given(policies(), policies())
def test_any_two_policies_can_be_compared_and_differ_as_their_fingerprints_do(old: str, new: str) -> None:
    one, other = compile_text(old), compile_text(new)
    changes = diff(one, other)
    assert bool(changes) == (one.fingerprint != other.fingerprint)
    assert all(change.says.strip() and change.whom for change in changes)


@settings(max_examples=2 * int(os.environ.get("KEPT_EXAMPLES", "25")), deadline=None)
@given(trees(), st.data())
def test_every_change_of_one_field_that_changes_the_policy_is_named(tree: Tree, data: st.DataObject) -> None:
    one, other = compile_text(written(tree)), _changed(tree, data)
    changes = diff(one, other)
    assert bool(changes) == (one.canonical != other.canonical)
    for section in ("company", "people", "audiences", "items", "events", "cookies", "purposes", "moments"):
        if _facts(one, section) != _facts(other, section):
            assert any(change.path.startswith(section) for change in changes), section


def _changed(tree: Tree, data: st.DataObject) -> CompiledPolicy:
    """The policy with one leaf replaced or taken out, where that is a policy still."""
    new = copy.deepcopy(tree)
    holder, key = data.draw(st.sampled_from(list(_leaves(new))))
    if data.draw(st.booleans()):
        holder[key] = data.draw(VALUES)
    else:
        del holder[key]
    try:
        return compile_text(written(new))
    except BadInput:
        assume(False)
        raise


def _leaves(tree: Tree) -> Any:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value)
        else:
            yield tree, key


def _facts(policy: CompiledPolicy, section: str) -> object:
    """The section, but for what follows from another: bits, masks, and what a cell says when the cells differ."""
    found = msgspec.json.decode(policy.canonical)[section]
    if section in {"items", "events", "purposes"}:
        return {
            name: {k: v for k, v in one.items() if k not in {"keep", "terms"}} for name, one in found.items()
        }
    return found
