"""What laws want of a notice (L10): an error for a version that is put in force, a warning in a draft, by article."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kept.base.clock import SetClock
from kept.base.errors import BadInput
from kept.gate import Policies
from kept.policy import load_policy, read_policy
from kept.policy.laws import LAWS, RIGHTS, applying
from kept.policy.notice import notice_markdown, notice_of
from kept.storage.records import Records
from tests.companies import text_of

NOW = SetClock(1_800_000_000_000)
# company; the article; what stands there; what stands there instead; words in the line
TABLE = [
    ("clinic", "GDPR Art. 12(2), 13(2)(b)", "rights: {laws: GDPR, channels: [mail, in person]}\n", "", "# A clinic"),
    ("clinic", "GDPR Art. 13(1)(c)", "says: To arrange appointments., ", "", "appointments: {uses"),
    ("school", "GDPR Art. 26(1), (3)", "answers: yes", "answers: no", "we: {decides"),
    ("school", "GDPR Art. 13(1)(a)", "    site: https://board.example\n    contact: data@board.example\n", "",
     "school_board:"),
    ("shop", "GDPR Art. 13(2)(e)", "needs: [buyer_name, order_paid]", "needs: order_paid", "buyer_name: {about"),
    ("school", "GDPR Art. 14(1)(d)", "about: reference, category: education", "about: reference",
     "recommendation: {about"),
    ("school", "GDPR Art. 14(3)(a)", ", told: within 1 month", "", "reference: {says"),
    ("school", "GDPR Art. 14(3)(a)", "told: within 1 month", "told: within 2 months", "reference: {says"),
    ("shop", "GDPR Art. 13(2)(f)", "    says: A program refuses credit where the risk is too high.\n", "",
     "credit_refusal:"),
    ("school", "GDPR Art. 28(3)", "countries: DE, agreement: processor contract", "countries: DE", "printer:"),
    ("school", "GDPR Art. 8(1)", "{for: teen, who: A parent., decides: requests",
     "{for: child, who: A parent., decides: requests",
     "teen: {age"),
    ("school", "GDPR Art. 12(1)", "reading age: 9", "reading age: 15", "for_children:"),
    ("shop", "Cal. Civ. Code 1798.130(a)(1)(A), (5)(A)", "channels: [mail, form], ", "", "rights: {"),
    ("shop", "Cal. Civ. Code 1798.100(a)(1), 1798.130(a)(5)(B)", "about: buyer, category: money", "about: buyer",
     "invoice: {"),
    ("shop", "Cal. Civ. Code 1798.135(a), (b)", ", global privacy control: honoured", "", "sale: yes"),
    ("shop", "Cal. Civ. Code 1798.120(c)",
     "      california: {choice: opt in}\n      teen: {choice: never}\n",
     "      teen: {choice: opt out}\n", "sale: yes"),
]  # fmt: skip
ALSO = {
    "Cal. Civ. Code 1798.120(c)": ("  teen: {age: 13 to 17}", "  teen: {age: 13 to 15}"),
}


@pytest.fixture
def policies(tmp_path: Path) -> Iterator[Policies]:
    records = Records(tmp_path / "records.db")
    yield Policies(records, NOW)
    records.close()


def changed(company: str, article: str, was: str, now: str) -> str:
    text = text_of(company)
    for before, after in ((was, now), *([ALSO[article]] if article in ALSO else [])):
        assert before in text
        text = text.replace(before, after, 1)
    return text


@pytest.mark.parametrize(("company", "article", "was", "now", "where"), TABLE)
def test_an_error_for_a_version_in_force_and_a_warning_in_a_draft(
    company: str, article: str, was: str, now: str, where: str
) -> None:
    text = changed(company, article, was, now)
    line = text[: text.index(where)].count("\n") + 1
    for in_force, level in ((True, "error"), (False, "warning")):
        draft = read_policy(text, company, in_force=in_force)
        owed = [one for one in draft.problems if one.code == "L10"]
        assert [(one.level, one.line) for one in owed] == [(level, line)], owed
        assert owed[0].why.startswith(f"{article}: ")
        assert {one.code for one in draft.errors} == ({"L10"} if in_force else set())
        assert [one.stops for one in owed] == [not in_force]


def test_britain_s_own_law_is_named_in_britain() -> None:
    text = (
        text_of("clinic")
        .replace("country: DE, officer", "country: GB, officer")
        .replace("laws: GDPR", "laws: UK GDPR")
    )
    text = text.replace("says: To arrange appointments., ", "")
    owed = [one.why for one in read_policy(text, "clinic", in_force=True).errors if one.code == "L10"]
    assert [why.partition(":")[0] for why in owed] == ["UK GDPR Art. 13(1)(c)"]


def test_an_officer_is_only_ever_asked_about() -> None:
    text = text_of("clinic").replace(", officer: Dr. Example", "")
    (owed,) = (one for one in read_policy(text, "clinic", in_force=True).problems if one.code == "L10")
    assert (owed.level, owed.stops) == ("warning", False)
    assert "37(1)(c)" in owed.why


def test_a_representative_is_owed_where_the_policy_itself_names_the_law() -> None:
    text = text_of("clinic").replace("country: DE, officer", "country: US, officer")
    (owed,) = (one for one in read_policy(text, "clinic", in_force=True).problems if one.code == "L10")
    assert owed.level == "error"
    unnamed = text.replace("rights: {laws: GDPR, channels: [mail, in person]}\n", "")
    (asked,) = (one for one in read_policy(unnamed, "clinic", in_force=True).problems if one.code == "L10")
    assert asked.level == "warning"


def test_the_laws_are_those_that_are_named_and_that_of_the_company_s_country() -> None:
    assert applying((), "DE") == {"GDPR"}
    assert applying(("CCPA",), "GB") == {"CCPA", "UK GDPR"}
    assert applying((), "US") == frozenset()
    assert all(set(law.rights) <= set(RIGHTS) for law in LAWS.values())


def test_the_notice_says_each_right_with_its_article() -> None:
    text = notice_markdown(notice_of(load_policy(text_of("shop"), "shop")))
    for name in ("GDPR", "CCPA"):
        assert all(f"{name}, {article}" in text for article in LAWS[name].rights.values())
        assert LAWS[name].answer in text
        assert LAWS[name].authority in text


def test_what_a_law_wants_keeps_a_version_from_taking_effect(policies: Policies) -> None:
    good = text_of("clinic")
    owing = good.replace("rights: {laws: GDPR, channels: [mail, in person]}\n", "")
    before = policies.put_in_force(good, "clinic.yaml")
    with pytest.raises(BadInput, match="1 error") as raised:
        policies.put_in_force(owing, "clinic.yaml")
    assert "Art. 12(2), 13(2)(b)" in str(raised.value.why)
    assert policies.now().number == before.number


def test_a_version_in_force_stays_when_a_later_kept_knows_more(
    policies: Policies, monkeypatch: pytest.MonkeyPatch
) -> None:
    owing = text_of("clinic").replace("rights: {laws: GDPR, channels: [mail, in person]}\n", "")
    with monkeypatch.context() as before:
        before.setattr("kept.policy.law.check_notice", lambda *_given, **_more: None)
        first = policies.put_in_force(owing, "clinic.yaml")
    assert policies.put_in_force(owing, "clinic.yaml").number == first.number
