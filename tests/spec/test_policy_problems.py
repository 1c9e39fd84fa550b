"""Every code of the check: one change to a good policy, the error it gives, and at which line."""

from functools import cache

import pytest

from kept.policy import Draft, read_policy
from kept.policy.problems import CODES
from tests.spec.test_policy_rules import TABLE as RULES

GOOD = """\
company: {name: Example, site: https://example.com, contact: a@example.com, country: DE}
version: "1"
in force: 2026-11-01
people:
  reader: {says: Someone who reads.}
audiences:
  europe: {lives in: [EEA, GB, CH]}
  young: {age: under 16}
  if unknown: {residence: any, age: 16 or over}
data:
  technical:
    about: reader
    from: [tracker, server log]
    identifies: indirectly
    keep: 13 months
    items:
      device:
      address: {reduced to: shortened address, keep: 30 days}
  name: {about: reader, from: form, keep: [until account closes, 2 years from last seen]}
  note: {about: reader, type: free text, from: form, keep: year_or_two, required: yes}
events:
  page_view: {about: reader, from: tracker, identifies: indirectly, keep: 13 months, with: {path: text}}
moments:
  paid: {when: staff marks}
cookies:
  kept_visit: {for: improve, lasts: 13 months, holds: visitor_id}
purposes:
  serve: {says: To serve you., uses: [name, note, device], basis: contract}
  protect:
    uses: [technical.*, page_view]
    basis: legitimate interest
    balance: Safety serves all.
    form: pseudonymous
  improve:
    says: To see what is read.
    uses: [page_view, technical.*, not address]
    basis: notice
    for:
      europe: {basis: consent}
      young: {choice: opt in}
retention:
  periods:
    year_or_two: {at most: 2 years}
  duties:
    tax: {at least: 7 years from end of year of gathered, by: a law, only for: serve}
  backups: 35 days
notices:
  main: {for: everyone, language: en, reading age: 12, at: /privacy}
"""


@cache
def good() -> Draft:
    return read_policy(GOOD, "good.yaml")


def test_the_policy_that_the_table_changes_is_good() -> None:
    assert good().errors == ()


# the code; what stands there; what stands there instead; words in the line of the error
TABLE = [
    # YAML
    ("F01", 'version: "1"', 'version: "1"\nversion: "2"', 'version: "2"'),
    ("F01", "keep: 30 days", "keep: &days 30 days", "&days"),
    ("F01", "keep: 13 months\n", "keep: !months 13\n", "!months"),
    ("F01", "  reader: {", "  <<: {other: x}\n  reader: {", "<<"),
    ("F01", "basis: contract}", "basis: contract", "protect:"),
    ("F01", "company:", "\tcompany:", "company:"),
    ("F01", "says: To see what is read.", "says: To see: what is read.", "To see:"),
    # words
    ("F03", "notices:", "noticez:", "noticez:"),
    ("F03", "notices:", "colour: red\nnotices:", "colour:"),
    ("F04", "basis: contract}", "bases: contract}", "bases:"),
    ("F04", "    form: pseudonymous\n", "    shape: round\n", "shape:"),
    ("F04", "{choice: opt in}", "{form: aggregate}", "young: {form"),
    ("F04", 'version: "1"', 'version: "1"\nassumed: {site: Not stated here.}', "assumed:"),
    ("F05", "says: To serve you., uses", "says: To serve you, and us, uses", "and us"),
    ("F05", "basis: notice", "basis:", "    basis:\n"),
    ("F05", "uses: [name, note, device]", "uses: []", "uses: []"),
    (
        "F05",
        "    for:\n      europe: {basis: consent}\n      young: {choice: opt in}\n",
        "    for:\n",
        "    for:\n",
    ),
    ("F06", "basis: contract", "basis: contracts", "contracts"),
    ("F06", 'version: "1"', "version: 1.0", "version:"),
    ("F06", 'version: "1"', "version: third draft", "version:"),
    ("F06", 'version: "1"', 'version: "ana@example.com"', "version:"),
    ("F06", 'version: "1"', f"version: {'v' * 41}", "version:"),
    ("F06", "in force: 2026-11-01", "in force: 2026-11-31", "2026-11-31"),
    ("F06", "country: DE", "country: UK", "country: UK"),
    ("F06", "lives in: [EEA, GB, CH]", "lives in: [EEA, UK, CH]", "EEA, UK"),
    ("F06", "age: under 16}", "age: sixteen}", "sixteen"),
    ("F06", "reduced to: shortened address", "reduced to: hash", "hash"),
    ("F06", "reduced to: shortened address", "reduced to: class of site", "class of site"),
    ("F06", "language: en", "language: English", "English"),
    ("F06", "people:\n  reader: {says: Someone who reads.}", "people: reader", "people: reader"),
    ("F08", ", basis: contract}", "}", "serve: {"),
    ("F08", ", country: DE", "", "company:"),
    ("F08", "for: everyone, ", "", "main: {"),
    ("F09", "says: To see what is read.", "says: We rank page # 1 first.", "# 1"),
    # names
    ("N01", "  serve: {", "  Serve You: {", "Serve You"),
    ("N01", "      device:", "      everything:\n      device:", "everything:"),
    ("N02", "  paid: {", "  reader: {", "reader: {when"),
    ("N03", "at: /privacy}", "at: /choices}", "at: /choices"),
    ("N03", "at: /privacy}", "at: /privacy/versions/3}", "at: /privacy"),
    ("N03", "at: /privacy}", "at: /privacy.md}", "at: /privacy"),
    (
        "N03",
        "at: /privacy}",
        "at: /privacy}\n  more: {for: everyone, language: en, reading age: 9, at: /privacy}",
        "more: {",
    ),
    # references
    ("R04", "at: /privacy}", "at: /privacy, parts: [data, whom]}", "whom"),
    ("L10", "for: everyone, language", "for: young, language", "notices:"),
    ("R01", "uses: [name, note, device]", "uses: [nam, name, note, device]", "nam,"),
    ("R01", "uses: [page_view, technical.*", "uses: [page_view, techical.*", "techical"),
    ("R01", "uses: [page_view, technical.*", "uses: [page_view, technical", "technical,"),
    ("R01", "[technical.*, page_view]", "[technical.*, page_view, page_view.pth]", "pth"),
    ("R03", "not address]", "not address, not name]", "not name"),
    ("R04", "about: reader, from: form, keep: [", "about: writer, from: form, keep: [", "writer"),
    ("R04", "from: [tracker, server log]", "from: [tracker, analytics_firm]", "analytics_firm"),
    ("R04", "for: improve, lasts", "for: impove, lasts", "impove"),
    ("R04", "      young: {choice", "      yung: {choice", "yung"),
    ("R04", "keep: year_or_two", "keep: year_or_too", "year_or_too"),
    ("R04", "only for: serve", "only for: serving", "serving"),
    ("R04", "when: staff marks", "when: staff mark", "staff mark"),
    ("R04", "basis: contract}", "basis: contract, powers: alerts}", "alerts"),
    (
        "R04",
        "at: /privacy}",
        "at: /privacy, words: {improv: {says: We look.}}}",
        "improv:",
    ),
    # times
    ("D01", "keep: 30 days", "keep: thirty days", "thirty"),
    ("D01", "lasts: 13 months", "lasts: until account closes", "lasts:"),
    ("D02", "2 years from last seen", "2 years from last sene", "sene"),
    ("D02", "7 years from end of year of gathered", "7 years from sold", "sold"),
    # what is held
    ("K01", ", keep: [until account closes, 2 years from last seen]", "", "  name: {"),
    ("K02", "[until account closes, 2 years from last seen]", "until account closes", "  name: {"),
    ("K02", "keep: year_or_two", "keep: 2 years from paid", "from paid"),
    ("K03", "type: free text, from: form", "type: free text", "  note: {"),
    ("K04", "      device:", "      device:\n      engine: {type: free text}", "engine"),
    ("K04", "with: {path: text}", "with: {path: text, words: free text}", "words"),
    ("L06", "type: free text, from", "type: free text, special: health, from", "health"),
    ("U04", "basis: contract", "basis: consent", "required: yes"),
    # purposes
    ("U01", "[page_view, technical.*, not address]", "[address, not address]", "[address,"),
    ("U02", "basis: legitimate interest", "basis: legitimate interest\n    choice: none", "choice: none"),
    ("U02", "{basis: consent}", "{basis: consent, choice: objection}", "objection"),
    ("U03", "[technical.*, page_view]", "[technical.*, page_view, name]", "page_view, name"),
    ("L01", "    balance: Safety serves all.\n", "", "basis: legitimate interest"),
    ("L02", "      europe: {basis: consent}\n", "", "basis: notice"),
    ("L03", "for: improve, lasts", "for: [improve, protect], lasts", "kept_visit"),
    (
        "A01",
        "    for:\n      europe: {basis: consent}\n      young: {choice: opt in}",
        "    authorisation: {document: form 3, names: us, ends: 1 year, by: a law}\n"
        "    for:\n      europe: {basis: consent}\n      young: {basis: signed authorisation}",
        "young: {basis",
    ),
    ("V05", "at: /privacy}", "at: /privacy, words: {improve: {says: We never look.}}}", "words:"),
    ("V05", "says: To serve you.", "says: We never look at it.", "never"),
    ("V05", "says: To see what is read.", "says: Anonymous figures.", "Anonymous"),
]


def changed(was: str, now: str, where: str) -> tuple[str, int]:
    """The text with the change made once, and the line in which the words stand."""
    assert was in GOOD
    text = GOOD.replace(was, now, 1)
    return text, text[: text.index(where)].count("\n") + 1


@pytest.mark.parametrize(("code", "was", "now", "where"), TABLE)
def test_one_change_is_one_error_at_its_line(code: str, was: str, now: str, where: str) -> None:
    text, line = changed(was, now, where)
    found = [(problem.code, problem.line) for problem in read_policy(text, "changed.yaml").errors]
    assert found == [(code, line)]


def test_every_code_has_a_row() -> None:
    elsewhere = {"N04", "U05", "L10", "E01", "E02"}  # test_policy_check.py
    assert {row[0] for row in TABLE} | {row[1] for row in RULES} | elsewhere == set(CODES)
