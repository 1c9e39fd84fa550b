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

SENT = '"GET /jobs?x=1 HTTP/1.1"'
PROXIED = f"[14/Nov/2023:20:00:00.000] in web/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0 {SENT}"
SYSLOG = "Nov 14 20:00:00 lb haproxy[14389]: 192.0.2.7:33317"
NO_AGENT: Read = (*PLAIN[:6], None)
HAPROXY = [
    (f"{SYSLOG} {PROXIED}", NO_AGENT),
    (f"<134>1 2023-11-14T20:00:00.8+00:00 - haproxy 26 - - 192.0.2.7:50516 {PROXIED}", NO_AGENT),
    (f"192.0.2.7:33317 {PROXIED}", NO_AGENT),
    (f"2001:db8::7:33317 {PROXIED}", (None, "2001:db8::7", *NO_AGENT[2:])),
    (f"{SYSLOG} {PROXIED.replace(SENT, '{www.example.com|Firefox} {} ' + SENT)}", NO_AGENT),
    (f"{SYSLOG} {PROXIED.replace(' 2750 ', ' +2750 ')}", NO_AGENT),  # logged early (option logasap)
    (f"{SYSLOG} {PROXIED} 0/0/0/0/0 www.example.com/TLSv1.3", NO_AGENT),  # option httpslog
    (f"{SYSLOG} {PROXIED.replace(' /jobs', ' https://www.example.com:443/jobs')}", (SITE[0], *NO_AGENT[1:])),
    (f"{SYSLOG} {PROXIED.replace('/jobs?x=1', '/#22#c3#bc')}", (*PLAIN[:3], '/"ü', 200, None, None)),
    (f"{SYSLOG} {PROXIED.replace(' 200 ', ' -1 ')}", (*PLAIN[:4], 0, None, None)),
    (f"{SYSLOG} {PROXIED.replace(SENT[1:-1], '<BADREQ>')}", (None, "192.0.2.7", "", "", 200, None, None)),
]

HAPROXY_FAULTS = [
    ("Nov 14 20:00:00 lb haproxy[14389]: Server web/srv1 is DOWN.", Fault.OTHER),
    (f"{SYSLOG} [14/Nov/2023:20:00:00.655] in in/<NOSRV>: SSL handshake failure", Fault.OTHER),
    (f"{SYSLOG} {PROXIED.replace('20:00:00.000', '25:00:00.000')}", Fault.TIME),
    (f"{SYSLOG} {PROXIED.replace('20:00:00.000', '20:00:00')}", Fault.TIME),
    (f"{SYSLOG} {PROXIED.replace(' 200 ', ' OK ')}", Fault.STATUS),
    (f"{SYSLOG} {PROXIED[:-12]}", Fault.QUOTES),  # cut where it got too long
    (f" {PROXIED}", Fault.ADDRESS),
]

IIS = (
    "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2023-11-14 20:00:00\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) "
    "cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n"
)
ASKED = "2023-11-14 20:00:00 198.51.100.1 GET /jobs x=1 443 - 192.0.2.7"
SHORT = "#Fields: c-ip date time cs-method cs-uri sc-status"
W3C = [
    (f"{IIS}{ASKED} Firefox - 200 0 0 15", PLAIN),
    (
        f"{IIS}{ASKED.replace('192.0.2.7', '2001:db8::7')} Firefox - 200 0 0 15",
        (None, "2001:db8::7", *PLAIN[2:]),
    ),
    (
        f"{IIS}{ASKED} Mozilla/5.0+(X11;+Linux+x86_64;+rv:132.0)+Gecko/20100101+Firefox/132.0 "
        "https://example.org/ 200 0 0 15",
        (*PLAIN[:5], "https://example.org/", FIREFOX),
    ),
    (f'{IIS}{ASKED} "a - 200 0 0 15', (*PLAIN[:6], '"a')),
    (f"{SHORT}\n192.0.2.7 2023-11-14 20:00:00.000 GET /jobs?x=1 200", NO_AGENT),
    (
        f'{SHORT} cs(User-Agent)\n192.0.2.7 2023-11-14 20:00:00 GET /jobs?x=1 200 "Fire fox"',
        (*PLAIN[:6], "Fire fox"),
    ),
    (
        f"{SHORT} cs-host\n192.0.2.7\t2023-11-14\t20:00:00\tGET\t/jobs?x=1\t200\twww.example.com:80",
        (*SITE[:6], None),
    ),
    (
        f"{SHORT} cs(X-Forwarded-For)\n10.0.0.1 2023-11-14 20:00:00 GET /jobs?x=1 200 192.0.2.7,+10.0.0.2",
        NO_AGENT,
    ),
    (
        f"{IIS}{SHORT}\n192.0.2.7 2023-11-14 20:00:00 GET /jobs?x=1 200",
        NO_AGENT,
    ),  # other fields after a restart
    (f"{SHORT}\n192.0.2.7 2023-11-14 20:00:00 - - 400", (None, "192.0.2.7", "", "", 400, None, None)),
]

W3C_FAULTS = [
    (f"{ASKED} Firefox - 200 0 0 15", Fault.UNNAMED),
    (f"#Date: 2023-11-14 20:00:00\n{ASKED} Firefox - 200 0 0 15", Fault.UNNAMED),
    (f"{IIS}{ASKED} Firefox - 200 0 0", Fault.FIELDS),
    (f"{IIS}{ASKED} Fire fox - 200 0 0 15", Fault.FIELDS),
    (f"{IIS}{ASKED.replace('20:00', '25:00')} Firefox - 200 0 0 15", Fault.TIME),
    ("#Fields: time c-ip cs-method cs-uri sc-status\n20:00:00 192.0.2.7 GET / 200", Fault.TIME),
    (f"{IIS}{ASKED} Firefox - - 0 0 15", Fault.STATUS),
    (f"{IIS}{ASKED.replace('192.0.2.7', '-')} Firefox - 200 0 0 15", Fault.ADDRESS),
]

EDGE = (
    "#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status "
    "cs(Referer) cs(User-Agent) cs-uri-query cs(Cookie) x-host-header x-forwarded-for\n"
)


def edge(
    agent: str = "Firefox", referrer: str = "-", host: str = "www.example.com", status: str = "200"
) -> str:
    own = "d111111abcdef8.cloudfront.net"
    said = ["2023-11-14", "20:00:00", "FRA2", "512", "192.0.2.7", "GET", own, "/jobs", status, referrer]
    return EDGE + "\t".join([*said, agent, "x=1", "-", host, "-"])


CLOUDFRONT = [
    (edge(), SITE),
    (edge(host="-"), ("d111111abcdef8.cloudfront.net", *SITE[1:])),
    (edge("Fire%20fox%20(%22a%22)"), (*SITE[:6], 'Fire fox ("a")')),
    (edge("Fire%2520fox"), (*SITE[:6], "Fire fox")),
    (edge("a+b"), (*SITE[:6], "a+b")),
    (edge(referrer="https://example.org/"), (*SITE[:5], "https://example.org/", "Firefox")),
    (edge(status="000"), (*SITE[:4], 0, None, "Firefox")),  # the browser left
]

CLOUDFRONT_FAULTS = [
    (edge().replace("\t", " "), Fault.FIELDS),
    (edge().rpartition("\n")[2], Fault.UNNAMED),
    (f"{IIS}{ASKED} Firefox - 200 0 0 15", Fault.UNNAMED),
    (edge(status="-"), Fault.STATUS),
]

URL = '"GET http://www.example.com:80/jobs?x=1 HTTP/1.1"'
CLASSIC = (
    f'{AT}.000086Z my-site 192.0.2.7:2817 10.0.0.1:80 0.00007 0.001 0.00005 200 200 0 29 {URL} "Firefox" - -'
)
ELB = [
    (CLASSIC, SITE),
    (CLASSIC.replace("10.0.0.1:80", "-"), SITE),
    (CLASSIC.replace("192.0.2.7:", "2001:db8::7:"), (SITE[0], "2001:db8::7", *SITE[2:])),
    (CLASSIC.replace(" 200 200 ", " 504 0 "), (*SITE[:4], 504, None, "Firefox")),
    (CLASSIC.replace(" 200 200 ", " - - "), (*SITE[:4], 0, None, "Firefox")),
    (CLASSIC.replace('"Firefox"', '"-"'), (*SITE[:6], None)),
    (CLASSIC.replace("/jobs?x=1", ""), (*SITE[:3], "/", 200, None, "Firefox")),
    (CLASSIC.replace("/jobs?x=1", "?x=1"), (*SITE[:3], "/?x=1", 200, None, "Firefox")),
    (
        CLASSIC.replace(URL, '"- http://www.example.com:80- -"'),
        (None, "192.0.2.7", "", "", 200, None, "Firefox"),
    ),
]

APPLICATION = (
    f"https {AT}.000641Z app/my-site/50dc6c495c0c9188 192.0.2.7:2817 10.0.0.1:80 0.0 0.1 0.0 200 200 34 366 {URL} "
    '"Firefox" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 arn:aws:x "Root=1-58337262-36d228ad" "www.example.com" "-" 0 '
    f'{AT}.000000Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-"'
)
ALB = [
    (APPLICATION, SITE),
    (f"h2 {APPLICATION.partition(' ')[2]}", SITE),
    (APPLICATION.replace('"Firefox"', r'"a \x22b\x22"'), (*SITE[:6], 'a "b"')),
    (APPLICATION.replace("//www.example.com:80", "//[2001:db8::1]:443"), ("2001:db8::1", *SITE[1:])),
]

BALANCER_FAULTS = [
    ("elb", "cut off", Fault.QUOTES),
    ("elb", CLASSIC.replace('"Firefox"', '"Fire"fox"'), Fault.QUOTES),
    ("elb", APPLICATION, Fault.FIELDS),
    ("elb", CLASSIC.replace(AT, "yesterday"), Fault.TIME),
    ("elb", CLASSIC.replace(" 200 200 ", " OK 200 "), Fault.STATUS),
    ("elb", CLASSIC.replace("192.0.2.7:2817", "-"), Fault.ADDRESS),
    ("alb", CLASSIC, Fault.FIELDS),
]

BUCKET = (
    f'79a59df9 example-site [{CLF}] 192.0.2.7 - 3E57427F3 WEBSITE.GET.OBJECT jobs {SENT} 200 - 113 113 7 6 "-" '
    '"Firefox" - s9lz= - ECDHE - www.example.com TLSV1.2 - -'
)
AT_AMAZON = BUCKET.replace("www.example.com", "s3.eu-central-1.amazonaws.com").replace("WEBSITE", "REST")
S3 = [
    (BUCKET, SITE),
    (BUCKET.rpartition(" s9lz=")[0], PLAIN),  # of a time when fewer fields were written
    (AT_AMAZON.replace("GET /jobs", "GET /example-site/jobs"), PLAIN),
    (AT_AMAZON.replace("s3.eu", "example-site.s3.eu"), PLAIN),
    (
        BUCKET.replace("WEBSITE.GET.OBJECT", "REST.GET.VERSIONING"),
        (*SITE[:2], "REST.GET.VERSIONING", *SITE[3:]),
    ),
    (BUCKET.replace("GET", "HEAD"), (*SITE[:2], "HEAD", *SITE[3:])),
    (BUCKET.replace('"-"', '"https://example.org/"'), (*SITE[:5], "https://example.org/", "Firefox")),
    (BUCKET.replace(" 200 - ", " - - "), (*SITE[:4], 0, None, "Firefox")),
]

S3_FAULTS = [
    (BUCKET[:-60], Fault.QUOTES),
    (BUCKET.replace("14/Nov", "41/Nov"), Fault.TIME),
    (BUCKET.replace(" jobs ", " "), Fault.FIELDS),
    (BUCKET.replace("192.0.2.7", "-"), Fault.OTHER),  # S3 itself, at the end of a lifetime
    (BUCKET.replace(" 200 ", " OK "), Fault.STATUS),
]

READ: Sequence[tuple[str, str, Read]] = [
    *(("json", text, read) for text, read in JSON),
    *(("caddy", text, read) for text, read in CADDY),
    *(("traefik", text, read) for text, read in TRAEFIK),
    *(("traefik-json", text, read) for text, read in TRAEFIK_JSON),
    *(("haproxy", text, read) for text, read in HAPROXY),
    *(("w3c", text, read) for text, read in W3C),
    *(("cloudfront", text, read) for text, read in CLOUDFRONT),
    *(("elb", text, read) for text, read in ELB),
    *(("alb", text, read) for text, read in ALB),
    *(("s3", text, read) for text, read in S3),
]

FAULTS = [
    *(("json", text, fault) for text, fault in JSON_FAULTS),
    *(("caddy", text, fault) for text, fault in CADDY_FAULTS),
    *(("traefik-json", text, fault) for text, fault in TRAEFIK_FAULTS),
    *(("haproxy", text, fault) for text, fault in HAPROXY_FAULTS),
    *(("w3c", text, fault) for text, fault in W3C_FAULTS),
    *(("cloudfront", text, fault) for text, fault in CLOUDFRONT_FAULTS),
    *BALANCER_FAULTS,
    *(("s3", text, fault) for text, fault in S3_FAULTS),
]


def last(form: str, text: str) -> LogLine | Malformed | None:
    """The last of these lines; the ones before it name its fields, or are of the log itself."""
    reader = FORMS[form].reader()
    *before, line = text.encode().split(b"\n")
    assert [reader.read(1, each) for each in before] == [None] * len(before)
    return reader.read(7, line)


@pytest.mark.parametrize(("form", "text", "expected"), READ)
def test_a_line_is_read(form: str, text: str, expected: Read) -> None:
    line = last(form, text)
    assert isinstance(line, LogLine)
    read = (line.host, line.address, line.method, line.target, line.status, line.referrer, line.agent)
    assert read == expected
    assert datetime.fromtimestamp(line.ts // 1000, UTC).isoformat() == f"{AT}+00:00"


@pytest.mark.parametrize(("form", "text"), [each[:2] for each in READ])
def test_a_line_is_of_one_form(form: str, text: str) -> None:
    assert [vote.form.name for vote in votes(text.encode().split(b"\n"))] == [form]


@pytest.mark.parametrize(("form", "text", "fault"), FAULTS)
def test_a_line_that_cannot_be_read_says_why(form: str, text: str, fault: Fault) -> None:
    assert last(form, text) == Malformed(7, fault)


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
