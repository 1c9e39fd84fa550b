"""The check on whole files: what passes, what it warns of, how it speaks; and the commands around it."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from kept.base.errors import BadInput
from kept.base.nearest import nearest
from kept.cli.policy import init_command, policy_group
from kept.ledger import facts
from kept.policy import Form, assign_bits, load_policy, purposes_in, read_policy
from kept.policy.enforced import ENFORCED
from kept.policy.notice import NUMBERS, notice_markdown, notice_of
from kept.policy.problems import Place
from kept.policy.values import bad_name

ROOT = Path(__file__).parents[2]
WORKHIRESPOT = ROOT / "policies/workhirespot.yaml"
STARTER = ROOT / "src/kept/policy/starter.yaml"

SMALL = """\
company: {name: Example, site: https://example.com, contact: a@example.com, country: DE}
version: "1"
in force: 2026-11-01
people: {reader: {says: Someone who reads.}}
events:
  page_view: {about: reader, from: tracker, keep: 1 year}
purposes:
  serve: {uses: page_view, basis: contract}
"""


def text_of(file: Path) -> str:
    return file.read_text(encoding="utf-8")


def test_the_reference_policy_and_the_starter_pass() -> None:
    assert read_policy(text_of(WORKHIRESPOT), "w").errors == ()
    assert read_policy(text_of(STARTER), "s").errors == ()


def test_what_is_declared_and_not_enforced_is_said_once_for_each_kind() -> None:
    warnings = [one for one in read_policy(text_of(WORKHIRESPOT), "w").warnings if one.code == "E01"]
    said = {name for name, feature in ENFORCED.items() if any(feature.says in one.what for one in warnings)}
    assert len(warnings) == len(said)
    assert not any(ENFORCED[name].carried_out for name in said)
    assert {"expiry", "duties", "backups", "profiles", "inferences"} <= said | {
        name for name, feature in ENFORCED.items() if feature.carried_out
    }


UNSEEN = """\
company: {name: Example, site: https://example.com, contact: a@example.com, country: US}
version: "1"
in force: 2026-11-01
people: {buyer: {says: Someone who buys.}}
events:
  paid: {about: buyer, from: [SOURCES], keep: 1 year}
  seen: {about: buyer, from: tracker, keep: 1 year}
cookies: {kept_visit: {says: Yours., for: COOKIE, lasts: 1 year, holds: visitor_id}}
purposes:
  orders: {says: To send it., uses: paid, basis: BASIS}
  improve: {says: To make it better., uses: seen, basis: consent}
"""


@pytest.mark.parametrize(
    ("sources", "cookie", "basis", "more", "unseen"),
    [
        ("tracker", "improve", "contract", "", ["`orders` never sees `paid`."]),
        ("tracker, server", "improve", "contract", "", []),  # of an account
        ("tracker, server log", "improve", "contract", "", []),  # without an id
        ("tracker, server log", "improve", "consent", "", ["`orders` never sees `paid`."]),
        ("tracker", "improve", "contract", "counting without cookies: {in: US}\n", []),
        ("tracker", "improve, orders", "consent", "", []),
        ("form", "improve", "contract", "", []),  # said elsewhere: it comes by no way that Kept carries
    ],
)
def test_what_a_purpose_can_never_see_is_said(
    sources: str, cookie: str, basis: str, more: str, unseen: list[str]
) -> None:
    text = UNSEEN.replace("SOURCES", sources).replace("COOKIE", f"[{cookie}]").replace("BASIS", basis) + more
    draft = read_policy(text, "unseen.yaml")
    assert draft.errors == ()
    assert [one.what for one in draft.warnings if one.code == "E02"] == unseen


@pytest.mark.parametrize("uses", ["[page_view, page_view.path]", "[page_view, not page_view.path]"])
def test_properties_that_cannot_be_read_are_one_error_and_not_one_for_each_mention(uses: str) -> None:
    file = SMALL.replace("keep: 1 year", "keep: 1 year, with: no such value").replace(
        "page_view, basis", f"{uses}, basis"
    )
    (error,) = read_policy(file, "small.yaml").errors
    assert (error.code, error.line) == ("F06", 6)


@pytest.mark.parametrize(
    "keep",
    [
        "{at most: 1 year, by: Tax office}",
        "1 year, for: {europe: {keep: {at most: 1 month, by: Tax office}}}",
    ],
)
def test_an_authority_in_a_keep_is_said_to_be_read_by_nobody(keep: str) -> None:
    text = SMALL.replace("keep: 1 year", f"keep: {keep}") + "audiences: {europe: {lives in: EEA}}\n"
    draft = read_policy(text, "p")
    assert draft.errors == ()
    said = ENFORCED["authorities"].says
    assert [one.line for one in draft.warnings if said in one.what] == [6]
    plain = text.replace(", by: Tax office", "")
    assert not [one for one in read_policy(plain, "p").warnings if said in one.what]


def test_every_version_that_passes_the_check_can_stand_in_the_ledger() -> None:
    for name in ("1", "2026-12", "v1.0_b", "x" * 40):
        policy = load_policy(SMALL.replace('"1"', f'"{name}"'), "p")
        fact = facts.PolicyPutInForce(version=policy.version, fingerprint=policy.fingerprint)
        assert msgspec.convert(msgspec.to_builtins(fact), facts.PolicyPutInForce) == fact


def test_a_company_outside_the_union_is_told_of_the_representative() -> None:
    text = re.sub(r"\n *representative:.*", "", text_of(WORKHIRESPOT))
    draft = read_policy(text, "w")
    assert [one.level for one in draft.problems if one.code == "L10"] == ["warning"]


def test_the_64th_purpose_is_an_error() -> None:
    more = "\n".join(f"  purpose_{index}: {{uses: page_view, basis: contract}}" for index in range(62))
    assert len(load_policy(f"{SMALL}{more}\n", "many").purposes) == 63
    (error,) = read_policy(
        f"{SMALL}{more}\n  one_more: {{uses: page_view, basis: contract}}\n", "many"
    ).errors
    assert (error.code, error.path) == ("U05", "purposes.one_more")


def test_a_message_says_what_where_why_and_what_next() -> None:
    (error,) = read_policy(SMALL.replace("1 year", "until account closes"), "policy.yaml").errors
    assert str(error) == (
        "policy.yaml:6:45: K02 `page_view` may be kept for good: `until account closes` may never come.\n"
        "    Where: events.page_view.keep.\n"
        "    Why: A ceiling must be reached without anyone's doing.\n"
        "    Next: Add one that is: `keep: [until account closes, 2 years]`."
    )


def test_the_nearest_declared_name_is_offered() -> None:
    (error,) = read_policy(SMALL.replace("uses: page_view", "uses: page_veiw"), "policy.yaml").errors
    assert (error.code, error.found, error.nearest) == ("R01", "page_veiw", "page_view")
    assert nearest("Page-View", ["page_view", "job_view"]) == "page_view"
    assert nearest("quark", ["page_view"]) == ""


def test_load_policy_prints_every_problem() -> None:
    text = SMALL.replace("contract", "contracts").replace("1 year", "one year")
    with pytest.raises(BadInput, match="2 errors") as caught:
        load_policy(text, "policy.yaml")
    assert "D01" in caught.value.why
    assert "F06" in caught.value.why
    with pytest.raises(BadInput):
        purposes_in(text, "policy.yaml")


@pytest.mark.parametrize(
    "text", ["", "- a list", "just words", "{}", "a: " + "[" * 40, "company: " + "{a: " * 40]
)
def test_what_is_no_policy_at_all(text: str) -> None:
    assert read_policy(text, "none.yaml").errors


def test_bits_are_only_ever_added() -> None:
    assert purposes_in(SMALL, "s") == ("serve",)
    bits = assign_bits({}, ["serve", "improve"])
    assert bits == {"serve": 0, "improve": 1}
    assert assign_bits(bits, ["research"]) == {"serve": 0, "improve": 1, "research": 2}
    full = {f"old_{index}": index for index in range(63)}
    assert assign_bits(full, ["old_3"]) == full
    with pytest.raises(BadInput, match="63 purposes"):
        assign_bits(full, ["new"])


def test_the_bits_given_are_the_bits_used() -> None:
    policy = load_policy(SMALL, "s", {"gone": 0, "serve": 7})
    assert policy.purposes["serve"].mask == 1 << 7
    assert policy.masks[0].free == 1 << 7
    assert policy.events["page_view"].uses == 1 << 7
    assert policy.fingerprint == load_policy(SMALL, "s").fingerprint


def test_facts_change_the_fingerprint_and_their_position_does_not() -> None:
    policy = load_policy(SMALL, "s")
    assert load_policy(f"# a remark\n\n{SMALL}", "other").canonical == policy.canonical
    for was, now in [
        ("1 year", "2 years"),
        ("contract", "vital interests"),
        ("reads.", "writes."),
        ("DE", "FR"),
    ]:
        assert load_policy(SMALL.replace(was, now), "s").fingerprint != policy.fingerprint, was


def test_a_group_states_for_its_members_and_a_member_may_be_stricter_not_laxer() -> None:
    text = f"""{SMALL}  asked:
    basis: notice
    form: pseudonymous
    for:
      europe: {{basis: consent}}
      young: {{choice: never}}
    items:
      improve: {{uses: usage_time}}
      combine: {{uses: usage_time, basis: consent, form: identified}}
audiences:
  europe: {{lives in: [EEA, GB]}}
  young: {{age: under 16}}
data:
  usage_time: {{about: reader, from: tracker, identifies: no, keep: 30 days}}
"""
    policy = load_policy(text, "g")
    us, europe, child = policy.cell_of("US", 30), policy.cell_of("DE", 30), policy.cell_of("DE", 9)
    improve, combine = policy.purposes["improve"], policy.purposes["combine"]
    assert [improve.terms[cell].basis for cell in (us, europe)] == ["notice", "consent"]
    assert {combine.terms[cell].basis for cell in (us, europe)} == {"consent"}
    assert improve.terms[child].choice.name == combine.terms[child].choice.name == "NEVER"
    assert (improve.form, combine.form) == (Form.PSEUDONYMOUS, Form.IDENTIFIED)


def test_a_shorter_keep_for_an_audience_counts_and_the_unknown_get_both() -> None:
    text = SMALL.replace("keep: 1 year", "keep: 1 year, for: {europe: {keep: 30 days}}")
    policy = load_policy(f"{text}audiences: {{europe: {{lives in: EEA}}}}\n", "k")
    keep = policy.events["page_view"].keep
    assert [str(span) for span in keep[policy.cell_of("FR")]] == ["30 days"]
    assert [str(span) for span in keep[policy.cell_of("US")]] == ["1 year"]
    assert {str(span) for span in keep[policy.cell_of(None)]} == {"1 year", "30 days"}


# ---- the notice ------------------------------------------------------------------------------------


def test_the_notice_has_its_sections_under_their_numbers() -> None:
    notice = notice_of(load_policy(text_of(WORKHIRESPOT), "w"))
    assert [(one.number, one.slug) for one in notice.sections] == [
        (1, "who"), (2, "what"), (3, "why"), (4, "cookies"), (5, "given"), (6, "long"), (7, "where"), (8, "rights"),
        (9, "changes"), (10, "children"), (11, "services"), (12, "decisions"), (13, "figures"), (14, "links"),
        (15, "protect"), (16, "messages"), (17, "never"), (18, "clients"), (19, "assumed"),
    ]  # fmt: skip
    assert len(set(NUMBERS.values())) == len(NUMBERS)
    assert all(one.short.endswith(".") for one in notice.sections)


def test_every_declared_thing_stands_in_the_notice() -> None:
    policy = load_policy(text_of(WORKHIRESPOT), "w")
    text = notice_markdown(notice_of(policy)).replace("\\", "")
    named = (policy.items, policy.events, policy.purposes)
    assert all(one.title in text for some in named for one in some.values())
    for cookie in policy.cookies:
        assert cookie in text
    for assumption in policy.assumptions:
        assert assumption.reason in text


def test_times_stand_in_words() -> None:
    text = notice_markdown(notice_of(load_policy(text_of(WORKHIRESPOT), "w")))
    assert "30 days after your account closes" in text
    assert "6 months after the employer has decided on the application, whichever comes first" in text


def test_a_notice_for_one_set_of_people_says_what_holds_for_them() -> None:
    policy = load_policy(text_of(WORKHIRESPOT), "w")
    child = notice_of(policy, policy.cell_of("DE", 12))
    why = child.section("why")
    assert why is not None
    mail = next(row for row in why.tables[0].rows if row[0] == "Job mail")
    assert mail[3:5] == ("not done", "never")
    assert child.audience == (
        "living in the European Economic Area, Switzerland and the United Kingdom and aged under 16"
    )


def test_words_of_a_policy_never_become_markup() -> None:
    text = SMALL.replace("Someone who reads.", "'A <b>reader</b> | *of* [x](y).'")
    made = notice_markdown(notice_of(load_policy(text, "m")))
    assert "A \\<b\\>reader\\</b\\> \\| \\*of\\* \\[x\\](y)." in made


# ---- the commands ----------------------------------------------------------------------------------


def test_check_ends_with_2_on_an_error_and_0_otherwise(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(SMALL.replace("contract", "contrct"), encoding="utf-8")
    result = CliRunner().invoke(policy_group, ["check", str(bad)])
    assert result.exit_code == 2
    assert f"{bad}:8:35: F06" in result.output
    result = CliRunner().invoke(policy_group, ["check", str(WORKHIRESPOT)])
    assert result.exit_code == 0
    assert "Assumed, 82 in all" in result.output


def test_check_counts_what_stops_a_version_from_coming_into_force(tmp_path: Path) -> None:
    owed = tmp_path / "owed.yaml"
    owed.write_text(
        f"{SMALL}rights: {{laws: GDPR}}\n".replace("country: DE", "country: US"), encoding="utf-8"
    )
    stopping = [one.what for one in read_policy(text_of(owed), "p", in_force=True).errors]
    said = CliRunner().invoke(policy_group, ["check", str(owed)])
    assert said.exit_code == 0
    assert f"; {len(stopping)} of them stop" in said.output.splitlines()[-1]
    strict = CliRunner().invoke(policy_group, ["check", "--strict", str(owed)])
    assert (strict.exit_code, strict.output) == (1, said.output)
    for what in stopping:  # what `kept up` refuses stands in the list that its message sends people to
        assert what in strict.output
    clean = CliRunner().invoke(policy_group, ["check", "--strict", str(STARTER)])
    assert (clean.exit_code, "stop" in clean.output.splitlines()[-1]) == (0, False)


def test_check_as_json(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(SMALL.replace("contract", "contrct"), encoding="utf-8")
    found = json.loads(CliRunner().invoke(policy_group, ["check", "--json", str(bad)]).output)
    assert [(one["code"], one["line"], one["nearest"]) for one in found["problems"]] == [
        ("F06", 8, "contract")
    ]
    assert found["assumptions"] == []


def test_init_writes_a_policy_that_passes_and_never_overwrites(tmp_path: Path) -> None:
    file = tmp_path / "policy.yaml"
    assert CliRunner().invoke(init_command, [str(file)]).exit_code == 0
    assert read_policy(text_of(file), "p").errors == ()
    assert not [one for one in read_policy(text_of(file), "p").warnings if one.code != "E01"]
    file.write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(init_command, [str(file)])
    assert isinstance(result.exception, BadInput)
    assert text_of(file) == "mine"


def test_notice_on_the_command_line() -> None:
    made = CliRunner().invoke(
        policy_group, ["notice", "--residence", "US-CA", str(WORKHIRESPOT)]
    )  # as people read it, unless a program asks otherwise
    assert made.output.startswith("# ")
    assert "For people living in California." in made.output
    found = json.loads(
        CliRunner().invoke(policy_group, ["notice", "--format", "json", str(WORKHIRESPOT)]).output
    )
    assert [one["number"] for one in found["sections"]] == [*range(1, 20)]


@pytest.mark.parametrize("said", ["UK", "XX", "Germany", "EEA"])
def test_a_notice_is_for_a_place_and_never_for_what_is_none(said: str) -> None:
    result = CliRunner().invoke(policy_group, ["notice", "--residence", said, str(WORKHIRESPOT)])
    assert isinstance(result.exception, BadInput)
    assert result.exception.where == "--residence"
    assert not result.output


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    result = CliRunner().invoke(policy_group, ["check", str(tmp_path / "none.yaml")])
    assert isinstance(result.exception, BadInput)


def test_each_bad_value_of_a_list_is_an_error_at_its_own_place() -> None:
    text = f"{SMALL}audiences:\n  near: {{lives in: [EEA, UK, Schweiz]}}\n"
    errors = read_policy(text, "p").errors
    assert [(one.found, one.line, one.column) for one in errors] == [("UK", 10, 26), ("Schweiz", 10, 30)]


@pytest.mark.parametrize("meant", ["basketAdd", "BasketAdd", "basket-add", "Basket add"])
def test_the_nearest_name_knows_how_others_write_names(meant: str) -> None:
    assert nearest(meant, ["basket_add", "basket"]) == "basket_add"
    assert bad_name(meant, Place(1, 1, "")).more["nearest"] == "basket_add"
