"""Lines for `kept bench log`: a combined log in which each line has an address of its own.

That is the worst case for whoever looks addresses up once per distinct value, and for whoever counts visitors. Paths,
referrers and browsers repeat as they do in life; a seventh of the lines ask for parts of pages, a fourteenth fail.
"""

import random
from datetime import UTC, datetime
from pathlib import Path

BROWSERS = tuple(
    f"Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    for system in ("Windows NT 10.0; Win64; x64", "X11; Linux x86_64", "Macintosh; Intel Mac OS X 10_15_7")
    for version in range(110, 143)
)
ROBOTS = ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "curl/8.5.0")
REFERRERS = (
    "-",
    "-",
    "https://www.google.com/",
    "https://www.example.com/jobs",
    "https://news.example.org/a?b=c",
)
SPAN_SECONDS = 86_400
_NETWORKS = 200 << 24  # 11.0.0.0 to 210.255.255.255
_STRIDE = 2_654_435_761  # no divisor in common with that: its multiples run through all of them, each once


def write_log(path: Path, lines: int, end_ms: int, seed: int = 7) -> None:
    """So many lines over the day that ends at `end_ms`, in the order of time."""
    chance = random.Random(seed)  # noqa: S311  invented traffic
    begin = end_ms // 1_000 - SPAN_SECONDS
    with path.open("w") as file:
        for number in range(lines):
            at = datetime.fromtimestamp(begin + number * SPAN_SECONDS // lines, UTC)
            file.write(_line(chance, number, at.strftime("%d/%b/%Y:%H:%M:%S +0000")))


def _line(chance: random.Random, number: int, at: str) -> str:
    status = 200 if chance.random() < 13 / 14 else 404
    agent = chance.choice(BROWSERS if chance.random() < 0.95 else ROBOTS)
    size, referrer = chance.randrange(200, 90_000), chance.choice(REFERRERS)
    return f'{_address(number)} - - [{at}] "GET {_target(chance)} HTTP/1.1" {status} {size} "{referrer}" "{agent}"\n'


def _address(number: int) -> str:
    """An address of its own for each number."""
    bits = number * _STRIDE % _NETWORKS
    return f"{11 + (bits >> 24)}.{bits >> 16 & 255}.{bits >> 8 & 255}.{bits & 255}"


def _target(chance: random.Random) -> str:
    kind = chance.random()
    if kind < 1 / 7:
        return f"/static/{chance.randrange(60)}.css"
    if kind < 0.6:
        return f"/jobs/{chance.randrange(5_000)}"
    return f"/{chance.choice(('companies', 'cities', 'news'))}/page-{chance.randrange(300)}?utm_source=letter"
