"""Matomo: what its trackers send, and what becomes of it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from kept.base.ids import keyed_63
from tests.clients import PAGE, World, world
from tests.collecting import KEY, KEYS, NOW, SECRET

ANA = "0123456789abcdef"


def query(**fields: Any) -> str:
    return urlencode({"idsite": KEY, "rec": 1, "url": PAGE, "_id": ANA, **fields})


def subject(visitor: str) -> int:
    return keyed_63(KEYS.visitor, b"visitor", visitor.encode())


@pytest.fixture(name="at")
def a_world() -> Iterator[World]:
    with world() as made:
        yield made


@pytest.mark.parametrize(
    ("fields", "name", "page", "properties"),
    [
        ({"action_name": "Jobs"}, "page_view", "/jobs", '{"title":"Jobs"}'),
        (
            {"action_name": "Jobs", "res": "1x1", "h": 1, "pv_id": "x"},
            "page_view",
            "/jobs",
            '{"title":"Jobs"}',
        ),
        ({"e_c": "", "e_a": "Sign Up"}, "sign_up", None, None),
        ({"e_a": "job search", "cdt": 1_789_999_999}, "job_search", None, None),
        ({"e_a": "job search", "cdt": "2026-09-21 13:33:19"}, "job_search", None, None),
    ],
)
def test_what_a_request_means(
    at: World, fields: dict[str, Any], name: str, page: str | None, properties: str | None
) -> None:
    said = at.send("GET", f"/kept/matomo.php?{query(**fields)}")
    assert (said.status, said.headers["content-type"], len(said.body)) == (200, "image/gif", 43)
    assert "kept-refused" not in said.headers
    (event,) = at.events
    assert (event.name, event.page, event.properties) == (name, page, properties)
    assert event.subject == subject(ANA)
    assert event.ts == (1_789_997_599_000 if "-" in str(fields.get("cdt")) else event.ts)
    assert NOW - event.ts < 10_000_000


@pytest.mark.parametrize(
    ("fields", "event", "reasons"),
    [
        ({"search": "cook", "search_count": 3}, "site_search", "undeclared event"),
        ({"link": "https://x.example/a"}, "link_followed", "undeclared event"),
        ({"download": "https://x.example/a.pdf"}, "file_downloaded", "undeclared event"),
        ({"idgoal": 0, "ec_id": "o1", "revenue": "3.5"}, "order", "not from here"),
        ({"idgoal": 2}, "goal_reached", "undeclared event"),
        ({"c_n": "ad"}, "content_seen", "undeclared event"),
        ({"e_c": "Jobs", "e_a": "job_search", "e_v": "7"}, "job_search", "undeclared property"),
        ({"uid": "u1"}, "page_view", "public key"),
        ({"dimension1": "gold"}, "page_view", "undeclared property"),
        ({"cdt": "yesterday"}, "page_view", "wrong time"),
        ({"cdt": 1_000_000_000}, "page_view", "too old"),
    ],
)
def test_what_is_refused_is_said_where_a_picture_has_room_and_counted(
    at: World, fields: dict[str, Any], event: str, reasons: str
) -> None:
    said = at.send("GET", f"/matomo.php?{query(**fields)}")
    assert (said.status, said.headers["kept-refused"]) == (200, reasons)
    assert set(at.counted) == {reasons}
    assert not at.joined.pairs
    assert all(stored.name == event for stored in at.events)


def test_no_picture_where_none_is_wanted_and_forms_as_beacons_send_them(at: World) -> None:
    assert at.send("GET", f"/matomo.php?{query(send_image=0)}").status == 204
    form = {"content_type": "application/x-www-form-urlencoded; charset=utf-8"}
    assert at.send("POST", "/matomo.php", query(send_image=0).encode(), **form).status == 204
    assert at.send("POST", "/piwik.php", query().encode(), **form).body.startswith(b"GIF89a")
    assert len(at.events) == 3


def test_that_a_page_is_still_open_is_no_event(at: World) -> None:
    assert at.send("GET", f"/matomo.php?{query(ping=1)}").status == 200
    assert not at.events


def test_several_at_once(at: World) -> None:
    said = at.post(
        "/matomo.php", {"requests": ["?" + query(), "?" + query(uid="u1"), query(e_a="unheard of")]}
    )
    assert said.json() == {
        "status": "success",
        "tracked": 2,
        "invalid": 1,
        "refused": [
            {"event": 1, "reason": "public key", "where": "requests[1].uid"},
            {"event": 2, "reason": "undeclared event", "where": "requests[2]"},
        ],
    }


def test_what_the_company_s_server_says_joins(at: World) -> None:
    requests = [
        "?" + query(idsite=1, uid="u1", idgoal=0, ec_id="o1"),
        "?" + query(idsite=1, _id="", uid="u2"),
    ]
    said = at.post("/matomo.php", {"requests": requests, "token_auth": SECRET}).json()
    assert at.joined.pairs == [(ANA, "u1")], "a refused event leaves nobody behind"
    assert [each["reason"] for each in said["refused"]] == ["undeclared property", "not from here"]
    assert [(event.name, event.source) for event in at.events] == [("order", "server")]


@pytest.mark.parametrize(
    ("url", "body", "status", "where"),
    [
        ("/matomo.php", b"", 400, "rec"),
        ("/matomo.php?rec=0", b"", 400, "rec"),
        ("/matomo.php?rec=1", b"", 401, "key"),
        ("/matomo.php?rec=1&idsite=1", b"", 401, "key"),
        ("/matomo.php?" + "a=1&" * 300, b"", 400, "body"),
        ("/matomo.php", b'{"requests": 7}', 400, "requests"),
        ("/matomo.php", b'{"requests": ["?rec=1", "?a=1"]}', 400, "requests[1].rec"),
        ("/matomo.php", b'{"requests": ["?rec=1&idsite=a", "?rec=1&idsite=b"]}', 400, "requests[1].idsite"),
        ("/matomo.php", b"{", 400, "body"),
    ],
)
def test_a_request_that_is_not_understood(at: World, url: str, body: bytes, status: int, where: str) -> None:
    got = at.send("POST" if body else "GET", url, body)
    assert (got.status, got.json().get("where")) == (status, where)
