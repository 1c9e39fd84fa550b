"""Segment: what its SDKs send, and what becomes of it. One line of a table is one message."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from kept.base.errors import NoRoom
from kept.base.ids import keyed_63
from kept.gather.arrival import SentEvent, ServerBatch
from kept.gather.meeting import meet_by_server
from kept.gather.protocols.judging import Whose, whose
from kept.gather.protocols.wire import Message
from kept.gather.refusals import Counts
from kept.gather.steps import admit
from kept.policy.compiled import Answer
from kept.subject.answers import DELETED
from tests.clients import PAGE, Joined, World, basic, world
from tests.collecting import (
    GERMAN,
    IMPROVE,
    KEY,
    KEYS,
    NOW,
    OBEY_LAW,
    POLICY,
    PROTECT,
    SECRET,
    small_door,
)

ANA = {"anonymousId": "ana"}
CONTEXT = {"context": {"page": {"url": PAGE, "referrer": "https://news.example.org/a"}, "ip": "1.2.3.4"}}
OWN = {"url": PAGE, "path": "/jobs", "search": "?utm_source=news", "referrer": "", "title": "Jobs"}


def subject(visitor: str) -> int:
    return keyed_63(KEYS.visitor, b"visitor", visitor.encode())


@pytest.fixture(name="at")
def a_world() -> Iterator[World]:
    with world() as made:
        yield made


# ---- what a message means


@pytest.mark.parametrize(
    ("ending", "message", "name", "page", "properties"),
    [
        ("track", {"event": "Job Search", "properties": {"radius": 5}}, "job_search", None, '{"radius":"5"}'),
        (
            "track",
            {"event": "jobSearch", "properties": {"Remote": True}},
            "job_search",
            None,
            '{"remote":"yes"}',
        ),
        ("t", {"event": "job-search", **CONTEXT}, "job_search", None, None),  # the policy gives it no page
        ("page", {"properties": OWN}, "page_view", "/jobs", '{"title":"Jobs"}'),
        ("page", {"properties": {"path": "/jobs"}}, "page_view", "/jobs", None),
        ("p", {"properties": {"title": "Jobs"}, **CONTEXT}, "page_view", "/jobs", '{"title":"Jobs"}'),
        ("track", {"event": "Page View", **CONTEXT}, "page_view", "/jobs", None),
    ],
)
def test_what_a_message_means(
    at: World, ending: str, message: dict[str, Any], name: str, page: str | None, properties: str | None
) -> None:
    said = at.post(f"/kept/v1/{ending}", {"writeKey": KEY, **ANA, **message})
    assert (said.status, said.json()) == (200, {"success": True})
    (event,) = at.events
    assert (event.name, event.page, event.properties) == (name, page, properties)
    assert (event.subject, event.ts, event.source) == (subject("ana"), NOW, "tracker")


@pytest.mark.parametrize(
    ("ending", "message", "refused", "taken"),
    [
        ("track", {"event": "Unheard Of"}, [("undeclared event", "body")], 0),
        ("screen", {"name": "Home"}, [("undeclared event", "body")], 0),
        (
            "page",
            {"properties": {**OWN, "Wage": 7}, "name": "Jobs"},
            [("undeclared property", "properties.wage"), ("undeclared property", "properties.name")],
            1,
        ),
        (
            "track",
            {"event": "job_search", "properties": {"radius": "far"}},
            [("wrong type", "properties.radius")],
            1,
        ),
        ("track", {"event": "order", "properties": {"total": 1}}, [("not from here", "body")], 0),
        ("track", {"event": "sign_up", "timestamp": "2020-01-01T00:00:00Z"}, [("too old", "body")], 0),
        ("track", {"event": "sign_up", "timestamp": "2020-01-01T00:00"}, [("wrong time", "body")], 0),
        ("track", {"event": "sign_up", "userId": "u1"}, [("public key", "userId")], 1),
        ("i", {"userId": "u1"}, [("public key", "userId")], 0),
        ("i", {"traits": {"email": "a@example.com"}}, [("public key", "traits")], 0),
        ("g", {"groupId": "g1"}, [("public key", "groupId")], 0),
        ("g", {"groupId": "g1", "userId": "u1"}, [("public key", "groupId")], 0),
        ("a", {"previousId": "ana", "userId": "u1"}, [("public key", "userId")], 0),
        ("track", {"event": "sign_up", "properties": {"x": "y" * 33_000}}, [("too large", "body")], 0),
    ],
)
def test_what_is_refused_is_told_and_counted(
    at: World, ending: str, message: dict[str, Any], refused: list[tuple[str, str]], taken: int
) -> None:
    said = at.post(f"/v1/{ending}", {"writeKey": KEY, **ANA, **message})
    told = said.json()
    assert (said.status, told["success"], told["accepted"]) == (200, True, taken)
    assert [(each["reason"], each["where"]) for each in told["refused"]] == refused
    assert said.headers["kept-refused"] == ", ".join(sorted({reason for reason, _ in refused}))
    assert sum(at.counted.values()) == len(refused)
    assert len(at.events) == taken
    assert not at.joined.pairs


# ---- batches, keys, packing


def batch(*messages: dict[str, Any], key: str | None = None) -> dict[str, Any]:
    return {"batch": list(messages), "sentAt": "2026-01-01T00:00:00Z", **({"writeKey": key} if key else {})}


def test_a_batch_is_judged_message_by_message(at: World) -> None:
    said = at.post(
        "/v1/batch",
        batch(
            {"type": "track", "event": "sign_up", **ANA},
            {"type": "track", "event": "unheard_of", **ANA},
            {"type": "page", "anonymousId": "bo", "properties": {"mood": 1}},
            key=KEY,
        ),
    )
    assert [(each["event"], each["where"]) for each in said.json()["refused"]] == [
        (1, "batch[1]"),
        (2, "batch[2].properties.mood"),
    ]
    assert [(event.name, event.subject) for event in at.events] == [
        ("sign_up", subject("ana")),
        ("page_view", subject("bo")),
    ]


@pytest.mark.parametrize("ending", ["batch", "b"])
def test_a_key_may_stand_in_the_header_or_the_body_and_a_body_may_be_packed(at: World, ending: str) -> None:
    message = {"type": "track", "event": "sign_up", **ANA}
    assert at.post(f"/v1/{ending}", batch(message), authorization=basic(KEY)).status == 200
    assert at.packed(f"/v1/{ending}", batch(message, key=KEY)).status == 200
    assert [event.source for event in at.events] == ["tracker", "tracker"]


@pytest.mark.parametrize(
    ("said", "status", "where"),
    [
        (b"", 400, "body"),
        (b"[1", 400, "body"),
        (b'{"batch": {}}', 400, "batch"),
        (b'{"batch": [{"type": "dance"}]}', 400, "batch[0].type"),
        (b'{"batch": [{}]}', 400, "batch[0].type"),
        (b'{"batch": [{"type": "track"}]}', 400, "batch[0].event"),
        (b'{"batch": [7]}', 400, "batch[0]"),
        (b'{"batch": [{"type": "page", "properties": 1}]}', 400, "batch[0].properties"),
        (b'{"batch": [{"type": "page", "anonymousId": "' + b"x" * 129 + b'"}]}', 400, "batch[0].anonymousId"),
        (b'{"batch": [' + b"{}," * 1_000 + b"{}]}", 400, "batch"),
        (b'{"batch": ' + b"[" * 5_000, 400, "body"),
        (b"\xff\xfe", 400, "body"),
        (b'{"batch": [], "writeKey": "wk_none"}', 401, "key"),
        (b'{"batch": []}', 401, "key"),
    ],
)
def test_a_body_that_is_not_understood(at: World, said: bytes, status: int, where: str) -> None:
    got = at.send("POST", "/v1/batch", said)
    assert (got.status, got.json().get("where")) == (status, where)


def test_a_secret_key_that_is_not_ours_is_called_one(at: World) -> None:
    got = at.send("POST", "/v1/batch", b'{"batch": [], "writeKey": "sk_wrong"}')
    assert (got.status, got.json()["error"]) == (401, "This secret key is not known.")


def test_a_body_may_be_as_large_unpacked_as_segment_takes_it_and_no_larger(at: World) -> None:
    large: dict[str, Any] = {"batch": [], "writeKey": KEY, "filling": "x" * 511_900}
    assert at.packed("/v1/batch", large).status == 200
    large["filling"] += "x" * 100
    assert at.packed("/v1/batch", large).status == 413
    assert at.post("/v1/batch", large).status == 413


def test_packed_bodies_that_cannot_be_unpacked(at: World) -> None:
    assert at.send("POST", "/v1/batch", b"{}", content_encoding="gzip").status == 400
    assert at.send("POST", "/v1/batch", b"\x1f\x8b\x08\x00", content_encoding="gzip").status == 400
    assert at.send("POST", "/v1/batch", b"{}", content_encoding="br").status == 415


def test_other_methods_and_preflights(at: World) -> None:
    assert at.send("GET", "/v1/track").status == 405
    said = at.send("OPTIONS", "/v1/t", origin="https://jobs.example.com")
    assert said.status == 204
    assert said.headers["access-control-allow-origin"] == "https://jobs.example.com"
    assert "authorization" in said.headers["access-control-allow-headers"]
    assert (
        "access-control-allow-origin"
        not in at.send("OPTIONS", "/v1/t", origin="https://evil.example").headers
    )


def test_pages_of_other_origins_are_refused(at: World) -> None:
    message = {"writeKey": KEY, "event": "sign_up", **ANA}
    assert at.post("/v1/t", message, origin="https://evil.example").status == 403
    assert at.post("/v1/t", message, origin="https://jobs.example.com").status == 200
    assert len(at.events) == 1


# ---- who it is


def test_the_id_that_came_with_a_yes_goes_before_the_one_that_the_client_made(at: World) -> None:
    message = {"writeKey": KEY, "event": "sign_up", "anonymousId": "made-by-the-sdk"}
    at.post("/v1/t", message, cookie="kept_visit=ana")
    at.post("/v1/t", message)
    assert [event.subject for event in at.events] == [subject("ana"), subject("made-by-the-sdk")]


def test_a_signal_and_a_no_hold_as_they_do_for_our_own_script(at: World) -> None:
    message = {"writeKey": KEY, "event": "job_search", **ANA}
    assert at.post("/v1/t", message, sec_gpc="1").json()["refused"][0]["reason"] == "signal"
    assert (
        at.post("/v1/t", message, cookie="kept_choice=1.1.0.f").json()["refused"][0]["reason"] == "no purpose"
    )
    assert at.post("/v1/t", message, x_forwarded_for=GERMAN).json()["refused"][0]["reason"] == "no purpose"
    at.post("/v1/p", {"writeKey": KEY, **ANA}, sec_gpc="1")
    assert [event.mask for event in at.events] == [PROTECT | OBEY_LAW]


def test_the_same_message_is_the_same_event(at: World) -> None:
    message = {"writeKey": KEY, "event": "sign_up", "messageId": "m1", **ANA}
    for _ in range(2):
        at.post("/v1/t", message)
    first, second = at.events
    assert first.event_id == second.event_id


def test_what_the_company_s_server_says_is_marked_so_and_joins(at: World) -> None:
    said = at.post(
        "/v1/batch",
        batch(
            {"type": "identify", **ANA, "userId": "u1"},
            {"type": "alias", "previousId": "old", "userId": 2},
            {"type": "track", "event": "Order", "properties": {"total": 3}, **ANA, "userId": "u1"},
            {"type": "track", "event": "order", "userId": "u3"},
        ),
        authorization=basic(),
        user_agent="analytics-python/2",
    )
    assert said.json() == {"success": True}
    assert at.joined.pairs == [("ana", "u1"), ("old", "2"), ("u3", "u3")]
    assert [(event.name, event.subject, event.source, event.address) for event in at.events] == [
        ("order", subject("ana"), "server", None),
        ("order", subject("u3"), "server", None),
    ]


def test_nobody_is_described(at: World) -> None:
    said = at.post("/v1/identify", {**ANA, "userId": "u1", "traits": {"age": 7}}, authorization=basic())
    assert [(each["reason"], each["where"]) for each in said.json()["refused"]] == [("profile", "traits")]
    assert at.joined.pairs == [("ana", "u1")]
    assert b"age" not in said.body


def test_a_visitor_of_another_account_is_not_joined_and_the_event_is_not_laid_at_their_door() -> None:
    with world(joined=Joined(elsewhere=frozenset({"ana"}))) as at:
        said = at.post("/v1/track", {"event": "order", **ANA, "userId": "u2"}, authorization=basic())
        assert [(each["reason"], each["where"]) for each in said.json()["refused"]] == [
            ("another account", "userId")
        ]
        assert not at.events


def test_nothing_is_begun_anew_of_someone_who_was_deleted() -> None:
    with world({subject("ana"): DELETED}) as at:
        for message in ({"event": "order", "type": "track"}, {"type": "identify"}):
            said = at.post("/v1/batch", batch({**message, **ANA, "userId": "u1"}), authorization=basic())
            assert [each["reason"] for each in said.json()["refused"]] == ["deleted"]
        assert not at.joined.pairs
        assert not at.events


def test_a_join_that_cannot_be_written_acknowledges_nothing() -> None:
    with world(joined=Joined(breaks=NoRoom("full"))) as at:
        said = at.post("/v1/track", {"event": "order", **ANA, "userId": "u1"}, authorization=basic())
        assert said.status == 503
        assert not at.events


def test_a_server_names_someone(at: World) -> None:
    said = at.post("/v1/track", {"event": "order"}, authorization=basic())
    assert said.json()["refused"] == [{"event": 0, "reason": "no visitor", "where": "body"}]


def test_a_wrong_key_is_refused(at: World) -> None:
    said = at.post("/v1/track", {"event": "order", **ANA}, authorization=basic("sk_wrong"))
    assert said.status == 401
    assert SECRET not in json.dumps(said.json())


def test_answers_of_the_visitor_decide_for_the_server_too() -> None:
    with world({subject("ana"): Answer(0, 15)}) as at:
        at.post("/v1/track", {"event": "sign_up", **ANA}, authorization=basic(KEY))
        assert not at.events


def test_an_account_that_the_server_names_alone_is_bound_by_no_cookie() -> None:
    """An order is the server's own knowledge: what needs no yes may use it. With a browser's id, its cookie decides."""
    cookie = replace(POLICY.cookies["kept_visit"], purposes=IMPROVE)
    door = small_door(policy=replace(POLICY, cookies={"kept_visit": cookie}), source="server")
    order, account = [SentEvent(name="order")], ServerBatch([], account="u1")

    def masks(batch: ServerBatch) -> list[int]:
        sender = meet_by_server(door, batch, NOW, signal=False)
        return [event.mask for event in admit(door, sender, order, Counts())[0]]

    assert masks(account) == [PROTECT]
    assert masks(ServerBatch([], visitor="u1")) == []
    ours = meet_by_server(door, account, NOW, signal=False, ours=True)
    assert not ours.of_account, "an id that we gave is a browser's, whatever it is called"
    assert whose(Message("", account="u1"), by_site=True) == Whose("u1", is_account=True)
    assert whose(Message("", account="u1"), by_site=False) == Whose(None)
    assert whose(Message("", account="u1", visitor="ana"), by_site=True) == Whose("ana")


@pytest.mark.parametrize("who", [ANA, {"userId": "u1"}, {**ANA, "userId": "u1"}])
def test_of_which_group_someone_is_says_nothing_of_who_a_visitor_is(at: World, who: dict[str, Any]) -> None:
    """Segment's spec: `identify` and `alias` tie ids together; `group` ties a user to a group."""
    said = at.post("/v1/group", {"groupId": "g1", "traits": {"name": "Mills"}, **who}, authorization=basic())
    assert said.json()["refused"] == [{"event": 0, "reason": "profile", "where": "groupId"}]
    assert not at.joined.pairs


def test_a_refused_event_leaves_nobody_behind(at: World) -> None:
    for told in (
        {"event": "unheard_of"},
        {"event": "page_view"},
        {"event": "order", "timestamp": "yesterday"},
    ):
        said = {"type": "track", "userId": "u9", "anonymousId": "kim", **told}
        answer = at.post(
            "/kept/v1/batch", {"batch": [said, {**said, "anonymousId": None}]}, authorization=basic()
        )
        assert [each["event"] for each in answer.json()["refused"]] == [0, 1]
    assert at.joined.pairs == []
    assert at.events == []
