"""The page on running Kept: what it shows to copy works as it says."""

import json
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from kept.app.committing import carry_on_once
from kept.app.house import House
from kept.app.opening import PUBLIC, open_journal, open_lake, open_people
from kept.app.people import People
from kept.base.errors import Damaged
from kept.base.settings import Settings
from kept.gate import Permit
from kept.gather.arrival import ServerBatch, decoder_of
from kept.storage.committer import Committer
from kept.storage.event import StoredEvent
from kept.storage.query import Rows
from kept.use import Reader
from kept.web.profiles import SentProfile
from tests.documents import ROOT, fences, text_of
from tests.living import free_port

PAGE = ROOT / "docs" / "running.md"


# ---- one path of your own site


class _Echo(BaseHTTPRequestHandler):
    """Stands where Kept does, and says what arrived."""

    def do_GET(self) -> None:
        said = json.dumps(
            {"path": self.path, **{name.lower(): value for name, value in self.headers.items()}}
        )
        self.send_response(200)
        self.end_headers()
        self.wfile.write(said.encode())

    def log_message(self, *_: object) -> None: ...


@contextmanager
def _nginx(folder: Path, snippet: str) -> Iterator[int]:
    """nginx with the page's snippet in it, for as long as the test runs; its port."""
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log {folder}/access.log;\n"
        f"client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"server {{ listen 127.0.0.1:{port};\n{snippet}\nlocation / {{ return 204; }} }} }}\n"
    )
    child = subprocess.Popen([shutil.which("nginx") or "", "-p", str(folder), "-c", str(config)])
    try:
        yield port
    finally:
        child.terminate()
        child.wait()


def _ask(port: int, path: str, **headers: str) -> bytes:
    for _ in range(100):
        with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            try:
                connection.request("GET", path, headers={"Host": "www.example.com", **headers})
                return connection.getresponse().read()
            except ConnectionRefusedError:
                time.sleep(0.05)
    raise AssertionError("nginx did not start")


def test_nginx_forwards_as_the_page_says(tmp_path: Path) -> None:
    if shutil.which("nginx") is None:
        pytest.skip("nginx is not installed")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Echo) as kept:
        Thread(target=kept.serve_forever, daemon=True).start()
        snippet = fences(PAGE, "nginx")[0].replace("127.0.0.1:8600", f"127.0.0.1:{kept.server_address[1]}")
        with _nginx(tmp_path, snippet) as port:
            arrived = json.loads(
                _ask(port, "/kept/v1/choices?key=wk_x", **{"X-Forwarded-For": "203.0.113.9"})
            )
            _ask(port, "/elsewhere")
        kept.shutdown()
    assert arrived["path"] == "/v1/choices?key=wk_x"
    assert arrived["host"] == "www.example.com"
    assert arrived["x-forwarded-for"].split(", ")[-1] == "127.0.0.1"
    assert arrived["x-forwarded-proto"] == "http"
    logged = (tmp_path / "access.log").read_text()
    assert "/elsewhere" in logged
    assert "/kept/" not in logged


def test_the_ports_it_shows_are_those_of_the_settings() -> None:
    shown = set(re.findall(r"127\.0\.0\.1:(\d+)", text_of(PAGE)))
    assert shown == {str(Settings().public_port), str(Settings().console_port)}


# ---- the company's own server


def test_the_request_of_a_server_can_be_read() -> None:
    (block,) = [block for block in fences(PAGE, "sh") if "/v1/events" in block]
    words = shlex.split(block)
    batch = decoder_of(ServerBatch).decode(words[words.index("-d") + 1])
    assert batch.history
    assert batch.residence == "DE"
    assert [event.name for event in batch.events] == ["page_view"]


def test_the_request_that_tells_of_an_account_can_be_read() -> None:
    (block,) = [block for block in fences(PAGE, "sh") if "/v1/people/" in block]
    words = shlex.split(block)
    profile = decoder_of(SentProfile).decode(words[words.index("-d") + 1])
    assert set(profile.values) == {"full_name", "email"}
    assert (profile.source, profile.residence) == ("form", "DE")


# ---- backups


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path / "data", master_key=tmp_path / "master.key", policy=tmp_path / "policy.yaml"
    )


@contextmanager
def _installation(settings: Settings) -> Iterator[tuple[House, People]]:
    house = House.open(settings)
    try:
        house.policies.put_in_force(text_of(ROOT / "policies" / "workhirespot.yaml"), "policy")
        yield house, open_people(house)
    finally:
        house.close()


ANA, BO = "ana-at-her-browser-0001", "bo-at-his-browser-00001"


def _visit(house: House, people: People, visitor: str, event_id: int) -> bytes:
    """A yes to `improve`, and one page view under it, as a frame of the journal."""
    bit = house.policies.now().policy.purposes["improve"].mask
    cv = people.answer(visitor, yes=bit, no=0, how="page", words="May we?")
    now = house.clock.now_ms()
    nothing = (None, None, "tracker", None, None, "DE", None, None, None, False)
    subject = house.identities.visitor(visitor)
    return msgspec.json.encode(StoredEvent(1, subject, now, event_id, "page_view", "/", *nothing, 1, bit, cv))


def _seen(house: House) -> object:
    """How many page views `improve` sees."""
    permit = house.gate.use("improve")
    assert isinstance(permit, Permit)
    with Reader(permit, open_lake(house), house.records, 1) as reader:
        answer = reader.ask("select count(*) from page_view")
    assert isinstance(answer, Rows), answer
    return answer.rows[0][0]


def test_older_events_under_the_newest_records_bring_nobody_back(settings: Settings, tmp_path: Path) -> None:
    with _installation(settings) as (house, people):
        journal = open_journal(house, PUBLIC)
        journal.append_now([_visit(house, people, ANA, 1), _visit(house, people, BO, 2)])
        journal.close()
        with Committer(settings.data, house.records) as committer:
            committer.flush_all()
        assert _seen(house) == 2
        for part in ("lake", "journal"):
            shutil.copytree(settings.data / part, tmp_path / "copy" / part)
        assert isinstance(people.erase(people.plan(house.identities.person_of_visitor(ANA))), int)
        carry_on_once(settings)
        for part in ("lake", "journal"):
            shutil.rmtree(settings.data / part)
            shutil.copytree(tmp_path / "copy" / part, settings.data / part)
        assert _seen(house) == 1
        assert people.found(house.identities.person_of_visitor(ANA))["your visits"] == []


def test_records_without_their_keys_are_not_given_new_ones(settings: Settings) -> None:
    with _installation(settings):
        pass
    for file in settings.data.glob("keys.db*"):
        file.unlink()
    with pytest.raises(Damaged, match="their keys are not"):
        House.open(settings)


def test_an_installation_without_its_master_key_does_not_open(settings: Settings) -> None:
    with _installation(settings):
        pass
    settings.master_key.unlink()
    with pytest.raises(Damaged, match="master key is missing"):
        House.open(settings)
