"""Kept's own words in each language that it speaks: every sentence has them, and they are right where grammar bites."""

import json
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from html import unescape
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import pytest
from click.testing import CliRunner

from kept.base.language import ENGLISH, INFORMAL, Language, informal, language_of, spoken
from kept.cli.policy import policy_group
from kept.policy import CompiledPolicy, load_policy, read_policy
from kept.policy import notice as noticing
from kept.policy.canonical import fingerprinted
from kept.policy.compiled import Audience, Company
from kept.policy.compiled_rest import Changes, Links, Moment, NoticeFor, Retention, Rights
from kept.policy.diff import diff
from kept.policy.diff_fields import APART
from kept.policy.diff_words import field_words
from kept.policy.fixed import FIXED, fixed_words
from kept.policy.grammar import SECTIONS
from kept.policy.grammar_more import DESCRIBED
from kept.policy.notice import notice_markdown, notice_of
from kept.policy.notice_cells import EFFECTS, HEADERS
from kept.policy.notice_html import notice_html
from kept.policy.notice_json_ld import notice_json_ld
from kept.policy.posted import posted_of, told_in, tongue
from kept.policy.times import KNOWN_MOMENTS, parse_span
from kept.policy.values import TYPES
from kept.policy.wording import LENGTHS, MOMENTS, audience_words, places_words, time_words, times_words
from scripts import languages
from tests.languages import Dots, left, texts_in

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "notices"
GERMAN = language_of("de")
POLICIES = ("buecherei", "newspaper", "school_platform", "web_shop", "workhirespot")


def policy_of(name: str) -> CompiledPolicy:
    return load_policy((ROOT / "policies" / f"{name}.yaml").read_text(encoding="utf-8"), name)


def test_every_sentence_has_words_and_placeholders_in_every_language() -> None:
    template = languages.sentences()
    assert len(template) > 400
    found = [
        line
        for path, one in languages.catalogues()
        for line in languages.wrong_in(path, one, languages.due_in(path, template))
    ]
    assert found == []
    assert spoken() == ("en", "de")


def test_the_check_sees_what_a_catalogue_lacks(tmp_path: Path) -> None:
    template = languages.sentences()
    path, catalogue = next(one for one in languages.catalogues() if one[0].stem == "de")
    catalogue["until {moment}"].string = "bis {moments}"
    catalogue["never"].string = ""
    catalogue["yes"].flags.add("fuzzy")
    catalogue["hour"].string = "{Stunde"
    catalogue.add("nobody says this", "niemand")
    found = "\n".join(languages.wrong_in(tmp_path / path.name, catalogue, template))
    for what in (
        "other placeholders",
        "no words: “never”",
        "doubtful: “yes”",
        "a brace",
        "nobody says this",
        "not made",
    ):
        assert what in found


@pytest.mark.parametrize(
    ("span", "english", "german"),
    [
        ("1 month", "1 month", "1 Monat"),
        ("13 months", "13 months", "13 Monate"),
        ("1 week", "1 week", "1 Woche"),
        ("until 2027-12-31", "until the end of 31 December 2027", "bis zum Ablauf des 31. Dezember 2027"),
        (
            "until account closes + 30 days",
            "30 days after your account closes",
            "30 Tage, nachdem Ihr Konto geschlossen ist",
        ),
        ("until account closes", "until your account closes", "bis Ihr Konto geschlossen ist"),
        (
            "8 years from end of year of gathered",
            "8 years after the end of the year in which we gathered it",
            "8 Jahre nach dem Ende des Jahres, in dem wir die Angabe erhoben haben",
        ),
        (
            "until end of month of last seen",
            "until the end of the month in which your last visit",
            "bis zum Ende des Monats, in dem Sie uns zuletzt besucht haben",
        ),
        (
            "until left",
            "until the pupil has left",
            "bis dies eingetreten ist: „The pupil has left“",
        ),
    ],
)
def test_times_are_said_as_people_say_them(span: str, english: str, german: str) -> None:
    moments = {"left": Moment("left", "The pupil has left.", "")}
    assert time_words(parse_span(span), moments, ENGLISH) == english
    assert time_words(parse_span(span), moments, GERMAN) == german


def test_lists_numbers_places_and_days() -> None:
    assert GERMAN.listing(["A"]) == "A"
    assert GERMAN.listing(["A", "B", "C"]) == "A, B und C"
    assert ENGLISH.listing(["a", "", "b"]) == "a and b"
    assert GERMAN.either(["A", "B"]) == "A oder B"
    two = times_words([parse_span("1 year"), parse_span("90 days from last seen")], {}, GERMAN)
    assert (
        two == "1 Jahr, oder 90 Tage, nachdem Sie uns zuletzt besucht haben, je nachdem, was früher eintritt"
    )
    assert GERMAN.day("2026-03-01") == "1. März 2026"
    assert ENGLISH.day("2026-03-01") == "1 March 2026"
    assert GERMAN.day("jederzeit") == "jederzeit"
    assert places_words(("NL", "CH"), GERMAN) == "Niederlande und Schweiz"
    assert places_words(("NL", "CH"), GERMAN, "in") == "den Niederlanden und der Schweiz"


def test_a_title_inside_a_sentence_keeps_what_is_no_beginning() -> None:
    assert ENGLISH.inside("IP address") == "IP address"
    assert ENGLISH.inside("Job view") == "job view"
    assert GERMAN.inside("Gerät") == "Gerät"


def test_a_value_is_never_read_as_a_sentence() -> None:
    assert ENGLISH("It is based in {country}.", country="{x}") == "It is based in {x}."


def test_languages_are_known_by_their_tags() -> None:
    assert language_of("de-AT").tag == "de-AT"
    assert language_of("de-AT")("yes") == "ja"
    assert language_of("fr") is ENGLISH
    assert language_of("../de") is ENGLISH
    assert language_of("en-GB").tag == "en-GB"


def test_every_word_of_the_policy_language_can_be_said() -> None:
    keys = [key for name in DESCRIBED for key in SECTIONS[name].shape.keys if key.name != "laws"]
    words = {word for key in keys for word in fixed_words(key)} - {*EFFECTS, "honoured"}
    assert words - set(FIXED) == set()
    assert set(TYPES) <= set(FIXED)
    assert set(MOMENTS) == set(KNOWN_MOMENTS)
    assert set(LENGTHS) == {"minute", "hour", "day", "week", "month", "year"}
    tables = [
        key.name for name in DESCRIBED if SECTIONS[name].kind == "names" for key in SECTIONS[name].shape.keys
    ]
    assert set(tables) <= set(HEADERS)


@pytest.mark.parametrize("name", POLICIES)
def test_no_sentence_of_a_notice_passes_the_catalogue_by(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    policy = policy_of(name)
    monkeypatch.setattr(noticing, "language_of", lambda tag: Language(tag, Dots()))
    found = {text for text, named in texts_in(policy) if named or text not in FIXED}
    own = found - {"yes", "no"}
    for cell in (None, 0, len(policy.cells) - 1):
        notice = notice_of(policy, cell, "xx")
        for section in notice.sections:
            for text in (section.title, section.short, *section.paragraphs):
                assert left(text, own) == "", text
            for table in section.tables:
                for cell_text in (table.caption, *table.headers, *(one for row in table.rows for one in row)):
                    assert left(cell_text, own) == "", cell_text


ENTRIES: dict[str, Any] = {
    name: get_args(made)[1]
    for name, made in get_type_hints(CompiledPolicy).items()
    if get_origin(made) is Mapping and is_dataclass(get_args(made)[1])
}
"""Sections of named entries, with what an entry compiles to."""
IN_ITS_OWN_SENTENCE = {
    *("form", "on_demand", "looks_back", "properties"),
    *("about", "sources", "derived_from", "reduced_to", "required", "made_for", "hidden_from"),
    *("lasts", "set_by", "strictly_necessary"),
    *("lives_in", "age", "people"),
    *("laws", "everyone_may", "channels"),
    *("backups", "backups_of_keys"),
}
"""Fields whose change has a sentence that does not name them."""
EDITS = (
    ("in force: 2026-09-01", "in force: 2026-12-01"),
    ("keep: 13 months", "keep: 24 months"),
    ("herkunft: {called", "browser: {called: Browser}\n      herkunft: {called"),
    ("geraet, herkunft]", "geraet, herkunft, ip_adresse]"),
    ("countries: [DE, NL]", "countries: [DE, NL, US]\n    transfer: {US: standard contractual clauses}"),
    ("contact: datenschutz@", "contact: privat@"),
    ("[ausleihe, sicherheit, vorschlagen, verbessern]", "[ausleihe, sicherheit, vorschlagen]"),
    ("channels: [mail, letter, in person]", "channels: [mail, letter, phone]"),
    ("backups: 30 days", "backups: 60 days"),
    ("new purpose: {notice: 30 days", "new purpose: {notice: 20 days"),
    ("balance: Ohne", "balance: Ganz ohne"),
    (", reduced to: shortened address", ""),
    ("lasts: 13 months", "lasts: 12 months"),
    ("looks back: 1 month", "looks back: 2 months"),
    ("effect: none", "effect: significant"),
    ("{called: Kinder, age: under 16}", "{called: Kinder, age: under 14}"),
    ("kinder: {choice: never}", "kinder: {choice: opt in}"),
    ("at least: 8 years", "at least: 9 years"),
    ("reviewed: jedes Jahr", "reviewed: alle zwei Jahre"),
    ("residence: any", "residence: DE"),
    ("channel: mail", "channel: letter"),
    ("basis: legitimate interest", "basis: public task"),
    ("type: free text", "type: text"),
    ("identifies: indirectly\n    keep: 6 months", "identifies: directly\n    keep: 6 months"),
    ("global privacy control: honoured", "everyone may: [see, delete]"),
)
"""Of the library's policy, each by itself."""


def _in_dots(before: CompiledPolicy, after: CompiledPolicy) -> None:
    own = {
        text for policy in (before, after) for text, named in texts_in(policy) if named or text not in FIXED
    }
    for one in diff(before, after, Language("xx", Dots())):
        for text in (one.says, one.whom):
            assert left(text, own - {"yes", "no"}) == "", (one.path, text)


@pytest.mark.parametrize(("before", "after"), EDITS)
def test_no_sentence_of_a_change_passes_the_catalogue_by(before: str, after: str) -> None:
    text = (ROOT / "policies" / "buecherei.yaml").read_text(encoding="utf-8")
    assert before in text
    old, new = load_policy(text, "old"), load_policy(text.replace(before, after, 1), "new")
    assert diff(old, new)
    _in_dots(old, new)
    _in_dots(new, old)


@pytest.mark.parametrize("name", POLICIES)
def test_what_comes_or_goes_is_said_whole(name: str) -> None:
    policy = policy_of(name)
    for section in ENTRIES:
        nothing: dict[str, Any] = {section: {}}
        without = fingerprinted(replace(policy, **nothing))
        _in_dots(policy, without)
        _in_dots(without, policy)


def test_every_field_that_can_differ_has_a_name_in_words() -> None:
    whole = {"company": Company, "rights": Rights, "links": Links, "changes": Changes, "retention": Retention}
    assert {"purposes", "items", "recipients", "never", "notices"} <= set(ENTRIES)
    for section, made in {**ENTRIES, **whole}.items():
        for field in fields(made):
            if field.name not in APART | IN_ITS_OWN_SENTENCE:
                assert field_words(section, field.name, GERMAN), (section, field.name)


def test_a_german_notice_reads_as_german_in_every_form() -> None:
    policy = policy_of("buecherei")
    (posted,) = posted_of(policy)
    assert posted.notice.language == "de"
    markdown = notice_markdown(posted.notice).replace(policy.fingerprint, "PRÜFSUMME")
    assert markdown == (GOLDEN / "buecherei.md").read_text(encoding="utf-8")
    html = notice_html(posted.notice)
    assert html.startswith('<!doctype html>\n<html lang="de">')
    said = json.loads(json.dumps(posted.json_ld))
    assert said["@context"]["@language"] == "de"
    grounds = {one["hasLegalBasis"]["label"] for one in said["hasPersonalDataProcess"]}
    assert grounds == {
        "Erfüllung eines Vertrags mit Ihnen",
        "unser berechtigtes Interesse, abgewogen gegen Ihre Interessen",
        "Erfüllung einer rechtlichen Verpflichtung",
        "Ihre Einwilligung",
    }
    for section in posted.notice.sections:
        assert section.short in unescape(html)


CHILDREN = """  kindern:
    for: kinder
    language: de
    reading age: 9
    at: /privacy/kinder
    words:
      vorschlagen: {says: "Dürfen wir schauen, welche Bücher du öffnest, um dir ähnliche zu zeigen?"}
"""


def test_a_german_notice_for_children_alone_says_du() -> None:
    german = (ROOT / "policies" / "buecherei.yaml").read_text(encoding="utf-8")
    policy = load_policy(german + CHILDREN, "p")
    grown, young = posted_of(policy)
    assert (grown.notice.language, young.notice.language) == ("de", "de-x-informal")
    assert young.language == "de"
    said = notice_markdown(young.notice)
    for words in (
        "# Datenschutzerklärung: Was Bücherei Lindenau e. V. mit deinen Daten tut und warum",
        "## §8 Deine Rechte",
        "30 Tage, nachdem du gewarnt worden bist",
        "Für Personen unter 16 Jahren",
    ):
        assert words in said
    own = {text for text, _named in texts_in(policy)}
    for section in young.notice.sections:
        cells = [one for table in section.tables for row in (table.headers, *table.rows) for one in row]
        for text in (section.title, section.short, *section.paragraphs, *cells):
            assert not languages.FORMAL["de"].search(_without(own, text)), text


def _without(own: set[str], text: str) -> str:
    """A text without what the company wrote."""
    theirs = sorted(
        (one.rstrip(".") for one in own if languages.FORMAL["de"].search(one)), key=len, reverse=True
    )
    return re.sub("|".join(map(re.escape, theirs)), "", text, flags=re.IGNORECASE)


@pytest.mark.parametrize(
    ("audience", "whose", "language"),
    [
        ("age: under 16", "kinder", "de-x-informal"),
        ("age: under 17", "kinder", "de"),
        ("age: 16 or over", "kinder", "de"),
        ("lives in: DE", "kinder", "de"),
        ("age: under 16", "everyone", "de"),
        ("age: under 16", "[kinder, everyone]", "de"),
    ],
)
def test_du_is_for_notices_to_people_under_16_alone(audience: str, whose: str, language: str) -> None:
    audiences = {"kinder": Audience("kinder", (), None, ())}
    low, high = {"age: under 16": (0, 15), "age: under 17": (0, 16)}.get(audience, (16, 150))
    audiences["kinder"] = Audience("kinder", (), None if "lives" in audience else (low, high), ())
    policy = replace(policy_of("buecherei"), audiences=audiences)
    names = tuple(whose.strip("[]").split(", "))
    assert tongue(policy, NoticeFor("n", names, "de", 9, "/n", ())) == language


def test_what_is_not_said_otherwise_to_children_is_said_as_to_all() -> None:
    young = language_of("de-x-informal")
    assert young("your consent") == "deine Einwilligung"
    assert young("never") == GERMAN("never")
    assert young.plural("{n} month", "{n} months", 2) == "2 Monate"
    assert young.within("in", "the Netherlands") == GERMAN.within("in", "the Netherlands")
    assert language_of("de-AT-x-informal")("your consent") == "deine Einwilligung"
    assert informal("en") == "en"


def test_the_check_sees_where_children_are_spoken_to_as_grown_people() -> None:
    template = languages.sentences()
    path, catalogue = next(one for one in languages.catalogues() if one[0].stem.endswith(INFORMAL))
    due = languages.due_in(path, template)
    catalogue["your consent"].string = "Ihre Einwilligung"
    catalogue.add("never", "nie")
    found = "\n".join(languages.wrong_in(path, catalogue, due))
    assert "as to grown people: “your consent”" in found
    assert "nobody says it any more: “never”" in found


def test_the_check_warns_of_languages_alone_that_kept_has_no_words_for() -> None:
    german = (ROOT / "policies" / "buecherei.yaml").read_text(encoding="utf-8")
    french = german.replace("everyone, language: de", "everyone, language: fr")

    def warned(text: str) -> bool:
        return any("no words of its own" in problem.what for problem in read_policy(text, "p").problems)

    assert not warned(german)
    assert warned(french)
    (posted,) = posted_of(load_policy(french, "p"))
    assert posted.notice.language == "en"


def test_the_check_lists_what_a_notice_in_another_language_cannot_say_in_it() -> None:
    german = (ROOT / "policies" / "buecherei.yaml").read_text(encoding="utf-8")
    english = german + (
        "  english:\n    for: everyone\n    language: en\n    reading age: 14\n    at: /privacy/en\n"
        "    words:\n      vorschlagen: {called: Suggestions}\n      gast: {called: Guests, says: Who visits.}\n"
    )

    def warned(text: str) -> list[str]:
        return [problem.what for problem in read_policy(text, "p").problems if problem.code == "N04"]

    assert warned(german) == []
    assert warned(english.replace("language: en", "language: de-AT")) == []
    without_words, without_place = warned(english)
    for text in ("`vorschlagen.says`", "`vorschlagen.without it`", "`sicherheit.balance`", "`e_mail.called`"):
        assert text in without_words
    for text in ("vorschlagen.called", "gast.", "kept_visit.called", "english.", "buchtipps"):
        assert text not in without_words
    for text in ("`guardians.eltern.who`", "`rights.identity`", "`retention.duties.kasse.by`"):
        assert text in without_place
    assert "eltern.called" not in without_place


def test_the_command_says_it_in_the_language_that_is_named() -> None:
    def printed(*more: str) -> tuple[int, str]:
        run = CliRunner().invoke(
            policy_group, ["notice", str(ROOT / "policies" / "school_platform.yaml"), *more]
        )
        return run.exit_code, run.output or str(run.exception)

    assert "## §8 What you can ask" in printed()[1]
    assert "## §8 Ihre Rechte" in printed("--language", "de")[1]
    assert "Für Personen möglicherweise unter 13 Jahren" in printed("--language", "de", "--age", "10")[1]
    code, said = printed("--language", "fr")
    assert code != 0
    assert "Kept has no words" in said


def test_the_words_of_a_notice_in_that_language_are_the_companys() -> None:
    text = (ROOT / "policies" / "school_platform.yaml").read_text(encoding="utf-8")
    two = text + (
        "  deutsch:\n    for: everyone\n    language: de\n    reading age: 14\n    at: /privacy/de\n"
        "    words:\n      bills: {called: Rechnungen, says: Um mit Schulen abzurechnen.}\n"
        "      pupil: {called: Schülerinnen und Schüler}\n"
    )
    policy, notice = told_in(load_policy(two, "p"), "de", None)
    said = notice_markdown(notice)
    assert "| Rechnungen | Um mit Schulen abzurechnen. |" in said
    assert "Schülerinnen und Schüler" in said
    assert "Rechnungen" in json.dumps(notice_json_ld(policy, notice), ensure_ascii=False)


def test_of_kinds_in_audience_words() -> None:
    policy = policy_of("school_platform")
    assert audience_words(policy.audiences["child"], GERMAN) == "unter 13 Jahren, als Pupil"
