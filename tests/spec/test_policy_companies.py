"""Other kinds of company: a school, a clinic and a shop, with what the check must find in each."""

import pytest

from kept.policy import Choice, load_policy, read_policy

HEAD = """\
company: {name: Example, site: https://example.com, contact: a@example.com, country: DE, language: [de, en]}
version: "1"
in force: 2027-01-01
"""

SCHOOL = f"""{HEAD}
people:
  pupil: {{account: yes}}
audiences:
  norway: {{lives in: NO}}
  teen: {{age: 13 to 17}}
  child: {{age: under 13, is: pupil}}
  if unknown: {{residence: any, age: child}}
data:
  pupil_name: {{about: pupil, from: form, keep: [until account closes, 3 years from last seen]}}
  marks: {{about: pupil, type: number, from: staff, keep: [until left_school + 1 year, 15 years]}}
moments:
  left_school: {{when: staff marks}}
purposes:
  teach: {{uses: [marks, pupil_name], basis: public task}}
  newsletter:
    uses: pupil_name
    basis: consent
    for:
      child: {{choice: never}}
"""

CLINIC = f"""{HEAD}
people:
  patient: {{account: yes}}
data:
  diagnosis:
    about: patient
    special: health
    condition: Care by professionals under secrecy (Art. 9(2)(h)).
    from: staff
    keep: {{at most: [10 years from treatment_ended, 30 years], duty: patient_file}}
  voice_note: {{about: patient, type: audio, special: health, condition: Care., from: recording, keep: 1 day}}
moments:
  treatment_ended: {{when: staff marks}}
retention:
  duties:
    patient_file: {{at least: 10 years from treatment_ended, by: § 630f BGB, only for: treat}}
purposes:
  treat: {{uses: [diagnosis, voice_note], basis: contract}}
  study:
    uses: diagnosis
    basis: signed authorisation
    authorisation: {{document: trial_form_v3, names: university, ends: 1 year, by: 45 CFR 164.508}}
"""

SHOP = f"""{HEAD}
people:
  buyer: {{account: yes}}
audiences:
  germany: {{lives in: DE}}
  rest_of_europe: {{lives in: [EEA, GB]}}
  teen: {{age: 13 to 17}}
data:
  invoice: {{about: buyer, type: file, from: form, keep: {{at most: 90 days, duty: tax}}}}
events:
  order_paid: {{about: buyer, from: form, keep: 2 years, with: {{amount: number}}}}
retention:
  duties:
    tax: {{at least: 8 years from end of year of order_paid, by: § 147 AO, only for: taxes}}
purposes:
  taxes: {{uses: [invoice, order_paid], basis: legal obligation}}
  adverts:
    uses: order_paid
    basis: notice
    for:
      germany: {{basis: consent}}
      rest_of_europe: {{basis: consent}}
      teen: {{choice: never}}
"""


@pytest.mark.parametrize("text", [SCHOOL, CLINIC, SHOP])
def test_they_pass(text: str) -> None:
    assert read_policy(text, "company.yaml").errors == ()


@pytest.mark.parametrize(
    ("text", "was", "now", "code"),
    [
        (SCHOOL, "[until left_school + 1 year, 15 years]", "until left_school + 1 year", "K02"),
        (CLINIC, "[10 years from treatment_ended, 30 years]", "10 years from treatment_ended", "K02"),
        (CLINIC, "    condition: Care by professionals under secrecy (Art. 9(2)(h)).\n", "", "L06"),
        (
            CLINIC,
            "    basis: signed authorisation\n",
            "    basis: signed authorisation\n    form: pseudonymous\n",
            "U03",
        ),
        (CLINIC, "uses: [diagnosis, voice_note]", "uses: {special: any}", "K04"),  # sound must be named
        (SHOP, "      rest_of_europe: {basis: consent}\n", "", "L02"),
        (SHOP, "only for: taxes", "only for: taxis", "R04"),
    ],
)
def test_what_the_check_finds(text: str, was: str, now: str, code: str) -> None:
    assert was in text
    (error,) = read_policy(text.replace(was, now), "company.yaml").errors
    assert error.code == code


def test_a_visitor_of_unknown_age_and_role_is_treated_as_the_child_that_they_may_be() -> None:
    policy = load_policy(SCHOOL, "school.yaml")
    newsletter = policy.purposes["newsletter"]
    assert newsletter.terms[policy.cell_of("DE")].choice is Choice.NEVER
    assert newsletter.terms[policy.cell_of("DE", 30)].choice is Choice.OPT_IN
    assert newsletter.terms[policy.cell_of("DE", 12, frozenset({"pupil"}))].choice is Choice.NEVER


def test_a_special_category_serves_only_who_names_it() -> None:
    policy = load_policy(
        CLINIC.replace("uses: diagnosis\n", "uses: [diagnosis, everything]\n"), "clinic.yaml"
    )
    assert policy.purposes["study"].items == {"diagnosis", "voice_note"}  # `everything` is all
    facts = load_policy(CLINIC.replace("uses: diagnosis\n", "uses: {special: any}\n"), "clinic.yaml")
    assert facts.purposes["study"].items == {"diagnosis"}  # facts, like groups, take no sound


def test_duties_are_named_beside_the_ceiling() -> None:
    policy = load_policy(SHOP, "shop.yaml")
    assert policy.items["invoice"].duties == ("tax",)
    assert str(policy.retention.duties["tax"].at_least) == "8 years from end of year of order_paid"
    assert policy.retention.duties["tax"].only_for == ("taxes",)
