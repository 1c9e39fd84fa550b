"""The real log of a blog, counted by another way: one regular expression, and the libraries' own tests."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import crawleruseragents  # type: ignore[import-untyped]  # it carries no types
import pytest
import ua_parser

from kept.gather.weblog import NotKept, import_log
from tests.weblog_world import NOW, world

LOG = Path(__file__).parents[2].parent / "shared/data/apache_access.log"
LINE = re.compile(r'(\S+) \S+ \S+ \[([^\]]+)\] "(\S+) (\S+) [^"]*" (\d{3}) \S+ "([^"]*)" "([^"]*)"')
PAGE = re.compile(
    r"(^[^.]*|\.(html|xhtml|php|pl|\d+)|\.(jan05|threads|newmoused\+newpsm|no-pkg-config|html%20.*))$"
)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    if not LOG.exists():
        pytest.skip(f"the real log is not at {LOG}")
    return LOG.read_text("latin-1").splitlines()


def _is_page(method: str, target: str, status: str) -> bool:
    parts = urlsplit("http://x" + target)
    name = parts.path.lower().rstrip("/").rpartition("/")[2]
    feed = re.search(r"=(rss\d*|atom|rdf|feed)(&|$)", parts.query.lower()) or name in ("feed", "rss", "atom")
    page = parts.path.endswith("/") or PAGE.search(name)
    return bool(method == "GET" and status in ("200", "304") and page and not feed)


def _is_crawler(agent: str) -> bool:
    said = ua_parser.parse(agent)
    named = agent == "-" or "@" in agent or "http://" in agent or "https://" in agent
    spider = said.device is not None and said.device.family == "Spider"
    nameless = (
        said.os is None and not re.match("Mozilla/|Opera/", agent) and not re.search("Browser|MIDP", agent)
    )
    known = said.user_agent is not None and said.user_agent.family in ("Lynx", "Links", "Opera", "Openwave")
    return bool(named or spider or crawleruseragents.is_crawler(agent) or (nameless and not known))


def test_the_report_agrees_with_a_count_by_another_way(lines: list[str], tmp_path: Path) -> None:
    found = [LINE.fullmatch(text) for text in lines]
    pages = [each for each in found if each and _is_page(each[3], each[4], each[5])]
    crawlers = sum(_is_crawler(each[7]) for each in pages)
    here = world(tmp_path)
    report = import_log([LOG], here.intake, shift_to_ms=NOW)
    assert report.lines == len(lines) == 10_000
    assert report.malformed_lines == sum(each is None for each in found) == 1
    assert report.malformed == [(LOG.name, 8_899, "a field in quotation marks is missing or does not end")]
    assert (report.kept, report.crawlers) == (len(pages), crawlers)
    assert report.refused[NotKept.METHOD] == sum(each is not None and each[3] != "GET" for each in found)
    people = {(each[1], each[2][:11], each[7]) for each in pages if not _is_crawler(each[7])}
    assert report.visitor_days == len(people)


def test_importing_it_again_adds_nothing(lines: list[str], tmp_path: Path) -> None:
    here = world(tmp_path)
    first = import_log([LOG], here.intake, shift_to_ms=NOW)
    again = import_log([LOG], here.intake, shift_to_ms=NOW)
    assert (again.kept, again.refused[NotKept.KNOWN]) == (0, first.kept)
    assert len(lines) == again.refused.total() + again.malformed_lines
    assert len(here.ids) == first.kept


def test_no_address_and_no_query_of_it_is_in_the_journal(lines: list[str], tmp_path: Path) -> None:
    here = world(tmp_path)
    import_log([LOG], here.intake, shift_to_ms=NOW)
    written = b"\n".join(here.journal).decode()
    addresses = Counter(text.partition(" ")[0] for text in lines)
    assert [each for each in addresses if f'"{each}"' in written] == []
    assert "@" not in written
    assert "?" not in written
