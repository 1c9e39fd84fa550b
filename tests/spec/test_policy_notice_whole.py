"""The notice tells all that a policy states: what it never looks at stands here with a reason. And what laws want said
in so many words (GDPR Art. 9, 13(1)(c), 13(2)(b) and (e), 21(4)) is in it.
"""

from collections import defaultdict
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from kept.policy import CompiledPolicy, load_policy
from kept.policy.compiled import Audience, Company, Cookie, Event, Item, Purpose, Terms
from kept.policy.compiled_rest import Duty, Retention, Rights
from kept.policy.notice import notice_of
from kept.policy.notice_model import Table
from tests.companies import text_of

ROOT = Path(__file__).parents[2]
COMPANIES = sorted((ROOT / "policies").glob("*.yaml"))
IN_ITS_PURPOSES = "what it is used for stands at each purpose"
NOT_TOLD: dict[type, dict[str, str]] = {
    Item: {
        "type": "what a form takes",
        "made_for": IN_ITS_PURPOSES,
        "screened_for": "not enforced yet, so not promised",
    },
    Event: {
        "made_for": IN_ITS_PURPOSES,
        "screened_for": "not enforced yet, so not promised",
        "property_uses": IN_ITS_PURPOSES,
    },
    Purpose: {
        "name": "it has a title",
        "group": "how people are asked, which the question shows",
        "assessment": "that the company has weighed it is for its own books",
    },
    Terms: {},
    Cookie: {},
    Company: {},
    Audience: {"name": "it has a title"},
    Duty: {"name": "it has a title", "says": "the law says it"},
    Rights: {"name": "there is one", "title": "there is one"},
    Retention: {"holds": "whoever is under one is told so under *Your data*"},
}


def company(name: str) -> CompiledPolicy:
    return load_policy((ROOT / "policies" / f"{name}.yaml").read_text(encoding="utf-8"), name)


def changed(name: str, *changes: tuple[str, str]) -> CompiledPolicy:
    text = (ROOT / "policies" / f"{name}.yaml").read_text(encoding="utf-8")
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return load_policy(text, name)


def table_in(policy: CompiledPolicy, section: str, caption: str, cell: int | None = None) -> Table:
    found = next(one for one in notice_of(policy, cell, "en").sections if one.slug == section)
    return next(table for table in found.tables if table.caption == caption)


def paragraphs_in(policy: CompiledPolicy, section: str, cell: int | None = None) -> tuple[str, ...]:
    return next(one.paragraphs for one in notice_of(policy, cell, "en").sections if one.slug == section)


def test_what_a_notice_never_looks_at_is_named_with_its_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: dict[type, set[str]] = defaultdict(set)

    def watch(kind: type) -> None:
        def look(self: object, name: str) -> Any:
            looked_at[kind].add(name)
            return object.__getattribute__(self, name)

        monkeypatch.setattr(kind, "__getattribute__", look)

    told = [load_policy(path.read_text(encoding="utf-8"), path.name) for path in COMPANIES]
    sensitive = {
        name: replace(event, special="health", condition="x") for name, event in told[0].events.items()
    }
    told[0] = replace(told[0], events=sensitive)
    for kind in NOT_TOLD:
        watch(kind)
    for policy in told:
        notice_of(policy)
    for kind, reasons in NOT_TOLD.items():
        assert {field.name for field in fields(kind)} - looked_at[kind] == set(reasons), kind


def test_what_the_law_protects_specially_is_told_with_what_allows_it() -> None:
    allowed = "Consent of the guardian, or vital interests in an emergency (GDPR Art. 9(2)(a) and (c))."
    table = table_in(company("school_platform"), "what", "What the law protects specially")
    assert table.rows == (("Health note", "health", allowed),)


def test_who_never_sees_something_is_told() -> None:
    table = table_in(company("school_platform"), "what", "What is kept from some")
    assert table.rows[0] == ("Marks", "Engineers, A better Slate and Print shop")


def test_each_ground_stands_beside_its_article_in_every_law_that_has_grounds() -> None:
    rows = table_in(company("newspaper"), "why", "Where each ground stands").rows
    assert ("your consent", "GDPR, Art. 6(1)(a); UK GDPR, Art. 6(1)(a)") in rows
    assert ("a public task", "GDPR, Art. 6(1)(e); UK GDPR, Art. 6(1)(e)") in rows
    assert "we tell you, and you may say no" not in {ground for ground, _ in rows}  # no ground under either


def test_for_one_audience_only_its_own_grounds_stand_there() -> None:
    policy = company("newspaper")
    europe, elsewhere = (policy.cell_of(country, 40) for country in ("FR", "AU"))
    consent = [table_in(policy, "why", "Every purpose", cell).rows[6][3] for cell in (europe, elsewhere)]
    assert consent == ["your consent", "we tell you, and you may say no"]


def test_what_may_be_objected_to_is_said_apart_from_everything_else() -> None:
    said = paragraphs_in(company("newspaper"), "rights")
    objected = (
        "You may object at any time to Reporting, Letters and comments, Safety and Advertising by subject."
    )
    assert objected in said


def test_what_has_to_be_given_is_marked() -> None:
    policy = changed(
        "newspaper", ("name: {identifies: directly}", "name: {identifies: directly, required: yes}")
    )
    rows = table_in(policy, "what", "Everything we hold").rows
    assert rows[0][2] == "you give it in a form; you have to give it"


def test_who_signs_is_told_what_and_for_how_long() -> None:
    (said,) = (one for one in paragraphs_in(load_policy(text_of("clinic"), "clinic"), "why") if "sign" in one)
    assert "(the form: trial_form_v3; whom it names: university; when it ends: 1 year from gathered;" in said


def test_a_rule_against_keeping_tells_the_time() -> None:
    rule = "never:\n  old_news:\n    forbids: keep beyond 20 years\n    items: technical.*\n"
    policy = changed("newspaper", ("\nnever:\n", f"\n{rule}"))
    assert table_in(policy, "never", "Every such rule").rows[0][2] == "keep beyond 20 years"


def test_a_californian_reads_categories_with_those_who_get_and_buy_them() -> None:
    rows = table_in(company("web_shop"), "what", "By category").rows
    assert (rows[3][0], rows[5][0]) == ("Technical", "Behaviour")
    assert rows[5][4] == "AdHarbour"
    assert rows[0][4] == "nobody"
    assert [
        one for one in notice_of(company("newspaper")).sections[1].tables if one.caption == "By category"
    ] == []


def test_a_recipient_who_comes_at_a_moment_is_told_with_it() -> None:
    table = table_in(company("workhirespot"), "given", "Everyone who gets something from us")
    when = dict(zip((row[0] for row in table.rows), (row[-1] for row in table.rows), strict=True))
    assert (when["Successor"], when["Employers"]) == ("the business changes hands", "Application")
