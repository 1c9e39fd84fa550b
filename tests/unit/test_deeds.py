"""The ledger's sentences on the console are for people: no names of fields, and the figures that matter."""

import pytest

from kept.ledger import facts
from kept.web.pages.deeds import SENTENCES, first_words, told

NAME = "a" * 32
DIGEST = "0" * 64


@pytest.mark.parametrize(
    ("fact", "says"),
    [
        (
            facts.PolicyPutInForce(version="2026-11", fingerprint=DIGEST),
            "Version 2026-11 of the policy took effect.",
        ),
        (facts.PurposeUsed(purpose="improve", day="2026-11-23"), "“improve” read data on 23 November 2026."),
        (
            facts.PurposeUsed(purpose="improve", day="2026-11-23", uses=1, people=1204),
            "“improve” read data on 23 November 2026, 1 time, among 1\N{NARROW NO-BREAK SPACE}204 people.",
        ),
        (
            facts.ChoiceRecorded(
                person=NAME, yes=("improve",), no=("research", "marketing"), how="account", policy=1
            ),
            "A person said yes to improve and no to research and marketing, on their data’s page.",
        ),
        (
            facts.LogImported(source="log", digest=DIGEST, lines=10, events=1, refused=9),
            "A server log was taken in: of 10 lines 1 event kept, 9 refused.",
        ),
        (
            facts.KeyCreated(workspace=1, use="write_key"),
            "A key of workspace 1 came into being: “write key”.",
        ),
        (
            facts.KeyCreated(workspace=0, use="visitor"),
            "A key of the canaries’ workspace came into being: “visitor”.",
        ),
        (facts.ErasureHidden(erasure=7), "No purpose sees the person from here on."),
    ],
)
def test_a_fact_in_a_sentence(fact: facts.Fact, says: str) -> None:
    assert told(fact) == says


@pytest.mark.parametrize("kind", [kind for kind in facts.ALL if kind not in SENTENCES])
def test_a_kind_without_a_sentence_of_its_own_says_its_first_words(kind: type[facts.Fact]) -> None:
    said = first_words(kind)
    assert said.endswith(".")
    assert not set(said) & set("`;")
    assert "None" not in said
