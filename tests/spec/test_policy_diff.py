"""What one edit of the reference policy is said to change, in which kind, for whom, and what it then needs."""

import json
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from kept.cli.policy import policy_group
from kept.policy import CompiledPolicy, load_policy
from kept.policy.canonical import APART, fingerprinted
from kept.policy.compiled import Choice, Form, Terms
from kept.policy.compiled_rest import Moment
from kept.policy.diff import Kind, Needs, diff, diff_text
from kept.policy.diff_times import longer_or_shorter
from kept.policy.times import Span, parse_span

TEXT = (Path(__file__).parents[2] / "policies/workhirespot.yaml").read_text(encoding="utf-8")
REFERENCE = load_policy(TEXT, "reference")
NOT_STATED = {one.name for one in fields(REFERENCE) if getattr(REFERENCE, one.name) in (None, {}, "")}
COMPANIES = {
    name: load_policy(
        (Path(__file__).parents[1] / f"companies/{name}.yaml").read_text(encoding="utf-8"), name
    )
    for name in ("school", "clinic", "shop")
}

# edit from, edit to, kind, path, whom, needs
EDITS = [
    ("      likely_field:\n", "", "gathered less", "items.likely_field", "User and visitor", "nothing"),
    ("      device:\n", "      device:\n      screen:\n", "gathered more", "items.screen", "Visitor", "a new notice"),
    ("      skills: {type: list of text}", "      skills: {type: text}",
     "gathered otherwise", "items.skills.type", "User", "a new notice"),
    (", reduced to: shortened address", "", "gathered more", "items.ip_address.reduced_to", "Visitor",
     "a new notice"),
    ("keep: 30 days}", "keep: 60 days}", "kept longer", "items.ip_address.keep", "Visitor", "a new notice"),
    ("keep: 30 days}", "keep: 2 weeks}", "kept shorter", "items.ip_address.keep", "Visitor", "nothing"),
    ("keep: 30 days}", "keep: 1 month}", "kept otherwise", "items.ip_address.keep", "Visitor", "a new notice"),
    ("backups: 35 days", "backups: 90 days", "kept longer", "retention.backups", "Everyone", "a new notice"),
    ("at least: 7 years", "at least: 9 years", "kept longer", "retention.duties.tax_records.at_least",
     "Everyone", "a new notice"),
    ("uses: [page_view, tool_used, device, country]", "uses: [page_view, tool_used, device, country, browser]",
     "used more", "purposes.trends.items", "Visitor", "a new notice"),
    ("uses: [name, email, occupation, preferences.*]", "uses: [name, email, occupation, experience, preferences.*]",
     "used more", "purposes.marketing.items", "User and visitor (Europe)", "a new question"),
    ("uses: [name, email, occupation, preferences.*]", "uses: [name, email, occupation, experience, preferences.*]",
     "used more", "purposes.marketing.items", "User and visitor (Under 16)", "nothing"),
    ("looks back: 90 days", "looks back: 30 days", "used less", "purposes.protect.looks_back", "Visitor", "nothing"),
    ("      under_16: {choice: never}", "      under_16: {choice: opt in}", "less say",
     "purposes.marketing.terms", "User and visitor (Under 16)", "a new question"),
    ("basis: legitimate interest\n        balance: Addresses are shortened before",
     "basis: consent\n        balance: Addresses are shortened before",
     "basis changed", "purposes.performance.terms", "Visitor", "a new notice"),
    ("basis: legitimate interest\n        balance: Addresses are shortened before",
     "basis: consent\n        balance: Addresses are shortened before",
     "more say", "purposes.performance.terms", "Visitor", "a new question"),
    ("  in: US\n", "  in: [US, CA]\n", "gathered more", "counting_in", "Everyone", "a new notice"),
    ("lasts: 30 minutes, holds: session_id}", "lasts: 30 minutes, holds: session_id, set by: example_ads}",
     "given to more", "cookies.kept_session.set_by", "Everyone", "a new notice"),
    ("contact: privacy@workhirespot.example", "contact: dpo@workhirespot.example", "who answers",
     "company.contact", "Everyone", "a new notice"),
    ("{age: under 16}", "{age: under 15}", "for whom rules differ", "audiences.under_16", "Everyone", "a new notice"),
    ('version: "2026-11"', 'version: "2026-12"', "version", "version", "Everyone", "nothing"),
    ("at: /privacy}", "at: /notice}", "words", "notices.main.at", "Everyone", "nothing"),
    ("called: Job mail", "called: Job letters", "words", "purposes.marketing.title", "User and visitor", "nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "kind", "path", "whom", "needs"), EDITS)
def test_an_edit_is_told(before: str, after: str, kind: str, path: str, whom: str, needs: str) -> None:
    assert before in TEXT
    changed = load_policy(TEXT.replace(before, after, 1), "changed")
    told = [(one.kind.value, one.path, one.whom, one.needs.value) for one in diff(REFERENCE, changed)]
    assert (kind, path, whom, needs) in told


def test_a_new_purpose_is_a_question_where_people_are_asked_and_a_notice_elsewhere() -> None:
    start = "      combine:"
    more = (
        "\n      letters_home:\n        says: We write to you at home.\n        uses: [name, email]\n" + start
    )
    told = diff(REFERENCE, load_policy(TEXT.replace(start, more, 1), "changed"))
    new = {(one.whom, one.needs) for one in told if one.kind is Kind.NEW_PURPOSE}
    assert ("User (Europe)", Needs.QUESTION) in new
    assert any(need is Needs.NOTICE for _whom, need in new)
    assert any(one.kind is Kind.ASKED_OTHERWISE and one.path == "groups.outward.purposes" for one in told)
    ended = diff(load_policy(TEXT.replace(start, more, 1), "changed"), REFERENCE)
    assert [one.says for one in ended if one.kind is Kind.PURPOSE_ENDED]


@pytest.mark.parametrize(
    ("old", "new", "kind"),
    [
        (["30 days"], ["31 days"], Kind.KEPT_LONGER),
        (["13 months"], ["2 years"], Kind.KEPT_LONGER),
        (["1 month"], ["30 days"], Kind.KEPT_OTHERWISE),
        (["2 years", "30 days"], ["2 years"], Kind.KEPT_LONGER),
        (["2 years"], ["2 years", "until account closes"], Kind.KEPT_SHORTER),
        (["2 years"], ["2 years from last seen"], Kind.KEPT_OTHERWISE),
        (["until 2030-12-31"], ["until 2029-12-31"], Kind.KEPT_SHORTER),
    ],
)
def test_longer_and_shorter_are_said_where_they_are_sure(old: list[str], new: list[str], kind: Kind) -> None:
    assert longer_or_shorter([parse_span(one) for one in old], [parse_span(one) for one in new]) is kind


def _other(value: Any) -> Any:
    """Another value of the same kind."""
    match value:
        case bool():
            return not value
        case Choice():
            return Choice.OPT_IN if value is not Choice.OPT_IN else Choice.OBJECTION
        case Form():
            return Form.AGGREGATE if value is not Form.AGGREGATE else Form.IDENTIFIED
        case Span():
            return replace(value, amount=value.amount + 900, unit="day", date="")
        case Terms():
            return Terms(value.basis, _other(value.choice))
        case Moment():
            return replace(value, says="Otherwise.")
        case int():
            return value + 1
        case str():
            return {"directly": "no", "indirectly": "directly", "no": "directly"}.get(
                value, f"{value} otherwise"
            )
        case None:
            return Span(11)
        case frozenset():
            return value - {next(iter(value))} if value else frozenset({"XX"})
        case tuple():
            return (
                tuple(_other(one) for one in value)
                if value and not isinstance(value[0], str)
                else (*value, "other")
            )
        case dict():
            return (
                {**value, "other": "text"} if not value or isinstance(next(iter(value.values())), str) else {}
            )
    raise AssertionError(type(value))


SECTIONS = (
    *(
        "purposes",
        "groups",
        "held_groups",
        "items",
        "events",
        "cookies",
        "audiences",
        "moments",
        "notices",
        "people",
        "controllers",
    ),
    *(
        "staff",
        "guardians",
        "services",
        "partners",
        "sources",
        "decisions",
        "messages",
        "recipients",
        "clients",
    ),
    *("systems", "aggregates", "measures", "never"),
)
EVERY = {"workhirespot": REFERENCE, **COMPANIES}


def _entries() -> list[tuple[str, str, str]]:
    return [
        (company, section, name)
        for company, policy in EVERY.items()
        for section in SECTIONS
        for name in getattr(policy, section)
    ]


def test_every_section_of_names_is_among_them() -> None:
    mappings = {one.name for one in fields(REFERENCE) if isinstance(getattr(REFERENCE, one.name), dict)}
    assert mappings - {"if_unknown"} == set(SECTIONS)
    assert {section for _company, section, _name in _entries()} == set(SECTIONS)


@pytest.mark.parametrize(("company", "section", "name"), _entries())
def test_no_field_of_any_entry_can_differ_unnamed(company: str, section: str, name: str) -> None:
    policy = EVERY[company]
    entry = getattr(policy, section)[name]
    for field in fields(entry):
        if field.name in APART or (section, field.name) in {("cookies", "purposes")} or field.name == "name":
            continue
        before = getattr(entry, field.name)
        other = replace(entry, **{field.name: (0, 9) if field.name == "age" else _other(before)})
        changed = _with(section, {**getattr(policy, section), name: other}, policy)
        paths = {one.path for one in diff(policy, changed)}
        assert paths & {f"{section}.{name}.{field.name}", f"{section}.{name}"}, field.name


@pytest.mark.parametrize(("company", "section", "name"), _entries())
def test_no_entry_can_come_or_go_unnamed(company: str, section: str, name: str) -> None:
    policy = EVERY[company]
    entries = {one: entry for one, entry in getattr(policy, section).items() if one != name}
    changed = _with(section, entries, policy)
    for changes in (diff(policy, changed), diff(changed, policy)):
        assert f"{section}.{name}" in {one.path for one in changes}


@pytest.mark.parametrize("section", ["rights", "links", "changes"])
def test_no_field_of_a_section_that_is_one_entry_can_differ_unnamed(section: str) -> None:
    school = COMPANIES["school"]
    entry = getattr(school, section)
    for field in fields(entry):
        if field.name in {"name", "title"}:
            continue
        other = replace(entry, **{field.name: _other(getattr(entry, field.name))})
        told = diff(school, _with(section, other, school))
        assert f"{section}.{field.name}" in {one.path for one in told}, field.name
    for changes in (diff(school, _with(section, None, school)), diff(_with(section, None, school), school)):
        assert section in {one.path for one in changes}


@pytest.mark.parametrize("field", [f.name for f in fields(REFERENCE.retention)])
def test_no_field_of_retention_can_differ_unnamed(field: str) -> None:
    other = replace(REFERENCE.retention, **{field: _other(getattr(REFERENCE.retention, field))})
    told = diff(REFERENCE, fingerprinted(replace(REFERENCE, retention=other)))
    assert any(one.path.startswith(f"retention.{field}") for one in told)


@pytest.mark.parametrize("field", [f.name for f in fields(REFERENCE.company)])
def test_no_field_of_the_company_can_differ_unnamed(field: str) -> None:
    other = replace(REFERENCE.company, **{field: _other(getattr(REFERENCE.company, field))})
    told = diff(REFERENCE, fingerprinted(replace(REFERENCE, company=other)))
    assert f"company.{field}" in {one.path for one in told}


def test_every_fact_of_a_policy_is_compared() -> None:
    """A field that a later version adds to the compiled policy must be compared too."""
    compared = {"version", "in_force", "company", "purposes", "groups", "items", "events", "cookies", "people",
                "audiences", "counting_in", "assumptions", "if_unknown", "moments", "retention", "notices",
                "controllers", "staff", "guardians", "services", "partners", "sources", "decisions", "messages",
                "recipients", "clients", "systems", "aggregates", "rights", "links", "measures", "changes",
                "never", "held_groups"}  # fmt: skip
    follow = {"on_demand", "possible"}  # from purposes, and from audiences and if_unknown
    assert {one.name for one in fields(REFERENCE)} - APART - follow == compared
    for name in (
        compared - NOT_STATED - {"company", "retention", "purposes", "items", "events", "cookies", "groups"}
    ):
        value = getattr(REFERENCE, name)
        other = _with(name, None if is_dataclass(value) else type(value)())
        assert any(one.path.startswith(name) for one in diff(REFERENCE, other)), name


def _with(field: str, value: Any, policy: CompiledPolicy = REFERENCE) -> CompiledPolicy:
    changes: dict[str, Any] = {field: value}
    return fingerprinted(replace(policy, **changes))


def test_the_text_is_grouped_by_whom_it_concerns() -> None:
    changed = load_policy(TEXT.replace("keep: 30 days}", "keep: 60 days}").replace(
        'version: "2026-11"', 'version: "2026-12"'), "changed")  # fmt: skip
    assert diff_text(diff(REFERENCE, changed)) == (
        "Everyone\n  version: Version 2026-12 follows version 2026-11.\n\n"
        "Visitor\n  kept longer: IP address is kept longer: 60 days; before: 30 days. [needs a new notice]"
    )
    assert diff_text(()) == "Nothing changed."


def test_the_command_ends_with_whether_anything_changed(tmp_path: Path) -> None:
    one, other = tmp_path / "one.yaml", tmp_path / "other.yaml"
    one.write_text(TEXT, encoding="utf-8")
    other.write_text(TEXT.replace("keep: 30 days}", "keep: 60 days}"), encoding="utf-8")
    run = CliRunner()
    same = run.invoke(policy_group, ["diff", str(one), str(one)])
    assert (same.exit_code, same.output) == (0, "Nothing changed.\n")
    told = run.invoke(policy_group, ["diff", str(one), str(other), "--json"])
    found = json.loads(told.output)
    assert told.exit_code == 1
    assert found["kinds"] == [kind.value for kind in Kind]
    assert [change["kind"] for change in found["changes"]] == ["kept longer"]
    assert found["changes"][0]["path"] == "items.ip_address.keep"
