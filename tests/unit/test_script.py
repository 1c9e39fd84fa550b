"""The script's size and shape. What it does is tried in a browser: tests/journeys/test_pages_script.py."""

import gzip
import re

from kept.web.centre import centre_app
from kept.web.pages.files import STATIC, squeeze
from tests.pages_call import call
from tests.pages_house import MemoryHouse

MOST_BYTES = 3 * 1024


def sent() -> bytes:
    return call(centre_app(MemoryHouse()), "/kept.js").body


def test_it_costs_a_page_at_most_3_kb() -> None:
    assert len(gzip.compress(sent(), 9)) <= MOST_BYTES


def test_squeezing_takes_comments_and_indentation_and_nothing_else() -> None:
    source = (STATIC / "kept.js").read_bytes()
    lines = [line.strip() for line in source.splitlines()]
    kept = [line for line in lines if line and not line.startswith(b"//")]
    assert sent().splitlines() == kept
    assert squeeze(sent()) == sent()


def test_no_text_spans_lines() -> None:
    """Squeezing would change a template that does."""
    for line in (STATIC / "kept.js").read_text().splitlines():
        assert line.count("`") % 2 == 0, line


def test_it_needs_neither_eval_nor_markup_nor_storage() -> None:
    source = (STATIC / "kept.js").read_text()
    for word in (
        "eval(",
        "new Function",
        "innerHTML",
        "insertAdjacentHTML",
        "localStorage",
        "sessionStorage",
        "indexedDB",
    ):
        assert word not in source
    assert not re.search(r"https?://[a-z]", source)


def test_it_is_cached_for_an_hour_and_may_stand_on_other_origins() -> None:
    reply = call(centre_app(MemoryHouse()), "/kept.js")
    assert reply.header("cache-control") == "public, max-age=3600"
    assert reply.header("content-type") == "text/javascript; charset=utf-8"
    assert reply.header("cross-origin-resource-policy") == "cross-origin"
