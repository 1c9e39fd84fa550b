"""The vendored lists are what their README says, and the lists built from them are sound."""

import hashlib
import re
import time
from pathlib import Path

from kept.gather.minimise import NO_AGENT, agent_of, page_of
from kept.gather.minimise.families import BROWSERS, DESKTOPS, OTHER, PHONES, TABLETS, TVS

LISTS = Path(__file__).parents[2] / "src/kept/gather/lists"


def test_every_vendored_file_has_its_row_and_its_hash() -> None:
    told = dict(
        re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", (LISTS / "README.md").read_text(), re.M)
    )
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in LISTS.iterdir()
        if path.is_file() and path.name != "README.md"
    }
    assert told == found


def test_a_system_is_of_one_kind_of_device() -> None:
    kinds = [DESKTOPS, PHONES, TABLETS, TVS]
    assert len(frozenset().union(*kinds)) == sum(map(len, kinds))


def test_families_are_a_closed_list() -> None:
    assert OTHER not in BROWSERS.values()
    assert all(name in BROWSERS for name in ("Chrome Mobile", "Mobile Safari", "Firefox iOS", "IE Mobile"))


def test_hostile_texts_take_no_longer_than_their_length() -> None:
    """The usual pattern for mail addresses takes seconds on the first of these."""
    hostile = [
        "/" + "@" + "a" * 30_000,
        "/" + "a" * 30_000,
        "/" + "a-" * 15_000,
        "/" + "/" * 30_000,
        "/" + "1." * 15_000,
        "/" + "%25" * 10_000 + "40",
        "/a?" + "utm_source=x&" * 3_000,
        "http://" + "a." * 15_000,
        "Mozilla/5.0 " + "(" * 30_000,
    ]
    started = time.process_time()
    for text in hostile:
        page_of(text)
        agent_of(text)
    assert time.process_time() - started < 2


def test_an_agent_in_bytes_reads_as_in_text() -> None:
    assert agent_of(b"Opera/9.80 (X11; Linux i686) Presto/2.12") == agent_of(
        "Opera/9.80 (X11; Linux i686) Presto/2.12"
    )
    assert agent_of(b"\xff\xfe") == NO_AGENT
