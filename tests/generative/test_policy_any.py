"""Any policy that passes its check compiles, tells itself, decides, and decides alike in both forms."""

import os
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kept.policy import Answer, Choice, CompiledPolicy, allowed, decide
from kept.policy.notice import notice_markdown, notice_of
from tests.policies import Tree, compile_text, policies, trees, written
from tests.policy_fields import every_field, fields_of

EXAMPLES = int(os.environ.get("KEPT_EXAMPLES", "25"))
few = settings(max_examples=EXAMPLES, deadline=None)

PLACES = st.sampled_from([None, "DE", "NO", "GB", "US", "US-CA", "US-NY", "CA", "BR", "ZZ", "us"])
AGES = st.one_of(st.none(), st.integers(0, 120))
ROLES = st.frozensets(st.sampled_from(["visitor", "buyer", "pupil"]))
ANSWERS = st.builds(Answer, yes=st.integers(0, 255), no=st.integers(0, 255))


@few
@given(policies(), PLACES, AGES, ROLES)
def test_every_policy_that_passes_compiles_tells_itself_and_decides(
    text: str, residence: str | None, age: int | None, roles: frozenset[str]
) -> None:
    policy = compile_text(text)
    cell = policy.cell_of(residence, age, roles)
    for purpose in policy.purposes:
        assert decide(policy, purpose, cell).clause == f"purposes.{purpose}"
    for notice in (notice_of(policy), notice_of(policy, cell)):
        assert {section.slug for section in notice.sections} >= {"who", "what", "why", "long"}
        for section in notice.sections:
            assert all(len(row) == len(table.headers) for table in section.tables for row in table.rows)
        assert notice.title in notice_markdown(notice)


@few
@given(policies(), ANSWERS, st.booleans())
def test_masks_say_what_decide_says(text: str, answer: Answer, signal: bool) -> None:
    policy = compile_text(text)
    for cell, masks in enumerate(policy.masks):
        mask = allowed(masks, answer, signal=signal)
        for purpose in policy.purposes.values():
            if not purpose.on_demand:
                decided = decide(policy, purpose.name, cell, answer, signal=signal)
                assert decided.allowed == bool(mask & purpose.mask), (purpose.name, cell)


@few
@given(policies())
def test_each_purpose_is_in_exactly_one_mask_of_each_cell(text: str) -> None:
    policy = compile_text(text)
    every = sum(purpose.mask for purpose in policy.purposes.values())
    for masks in policy.masks:
        parts = (masks.free, masks.objection, masks.opt_out, masks.opt_in, masks.never)
        assert sum(parts) == every


@few
@given(policies(), ANSWERS, st.booleans())
def test_who_is_less_known_is_allowed_less(text: str, answer: Answer, signal: bool) -> None:
    policy = compile_text(text)
    for cell, possible in enumerate(policy.possible):
        mask = allowed(policy.masks[cell], answer, signal=signal)
        for people in possible:
            certain = policy.possible.index(frozenset({people}))
            assert mask & ~allowed(policy.masks[certain], answer, signal=signal) == 0
            for name, held in policy.items.items():
                assert set(held.keep[certain]) <= set(held.keep[cell]), name


@few
@given(policies(), PLACES, AGES, ROLES)
def test_an_unknown_residence_is_never_treated_laxer(
    text: str, residence: str | None, age: int | None, roles: frozenset[str]
) -> None:
    policy = compile_text(text)
    if "residence" in policy.if_unknown:
        return
    unknown, known = policy.cell_of(None, age, roles), policy.cell_of(residence, age, roles)
    for purpose in policy.purposes.values():
        assert purpose.terms[unknown].choice >= purpose.terms[known].choice


@few
@given(trees(), st.randoms(use_true_random=False))
def test_order_and_comments_change_no_byte(tree: Tree, chance: random.Random) -> None:
    text = written(tree)
    shuffled = "\n".join(
        line + chance.choice(["", "  # a remark"]) for line in written(_shuffled(tree, chance)).split("\n")
    )
    one, other = compile_text(text), compile_text(shuffled)
    assert one.canonical == other.canonical
    assert one.fingerprint == other.fingerprint


@few
@given(policies())
def test_bits_are_no_part_of_what_is_promised(text: str) -> None:
    one = compile_text(text)
    other = compile_text(
        text, {"an_old_one": 40, **{name: 50 - one.purposes[name].bit for name in one.purposes}}
    )
    assert one.canonical == other.canonical
    assert {p.name: _terms(one, p.name) for p in one.purposes.values()} == {
        p.name: _terms(other, p.name) for p in other.purposes.values()
    }


def _terms(policy: CompiledPolicy, purpose: str) -> tuple[Choice, ...]:
    return tuple(terms.choice for terms in policy.purposes[purpose].terms)


def _shuffled(tree: Tree, chance: random.Random) -> Tree:
    keys = list(tree)
    chance.shuffle(keys)
    return {key: _shuffled_value(key, tree[key], chance) for key in keys}


def _shuffled_value(key: str, value: Any, chance: random.Random) -> Any:
    if isinstance(value, dict):
        return _shuffled(value, chance)
    if isinstance(value, list):
        return chance.sample(value, len(value))
    return value


@settings(max_examples=300)
@given(st.text(max_size=200))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    from kept.policy import read_policy

    assert read_policy(text, "any.yaml").errors


def test_the_random_policies_reach_every_key_of_the_grammar() -> None:
    reached: set[str] = set()

    @settings(max_examples=200, deadline=None, database=None, derandomize=True)
    @given(trees())
    def draw(tree: Tree) -> None:
        reached.update(name for _path, name, _key in fields_of(tree))

    draw()
    assert every_field() - reached == set()
