"""One notice in three forms: what the HTML says the Markdown says, and machines read the same facts in known terms."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings

from kept.cli.policy import policy_group
from kept.policy import Choice, CompiledPolicy, load_policy
from kept.policy.compiled import Item
from kept.policy.dpv import BASES, CATEGORIES, RIGHTS, TERMS, WITHDRAWN
from kept.policy.grammar import BASIS_CHOICE, BUILT_IN_SOURCES
from kept.policy.notice import notice_markdown, notice_of
from kept.policy.notice_html import notice_html
from kept.policy.notice_json_ld import notice_json_ld
from tests.policies import compile_text, policies

ROOT = Path(__file__).parents[2]
FILES = ("policies/workhirespot.yaml", "src/kept/policy/starter.yaml")
KNOWN = ("@context", "@id", "@type", "@base", "@language")


def policy_in(name: str) -> CompiledPolicy:
    return load_policy((ROOT / name).read_text(encoding="utf-8"), name)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.inside = tag

    def handle_data(self, data: str) -> None:
        self.said += [data.strip()] if data.strip() and self.inside != "style" else []

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""


def said_in(html: str) -> list[str]:
    words = _Words()
    words.feed(html)
    return [" ".join(one.split()) for one in words.said]


def same_words(policy: CompiledPolicy, cell: int | None) -> None:
    notice = notice_of(policy, cell)
    markdown = re.sub(r"\\(.)", r"\1", notice_markdown(notice))
    said = said_in(notice_html(notice))
    assert [one for one in said if one not in markdown] == []
    for section in notice.sections:
        assert {" ".join(one.split()) for one in (section.short, *section.paragraphs)} <= set(said)


@pytest.mark.parametrize("name", FILES)
def test_every_sentence_of_the_html_is_in_the_markdown(name: str) -> None:
    policy = policy_in(name)
    for cell in (None, *range(len(policy.cells))):
        same_words(policy, cell)


@settings(max_examples=20, deadline=None)
@given(policies())
def test_whatever_the_policy_says_all_forms_say(text: str) -> None:
    policy = compile_text(text)
    same_words(policy, None)
    _known_terms(notice_json_ld(policy, notice_of(policy)))


@pytest.mark.parametrize("name", FILES)
def test_machines_read_every_fact_in_a_known_term(name: str) -> None:
    policy = policy_in(name)
    for cell in (None, *range(len(policy.cells))):
        notice = notice_of(policy, cell)
        made = notice_json_ld(policy, notice, cell)
        _known_terms(made)
        said = [one for part in made["hasPart"] for one in part["description"]]
        assert said == [one for section in notice.sections for one in (section.short, *section.paragraphs)]


@pytest.mark.parametrize("name", FILES)
def test_purposes_categories_rights_and_times_have_their_terms(name: str) -> None:
    policy = policy_in(name)
    made = notice_json_ld(policy, notice_of(policy))
    data = {one["@id"]: one for one in made["hasPersonalData"]}
    assert set(data) == {f"#{one}" for one in (*policy.items, *policy.events)}
    for one in data.values():
        assert one["@type"]
        assert one["hasStorageCondition"]["@type"] == "StorageDuration"
        assert one["hasStorageCondition"]["label"]
    processes = made["hasPersonalDataProcess"]
    assert {one["hasPurpose"]["label"] for one in processes} == {
        one.title for one in policy.purposes.values()
    }
    for one in processes:
        assert {used["@id"] for used in one["hasPersonalData"]} <= set(data)
        assert one["hasLegalBasis"]["@type"] in BASES.values()
    rights = {one["@id"]: one.get("hasRight", {}).get("@type") for one in processes}
    assert rights["#improve"] == ["DataSubjectRight"]
    assert rights["#improve-europe"] == ["DataSubjectRight", "A7-3"]
    assert rights["#improve-under_16"] == ["DataSubjectRight"]  # asked first, though on another ground
    assert rights["#protect"] == ["DataSubjectRight", "A21"]


def test_what_is_ruled_out_for_an_audience_is_no_process_for_it() -> None:
    policy = policy_in(FILES[0])
    found = [one["@id"] for one in notice_json_ld(policy, notice_of(policy))["hasPersonalDataProcess"]]
    assert "#marketing" in found
    assert "#marketing-under_16" not in found


def test_whoever_sets_a_cookie_is_a_recipient() -> None:
    text = (ROOT / FILES[1]).read_text(encoding="utf-8")
    policy = load_policy(text.replace("holds: visitor_id}", "holds: visitor_id, set by: Example Ads}"), "p")
    third = notice_json_ld(policy, notice_of(policy))["hasRecipientThirdParty"]
    assert third == [{"@type": "ThirdParty", "label": "Example Ads"}]


def test_every_word_of_the_language_has_a_term() -> None:
    assert set(BASES) == set(BASIS_CHOICE)
    assert set(RIGHTS) == set(Choice)
    assert set(CATEGORIES) == set(BUILT_IN_SOURCES)
    assert {
        *BASES.values(),
        *CATEGORIES.values(),
        *WITHDRAWN.values(),
        *(one for some in RIGHTS.values() for one in some),
    } <= set(TERMS)
    assert all(re.fullmatch(r"https?://[a-z0-9./-]+[#/][A-Za-z0-9-]+", iri) for iri in TERMS.values())
    assert len(set(TERMS.values())) == len(TERMS)


def test_the_command_prints_each_form() -> None:
    def printed(form: str) -> str:
        run = CliRunner().invoke(policy_group, ["notice", "--format", form, str(ROOT / FILES[1])])
        assert run.exit_code == 0
        return run.output

    policy = policy_in(FILES[1])
    notice = notice_of(policy)
    assert printed("html") == notice_html(notice)
    assert printed("markdown") == notice_markdown(notice)
    assert json.loads(printed("json-ld")) == notice_json_ld(policy, notice)
    assert json.loads(printed("json"))["title"] == notice.title


def test_words_of_a_policy_never_become_markup() -> None:
    policy = policy_in(FILES[1])
    item: Item = policy.items["device"]
    assert "<b>" not in notice_html(notice_of(policy))
    text = (ROOT / FILES[1]).read_text(encoding="utf-8")
    marked = load_policy(text.replace("device:\n", 'device: {called: "<b>x</b>"}\n'), "p")
    assert item.title == "Device"
    assert "<b>" not in notice_html(notice_of(marked))
    assert "&lt;b&gt;x" in notice_html(notice_of(marked))


def _known_terms(node: Any) -> None:
    if isinstance(node, list):
        for one in node:
            _known_terms(one)
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        assert key in KNOWN or key in TERMS, key
        if key == "@type":
            assert {value} <= set(TERMS) if isinstance(value, str) else set(value) <= set(TERMS)
        elif key != "@context":
            _known_terms(value)
