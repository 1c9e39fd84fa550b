"""How a server log is read, and which of its lines are page views (G3). The tables are the reference."""

from datetime import UTC, datetime

import pytest

from kept.gather.weblog import FORMS, Fault, LogLine, Malformed, NotKept
from kept.gather.weblog.asked import judge_answer, judge_target
from kept.gather.weblog.forms import votes
from kept.gather.weblog.moment import Moments
from kept.gather.weblog.shift import WEEK_MS, weeks_to

TIME = "[14/Nov/2023:20:00:00 +0000]"
GET = '"GET /jobs?x=1 HTTP/1.1" 200 512'
SAID = '"https://example.org/" "Firefox"'

SHAPES = [
    (f"192.0.2.7 - - {TIME} {GET} {SAID}", "combined"),
    (f"2001:db8::7 - ana {TIME} {GET} {SAID}", "combined"),
    (f"client.example.org - - {TIME} {GET} {SAID}", "combined"),
    (f'192.0.2.7 - - {TIME} {GET} {SAID} "198.51.100.7"', "combined"),  # nginx's packaged "main"
    (f"www.example.com:443 192.0.2.7 - - {TIME} {GET} {SAID}", "vhost-combined"),
    (f"www.example.com 2001:db8::7 - - {TIME} {GET} {SAID}", "vhost-combined"),
    (f"192.0.2.7 - - {TIME} {GET}", "common"),
    (f"www.example.com:80 192.0.2.7 - - {TIME} {GET}", "vhost-common"),
    (f"[2001:db8::1]:443 192.0.2.7 - - {TIME} {GET} {SAID}", "vhost-combined"),
    (f"192.0.2.7, 198.51.100.7 - - {TIME} {GET} {SAID}", "combined"),  # X-Forwarded-For in place of the host
    ("2023-11-14 20:00:00 GET /jobs 192.0.2.7", None),  # W3C extended without its #Fields
    ('{"remote_addr": "192.0.2.7"}', None),  # JSON without a time
    ("", None),
    ("\x89PNG\r\n", None),
]

TIMES = [
    ("14/Nov/2023:20:00:00 +0000", "2023-11-14T20:00:00+00:00"),
    ("14/Nov/2023:20:00:00 -0500", "2023-11-15T01:00:00+00:00"),
    ("14/Nov/2023:20:00:00 +0545", "2023-11-14T14:15:00+00:00"),
    ("29/Feb/2024:23:59:59 +0000", "2024-02-29T23:59:59+00:00"),
    ("31/Dec/2016:23:59:60 +0000", "2016-12-31T23:59:59+00:00"),  # a leap second
    ("31/Dec/1969:23:59:59 +0000", "1969-12-31T23:59:59+00:00"),
    ("29/Feb/2023:00:00:00 +0000", None),
    ("14/Nov/2023:24:00:00 +0000", None),
    ("14/Nov/2023:20:00:61 +0000", None),
    ("14/Nov/2023:20:00:00 +0060", None),
    ("14/Nov/2023:20:00:00", None),
    ("14/nov/2023:20:00:00 +0000", None),
    ("14/Nov/2023:20:00:0x +0000", None),
    ("14/Nov/2023:20:00:٠٠ +0000", None),
    ("2023-11-14T20:00:00+00:00", None),
    ("", None),
]

LINES = [
    # request, status and what follows -> method, target, referrer, agent
    ('"GET /a HTTP/1.1" 200 1 "-" "-"', ("GET", "/a", None, None)),
    ('"GET /a HTTP/1.1" 304 - "" ""', ("GET", "/a", None, None)),
    ('"GET /a b c HTTP/1.1" 200 1 "-" "-"', ("GET", "/a b c", None, None)),
    ('"GET /a" 200 1 "-" "-"', ("GET", "/a", None, None)),  # HTTP 0.9
    ('"-" 408 0 "-" "-"', ("", "", None, None)),
    ('"" 400 0 "-" "-"', ("", "", None, None)),
    (r'"\x16\x03\x01" 400 226 "-" "-"', ("", "", None, None)),  # TLS to a port that speaks none
    (
        r'"GET /a HTTP/1.1" 200 1 "http://x.example/\"q\"" "a \"b\" c"',
        ("GET", "/a", 'http://x.example/"q"', 'a "b" c'),
    ),
    (r'"GET /a HTTP/1.1" 200 1 "-" "\xc3\xbc \\ \t \x22"', ("GET", "/a", None, 'ü \\ \t "')),
    ('"GET /ü HTTP/1.1" 200 1 "-" "-"', ("GET", "/ü", None, None)),
]

FAULTS = [
    (f"192.0.2.7 - - {TIME} {GET}", Fault.QUOTES),  # common among combined
    (f'192.0.2.7 - - {TIME} {GET} "-" "cut off', Fault.QUOTES),
    (f'192.0.2.7 - - {TIME} {GET} "http://x.example/"an unprotected" mark" "-"', Fault.QUOTES),
    (rf'192.0.2.7 - - {TIME} {GET} "-" "cut \"off', Fault.QUOTES),
    (rf'192.0.2.7 - - {TIME} {GET} "-" "a \"b\"" "192.0', Fault.QUOTES),
    (f'192.0.2.7 - - [14/Nov/2023] {GET} "-" "-"', Fault.TIME),
    (f'192.0.2.7 - - {GET} "-" "-"', Fault.TIME),
    (f'192.0.2.7 - - {TIME} "GET /a HTTP/1.1" OK 512 "-" "-"', Fault.STATUS),
    (f'192.0.2.7 - - {TIME} "GET /a HTTP/1.1" 200 many "-" "-"', Fault.STATUS),
    (f' - - {TIME} {GET} "-" "-"', Fault.ADDRESS),
]

WHO = [
    # host, what follows the user agent -> site, client
    ("192.0.2.7", "", None, "192.0.2.7"),
    ("2001:db8::7", "", None, "2001:db8::7"),
    ("192.0.2.7, 198.51.100.7", "", None, "192.0.2.7"),
    ("192.0.2.7", '"198.51.100.7"', None, "192.0.2.7"),  # from elsewhere, the header is anyone's word
    ("10.0.0.1", '"198.51.100.7"', None, "198.51.100.7"),  # a proxy of one's own
    ("10.0.0.1", '"198.51.100.7, 192.0.2.9"', None, "198.51.100.7"),
    ("10.0.0.1", '"2001:db8::7"', None, "2001:db8::7"),
    ("172.31.0.1", '"198.51.100.7"', None, "198.51.100.7"),
    ("172.32.0.1", '"198.51.100.7"', None, "172.32.0.1"),
    ("100.64.0.1", '"198.51.100.7"', None, "198.51.100.7"),
    ("127.0.0.1", '"198.51.100.7" 0.003', None, "198.51.100.7"),
    ("::1", '"198.51.100.7"', None, "198.51.100.7"),
    ("::", '"198.51.100.7"', None, "::"),
    ("fd00::1", '"198.51.100.7"', None, "198.51.100.7"),
    ("unix:", '"198.51.100.7"', None, "198.51.100.7"),
    ("10.0.0.1", '"-"', None, "10.0.0.1"),
    ("10.0.0.1", '"unknown"', None, "10.0.0.1"),
    ("www.example.com:443 192.0.2.7", "", "www.example.com", "192.0.2.7"),
    ("WWW.example.com 2001:db8::7", "", "www.example.com", "2001:db8::7"),
    ("[2001:db8::1]:443 192.0.2.7", "", "2001:db8::1", "192.0.2.7"),
    ("- 192.0.2.7", "", None, "192.0.2.7"),  # a request that named no site
    ("www.example.com 10.0.0.1", '"198.51.100.7"', "www.example.com", "198.51.100.7"),
]

ANSWERS = [
    ("GET", 200, None),
    ("GET", 304, None),
    ("GET", 203, None),
    ("GET", 204, NotKept.PIECE),
    ("GET", 206, NotKept.PIECE),
    ("GET", 301, NotKept.STATUS),
    ("GET", 404, NotKept.STATUS),
    ("GET", 500, NotKept.STATUS),
    ("HEAD", 200, NotKept.METHOD),
    ("POST", 200, NotKept.METHOD),
    ("OPTIONS", 200, NotKept.METHOD),
    ("", 400, NotKept.NO_REQUEST),
]

TARGETS = [
    ("/", None),
    ("/jobs", None),
    ("/jobs/", None),
    ("/jobs.html", None),
    ("/Jobs.XHTML?lang=en", None),
    ("/index.php?page=jobs", None),
    ("/news/3.2", None),
    ("/people/j.smith", None),
    ("/domains/example.org", None),
    ("/files/style.css/", None),
    ("/style.css", NotKept.ASSET),
    ("/style.css?v=3", NotKept.ASSET),
    ("/logo.PNG", NotKept.ASSET),
    ("/favicon.ico", NotKept.ASSET),
    ("/font.woff2", NotKept.ASSET),
    ("/terms.pdf", NotKept.FILE),
    ("/code/main.py", NotKept.FILE),
    ("/data.json", NotKept.FILE),
    ("/feed", NotKept.FEED),
    ("/blog/feed/", NotKept.FEED),
    ("/index.xml", NotKept.FEED),
    ("/news.rss", NotKept.FEED),
    ("/blog?feed=rss2", NotKept.FEED),
    ("/blog/tags/puppet?flav=rss20", NotKept.FEED),
    ("/feeding-times", None),
    ("/robots.txt", NotKept.FOR_MACHINES),
    ("/sitemap.xml", NotKept.FOR_MACHINES),
    ("/sitemap_jobs.xml.gz", NotKept.FOR_MACHINES),
    ("/.well-known/security.txt", NotKept.FOR_MACHINES),
]

WEEKS = [  # last line, the end it is moved to (days), weeks
    (0, 0, 0),
    (0, 6, 0),
    (0, 7, 1),
    (0, 600 * 7 + 3, 600),
    (10, 9, -1),
    (10, 3, -1),
    (10, 2, -2),
]


@pytest.mark.parametrize(("text", "name"), SHAPES)
def test_a_form_is_recognised(text: str, name: str | None) -> None:
    assert [vote.form.name for vote in votes([text.encode()])] == ([name] if name else [])


@pytest.mark.parametrize(("stamp", "moment"), TIMES)
def test_times_become_milliseconds_of_utc(stamp: str, moment: str | None) -> None:
    expected = int(datetime.fromisoformat(moment).timestamp()) * 1000 if moment else None
    moments = Moments()
    assert [moments.read(stamp), moments.read(stamp)] == [expected, expected]  # anew, and remembered


@pytest.mark.parametrize(("rest", "read"), LINES)
def test_a_line_is_read(rest: str, read: tuple[str, str, str | None, str | None]) -> None:
    line = FORMS["combined"].reader().read(1, f"192.0.2.7 - - {TIME} {rest}".encode())
    assert isinstance(line, LogLine)
    assert (line.method, line.target, line.referrer, line.agent) == read
    assert datetime.fromtimestamp(line.ts / 1000, UTC).isoformat() == "2023-11-14T20:00:00+00:00"


@pytest.mark.parametrize(("text", "fault"), FAULTS)
def test_a_line_that_cannot_be_read_says_why(text: str, fault: Fault) -> None:
    assert FORMS["combined"].reader().read(7, text.encode()) == Malformed(7, fault)


@pytest.mark.parametrize(("method", "status", "reason"), ANSWERS)
def test_what_was_answered_tells_whether_a_page_was_sent(
    method: str, status: int, reason: NotKept | None
) -> None:
    assert judge_answer(method, status) is reason


@pytest.mark.parametrize(("target", "reason"), TARGETS)
def test_what_was_asked_for_tells_whether_it_is_a_page(target: str, reason: NotKept | None) -> None:
    assert judge_target(target) is reason


@pytest.mark.parametrize(("last", "end", "weeks"), WEEKS)
def test_a_log_is_moved_by_whole_weeks(last: int, end: int, weeks: int) -> None:
    day = WEEK_MS // 7
    assert weeks_to(last * day, end * day) == weeks
    assert end * day - WEEK_MS < last * day + weeks * WEEK_MS <= end * day


@pytest.mark.parametrize(("before", "after", "host", "address"), WHO)
def test_the_client_and_the_site_are_told(before: str, after: str, host: str | None, address: str) -> None:
    raw = f"{before} - - {TIME} {GET} {SAID} {after}".rstrip().encode()
    (vote,) = votes([raw])
    line = vote.form.reader().read(1, raw)
    assert isinstance(line, LogLine)
    assert (line.host, line.address) == (host, address)


def test_sites_and_users_are_told_apart() -> None:
    text = f"www.example.com:443 192.0.2.7 - ana {TIME} {GET} {SAID}"
    line = FORMS["vhost-combined"].reader().read(1, text.encode())
    assert isinstance(line, LogLine)
    assert (line.host, line.address) == ("www.example.com", "192.0.2.7")
    assert "ana" not in (line.host, line.address, line.method, line.target, line.referrer, line.agent)
