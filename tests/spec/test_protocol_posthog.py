"""PostHog: what its SDKs send, and what becomes of it."""

import base64
import gzip
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from kept.base.ids import keyed_63
from kept.gather.protocols.judging import Whose, whose
from kept.gather.protocols.posthog.meaning import meaning
from kept.gather.protocols.posthog.messages import SentCapture
from tests.clients import PAGE, World, world
from tests.collecting import KEY, KEYS, NOW, SECRET

OWN = {"$lib": "web", "$os": "Linux", "$current_url": PAGE, "$referrer": "$direct", "$session_id": "s1"}
SIGN_UP = {"event": "Sign Up", "distinct_id": "ana", "uuid": "u-1"}


def subject(visitor: str) -> int:
    return keyed_63(KEYS.visitor, b"visitor", visitor.encode())


@pytest.fixture(name="at")
def a_world() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.mark.parametrize(
    ("event", "name", "page", "properties"),
    [
        (
            {"event": "$pageview", "properties": {**OWN, "title": "Jobs"}},
            "page_view",
            "/jobs",
            '{"title":"Jobs"}',
        ),
        ({"event": "$pageview", "properties": {"$pathname": "/jobs"}}, "page_view", "/jobs", None),
        ({"event": "Job Search", "properties": {"Radius": 5, **OWN}}, "job_search", None, '{"radius":"5"}'),
        ({"event": "signUp", "timestamp": "2026-01-01T00:00:00Z"}, None, None, None),
        ({"event": "$autocapture"}, None, None, None),
        ({"event": "$set", "$set": {"age": 7}}, None, None, None),
    ],
)
def test_what_an_event_means(
    at: World, event: dict[str, Any], name: str | None, page: str | None, properties: str | None
) -> None:
    said = at.post("/kept/batch/", {"api_key": KEY, "batch": [{"distinct_id": "ana", **event}]})
    assert said.status == 200
    if name is None:
        assert not at.events
        assert len(said.json()["refused"]) == 1
        return
    assert said.json() == {"status": "Ok"}
    (stored,) = at.events
    assert (stored.name, stored.page, stored.properties) == (name, page, properties)
    assert (stored.subject, stored.ts) == (subject("ana"), NOW)


@pytest.mark.parametrize(
    ("event", "refused", "taken"),
    [
        ({"event": "unheard of"}, [("undeclared event", "batch[0]")], 0),
        ({"properties": {"Wage": 1}}, [("undeclared property", "batch[0].properties.wage")], 1),
        ({"properties": {"$user_id": "u1"}}, [("public key", "batch[0].properties.$user_id")], 1),
        ({"properties": {"$set": {"age": 7}}}, [("public key", "batch[0].$set")], 1),
        ({"properties": {"$set_once": {"$initial_os": "Linux"}}}, [], 1),
        ({"$set": {"age": 7}}, [("public key", "batch[0].$set")], 1),
        (
            {"event": "$identify", "properties": {"$anon_distinct_id": "a"}},
            [("public key", "batch[0].distinct_id")],
            0,
        ),
        (
            {"event": "$create_alias", "properties": {"alias": "a"}},
            [("public key", "batch[0].distinct_id")],
            0,
        ),
        (
            {"event": "$groupidentify", "properties": {"$group_set": {"n": 1}}},
            [("public key", "batch[0].$set")],
            0,
        ),
    ],
)
def test_what_is_refused_is_told_and_counted(
    at: World, event: dict[str, Any], refused: list[tuple[str, str]], taken: int
) -> None:
    said = at.post("/batch/", {"api_key": KEY, "batch": [{**SIGN_UP, **event}]}).json()
    assert [(each["reason"], each["where"]) for each in said.get("refused", [])] == refused
    assert sum(at.counted.values()) == len(refused)
    assert len(at.events) == taken
    assert not at.joined.pairs


def test_of_which_group_someone_is_says_nothing_of_who_a_visitor_is(at: World) -> None:
    said = {
        "event": "$groupidentify",
        "distinct_id": "ana",
        "properties": {"$user_id": "u1", "$group_set": {"n": 1}},
    }
    at.post("/batch/", {"api_key": SECRET, "batch": [said]})
    assert at.counted == {"profile": 1}
    assert not at.joined.pairs


def browser_event() -> dict[str, Any]:
    return {
        "event": "$pageview",
        "uuid": "u-1",
        "properties": {
            "token": KEY,
            "distinct_id": "user-1",
            "$device_id": "ana",
            "$user_id": "user-1",
            **OWN,
        },
    }


def in_a_form() -> bytes:
    return urlencode({"data": base64.b64encode(json.dumps(browser_event()).encode())}).encode()


@pytest.mark.parametrize(
    ("url", "body", "headers"),
    [
        ("/e/?compression=gzip-js&ver=1", gzip.compress(json.dumps(browser_event()).encode()), {}),
        ("/e/", json.dumps([browser_event()]).encode(), {"content_type": "text/plain"}),
        ("/i/v0/e/", json.dumps(browser_event()).encode(), {"content_type": "application/json"}),
        ("/e/?compression=base64", in_a_form(), {"content_type": "application/x-www-form-urlencoded"}),
        ("/capture/", json.dumps(browser_event()).encode(), {}),
    ],
)
def test_what_browsers_send(at: World, url: str, body: bytes, headers: dict[str, str]) -> None:
    said = at.send("POST", url, body, **headers).json()
    assert [each["reason"] for each in said["refused"]] == ["public key"]
    (event,) = at.events
    assert (event.name, event.subject, event.page) == ("page_view", subject("ana"), "/jobs")


def test_a_picture_s_query(at: World) -> None:
    assert at.send("GET", "/e/?" + in_a_form().decode()).status == 200
    assert len(at.events) == 1


def test_what_the_company_s_server_says_joins(at: World) -> None:
    events = [
        {
            "event": "$identify",
            "distinct_id": "u1",
            "properties": {"$anon_distinct_id": "ana", "$set": {"age": 7}},
        },
        {"event": "$create_alias", "distinct_id": "u2", "properties": {"distinct_id": "u2", "alias": "bo"}},
        {
            "event": "$create_alias",
            "distinct_id": "cy",
            "properties": {"distinct_id": "cy", "alias": "u3", "$lib": "posthog-python"},
        },
        {"event": "Order", "distinct_id": "u1", "properties": {"total": 3}},
    ]
    said = at.packed("/batch/", {"api_key": SECRET, "batch": events}).json()
    assert [(each["reason"], each["where"]) for each in said["refused"]] == [("profile", "batch[0].$set")]
    assert at.joined.pairs == [("ana", "u1"), ("bo", "u2"), ("cy", "u3")]
    assert [(event.name, event.subject, event.source) for event in at.events] == [
        ("order", subject("u1"), "server")
    ]


def test_a_server_names_an_account_alone_by_giving_its_id_twice() -> None:
    """PostHog's clients send no event without `distinct_id`, so the account's own id stands there too."""
    order = {"event": "Order", "distinct_id": "u1", "properties": {"total": 3, "$user_id": "u1"}}
    said = meaning(msgspec.convert(order, SentCapture), "")
    assert whose(said, by_site=True) == Whose("u1", is_account=True)
    assert whose(said, by_site=False) == Whose("u1"), "a page's word makes nobody an account"


@pytest.mark.parametrize(
    ("body", "status", "where"),
    [
        (b"", 400, "body"),
        (b"[1", 400, "body"),
        (b"7", 400, "body"),
        (b"[7]", 400, "[0]"),
        (b'{"batch": [{}]}', 400, "batch[0]"),
        (b'{"batch": [{"event": "a", "distinct_id": []}]}', 400, "batch[0].distinct_id"),
        (
            b'{"api_key": "wk_test", "batch": [{"event": "a", "api_key": "wk_other"}]}',
            400,
            "batch[0].api_key",
        ),
        (b'{"api_key": "wk_none", "batch": []}', 401, "key"),
        (b"[]", 401, "key"),
    ],
)
def test_a_body_that_is_not_understood(at: World, body: bytes, status: int, where: str) -> None:
    got = at.send("POST", "/batch/", body)
    assert (got.status, got.json().get("where")) == (status, where)


def test_the_secret_key_in_a_body_is_not_slowed_down_as_a_page_s_is_but_by_its_own_rate(at: World) -> None:
    assert at.post("/batch/", {"api_key": SECRET, "batch": [{**SIGN_UP}]}).json() == {"status": "Ok"}
    assert [event.source for event in at.events] == ["server"]
