"""The feed of changes: valid by the grammar of RFC 4287, with ids that last, whatever a policy says."""

from xml.etree.ElementTree import fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.amend import entry_id, feed
from kept.base.language import ENGLISH
from kept.gate import PastVersion, PostedChange
from tests.atom import ATOM, faults

DAY_MS = 86_400_000
TOLD = PostedChange("kept longer", "Kept for <13 months> & more.", "Visitor", "a new notice")
FIRST = PastVersion(1, "2026-06", "a" * 64, 1_790_000_000_000, 1_790_000_000_000 + DAY_MS, ())
SECOND = PastVersion(2, "2026-11", "b" * 64, 1_790_000_000_000 + DAY_MS, None, (TOLD,))


def made(*past: PastVersion, company: str = "Example & Sons") -> bytes:
    return feed(company, "https://www.example.com", "main", past, ENGLISH)


def test_it_is_valid() -> None:
    assert faults(made(FIRST)) == []
    assert faults(made(FIRST, SECOND)) == []


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
told = st.builds(
    PostedChange, kind=words, says=words, whom=words, needs=st.sampled_from(["nothing", "a new notice"])
)


@given(words, st.lists(told, max_size=4))
def test_it_is_valid_whatever_the_words(company: str, changes: list[PostedChange]) -> None:
    second = PastVersion(2, "2", "c" * 64, 1_790_000_000_001, None, tuple(changes))
    assert [one for one in faults(made(FIRST, second, company=company)) if "no name" not in one] == []


def test_the_newest_comes_first_and_says_what_matters() -> None:
    root = fromstring(made(FIRST, SECOND))
    titles = [one.findtext(f"{ATOM}title") for one in root.findall(f"{ATOM}entry")]
    assert titles == ["Version 2026-11", "Version 2026-06"]
    assert root.findtext(f"{ATOM}entry/{ATOM}summary") == "1 change that may matter to you."
    assert "Kept for <13 months> & more." in "".join(root.itertext())


def test_ids_last_when_versions_follow_or_the_site_moves() -> None:
    before, after = (
        made(FIRST),
        feed("Another Name", "https://else.example", "main", (FIRST, SECOND), ENGLISH),
    )
    assert fromstring(before).findtext(f"{ATOM}id") == fromstring(after).findtext(f"{ATOM}id")
    assert entry_id(FIRST).encode() in before
    assert entry_id(FIRST).encode() in after
    assert entry_id(FIRST) != entry_id(SECOND)
    assert entry_id(FIRST) == "urn:uuid:cc3bacef-46b4-5e65-a51d-8e792defa0b1"


@pytest.mark.parametrize(
    ("breach", "broken"),
    [
        ("feed: 0 of updated", lambda text: text.replace(b"updated>", b"dated>")),
        ("the root is feed", lambda text: text.replace(b' xmlns="http://www.w3.org/2005/Atom"', b"")),
        ("id is no IRI", lambda text: text.replace(b"urn:uuid:", b"")),
        ("updated is no date", lambda text: text.replace(b"T", b" ")),
        ("author has no name", lambda text: text.replace(b"Example &amp; Sons</name>", b"</name>")),
        ("an entry has no author", lambda text: text.replace(b"author>", b"contributor>")),
        ("content holds no single div", lambda text: text.replace(b"<div ", b"<p/><div ")),
    ],
)
def test_the_grammar_can_refuse(breach: str, broken) -> None:  # type: ignore[no-untyped-def]  # a table of lambdas
    found = faults(broken(made(FIRST, SECOND)))
    assert any(one.startswith(breach) for one in found), found
