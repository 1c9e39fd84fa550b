"""`POST v1/events` by the secret key, about an account: what the company's server itself knows of someone."""

from collections.abc import Iterator

import pytest

from kept.base.ids import keyed_63
from kept.policy.compiled import Answer
from kept.subject.answers import DELETED
from tests.clients import Joined, World, world
from tests.collecting import KEY, KEYS, PROTECT, SECRET

ORDER = {"name": "order"}
BEARER = f"Bearer {SECRET}"


def subject(name: str) -> int:
    return keyed_63(KEYS.visitor, b"visitor", name.encode())


@pytest.fixture(name="at")
def an_at() -> Iterator[World]:
    with world() as at:
        yield at


def test_events_about_an_account_stand_under_it_and_its_deletion_finds_them(at: World) -> None:
    said = at.post("/v1/events", {"account": "u1", "events": [ORDER, ORDER]}, authorization=BEARER)
    assert said.json() == {"accepted": 2, "refused": []}
    assert {event.subject for event in at.events} == {subject("u1")}
    assert at.joined.pairs == [("u1", "u1")], "joined once, before an event is judged"


def test_residence_and_history_are_said_as_of_a_visitor(at: World) -> None:
    told = {"account": "u1", "residence": "US", "history": True, "events": [{**ORDER, "at": 1}]}
    assert at.post("/v1/events", told, authorization=BEARER).json()["refused"][0]["reason"] == "too old"
    assert not at.joined.pairs, "a refused event leaves nobody behind"
    at.post("/v1/events", {**told, "events": [ORDER]}, authorization=BEARER)
    assert len(at.events) == 1


def test_what_is_refused_has_the_place_that_a_visitors_would_have(at: World) -> None:
    told = {"account": "u1", "events": [{"name": "unheard_of"}, {**ORDER, "properties": {"mail": "x"}}]}
    assert at.post("/v1/events", told, authorization=BEARER).json() == {
        "accepted": 1,
        "refused": [
            {"event": 0, "reason": "undeclared event", "where": "events[0]"},
            {"event": 1, "reason": "undeclared property", "where": "events[1].properties.mail"},
        ],
    }


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ({}, "body"),
        ({"visitor": "ana", "account": "u1"}, "body"),
        ({"account": ""}, "account"),
        ({"account": "u" * 257}, "account"),
        ({"account": 7}, "account"),
    ],
)
def test_whom_it_is_about_is_said_once(at: World, told: dict[str, object], where: str) -> None:
    said = at.post("/v1/events", {"events": [ORDER], **told}, authorization=BEARER)
    assert (said.status, said.json()["where"]) == (400, where)
    if where == "body":
        assert "the visitor or the account" in said.json()["error"]
    assert not at.joined.pairs


def test_a_page_may_say_of_nobody_that_they_are_an_account(at: World) -> None:
    said = at.post("/v1/events", {"key": KEY, "account": "u1", "events": [ORDER]}, origin="https://x.example")
    assert (said.status, at.joined.pairs) == (400, [])


def test_an_account_that_is_deleted_or_of_another_is_refused() -> None:
    told = {"account": "u1", "events": [ORDER]}
    with world({subject("u1"): DELETED}) as at:
        said = at.post("/v1/events", told, authorization=BEARER).json()
        assert [each["reason"] for each in said["refused"]] == ["deleted"]
        assert (at.events, at.joined.pairs) == ([], [])
    with world(joined=Joined(elsewhere=frozenset({"u1"}))) as at:
        said = at.post("/v1/events", told, authorization=BEARER).json()
        assert said["refused"] == [{"event": 0, "reason": "another account", "where": "events[0]"}]


def test_the_accounts_noes_hold() -> None:
    with world({subject("u1"): Answer(0, 15 & ~PROTECT)}) as at:
        at.post("/v1/events", {"account": "u1", "events": [ORDER]}, authorization=BEARER)
        assert [event.mask for event in at.events] == [PROTECT]


def test_that_nothing_can_be_stored_is_said() -> None:
    with world(joined=Joined(breaks=RuntimeError("u1"))) as at:
        said = at.post("/v1/events", {"account": "u1", "events": [ORDER]}, authorization=BEARER)
        assert (said.status, "u1" in said.json()["error"]) == (500, False)
