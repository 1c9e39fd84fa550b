"""Titles, searches and places are free text that visitors and pages fill: whom they name directly is not kept."""

import time

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.base.ids import keyed_63
from kept.base.printing import is_clean
from kept.gather.arrival import SentEvent
from kept.gather.meeting import Words, meet
from kept.gather.minimise import clean_words, origin_of, without_mail
from kept.gather.refusals import Counts
from kept.gather.steps import admit
from kept.policy.compiled import Answer
from tests.collecting import AMERICAN, IMPROVE, KEYS, NOW, PERSONALISE, small_door

ANA = keyed_63(KEYS.visitor, b"visitor", b"ana")
DOOR = small_door({ANA: Answer(yes=IMPROVE | PERSONALISE)})


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("Inbox of ana@example.com - Mail", "Inbox of [e-mail] - Mail"),
        ("Ana <ana@example.com>", "Ana [e-mail]"),
        ("ana%40example.com", "[e-mail]"),
        ("ana%2540example.com", "[e-mail]"),
        ("ana＠example.com", "[e-mail]"),
        ("a\x00na\u200b@example.com", "[e-mail]"),
        ("follow @ana_smith", "follow [handle]"),
        ("call +49 (170) 123-4567 now", "call [phone] now"),
        ("order 4012888888881881 sent", "order [card] sent"),
        ("Nurse @ night", "Nurse @ night"),
        ("C++, 50 % off, 2026-11-23 10:00", "C++, 50 % off, 2026-11-23 10:00"),
        ("\x1b[31mred\u202e", "[31mred"),
        ("Größe 日本語", "Größe 日本語"),
    ],
)
def test_what_names_a_person_directly_gives_way(given_text: str, kept: str) -> None:
    assert clean_words(given_text) == kept


@given(st.text() | st.text(alphabet="@+0123456789 ().%40＠\x00\u200ba"))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = clean_words(text)
    assert clean_words(once) == once
    assert is_clean(once, but="\n\t")


def test_an_id_may_be_long_and_random_but_no_address_of_mail() -> None:
    for plain in ("4f1c5a52-6f0a-4b6d-9a55-0d1f7c2b8e11", "12345678901234", "nurse-hamburg"):
        assert without_mail(plain) == plain
    assert without_mail("ana@example.com") == "[e-mail]"


@pytest.mark.parametrize(
    "text", ["x" * 1_999 + "@", "@" * 2_000, "+1 " * 666, "%40" * 666, "1" * 2_000, "\x00" * 2_000]
)
def test_no_text_takes_long(text: str) -> None:
    begun = time.process_time()
    clean_words(text)
    assert time.process_time() - begun < 0.2


def test_the_door_cleans_every_kind_of_text_but_leaves_pages_to_their_own_rule() -> None:
    sent = {
        "name": "job_search",
        "properties": {
            "words": "mail ana@example.com",
            "place": "near +1 617 495 1000",
            "fields": ["nursing", "bo@example.com"],
            "job": "cy@example.com",
        },
    }
    words = Words("ana", AMERICAN, origin_of(AMERICAN), b"Firefox/140.0", signal=False)
    events = [
        msgspec.convert(sent, SentEvent),
        SentEvent(
            name="page_view",
            properties={"path": "/leave/ana@example.com/now", "title": "Bye, ana@example.com"},
        ),
    ]
    stored, _ = admit(DOOR, meet(DOOR, words, NOW), events, Counts())
    search, view = stored
    assert msgspec.json.decode(search.properties or "") == {
        "words": "mail [e-mail]",
        "place": "near [phone]",
        "fields": '["nursing","[e-mail]"]',
        "job": "[e-mail]",
    }
    assert view.page == "/leave/:person/now"
    assert msgspec.json.decode(view.properties or "") == {"title": "Bye, [e-mail]"}
    assert "example.com" not in msgspec.json.encode(stored).decode()
