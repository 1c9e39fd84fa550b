"""Identifiers that the workspace knows, in texts and in paths (G3): what gives way to them, and what stays.

The tables are the reference: left what a stranger sends, right what is kept of it.
"""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.gather.minimise import Hiding
from kept.storage.records import Records
from kept.subject import Known, Learnt
from kept.subject.digests import phrase_of
from kept.subject.known import learn

KEY = b"k" * 32
TOLD = (
    "u-4711",
    "ana.k7",
    "K2046118",
    "204511",
    "auth0|5f7c8ec7c33c6c004bbafe82",
    "Ärger-2031",
    "hans",
    "u17",
)

IDENTIFIERS = [
    # an identifier         what is looked for of it
    ("u-4711", "u 4711"),
    ("U_4711", "u 4711"),  # however it is written
    ("204511", "204511"),
    ("auth0|5f7c8ec7c33c", "5f7c8ec7c33c"),  # what stands before it is the same for everyone
    ("550e8400-e29b-41d4-a716-446655440000", "550e8400 e29b 41d4 a716 446655440000"),
    ("Ärger-2031", "ärger 2031"),
    ("hans", ""),  # a word is not looked for: others use it too
    (
        "ana schmidt",
        "",
    ),  # nor a name: namesakes, and whoever reads their own copy could ask who has an account
    ("u17", ""),  # nor what is short
    ("ana.k7@example.com", ""),  # any text with an "@" gives way, known or not
    ("1-2-3-4-5-6", ""),
    ("", ""),
]

TEXTS = [
    ("Order of u-4711", "Order of [user]"),
    ("U_4711, then u.4711", "[user], then [user]"),
    ("cv_u-4711.pdf", "cv_[user].pdf"),
    ("x u-47110", "x u-47110"),
    ("u 4711", "u 4711"),  # a space parts words
    ("Inbox (ana.k7)", "Inbox ([user])"),
    ("customer 204511 rang", "customer [user] rang"),
    ("2045110", "2045110"),
    ("k2046118:paid", "[user]:paid"),
    ("5f7c8ec7c33c6c004bbafe82", "[user]"),
    ("\uff35-\uff14\uff17\uff11\uff11", "[user]"),  # as it is read
    ("u\u00ad-4711", "[user]"),
    ("ärger-2031", "[user]"),
    ("hans and u17", "hans and u17"),
    ("", ""),
]

PATHS = [
    ("/members/u-4711/orders", "/members/:person/orders"),
    ("/members/ana%2Ek7", "/members/:person"),
    ("/files/cv_u-4711.pdf", "/files/:person"),
    ("/jobs/204511", "/jobs/204511"),  # a number alone is likelier to be a thing's
    ("/jobs/java-204511", "/jobs/java-204511"),
    ("/", "/"),
]


@pytest.fixture(name="hiding", scope="module")
def known_here(tmp_path_factory: pytest.TempPathFactory) -> Hiding:
    records = Records(tmp_path_factory.mktemp("known") / "records.db")
    with records.write() as connection:
        learn(connection, 1, KEY, [Learnt(7, None, text) for text in TOLD])
    return Hiding(Known(records, 1, KEY))


@pytest.mark.parametrize(("identifier", "phrase"), IDENTIFIERS)
def test_what_is_looked_for(identifier: str, phrase: str) -> None:
    assert phrase_of(identifier) == phrase


@pytest.mark.parametrize(("text", "kept"), TEXTS)
def test_a_text_without_them(hiding: Hiding, text: str, kept: str) -> None:
    assert hiding.text(text) == kept
    assert hiding.text(kept) == kept
    assert len(kept) <= len(text)


@pytest.mark.parametrize(("path", "kept"), PATHS)
def test_a_path_without_them(hiding: Hiding, path: str, kept: str) -> None:
    assert hiding.path(path) == kept
    assert hiding.path(kept) == kept


def test_in_an_id_a_number_alone_stays(hiding: Hiding) -> None:
    assert hiding.text("204511", numbers=False) == "204511"
    assert hiding.text("u-4711", numbers=False) == "[user]"


@given(st.lists(st.sampled_from([*TOLD, *" .-_/+@é４", "x", "7", "and"]), max_size=30).map("".join))
def test_whatever_stands_around_them_they_are_gone_and_nothing_grows(hiding: Hiding, text: str) -> None:
    kept = hiding.text(text)
    assert len(kept) <= len(text)
    assert hiding.text(kept) == kept
    for word in ("u-4711", "ana.k7", "K2046118"):
        assert f" {word} " not in f" {kept} "
    assert hiding.path(hiding.path(text)) == hiding.path(text)


@pytest.mark.parametrize("text", ["a1-" * 660, "u-4711 " * 280, "u-4712 " * 280, "1." * 1_000, "é1" * 1_000])
def test_a_hostile_text_takes_no_longer_than_its_length(hiding: Hiding, text: str) -> None:
    started = time.process_time()
    hiding.text(text)
    assert time.process_time() - started < 0.1


def test_where_nothing_is_known_everything_stays(tmp_path: Path) -> None:
    for hiding in (Hiding(), Hiding(Known(Records(tmp_path / "records.db"), 1, KEY))):
        assert hiding.text("u-4711") == "u-4711"
        assert hiding.path("/u-4711") == "/u-4711"
        assert hiding.path(None) is None


def test_what_was_remembered_gives_way_to_what_is_known_since(tmp_path: Path) -> None:
    records = Records(tmp_path / "records.db")
    known = Known(records, 1, KEY)
    hiding = Hiding(known)
    told = hiding.then(hiding.text, 100)
    assert told.of("u-4711 rang") == "u-4711 rang"
    with records.write() as connection:
        learn(connection, 1, KEY, [Learnt(1, None, "u-4711")])
    known.refresh()
    assert told.of("u-4711 rang") == "[user] rang"
