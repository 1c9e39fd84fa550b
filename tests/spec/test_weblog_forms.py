"""The forms of logs beside Apache's and nginx's own: per form a table of lines and of what is read in them."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import pytest

from kept.gather.weblog.forms import FORMS, votes
from kept.gather.weblog.line import Fault, LogLine, Malformed

AT = "2023-11-14T20:00:00"
CLF = "14/Nov/2023:20:00:00 +0000"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0"
Read = tuple[str | None, str, str, str, int, str | None, str | None]
"""Site, client, method, target, status, referrer, agent."""
PLAIN: Read = (None, "192.0.2.7", "GET", "/jobs?x=1", 200, None, "Firefox")
SITE: Read = ("www.example.com", *PLAIN[1:])


def nginx(**said: object) -> str:
    usual = {
        "time_iso8601": f"{AT}+00:00",
        "remote_addr": "192.0.2.7",
        "request": "GET /jobs?x=1 HTTP/1.1",
        "status": "200",
        "http_referer": "-",
        "http_user_agent": "Firefox",
    }
    return json.dumps({name: value for name, value in (usual | said).items() if value is not None})


def apache(**said: object) -> str:
    usual = {
        "time": f"{AT}+0000",
        "remoteIP": "192.0.2.7",
        "host": "www.example.com",
        "request": "/jobs",
        "query": "?x=1",
        "method": "GET",
        "status": "200",
        "userAgent": "Firefox",
        "referer": "-",
    }
    return json.dumps(usual | said)


JSON = [
    (nginx(), PLAIN),
    (nginx(time_iso8601=None, time_local=CLF), PLAIN),
    (nginx(time_iso8601=None, msec="1699992000.000"), PLAIN),
    (nginx(time_iso8601=None, msec=1699992000), PLAIN),
    (nginx(time_iso8601=None, timestamp=1699992000000), PLAIN),
    (nginx(**{"time_iso8601": None, "@timestamp": f"{AT}.000Z"}), PLAIN),
    (nginx(status=200), PLAIN),
    (nginx(request=None, request_method="GET", request_uri="/jobs?x=1"), PLAIN),
    (nginx(request=None, request_method="GET", uri="/jobs", args="x=1"), PLAIN),
    (nginx(http_host="www.example.com:443"), SITE),
    (nginx(remote_addr="2001:db8::7"), (None, "2001:db8::7", *PLAIN[2:])),
    (nginx(remote_addr="10.0.0.1", http_x_forwarded_for="192.0.2.7, 10.0.0.9"), PLAIN),
    (nginx(remote_addr="198.51.100.7", http_x_forwarded_for="192.0.2.7"), (None, "198.51.100.7", *PLAIN[2:])),
    (nginx(request="", status="400"), (None, "192.0.2.7", "", "", 400, None, "Firefox")),
    (nginx(request="\x16\x03"), (None, "192.0.2.7", "", "", 200, None, "Firefox")),
    (nginx(http_referer='https://example.org/"q"'), (*PLAIN[:5], 'https://example.org/"q"', "Firefox")),
    (nginx(http_user_agent=""), (*PLAIN[:6], None)),
    (nginx(http_user_agent="AGENT").replace("AGENT", r"\xc3\xbc \x22 \\x22"), (*PLAIN[:6], 'ü " \\x22')),
    (nginx(http_user_agent="Ünder", pad="ü"), (*PLAIN[:6], "Ünder")),
    (apache(), SITE),
    (apache(request="GET /jobs?x=1 HTTP/1.1"), SITE),
]

JSON_FAULTS = [
    ("no JSON", Fault.JSON),
    ("[1, 2]", Fault.JSON),
    ('{"cut": "off', Fault.JSON),
    ("[" * 100_000, Fault.JSON),
    (nginx(request=None), Fault.FIELDS),
    (nginx(time_iso8601=None), Fault.TIME),
    (nginx(time_iso8601="yesterday"), Fault.TIME),
    (nginx(time_iso8601=-1), Fault.TIME),
    (nginx(time_iso8601=10**40), Fault.TIME),
    (nginx(time_iso8601=[1]), Fault.TIME),
    (nginx(status="OK"), Fault.STATUS),
    (nginx(status=True), Fault.STATUS),
    (nginx(status=None), Fault.STATUS),
    (nginx(remote_addr=None), Fault.ADDRESS),
]


def caddy(request: Mapping[str, object] | None = None, **said: object) -> str:
    inner = {
        "client_ip": "192.0.2.7",
        "remote_ip": "192.0.2.7",
        "method": "GET",
        "host": "www.example.com",
        "uri": "/jobs?x=1",
        "headers": {"User-Agent": ["Firefox"], "Accept": ["*/*"]},
    } | dict(request or {})
    usual = {"level": "info", "ts": 1699992000.0, "logger": "http.log.access.log0", "status": 200}
    entry = {"request": {name: value for name, value in inner.items() if value is not None}, **(usual | said)}
    return json.dumps(entry)


OLD_CADDY = {"client_ip": None, "remote_ip": None}
BEHIND = {"User-Agent": ["Firefox"], "X-Forwarded-For": ["192.0.2.7, 10.1.1.1"]}
CADDY = [
    (caddy(), SITE),
    (caddy(ts=f"{AT}.000Z"), SITE),
    (caddy(ts="2023-11-14T21:00:00+01:00"), SITE),
    (caddy({"host": "WWW.example.com:8443"}), SITE),
    (caddy({"remote_ip": "10.0.0.1"}), SITE),
    (caddy(OLD_CADDY | {"remote_addr": "192.0.2.7:51234"}), SITE),
    (caddy(OLD_CADDY | {"remote_addr": "[2001:db8::7]:51234"}), (SITE[0], "2001:db8::7", *SITE[2:])),
    (caddy({"client_ip": None, "remote_ip": "10.0.0.1", "headers": BEHIND}), SITE),
    (caddy({"headers": {"Accept": ["*/*"]}}), (*SITE[:6], None)),
    (
        caddy({"headers": {"Referer": ["https://example.org/"], "User-Agent": ['a "b"']}}),
        (*SITE[:5], "https://example.org/", 'a "b"'),
    ),
]

CADDY_FAULTS = [
    ("cut off", Fault.JSON),
    ('{"level":"info","ts":1699992000.1,"msg":"serving initial configuration"}', Fault.OTHER),
    (caddy(logger="http.log.error"), Fault.OTHER),  # of a request that the access log tells of as well
    (caddy(ts="today"), Fault.TIME),
    (caddy(status=0), Fault.STATUS),
    (caddy(OLD_CADDY), Fault.ADDRESS),
]

HEAD = f'192.0.2.7 - - [{CLF}] "GET /jobs?x=1 HTTP/1.1" 200 512'
TRAEFIK = [
    (f'{HEAD} "-" "Firefox" 17 "web@docker" "http://10.0.0.5:80" 12ms', PLAIN),
    (f'{HEAD} "-" "Firefox" 17 "-" "-" 0ms', PLAIN),
    (f'{HEAD.replace("192.0.2.7", "192.0.2.7, 10.0.0.1")} "-" "Firefox" 17 "web" "http://a" 3ms', PLAIN),
]


def traefik(**said: object) -> str:
    usual = {
        "StartUTC": f"{AT}.000000789Z",
        "ClientAddr": "192.0.2.7:51234",
        "ClientHost": "192.0.2.7",
        "RequestHost": "www.example.com",
        "RequestMethod": "GET",
        "RequestPath": "/jobs?x=1",
        "DownstreamStatus": 200,
        "request_User-Agent": "Firefox",
        "level": "info",
        "time": f"{AT}Z",
    }
    return json.dumps({name: value for name, value in (usual | said).items() if value is not None})


TRAEFIK_JSON = [
    (traefik(), SITE),
    (traefik(StartUTC=None), SITE),
    (traefik(StartUTC=None, StartLocal="2023-11-14T21:00:00.0+01:00"), SITE),
    (traefik(ClientHost="192.0.2.7, 10.0.0.1"), SITE),
    (traefik(ClientHost=None), SITE),
    (traefik(request_Referer="https://example.org/"), (*SITE[:5], "https://example.org/", "Firefox")),
]

TRAEFIK_FAULTS = [
    ("{", Fault.JSON),
    ('{"level":"info","msg":"Starting provider","time":"2023-11-14T20:00:00Z"}', Fault.OTHER),
    (traefik(StartUTC="today"), Fault.TIME),
    (traefik(DownstreamStatus=None), Fault.STATUS),
    (traefik(ClientHost="", ClientAddr=""), Fault.ADDRESS),
]

READ: Sequence[tuple[str, str, Read]] = [
    *(("json", text, read) for text, read in JSON),
    *(("caddy", text, read) for text, read in CADDY),
    *(("traefik", text, read) for text, read in TRAEFIK),
    *(("traefik-json", text, read) for text, read in TRAEFIK_JSON),
]

FAULTS = [
    *(("json", text, fault) for text, fault in JSON_FAULTS),
    *(("caddy", text, fault) for text, fault in CADDY_FAULTS),
    *(("traefik-json", text, fault) for text, fault in TRAEFIK_FAULTS),
]


@pytest.mark.parametrize(("form", "text", "expected"), READ)
def test_a_line_is_read(form: str, text: str, expected: Read) -> None:
    line = FORMS[form].reader().read(1, text.encode())
    assert isinstance(line, LogLine)
    read = (line.host, line.address, line.method, line.target, line.status, line.referrer, line.agent)
    assert read == expected
    assert datetime.fromtimestamp(line.ts / 1000, UTC).isoformat() == f"{AT}+00:00"


@pytest.mark.parametrize(("form", "text"), [each[:2] for each in READ])
def test_a_line_is_of_one_form(form: str, text: str) -> None:
    assert [vote.form.name for vote in votes([text.encode()])] == [form]


@pytest.mark.parametrize(("form", "text", "fault"), FAULTS)
def test_a_line_that_cannot_be_read_says_why(form: str, text: str, fault: Fault) -> None:
    assert FORMS[form].reader().read(7, text.encode()) == Malformed(7, fault)


def test_json_in_latin_1_is_read() -> None:
    line = (
        FORMS["json"]
        .reader()
        .read(1, nginx(http_user_agent="AGENT").replace("AGENT", "Ünder").encode("latin-1"))
    )
    assert isinstance(line, LogLine)
    assert line.agent == "Ünder"


@pytest.mark.parametrize(
    ("form", "text", "named"),
    [
        ("json", nginx(), True),
        ("json", nginx(http_user_agent=""), True),
        ("json", nginx(http_user_agent=None), False),
        ("caddy", caddy(), True),
        ("caddy", caddy({"headers": None}), False),
        ("traefik-json", traefik(), True),
        ("traefik-json", traefik(**{"request_User-Agent": None, "request_Accept": "*/*"}), True),
        ("traefik-json", traefik(**{"request_User-Agent": None}), False),
    ],
)
def test_whether_a_form_names_browsers_is_told(form: str, text: str, named: bool) -> None:
    line = FORMS[form].reader().read(1, text.encode())
    assert isinstance(line, LogLine)
    assert line.names_agents is named
