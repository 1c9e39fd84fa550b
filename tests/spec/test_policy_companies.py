"""Other kinds of company: a school, a clinic and a shop. Ten hard constructs, and what the check must find in each."""

from functools import cache

import pytest

from kept.policy import Choice, CompiledPolicy, Why, decide, load_policy, read_policy
from kept.policy.grammar import SECTIONS
from kept.policy.layout import laid_out
from kept.policy.notice import notice_markdown, notice_of
from kept.policy.schema import schema
from kept.prove.expected import ruled_out
from tests.companies import NAMES, text_of
from tests.schemas import faults, read


@cache
def company(name: str) -> CompiledPolicy:
    return load_policy(text_of(name), f"{name}.yaml")


def test_between_them_they_state_every_section() -> None:
    stated = {name for one in NAMES for name in read_policy(text_of(one), one).places}
    assert set(SECTIONS) - stated == {"cookies", "counting without cookies"}


@pytest.mark.parametrize("name", NAMES)
def test_they_pass_fit_the_schema_tell_themselves_and_can_be_laid_out(name: str) -> None:
    assert read_policy(text_of(name), name, in_force=True).errors == ()
    assert faults(schema(), read(text_of(name))) == []
    policy = company(name)
    for cell in (None, *range(len(policy.cells))):
        told = notice_markdown(notice_of(policy, cell))
        assert all(one.title in told for one in (*policy.recipients.values(), *policy.never.values()))
    assert load_policy(laid_out(text_of(name), name), name).canonical == policy.canonical


@pytest.mark.parametrize(
    ("name", "was", "now", "code"),
    [
        ("school", "15 years, 2 years from end of school year of gathered]", "until account closes]", "K02"),
        ("clinic", "[10 years from treatment_ended, 30 years]", "10 years from treatment_ended", "K02"),
        ("clinic", "    condition: Care by professionals under secrecy (Art. 9(2)(h)).\n", "", "L06"),
        ("clinic", "    identifies: indirectly\n", "", "U03"),
        (
            "clinic",
            "uses: [diagnosis, voice_note, patient_name]",
            "uses: [{special: any}, patient_name]",
            "K04",
        ),
        ("shop", "      rest_of_europe: {basis: consent}\n", "", "L02"),
        ("shop", "only for: taxes", "only for: taxis", "R04"),
    ],
)
def test_what_the_check_finds(name: str, was: str, now: str, code: str) -> None:
    assert was in text_of(name)
    (error,) = read_policy(text_of(name).replace(was, now), name).errors
    assert error.code == code


def test_a_visitor_of_unknown_age_and_role_is_treated_as_the_child_that_they_may_be() -> None:
    newsletter, cell_of = company("school").purposes["newsletter"], company("school").cell_of
    assert newsletter.terms[cell_of("DE")].choice is Choice.NEVER
    assert newsletter.terms[cell_of("DE", 30)].choice is Choice.OPT_IN
    assert newsletter.terms[cell_of("DE", 12, frozenset({"pupil"}))].choice is Choice.NEVER


def test_a_special_category_serves_only_who_names_it() -> None:
    text = text_of("clinic").replace("    uses: diagnosis\n", "    uses: [diagnosis, everything]\n")
    text = text.replace("    form: pseudonymous\n", "")
    whole = load_policy(text, "clinic").purposes["study"]
    assert whole.items == {"diagnosis", "voice_note", "patient_name"}  # `everything` is all
    facts = load_policy(text_of("clinic").replace("    uses: diagnosis\n", "    uses: {special: any}\n"), "c")
    assert facts.purposes["study"].items == {"diagnosis"}  # facts, like groups, take no sound


def test_duties_are_named_beside_the_ceiling() -> None:
    shop = company("shop")
    assert shop.items["invoice"].duties == ("tax",)
    assert str(shop.retention.duties["tax"].at_least) == "8 years from end of year of order_paid"
    assert shop.retention.duties["tax"].only_for == ("taxes",)


def test_a_recipient_gets_for_each_purpose_what_that_purpose_uses() -> None:
    shop = company("shop")
    assert shop.recipients["ad_network"].passes == {"shop_ads": ("order_paid", "order_paid.amount", "taste")}
    assert set(shop.recipients["tax_office"].passes["taxes"]) == {
        "invoice",
        "order_paid",
        "order_paid.amount",
    }
    assert shop.recipients["ad_network"].differing == {
        "texas": {"when": "you opt in"},
        "california": {"gets": ("order_paid", "order_paid.amount")},
    }


NO_ADS = "{forbids: use, items: product_seen, purposes: shop_ads, for: texas}"


@pytest.mark.parametrize(
    ("rule", "item", "purpose", "residence", "allowed"),
    [
        (NO_ADS, "product_seen", "shop_ads", "US-TX", False),
        (NO_ADS, "product_seen", "shop_ads", "BR", True),
        (NO_ADS, "product_seen", "counting", "US-TX", True),
        ("{forbids: use, items: order_paid, for: texas}", "risk_score", "credit", "US-TX", False),  # by inference
        ("{forbids: use, items: order_paid.amount, for: texas}", "order_paid", "credit", "US-TX", True),
        ("{forbids: use, items: order_paid.amount, for: texas}", "order_paid.amount", "credit", "US-TX", False),
        ("{forbids: gather, items: product_seen, for: texas}", "product_seen", "counting", "US-TX", False),
        ("{forbids: gather, items: product_seen, for: texas}", "product_seen", "counting", None, False),  # perhaps
        ("{forbids: sell, items: taste, to: tax_office, for: texas}", "taste", "shop_ads", "US-TX", True),
    ],
)  # fmt: skip
def test_a_rule_of_never_for_some_people_holds_when_it_is_decided(
    rule: str, item: str, purpose: str, residence: str | None, allowed: bool
) -> None:
    text = text_of("shop").replace("\nnever:\n", f"\nnever:\n  rule: {rule}\n")
    policy = load_policy(text, "shop")
    cell = policy.cell_of(residence)
    mask = policy.purposes[purpose].mask
    assert bool(policy.never_for(cell, item) & mask) is not allowed
    assert ruled_out(policy, cell, purpose, item) is not allowed
    decided = decide(policy, purpose, cell, what=item)
    assert (decided.why is Why.RULED_OUT) is not allowed


def test_a_purpose_that_rules_leave_nothing_is_ruled_out() -> None:
    text = text_of("shop").replace(
        "\nnever:\n", "\nnever:\n  rule: {forbids: gather, items: product_seen, for: texas}\n"
    )
    policy = load_policy(text, "shop")
    texas = policy.cell_of("US-TX")
    assert policy.purposes["counting"].terms[texas].choice is Choice.NEVER
    assert policy.masks[texas].never & policy.purposes["counting"].mask
    assert policy.purposes["counting"].terms[policy.cell_of("BR")].choice is Choice.OBJECTION
