"""Invented visitors of the careers site: who they are, what they answer, and what they do. Pure and seeded.

Nobody here exists. Their addresses come from the ranges kept for documentation (RFC 5737, RFC 3849), and the
first page of every visit carries the campaign `invented-traffic`, so that reports show what it is.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

CAMPAIGN = "invented-traffic"
DAY_MS = 86_400_000
IPV4 = ("192.0.2", "198.51.100", "203.0.113")
ANSWERS = ("yes", "no", "part", "silent")
ANSWER_WEIGHTS = (50, 28, 10, 12)
SIGNAL_SHARE = 0.12
# How busy each hour of the day is, UTC.
HOURS = (9, 6, 4, 2, 2, 2, 3, 4, 5, 6, 8, 10, 14, 17, 19, 20, 20, 19, 18, 17, 16, 15, 14, 12)
WORDS = ("cashier", "nurse", "driver", "engineer", "teacher", "cook", "office", "weekend", "electrician")
PLACES = ("", "", "CA", "NY", "TX", "Chicago", "Denver", "Spokane", "Boston")
REFERRERS = ("https://search.example/", "https://www.example.org/", "https://news.example/", None, None, None)
ELSEWHERE = ("https://cv-clinic.example/", "https://apprenticeships.example/", "https://www.example.org/")
_WEBKIT = "(KHTML, like Gecko)"
_CHROME = f"AppleWebKit/537.36 {_WEBKIT} Chrome/142.0.0.0"
_SAFARI = f"AppleWebKit/605.1.15 {_WEBKIT} Version/26.0"
AGENTS = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Safari/605.1.15",
    "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 15; Pixel 8) {_CHROME} Mobile Safari/537.36",
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: its id, and its events as the interface takes them, in order of time."""

    session: str
    events: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Person:
    """An invented visitor. `answer` is one of ANSWERS; `signal` is Global Privacy Control."""

    address: str
    agent: str
    answer: str
    signal: bool
    visits: tuple[Visit, ...]


def people(seed: int, count: int, days: int, now_ms: int, jobs: Sequence[str]) -> Iterator[Person]:
    """`count` people who came in the last `days` days. The same seed, time and jobs give the same people."""
    chance = random.Random(seed)  # noqa: S311  invented people need no secrecy, and the seed must repeat them
    for _ in range(count):
        yield _person(chance, days, now_ms, jobs)


def _person(chance: random.Random, days: int, now_ms: int, jobs: Sequence[str]) -> Person:
    visits = min(1 + int(chance.expovariate(1.2)), 6)
    starts = sorted(_start(chance, days, now_ms) for _ in range(visits))
    return Person(
        address=_address(chance),
        agent=chance.choice(AGENTS),
        answer=chance.choices(ANSWERS, ANSWER_WEIGHTS)[0],
        signal=chance.random() < SIGNAL_SHARE,
        visits=tuple(_visit(chance, start, now_ms, jobs) for start in starts),
    )


def _address(chance: random.Random) -> str:
    if chance.random() < 0.4:
        return f"{chance.choice(IPV4)}.{chance.randrange(1, 255)}"
    network, subnet, host = (chance.randrange(1, 65_536) for _ in range(3))
    return f"2001:db8:{network:x}:{subnet:x}::{host:x}"


def _start(chance: random.Random, days: int, now_ms: int) -> int:
    """A moment of the last days, by the hours in which people look for work; an hour is left before now."""
    day = now_ms // DAY_MS - chance.randrange(days)
    hour = chance.choices(range(24), HOURS)[0]
    at_ms = day * DAY_MS + hour * 3_600_000 + chance.randrange(3_600_000)
    latest = now_ms - 3_600_000
    return at_ms if at_ms <= latest else latest - chance.randrange(DAY_MS // 2)


def _visit(chance: random.Random, start_ms: int, now_ms: int, jobs: Sequence[str]) -> Visit:
    at_ms = start_ms
    events: list[dict[str, Any]] = []
    referrer = chance.choice(REFERRERS)
    session = f"{chance.getrandbits(128):032x}"
    for page, name, properties in _steps(chance, jobs):
        told: dict[str, Any] = {
            "name": name,
            "id": f"{chance.getrandbits(128):032x}",
            "at": at_ms,
            "page": page,
        }
        if not events and referrer is not None:
            told["referrer"] = referrer
        events.append(told | {"properties": properties})
        at_ms = min(at_ms + chance.randrange(2_000, 90_000), now_ms)
    return Visit(session, tuple(events))


Step = tuple[str, str, dict[str, str]]


def _steps(chance: random.Random, jobs: Sequence[str]) -> Iterator[Step]:
    """What one visit does: it lands, may search, looks at some jobs, uses the tool, or leaves by a link."""
    landing, title = chance.choice((("/", "Work that fits, near you"), ("/jobs", "Jobs")))
    first = f"{landing}?{urlencode({'utm_source': 'examples', 'utm_campaign': CAMPAIGN})}"
    yield first, "page_view", {"path": landing, "title": f"{title} · WorkHireSpot"}
    if chance.random() < 0.6:
        yield from _search(chance)
    for _ in range(min(int(chance.expovariate(0.6)), 8)):
        yield from _look(chance, jobs)
    if chance.random() < 0.25:
        yield "/salary", "page_view", {"path": "/salary", "title": "Salaries · WorkHireSpot"}
        yield "/salary", "tool_used", {"tool": "salary"}
    if chance.random() < 0.12:
        yield landing, "link_followed", {"target": chance.choice(ELSEWHERE)}


def _search(chance: random.Random) -> Iterator[Step]:
    words, place = chance.choice(WORDS), chance.choice(PLACES)
    yield "/jobs", "page_view", {"path": "/jobs", "title": "Jobs · WorkHireSpot"}
    yield "/jobs", "job_search", {"words": words, "place": place}


def _look(chance: random.Random, jobs: Sequence[str]) -> Iterator[Step]:
    """A job, the well-known ones more often: the rank is drawn from a Pareto distribution."""
    rank = int(chance.paretovariate(0.9)) - 1
    job = jobs[rank if rank < len(jobs) else chance.randrange(len(jobs))]
    yield f"/jobs/{job}", "page_view", {"path": f"/jobs/{job}", "title": "A job · WorkHireSpot"}
    yield f"/jobs/{job}", "job_view", {"job": job}
