"""A living installation, and a stranger at its doors. Nothing here may get in, get out, or stay when it should go."""

import json
import os
import socket
import stat
import threading
import time
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jwt
import pytest

from tests.living import AMERICAN, Browser, Living, living, wait_until

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO_ONE = "kv_" + "n" * 43


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    folder = tmp_path_factory.mktemp("living")
    (folder / "data").mkdir(mode=0o755)
    with living(folder) as found:
        yield found


@pytest.fixture(scope="module")
def secret(house: Living) -> str:
    return house.secret_key


def ask(
    house: Living,
    method: str,
    path: str,
    body: str | None = None,
    port: int = 0,
    more: Mapping[str, str] = {},
    **headers: str,
) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port or house.public_port, timeout=20)
    try:
        connection.request(method, path, body, {**more, **headers})
        reply = connection.getresponse()
        return reply.status, {name.lower(): text for name, text in reply.getheaders()}, reply.read()
    finally:
        connection.close()


def signed(secret: str, account: str, **claims: Any) -> str:
    return jwt.encode({"sub": account, "exp": int(time.time()) + 300, **claims}, secret, "HS256")


def rows(house: Living, purpose: str, sql: str) -> list[dict[str, Any]]:
    return [
        json.loads(line) for line in house.run("query", "--for", purpose, "--json", sql).splitlines() if line
    ]


def test_forged_cookies_open_nothing_in_europe_and_a_no_counts_everywhere(house: Living) -> None:
    forged = house.browser()
    forged.cookies = {"kept_visit": NO_ONE, "kept_choice": "1.1790000000.7fffffffffffffff.0"}
    assert forged.send({"name": "page_view", "page": "/forged"})["accepted"] == 0
    said_no = house.browser(AMERICAN)
    said_no.cookies = {"kept_choice": "1.1790000000.0.7fffffffffffffff"}
    assert said_no.send({"name": "page_view", "page": "/said-no"})["accepted"] == 0
    said_no.cookies["kept_visit"] = "an-id-of-a-client-0001"
    assert said_no.send({"name": "page_view", "page": "/said-no"})["accepted"] == 0


def test_a_no_wins_over_events_on_their_way(house: Living) -> None:
    """Events are sent all the time while answers change; the last answer is no, and nothing before it shows."""
    bo = house.browser()
    bo.answer(by_choice=True)
    visit, stop = dict(bo.cookies), threading.Event()

    def send() -> None:
        tab = Browser(house, cookies=dict(visit))
        while not stop.is_set():
            tab.send({"name": "page_view", "page": "/on-its-way"})
            time.sleep(0.02)

    tabs = [threading.Thread(target=send) for _ in range(3)]
    for tab in tabs:
        tab.start()
    for turn in range(9):
        bo.cookies = dict(visit)
        bo.answer(by_choice=bool(turn % 2))
        time.sleep(0.03)
    after = Browser(house, cookies=dict(visit)).send({"name": "page_view", "page": "/on-its-way"})
    stop.set()
    for tab in tabs:
        tab.join()
    assert after["accepted"] == 0
    for purpose in ("improve", "personalise", "research"):
        assert rows(house, purpose, "select page from events where page = '/on-its-way'") == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_site_changes_nothing(house: Living, secret: str, headers: dict[str, str]) -> None:
    token = urlencode({"token": signed(secret, "ana"), "plan": "x"})
    for path, body in (("/choices", "everything=yes"), ("/data/erase", token)):
        assert ask(house, "POST", path, body, more={**FORM, **headers})[0] == 403
    said = json.dumps({"key": house.write_key, "answers": {"by_choice": True}})
    assert ask(house, "POST", "/v1/choices", said, more=headers)[0] == 403
    for path in ("/sign-in", "/sign-out"):
        assert ask(house, "POST", path, "token=x", house.console_port, more={**FORM, **headers})[0] == 403


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "/\r\nSet-Cookie: a=b",
        "/\tevil",
        "javascript:1",
    ],
)
def test_nobody_is_sent_to_another_site(house: Living, back: str) -> None:
    status, headers, _ = ask(
        house, "POST", "/choices", urlencode({"everything": "no", "back": back}), more=FORM
    )
    assert (status, headers["location"]) == (303, "choices?saved=yes")
    assert "a=b" not in headers["set-cookie"]


def test_only_a_fresh_token_under_the_secret_key_opens_data_and_its_page_keeps_it_quiet(
    house: Living, secret: str
) -> None:
    for token in (
        jwt.encode({"sub": "ana", "exp": int(time.time()) + 300}, "", "none"),
        signed(house.write_key + "0" * 20, "ana"),
        signed(secret, "ana", exp=int(time.time()) + 7_200),
        signed(secret, "ana", exp=int(time.time()) - 60),
        signed(secret, "ana")[:-4] + "AAAA",
    ):
        assert ask(house, "GET", f"/data?token={token}")[0] == 403
    status, headers, page = ask(house, "GET", f"/data?token={signed(secret, 'ana')}")
    assert (status, headers["cache-control"], headers["referrer-policy"]) == (
        200,
        "no-store",
        "strict-origin",
    )
    assert b"http://" not in page
    assert b"https://" not in page


@pytest.mark.parametrize(
    "path",
    ["/static/../x", "/static/%2e%2e/%2e%2e/x", "//privacy", "/privacy;x", "/data/receipt/" + "9" * 4_000],
)
def test_odd_paths_are_no_page(house: Living, path: str) -> None:
    with socket.create_connection(("127.0.0.1", house.public_port)) as line:
        line.sendall(f'GET {path} HTTP/1.1\r\nHost: evil"><x\r\nConnection: close\r\n\r\n'.encode())
        said = b"".join(iter(lambda: line.recv(65_536), b""))
    assert said.startswith(b"HTTP/1.1 404"), said[:80]
    assert b"evil" not in said


def test_the_second_browser_of_a_deleted_account_gathers_nothing_more(house: Living, secret: str) -> None:
    first, second = house.browser(AMERICAN), house.browser(AMERICAN)
    for one in (first, second):
        one.answer(by_choice=True)
        one.send({"name": "page_view", "page": "/before"})
        said = json.dumps({"visitor": one.visitor, "account": "cy"})
        assert ask(house, "POST", "/v1/join", said, Authorization=f"Bearer {secret}")[0] == 200
    house.run("person", "erase", "--account", "cy", "--apply")
    assert second.send({"name": "page_view", "page": "/after"})["accepted"] == 0
    assert rows(house, "improve", "select page from events where page in ('/before', '/after')") == []
    house.run("person", "show", "--account", "cy", code=2)
    said = json.dumps({"visitor": second.visitor, "account": "cy"})
    assert ask(house, "POST", "/v1/join", said, Authorization=f"Bearer {secret}")[0] == 200, (
        "they may come back"
    )
    assert "nothing" in house.run("person", "show", "--account", "cy")


def test_nothing_is_readable_by_others_and_no_secret_stands_where_ps_shows_it(
    house: Living, secret: str
) -> None:
    wait_until(lambda: any((house.data / "lake").glob("*.parquet")), "something is in the lake")
    open_to_others = [path for path in house.data.rglob("*") if stat.S_IMODE(os.lstat(path).st_mode) & 0o077]
    assert open_to_others == []
    shown = [secret, house.owner_token, (house.folder / "master.key").read_text().split()[-1]]
    for process in house.children().values():
        told = Path(f"/proc/{process}/cmdline").read_bytes() + Path(f"/proc/{process}/environ").read_bytes()
        assert not any(text.encode() in told for text in shown)


def test_what_strangers_sent_took_hold_of_no_log(house: Living) -> None:
    assert "Traceback" not in house.out
    assert "evil" not in house.out
    assert "\x1b" not in house.out
