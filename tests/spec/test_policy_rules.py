"""Rules of `never`, walls, recipients, decisions: one change to a company's good policy, the error and its line."""

import pytest

from kept.policy import read_policy
from tests.companies import NAMES, text_of

# company; the code; what stands there; what stands there instead; words in the line of the error
TABLE = [
    # sources and recipients
    ("clinic", "R02", "from: [staff, clinic_partner]", "from: staff", "clinic_partner: {sends"),
    ("shop", "R02", "from: [tracker, partner]", "from: tracker", "sends: product_seen"),
    ("school", "S01", "{role: processor, gets: pupil_name", "{role: processor, gets: [pupil_name, guardian_mail]",
     "printer:"),
    ("shop", "S01", "california: {gets: order_paid}", "california: {gets: invoice}", "california: {gets"),
    ("shop", "S02", "{US: adequacy, IN: standard contractual clauses}", "{US: adequacy}", "countries: [US, IN]"),
    ("school", "S02", "purposes: teach, countries: DE", "purposes: teach, countries: everywhere", "printer:"),
    ("school", "S03", "until: 2030-12-31", "until: 2025-12-31", "printer:"),
    # never
    ("shop", "V01", "forbids: keep beyond 2 years, items: taste", "forbids: keep beyond 11 months, items: taste",
     "  taste: {"),
    ("shop", "V01", "{forbids: use, items: taste, purposes: credit, for: germany}", "{forbids: use, items: taste}",
     "uses: [order_paid, product_seen, taste"),
    ("shop", "V01", "{forbids: use, items: taste, purposes: credit, for: germany}",
     "{forbids: gather, items: taste}", "  taste: {"),
    ("school", "V01", "gets: pupil_name, purposes: teach, countries: DE, agreement: processor contract",
     "gets: pupil_name, purposes: teach, countries: DE, agreement: processor contract, sale: yes", "printer:"),
    ("school", "V01", "weighs: recommendation", "weighs: marks", "weighs: marks"),
    ("school", "V01", "forbids: contact, items: pupil_name, for: child", "forbids: contact, items: guardian_mail",
     "school_news:"),
    ("clinic", "V01", "{role: joint, gets: diagnosis, purposes: study, countries: [DE, \"NO\"]",
     "{role: joint, gets: diagnosis, purposes: study, countries: [DE, CH], transfer: {CH: adequacy}", "university: {"),
    ("clinic", "V01", "except to: university", "to: university", "university: {role"),
    ("shop", "V01", "purposes: [credit, taxes]}", "purposes: shop_ads}\n  x: {forbids: combine, items: taste}",
     "data_broker: {sends"),
    ("shop", "V02", "derived from: order_paid, made", "derived from: [order_paid, product_seen], made",
     "uses: [buyer_name, order_paid, risk_score]"),
    ("shop", "V03", "to: ad_network}", "to: [ad_network, tax_office]}", "no_names_out:"),
    ("clinic", "V04", "hidden from: [reception, insurer]", "hidden from: [reception, insurer, doctors]",
     "hidden from:"),
    ("clinic", "V04", "hidden from: [reception, insurer]", "hidden from: [university]", "hidden from:"),
    ("school", "V05", "says: It runs the register of all schools.", "says: It never looks at marks.", "never looks"),
    # services, decisions, figures
    ("shop", "U04", "needs: [buyer_name, order_paid]", "needs: [buyer_name, order_paid, taste]", "needs:"),
    ("school", "U06", "weighs: recommendation", "weighs: guardian_mail", "weighs:"),
    ("shop", "U06", "of: product_seen", "of: order_paid", "seen: {purpose"),
    ("school", "U03", "by: year, privacy", "by: [year, pupil_name], privacy", "marks_by_year:"),
    ("shop", "L08", "    human: credit_desk@shop.example\n", "", "effect: legal"),
    ("shop", "L08", "    contest: yes\n", "", "effect: legal"),
    ("school", "L08", "effect: none", "effect: significant", "purpose: teach"),
    # names and words of the new sections
    ("school", "R04", "works for: teach", "works for: teaching", "teaching"),
    ("school", "R04", "powers: marks_online", "powers: marks_offline", "marks_offline"),
    ("school", "R04", "parts: [data, purposes, marks, rights]", "parts: [data, purposes, mark, rights]",
     "mark, rights"),
    ("school", "R04", "hidden from: [newsletter, printer]", "hidden from: [newsletter, plumber]", "plumber"),
    ("shop", "R04", "by: [product, month]", "by: [produce, month]", "produce,"),
    ("shop", "R04", "california: {gets: order_paid}", "kalifornia: {gets: order_paid}", "kalifornia"),
    ("shop", "R04", "texas: {when: you opt in}", "texas: {when: you nod}", "you nod"),
    ("shop", "R01", "sends: product_seen", "sends: product_sen", "product_sen"),
    ("school", "N02", "  paper_files:", "  teach:", "  teach:\n    says: Files"),
    ("school", "D02", "ends: 30 days after warning", "ends: 30 days after warming", "warming"),
    ("school", "D01", "notice: 30 days}\n  longer", "notice: until account closes}\n  longer", "new recipient"),
    ("school", "D01", "told: within 1 month", "told: soon", "soon"),
    ("school", "F06", "until: age 13", "until: thirteen", "thirteen"),
    ("school", "F06", "channels: [mail, letter]", "channels: [mail, pigeon]", "pigeon"),
    ("school", "F06", "forbids: sell", "forbids: selling", "selling"),
    ("school", "D01", "forbids: keep beyond 2 years", "forbids: keep beyond reason", "reason"),
    ("school", "F04", "each right: {see:", "each right: {look:", "look:"),
    ("shop", "F06", "{US: adequacy, IN", "{UK: adequacy, IN", "UK:"),
    ("shop", "F06", "laws: [GDPR, CCPA]", "laws: [GDPR, DSGVO]", "DSGVO"),
    ("school", "F08", "{epsilon: 1 a month, per: person}", "{epsilon: 1 a month}", "marks_by_year:"),
    ("shop", "F06", "origins: [https://friends.example,", "origins: [https://friends.example/shop,",
     "friends.example/shop"),
    ("clinic", "F06", "countries: not EEA", "countries: not Europe", "not Europe"),
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_the_policies_that_the_table_changes_are_good(name: str) -> None:
    draft = read_policy(text_of(name), f"{name}.yaml", in_force=True)
    assert draft.errors == ()
    assert {problem.code for problem in draft.warnings} <= {"E01", "E02", "N04"}


@pytest.mark.parametrize(("company", "code", "was", "now", "where"), TABLE)
def test_one_change_is_one_error_at_its_line(company: str, code: str, was: str, now: str, where: str) -> None:
    text = text_of(company)
    assert was in text
    text = text.replace(was, now, 1)
    line = text[: text.index(where)].count("\n") + 1
    found = [(problem.code, problem.line, problem.what) for problem in read_policy(text, company).errors]
    assert [one[:2] for one in found] == [(code, line)], found
