"""The steps of the door, one table a rule. Ana said yes, Bo no, Cy withdrew, Eve is a stranger."""

import os
from typing import Any

import msgspec
import pytest

from kept.base.ids import keyed_63, prepare, prepare_for_subject
from kept.gather.arrival import SentEvent
from kept.gather.day import DAY_MS, DayKey, day_page
from kept.gather.meeting import Words, meet
from kept.gather.minimise import origin_of
from kept.gather.refusals import AtDoor, Counts
from kept.gather.steps import admit
from kept.policy.compiled import Answer
from kept.storage.event import StoredEvent
from tests.collecting import (
    AMERICAN,
    GERMAN,
    IMPROVE,
    KEYS,
    NOW,
    NOWHERE,
    OBEY_LAW,
    PERSONALISE,
    POLICY,
    PROTECT,
    small_door,
    with_classes_of_sites,
)

CHOSEN = IMPROVE | PERSONALISE
SAID = {
    "ana": Answer(yes=CHOSEN),
    "bo": Answer(no=CHOSEN),
    "cy": Answer(yes=PERSONALISE, no=IMPROVE),
}
DOOR = small_door({keyed_63(KEYS.visitor, b"visitor", name.encode()): said for name, said in SAID.items()})


def through(
    sent: dict[str, Any],
    visitor: str | None = "ana",
    address: str = AMERICAN,
    *,
    signal: bool = False,
    counts: Counts | None = None,
) -> tuple[StoredEvent | None, list[str]]:
    """One event through the door: what is stored, and the reasons and places of what is not."""
    event = msgspec.convert({"name": "page_view", **sent}, SentEvent)
    sender = meet(DOOR, Words(visitor, address, origin_of(address), b"Firefox/140.0", signal), NOW)
    stored, away = admit(DOOR, sender, [event], counts or Counts())
    return (stored[0] if stored else None), [f"{told.reason}: {told.where}" for told in away]


@pytest.mark.parametrize(
    ("name", "visitor", "address", "signal", "mask", "reason"),
    [
        # who         where      GPC    what may use it                          or why nothing may
        ("page_view", "ana", GERMAN, False, CHOSEN | PROTECT | OBEY_LAW, None),
        ("page_view", "bo", GERMAN, False, PROTECT | OBEY_LAW, None),
        ("page_view", "cy", GERMAN, False, PERSONALISE | PROTECT | OBEY_LAW, None),
        ("page_view", "eve", GERMAN, False, PROTECT | OBEY_LAW, None),  # not asked yet
        ("page_view", "eve", AMERICAN, False, CHOSEN | PROTECT | OBEY_LAW, None),  # may say no, has not
        ("page_view", "eve", NOWHERE, False, PROTECT | OBEY_LAW, None),  # unknown: the strictest
        ("page_view", "bo", AMERICAN, False, PROTECT | OBEY_LAW, None),
        ("page_view", "ana", GERMAN, True, PROTECT | OBEY_LAW, None),
        ("job_search", "ana", GERMAN, False, CHOSEN, None),
        ("job_search", "bo", GERMAN, False, None, AtDoor.NO_PURPOSE),
        ("job_search", "eve", GERMAN, False, None, AtDoor.NO_PURPOSE),
        ("job_search", "eve", AMERICAN, False, CHOSEN, None),
        ("job_search", "ana", GERMAN, True, None, AtDoor.SIGNAL),
        ("job_search", "bo", AMERICAN, True, None, AtDoor.NO_PURPOSE),  # the no alone is enough
        ("demand_only", "ana", GERMAN, False, None, AtDoor.NO_PURPOSE),  # a demand may come: not a reason
        ("application", "ana", GERMAN, False, None, AtDoor.NOT_FROM_HERE),
        ("unheard_of", "ana", GERMAN, False, None, AtDoor.UNDECLARED_EVENT),
        ("page_view", None, AMERICAN, False, PROTECT | OBEY_LAW, None),  # counted without cookies
        ("page_view", None, AMERICAN, True, None, AtDoor.SIGNAL),  # not of whoever's browser says no
        ("page_view", None, GERMAN, False, None, AtDoor.NO_VISITOR),
        ("page_view", None, NOWHERE, False, None, AtDoor.NO_VISITOR),
        ("job_search", None, AMERICAN, False, None, AtDoor.NO_PURPOSE),  # only by choice, and none is known
    ],
)
def test_who_may_use_it(
    name: str, visitor: str | None, address: str, signal: bool, mask: int | None, reason: AtDoor | None
) -> None:
    counts = Counts()
    stored, away = through({"name": name}, visitor, address, signal=signal, counts=counts)
    assert (stored.mask if stored else None) == mask
    assert away == ([f"{reason.code}: events[0]"] if reason else [])
    assert reason is None or counts.of()[reason] == 1


@pytest.mark.parametrize(
    ("sent", "reason", "part"),
    [
        ({"name": "jane@example.com"}, AtDoor.UNDECLARED_EVENT, ""),
        ({"properties": {"jane@example.com": "x"}}, AtDoor.UNDECLARED_PROPERTY, "page_view"),
        ({"name": "job_search", "properties": {"radius": "wide"}}, AtDoor.WRONG_TYPE, "job_search.radius"),
        ({"at": -5}, AtDoor.TOO_OLD, "page_view"),
        ({"name": "job_search"}, None, None),
    ],
)
def test_what_was_refused_is_counted_under_the_name_that_the_policy_has_for_it(
    sent: dict[str, Any], reason: AtDoor | None, part: str | None
) -> None:
    """What a stranger sends as a name may be anyone's name: it is counted, and kept nowhere."""
    counts = Counts()
    through(sent, counts=counts)
    assert dict(counts.by_part()) == ({(reason, part): 1} if reason else {})


@pytest.mark.parametrize(
    ("at", "stored_at", "reason"),
    [
        (None, NOW, None),
        (NOW - 1, NOW - 1, None),
        (NOW - 7 * DAY_MS, NOW - 7 * DAY_MS, None),
        (NOW - 7 * DAY_MS - 1, None, AtDoor.TOO_OLD),
        (-5, None, AtDoor.TOO_OLD),
        (NOW + 300_000, NOW, None),
        (NOW + 300_001, None, AtDoor.IN_FUTURE),
        (1 << 62, None, AtDoor.IN_FUTURE),
        ("2026-09-21T14:13:20Z", NOW, None),
        ("2026-09-21T16:13:19.5+02:00", NOW - 500, None),
        ("2026-09-21T14:13:20", None, AtDoor.WRONG_TIME),
        ("0001-01-01T00:00:00+23:59", None, AtDoor.TOO_OLD),
        ("9999-12-31T23:59:59-23:59", None, AtDoor.IN_FUTURE),
        ("yesterday", None, AtDoor.WRONG_TIME),
        ("", None, AtDoor.WRONG_TIME),
    ],
)
def test_time(at: int | str | None, stored_at: int | None, reason: AtDoor | None) -> None:
    stored, away = through({"at": at})
    assert (stored.ts if stored else None) == stored_at
    assert away == ([f"{reason.code}: events[0]"] if reason else [])


@pytest.mark.parametrize(
    ("name", "value", "kept", "reason"),
    [
        ("words", "w" * 2_000, "w" * 2_000, None),
        ("words", "w" * 2_001, None, AtDoor.TOO_LONG),
        ("place", "Leeds", "Leeds", None),
        ("place", "L" * 201, None, AtDoor.TOO_LONG),
        ("place", 3, None, AtDoor.WRONG_TYPE),
        ("place", None, None, None),
        ("radius", 12, "12", None),
        ("radius", 1.5, "1.5", None),
        ("radius", True, None, AtDoor.WRONG_TYPE),
        ("radius", "12", "12", None),  # an attribute of a page is a text
        ("radius", "-9.50", "-9.5", None),
        ("radius", "012", None, AtDoor.WRONG_TYPE),
        ("radius", "1e9", None, AtDoor.WRONG_TYPE),
        ("radius", "9,5", None, AtDoor.WRONG_TYPE),
        ("radius", "9" * 18, "9" * 18, None),
        ("radius", "9" * 19, None, AtDoor.TOO_LONG),
        ("radius", "", None, AtDoor.WRONG_TYPE),
        ("radius", 1 << 63, None, AtDoor.TOO_LONG),
        ("remote", True, "yes", None),
        ("remote", False, "no", None),
        ("remote", "yes", "yes", None),
        ("remote", "false", "no", None),
        ("remote", "maybe", None, AtDoor.WRONG_TYPE),
        ("since", "2026-09-01", "2026-09-01", None),
        ("since", "2026-09-31", None, AtDoor.WRONG_TYPE),
        ("since", "20260901", None, AtDoor.WRONG_TYPE),
        ("fields", ["care", "building"], '["care","building"]', None),
        ("fields", [1], None, AtDoor.WRONG_TYPE),
        ("fields", ["x"] * 51, None, AtDoor.TOO_LONG),
        ("job", 4711, "4711", None),
        ("job", "j" * 129, None, AtDoor.TOO_LONG),
        ("job", {"id": 1}, None, AtDoor.WRONG_TYPE),
        ("target", "https://ana:secret@jobs.example.org/about?token=x#y", "jobs.example.org/about", None),
        ("target", "javascript:alert(1)", None, AtDoor.WRONG_TYPE),
        ("mail", "ana@example.com", None, AtDoor.WRONG_TYPE),  # never at this door
        ("age", 40, None, AtDoor.UNDECLARED_PROPERTY),
    ],
)
def test_properties(name: str, value: object, kept: str | None, reason: AtDoor | None) -> None:
    stored, away = through({"name": "job_search", "properties": {name: value}})
    assert stored is not None
    found = msgspec.json.decode(stored.properties or "{}", type=dict[str, str])
    assert found == ({} if kept is None else {name: kept})
    assert away == ([f"{reason.code}: events[0].properties.{name}"] if reason else [])


@pytest.mark.parametrize(
    ("visitor", "kept"),
    [
        ("ana", {"browser", "country", "device", "page", "properties", "referrer", "session", "address"}),
        ("bo", {"country", "device", "page", "address"}),  # what protecting the service uses
    ],
)
def test_what_no_allowed_purpose_uses_is_not_stored(visitor: str, kept: set[str]) -> None:
    stored, _ = through(
        {
            "page": "https://jobs.example.com/jobs/12?utm_source=news&session=abc",
            "referrer": "https://search.example.org/?q=ana",
            "session": "s1",
            "properties": {"title": "Jobs"},
        },
        visitor,
        GERMAN,
    )
    assert stored is not None
    optional = {
        "page",
        "properties",
        "session",
        "device",
        "browser",
        "country",
        "referrer",
        "campaign",
        "address",
    }
    assert {name for name in optional if getattr(stored, name) is not None} == kept
    assert stored.page == "/jobs/12"


@pytest.mark.parametrize(
    ("referrer", "kept"),
    [
        ("https://www.google.com/search?q=ana", "search"),
        ("https://jobs.example.com/jobs", "internal"),
        ("https://blog.example.org/", "other site"),
        ("no address", None),
        (None, None),
    ],
)
def test_where_the_policy_says_so_a_referrer_is_kept_as_the_class_of_its_site(
    referrer: str | None, kept: str | None
) -> None:
    door = small_door(policy=with_classes_of_sites(POLICY))
    sent = SentEvent("page_view", page="https://jobs.example.com/jobs", referrer=referrer)
    sender = meet(door, Words("ana", AMERICAN, origin_of(AMERICAN), b"Firefox/140.0", False), NOW)
    (stored,), _ = admit(door, sender, [sent], Counts())
    assert stored.referrer == kept


def test_a_path_given_as_a_property_is_minimised_like_the_page() -> None:
    stored, _ = through({"properties": {"path": "https://jobs.example.com/reset?token=abc"}})
    assert stored is not None
    assert (stored.page, stored.properties) == ("/reset", None)
    stored, _ = through({"page": "/jobs", "properties": {"path": "https://jobs.example.com/reset?token=abc"}})
    assert stored is not None
    assert (stored.page, stored.properties) == ("/jobs", None)


def test_clients_own_ids_are_stored_as_keyed_hashes() -> None:
    sent = {"id": "message-1", "session": "visit-1"}
    one, again, other = (through(sent)[0], through(sent)[0], through(sent, "eve")[0])
    assert one is not None
    assert again is not None
    assert other is not None
    subject = one.subject.to_bytes(8, "big")
    assert one.event_id == again.event_id == keyed_63(KEYS.event, b"event", subject, b"message-1")
    assert one.session == keyed_63(KEYS.event, b"session", subject, b"visit-1")
    assert other.event_id != one.event_id  # another's repeat of an id is not a repeat


def test_ids_that_are_not_given_are_random() -> None:
    ids = {stored.event_id for stored, _ in (through({}) for _ in range(50)) if stored}
    assert len(ids) == 50


def test_a_nameless_visitor_has_no_session() -> None:
    stored, _ = through({"session": "visit-1"}, visitor=None)
    assert stored is not None
    assert stored.session is None


def test_a_crawler_is_flagged() -> None:
    words = Words(
        "ana", AMERICAN, origin_of(AMERICAN), b"Googlebot/2.1 (+http://www.google.com/bot.html)", False
    )
    stored, _ = admit(DOOR, meet(DOOR, words, NOW), [SentEvent("page_view")], Counts())
    assert stored[0].crawler


def test_the_key_of_the_day_changes_at_midnight_and_tells_senders_apart() -> None:
    day, agent = DayKey(), b"Firefox/140.0"
    midnight = NOW - NOW % DAY_MS + DAY_MS
    evening = day.subject(midnight - 1, AMERICAN, agent)
    assert day.subject(midnight - 2, AMERICAN, agent) == evening
    assert day.subject(midnight - 1, GERMAN, agent) != evening
    assert day.subject(midnight, AMERICAN, agent) != evening


def test_processes_that_share_a_page_have_one_key_a_day_and_draw_another_whichever_way_the_day_changes() -> (
    None
):
    page, agent = day_page(), b"Firefox/140.0"
    one, other, alone = DayKey(page), DayKey(page), DayKey()
    try:
        seen = []
        for now in (NOW, NOW + 3 * DAY_MS, NOW, NOW - 9 * DAY_MS, 0):
            seen.append(one.subject(now, AMERICAN, agent))
            assert (
                other.subject(now, AMERICAN, agent) == DayKey(page).subject(now, AMERICAN, agent) == seen[-1]
            )
            assert alone.subject(now, AMERICAN, agent) != seen[-1]
        assert len(set(seen)) == len(seen)
    finally:
        os.close(page)


@pytest.mark.parametrize("last", [b"", b"a", b"visit" * 30])
def test_prepared_pseudonyms_are_keyed_63(last: bytes) -> None:
    subject = (1 << 62).to_bytes(8, "big")
    assert prepare(b"k" * 32, b"visitor")(last) == keyed_63(b"k" * 32, b"visitor", last)
    assert prepare_for_subject(b"k" * 32, b"event")(subject, last) == keyed_63(
        b"k" * 32, b"event", subject, last
    )
