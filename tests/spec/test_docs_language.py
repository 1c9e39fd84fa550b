"""The page on the language: its examples do what it says, its lists are the code's."""

import re
from datetime import UTC, datetime

import pytest

from kept.policy import parse_span, read_policy
from kept.policy.cells import MANY_ROLES
from kept.policy.nodes import DEEPEST, LONGEST
from kept.policy.sayings import ABSOLUTE
from kept.policy.times import LONGEST_YEARS
from kept.policy.values import RESERVED
from kept.use.views import ITEM_COLUMNS
from kept.web.pages.cookies import CHOICE, SESSION, VISIT
from tests.documents import ROOT, table, table_after, text_of
from tests.spec.test_policy_rules import TABLE as RULES

PAGE = ROOT / "docs" / "policy-language.md"
STARTER = text_of(ROOT / "src" / "kept" / "policy" / "starter.yaml")
CHANGE = re.compile(r"`([^`]+)` → (?:`([^`]+)`|nothing)")
ON_COMPANIES = {row[1] for row in RULES} - {
    "R01",
    "R04",
    "N02",
    "D01",
    "D02",
    "F04",
    "F06",
    "F08",
    "U03",
    "U04",
    "V05",
}
WITHOUT_EXAMPLE = {"U05", *ON_COMPANIES}  # tests/unit/test_policy_check.py, tests/spec/test_policy_rules.py


def _codes(text: str) -> set[str]:
    return {problem.code for problem in read_policy(text, "policy.yaml").problems}


EXAMPLES = [(row[0].strip("`"), row[2]) for row in table("codes") if row[0].strip("`") not in WITHOUT_EXAMPLE]


@pytest.mark.parametrize(("code", "example"), EXAMPLES)
def test_each_example_of_an_error_gives_that_error_and_no_other(code: str, example: str) -> None:
    changes = CHANGE.findall(example)
    assert changes, example
    text = STARTER
    for was, now in changes:
        assert was in text, was
        text = text.replace(was, now, 1)
    assert _codes(text) - ({"E01", "E02", "L10"} - {code}) == {code}
    assert code != "E01" or _warnings(text) > _warnings(STARTER)


def _warnings(text: str) -> set[str]:
    """What is declared and not enforced: it may come with any change, and is no error."""
    return {problem.path for problem in read_policy(text, "policy.yaml").warnings}


def _ms(text: str) -> int:
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC).timestamp() * 1000)


@pytest.mark.parametrize("row", list(table_after(PAGE, "| written | gathered | is over at |")), ids=" ".join)
def test_each_time_ends_when_the_page_says(row: list[str]) -> None:
    written, gathered, over = row
    assert parse_span(written.strip("`")).ends(_ms(gathered)) == _ms(over)


def test_the_names_that_kept_looks_for_are_all_there() -> None:
    said = " ".join(" ".join(row) for row in table_after(PAGE, "| name | where | what Kept does with it |"))
    known = {*ITEM_COLUMNS, CHOICE, VISIT, SESSION, "choices", "page_view", "link_followed"}
    assert {name for name in known if f"`{name}`" not in said} == set()


def test_the_words_that_the_language_keeps_for_itself() -> None:
    rule = re.search(r"The language keeps some words for itself: (.+?)\.\n", text_of(PAGE), re.DOTALL)
    assert rule
    assert set(re.findall(r"`(\w+)`", rule[1])) == RESERVED


def test_the_absolute_words_are_those_that_are_watched() -> None:
    line = re.search(r"Words that V05 watches: (.+?)\. ", text_of(PAGE))
    assert line
    words = line[1].split(", ")
    assert all(ABSOLUTE.fullmatch(word) for word in words)
    watched = re.findall(r"[a-z]+(?: [a-z]+)?", re.sub(r"\(\?:.*?\)\??|\[.*?\]|\\b|\?", "", ABSOLUTE.pattern))
    assert len(words) == len(watched)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (DEEPEST, "more than 12 levels"),
        (LONGEST, "a million"),
        (LONGEST_YEARS, "at most 1000 years"),
        (MANY_ROLES, "six roles"),
    ],
)
def test_limits(number: int, words: str) -> None:
    written = {"a million": 1_000_000, "six roles": 6}.get(words) or int(re.search(r"\d+", words)[0])  # type: ignore[index]  # a digit stands there
    assert number == written
    assert words in text_of(PAGE)


def test_the_starter_is_what_the_examples_change() -> None:
    assert "`kept init`" in text_of(PAGE)
    assert _codes(STARTER) == {"E01"}
