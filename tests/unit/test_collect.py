"""The collector over HTTP: contract, refusals with their place, rate limits, origins, addresses."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kept.base.errors import BadInput, NoRoom
from kept.base.ids import keyed_63
from kept.policy.compiled import Answer
from kept.web.collect import Collector, WriteKey
from kept.web.limits import FEW, Buckets, Limits, Rate
from kept.web.whence import Proxies
from tests.collecting import (
    AMERICAN,
    GERMAN,
    IMPROVE,
    KEY,
    KEYS,
    NOW,
    OBEY_LAW,
    PERSONALISE,
    PROTECT,
    SECRET,
    Notebook,
    Running,
    ask,
    body,
    collector,
    post,
    running,
    small_door,
)

VIEW = {"name": "page_view", "page": "https://jobs.example.com/jobs?utm_source=news"}


@pytest.fixture(name="notebook")
def a_notebook() -> Notebook:
    return Notebook()


@pytest.fixture(name="taken")
def a_collector(notebook: Notebook) -> Collector:
    return collector(notebook)


@pytest.fixture(name="server")
def a_server(taken: Collector) -> Iterator[Running]:
    with running(taken) as server:
        yield server


def test_an_event_is_stored_and_acknowledged(server: Running, notebook: Notebook) -> None:
    said = ask(server, post(body({**VIEW, "properties": {"title": "Jobs"}}), user_agent="Firefox/140.0"))
    assert (said.status, said.json()) == (200, {"accepted": 1, "refused": []})
    assert said.headers["cache-control"] == "no-store"
    (event,) = notebook.events
    assert event.subject == keyed_63(KEYS.visitor, b"visitor", b"ana")
    assert (event.page, event.properties, event.country) == ("/jobs", '{"title":"Jobs"}', "US")
    assert (event.address, event.campaign) == ("128.103.0.0/24", None)
    assert event.mask == IMPROVE | PROTECT | PERSONALISE | OBEY_LAW
    assert (event.cv, event.policy, event.ts, event.source) == (7, 3, NOW, "tracker")


def test_what_is_refused_is_named_with_its_place(server: Running, notebook: Notebook) -> None:
    said = ask(server, post(body({"name": "unheard_of"}, {**VIEW, "properties": {"title": 3, "mail": "x"}})))
    assert said.json() == {
        "accepted": 1,
        "refused": [
            {"event": 0, "reason": "undeclared event", "where": "events[0]"},
            {"event": 1, "reason": "wrong type", "where": "events[1].properties.title"},
            {"event": 1, "reason": "undeclared property", "where": "events[1].properties.mail"},
        ],
    }
    assert [event.name for event in notebook.events] == ["page_view"]


def test_a_long_list_of_refusals_is_cut_and_counted(server: Running, taken: Collector) -> None:
    said = ask(server, post(body({**VIEW, "properties": {f"p{n}": n for n in range(250)}}))).json()
    assert len(said["refused"]) == 100
    assert said["not listed"] == 150
    counts = {reason.code: count for reason, count in server.do(taken.events.of).items() if count}
    assert counts == {"undeclared property": 250}


@pytest.mark.parametrize(
    ("content", "status", "where"),
    [
        (b"", 400, "body"),
        (b"[1", 400, "body"),
        (b'{"key": "wk_test"}', 400, "body"),
        (b'{"key": "wk_test", "events": [{"name": 7}]}', 400, "events[0].name"),
        (b'{"key": "wk_test", "events": [], "extra": 1}', 400, "body"),
        (b'{"key": "wk_test", "events": [{"name": "page_view", "email": "x"}]}', 400, "events[0]"),
        (b'{"key": "wk_none", "events": []}', 401, "key"),
        (b'{"key": "wk_test", "events": ' + b"[" * 5_000, 400, None),
    ],
)
def test_a_body_that_is_not_understood(
    server: Running, content: bytes, status: int, where: str | None
) -> None:
    said = ask(server, post(content))
    assert said.status == status
    assert where is None or said.json()["where"] == where


def test_a_secret_key_in_a_page_is_called_one(server: Running) -> None:
    said = ask(server, post(b'{"key": "sk_any", "events": []}'))
    assert (said.status, said.json()["error"]) == (401, "This is a secret key; a page shows a write key.")


def test_more_than_a_thousand_events_are_too_many(server: Running) -> None:
    said = ask(server, post(body(*([{"name": "page_view"}] * 1_001))))
    assert (said.status, said.json()["where"]) == (400, "events")


@pytest.mark.parametrize(
    ("media", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("text/plain;charset=UTF-8", 200),
        ("TEXT/PLAIN", 200),
        ("application/x-www-form-urlencoded", 415),
    ],
)
def test_media(server: Running, media: str, status: int) -> None:
    assert ask(server, post(body(VIEW), content_type=media)).status == status


def test_a_compressed_body_is_not_taken(server: Running) -> None:
    assert ask(server, post(body(VIEW), content_encoding="gzip")).status == 415


def test_other_methods(server: Running) -> None:
    said = ask(server, b"GET /v1/events HTTP/1.1\r\nhost: a\r\n\r\n")
    assert (said.status, said.headers["allow"]) == (405, "POST, OPTIONS")


def test_other_paths_are_the_centres(server: Running) -> None:
    assert ask(server, post(b"12345", path="/privacy?v1/events")).body == b"/privacy 5"


def test_a_preflight_names_the_origin_that_a_key_is_for(server: Running) -> None:
    ask_for = b"OPTIONS /v1/events HTTP/1.1\r\nhost: a\r\norigin: %b\r\n\r\n"
    said = ask(server, ask_for % b"https://jobs.example.com")
    assert said.status == 204
    assert said.headers["access-control-allow-origin"] == "https://jobs.example.com"
    assert said.headers["vary"] == "origin"
    assert "access-control-allow-origin" not in ask(server, ask_for % b"https://evil.example").headers


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("https://jobs.example.com", "kept.example.net", 200),
        ("https://kept.example.net", "kept.example.net", 200),  # its own page
        ("https://evil.example", "kept.example.net", 403),
        ("null", "kept.example.net", 403),
    ],
)
def test_origins(server: Running, notebook: Notebook, origin: str, host: str, status: int) -> None:
    assert ask(server, post(body(VIEW), origin=origin, host=host)).status == status
    assert len(notebook.events) == (status == 200)


def test_the_cookie_stands_in_for_a_missing_visitor(server: Running, notebook: Notebook) -> None:
    ask(server, post(body(VIEW, visitor=None), cookie="a=b; kept_visit=ana; kept_choice=x"))
    ask(server, post(body(VIEW, visitor="bo"), cookie="kept_visit=ana"))
    subjects = [event.subject for event in notebook.events]
    assert subjects == [keyed_63(KEYS.visitor, b"visitor", name) for name in (b"ana", b"bo")]


def test_the_privacy_signal_is_honoured(server: Running, notebook: Notebook) -> None:
    said = ask(server, post(body({"name": "job_search"}), sec_gpc="1")).json()
    assert said["refused"][0]["reason"] == "signal"
    ask(server, post(body(VIEW), sec_gpc="1"))
    assert [event.mask for event in notebook.events] == [PROTECT | OBEY_LAW]


def test_a_key_over_its_rate_waits(notebook: Notebook) -> None:
    limits = Limits(key=Rate(0.5, 2), address=Rate(100, 100))
    with running(collector(notebook, limits=limits)) as server:
        statuses = [ask(server, post(body(VIEW))).status for _ in range(3)]
        said = ask(server, post(body(VIEW)))
    assert statuses == [200, 200, 429]
    assert int(said.headers["retry-after"]) in (1, 2)
    assert len(notebook.events) == 2


def test_an_address_over_its_rate_waits_and_its_neighbours_with_it(notebook: Notebook) -> None:
    limits = Limits(address=Rate(0.01, 1))
    with running(collector(notebook, limits=limits)) as server:
        senders = ("128.103.0.1", "128.103.0.77", "128.103.1.1")
        statuses = [ask(server, post(body(VIEW), x_forwarded_for=sender)).status for sender in senders]
    assert statuses == [200, 429, 200]


def test_a_full_disk_is_said_and_nothing_acknowledged(server: Running, notebook: Notebook) -> None:
    notebook.breaks = NoRoom("full")
    said = ask(server, post(body(VIEW)))
    assert (said.status, said.headers["retry-after"]) == (503, "30")
    notebook.breaks = None
    assert ask(server, post(body(VIEW))).status == 200


def test_while_nobody_can_tell_what_people_chose_nothing_is_taken(notebook: Notebook) -> None:
    fresh: list[bool] = []
    by_page = post(body(VIEW))
    by_site = post(
        json.dumps({"visitor": "ana", "events": [VIEW]}).encode(), authorization=f"Bearer {SECRET}"
    )
    with running(collector(notebook, is_fresh=lambda: bool(fresh))) as server:
        said = [ask(server, call) for call in (by_page, by_site)]
        assert [(each.status, each.headers["retry-after"]) for each in said] == [(503, "2")] * 2
        assert notebook.events == []
        fresh.append(True)
        assert [ask(server, call).status for call in (by_page, by_site)] == [200, 200]


def test_a_backlog_is_capped(notebook: Notebook) -> None:
    notebook.holds = True
    with running(collector(notebook, limits=Limits(backlog=2))) as server:
        with server.connect() as first:
            first.sendall(post(body(VIEW, VIEW)))
            while len(notebook.events) < 2:
                pass
            said = ask(server, post(body(VIEW)))
            server.do(notebook.let_go)
        assert (said.status, said.headers["retry-after"]) == (503, "2")
        notebook.holds = False
        assert ask(server, post(body(VIEW))).status == 200


def test_a_fault_of_ours_is_a_500_without_the_request_in_the_log(
    notebook: Notebook, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def of(self, subject: int) -> tuple[Answer, int]:
            raise RuntimeError("ana is in here")

        look_again = of

    door = small_door()
    door.answers = Broken()
    with running(collector(notebook, door)) as server:
        said = ask(server, post(body(VIEW)))
    assert said.status == 500
    assert "RuntimeError" in caplog.text
    assert "ana" not in caplog.text


@pytest.mark.parametrize(
    ("peer", "forwarded", "sender"),
    [
        ("192.0.2.9", "198.51.100.1", "192.0.2.9"),  # not a proxy: its word is not taken
        ("127.0.0.1", None, "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "203.0.113.5, 198.51.100.1", "198.51.100.1"),  # the left one is the sender's claim
        ("127.0.0.1", "198.51.100.1, 10.1.2.3, 127.0.0.1", "198.51.100.1"),
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        (None, "198.51.100.1:4711", "198.51.100.1"),
        ("127.0.0.1", "[2001:db8::1]:4711", "2001:db8::1"),
        ("127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "unknown", "unknown"),
    ],
)
def test_the_right_most_address_that_is_no_proxy(
    peer: str | None, forwarded: str | None, sender: str
) -> None:
    proxies = Proxies(["127.0.0.1", "::1", "10.0.0.0/8"])
    assert proxies.sender(peer, forwarded.encode() if forwarded is not None else None) == sender


def test_a_proxy_of_the_own_network_that_is_not_named_is_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    proxies = Proxies(["127.0.0.1"])
    for peer in ("127.0.0.1", "91.198.174.192", "172.17.0.1", "172.17.0.1"):
        proxies.sender(peer, b"128.103.0.1")
    assert [record.getMessage().partition(" is not")[0] for record in caplog.records] == [
        "X-Forwarded-For of 172.17.0.1"
    ], "an address of the wide world may be a visitor's, and stands in no log"


def test_proxies_must_be_addresses() -> None:
    with pytest.raises(BadInput, match="neither an address nor a network"):
        Proxies(["proxy.example"])


def test_repeated_forwarded_lines_are_read_as_one(server: Running, notebook: Notebook) -> None:
    request = post(body(VIEW), x_forwarded_for=GERMAN).replace(
        b"content-length", b"X-Forwarded-For: 127.0.0.1\r\ncontent-length", 1
    )
    assert ask(server, request).status == 200
    assert [event.address for event in notebook.events] == ["84.128.0.0/24"]


def test_buckets_refill_and_stay_bounded() -> None:
    buckets = Buckets(Rate(2, 4), most=10)
    assert [buckets.take("a", 0.0) for _ in range(4)] == [0.0] * 4
    assert buckets.take("a", 0.0) == pytest.approx(0.5)
    assert buckets.take("a", 0.5) == 0.0
    for number in range(1_000):
        buckets.take(f"n{number}", 1.0)
    assert len(buckets) <= 11
    assert buckets.take("new", 1.0) > 0.0  # the many share one bucket
    assert buckets.take("new", 60.0) == 0.0


def test_buckets_that_have_refilled_are_forgotten_long_before_there_are_too_many() -> None:
    buckets = Buckets(Rate(50, 500))
    for number in range(20_000):  # a thousand a second, each for a fiftieth of one
        buckets.take(f"n{number}", number / 1_000)
        assert len(buckets) <= 2 * FEW
    assert buckets.take("n19999", 20.0) == 0.0


@pytest.mark.parametrize("rate", [Rate(0.01, 1), Rate(50, 500), Rate(3, 7), Rate(0.1, 3)])
def test_a_full_bucket_holds_its_whole_burst_whatever_the_time(rate: Rate) -> None:
    for now in (0.1, 1_988.123_456_7, 86_400.3, 31_536_000.7):
        taken = [Buckets(rate).take("a", now + number / 7) for number in range(20)]
        assert taken == [0.0] * 20, "the first of a burst"
        buckets = Buckets(rate)
        assert [buckets.take("a", now) for _ in range(int(rate.burst))] == [0.0] * int(rate.burst)
        assert buckets.take("a", now) > 0.0


def test_the_reply_tells_no_more_than_the_contract(server: Running) -> None:
    said: dict[str, Any] = json.loads(ask(server, post(body(VIEW), x_forwarded_for=AMERICAN)).body)
    assert set(said) == {"accepted", "refused"}


# --- the lane of the company's server -------------------------------------------------------------


def by_server(*events: dict[str, Any], secret: str = SECRET, **said: Any) -> bytes:
    """A request of the company's server for Ana."""
    content = json.dumps({"visitor": "ana", "residence": "US", "events": list(events), **said}).encode()
    return post(content, authorization=f"Bearer {secret}")


@pytest.mark.parametrize(
    ("name", "from_page", "from_server"),
    [
        ("page_view", True, False),  # declared `from: tracker`
        ("order", False, True),  # declared `from: server`
        ("sign_up", True, True),
        ("application", False, False),  # a form: neither
    ],
)
def test_an_event_comes_only_by_the_ways_that_the_policy_names(
    server: Running,
    notebook: Notebook,
    taken: Collector,
    name: str,
    *,
    from_page: bool,
    from_server: bool,
) -> None:
    refused = [{"event": 0, "reason": "not from here", "where": "events[0]"}]
    for request, comes in ((post(body({"name": name})), from_page), (by_server({"name": name}), from_server)):
        said = ask(server, request).json()
        assert said == {"accepted": int(comes), "refused": [] if comes else refused}
    ways = [way for way, comes in (("tracker", from_page), ("server", from_server)) if comes]
    assert [event.source for event in notebook.events] == ways
    counts = {reason.code: count for reason, count in server.do(taken.events.of).items() if count}
    assert counts.get("not from here", 0) == 2 - len(ways)


@pytest.mark.parametrize(("said", "meant"), [("UK", "GB"), ("XX", ""), ("Germany", "DE"), ("us", "US")])
def test_a_residence_that_is_no_place_is_refused_and_not_taken_for_elsewhere(
    server: Running, notebook: Notebook, said: str, meant: str
) -> None:
    reply = ask(server, by_server({"name": "order"}, residence=said))
    assert (reply.status, reply.json()["where"]) == (400, "residence")
    assert f"`{meant}`" in reply.json()["error"] or not meant
    assert notebook.events == []


def test_canaries_are_no_part_of_the_company_s_counts(server: Running, taken: Collector) -> None:
    """What `kept prove` sends through the doors must not stand in the report of refusals, nor in the ledger's."""
    canaries = {source: small_door(source=source, workspace=0) for source in ("tracker", "server")}
    server.do(
        lambda: taken.use({KEY: WriteKey(canaries["tracker"], frozenset())}, {SECRET: canaries["server"]})
    )
    for request in (post(body(VIEW, {"name": "order"})), by_server({"name": "order"}, VIEW)):
        said = ask(server, request).json()
        assert (said["accepted"], len(said["refused"])) == (1, 1)
    assert server.do(lambda: taken.events.accepted) == 0
    assert not any(server.do(taken.events.of).values())
    apart = {reason.code: count for reason, count in server.do(taken.of_canaries.of).items() if count}
    assert apart == {"not from here": 2}, "but `kept prove` can look at them"


def test_of_what_the_company_s_server_says_only_items_from_it_are_kept(
    server: Running, notebook: Notebook
) -> None:
    """Country is declared from it as well; the referrer is not."""
    told = {"name": "order", "referrer": "https://search.example.org/", "properties": {"total": 12}}
    assert ask(server, by_server(told)).json() == {"accepted": 1, "refused": []}
    (event,) = notebook.events
    assert (event.source, event.country, event.properties) == ("server", "US", '{"total":"12"}')
    assert (event.referrer, event.device, event.browser, event.address) == (None, None, None, None)


def test_the_company_s_server_has_a_rate_of_its_own(notebook: Notebook) -> None:
    limits = Limits(key=Rate(0.01, 2), address=Rate(0.01, 1))
    with running(collector(notebook, limits=limits)) as server:
        page, order = post(body(VIEW)), by_server({"name": "order"})
        assert [ask(server, order).status for _ in range(3)] == [200, 200, 429]
        assert "retry-after" in ask(server, order).headers
        assert [ask(server, page).status for _ in range(2)] == [200, 429]  # pages had theirs left


def test_a_wrong_secret_key_is_slowed_down_like_any_stranger(notebook: Notebook) -> None:
    limits = Limits(key=Rate(0.01, 9), address=Rate(0.01, 2))
    with running(collector(notebook, limits=limits)) as server:
        wrong = by_server({"name": "order"}, secret="sk_guessed")
        assert [ask(server, wrong).status for _ in range(3)] == [401, 401, 429]
        assert ask(server, by_server({"name": "order"})).status == 200  # the right one is not held up by it


def test_the_company_s_server_cannot_go_on_under_a_deleted_id(server: Running, notebook: Notebook) -> None:
    """An id that we gave, with no answer behind it: its person was deleted."""
    said = ask(server, by_server({"name": "order"}, visitor="kv_gone")).json()
    assert said == {
        "accepted": 0,
        "refused": [{"event": 0, "reason": "deleted", "where": "events[0]"}],
    }
    assert notebook.events == []
