"""How pages are drawn: headers, words, charts, and files that are what they are said to be."""

import re
from hashlib import sha256
from pathlib import Path

import pytest

import kept.web
from kept.base.language import ENGLISH
from kept.web.centre import centre_app
from kept.web.console import console_app
from kept.web.pages import charts, words
from kept.web.pages.files import STATIC, files
from tests.pages_call import call
from tests.pages_house import OWNER, MemoryHouse

CENTRE = (
    "/privacy",
    "/choices",
    "/dialog",
    "/data?token=ana",
    "/data/erase?token=ana",
    "/-/parts",
    "/nowhere",
)
CONSOLE = ("/sign-in", "/reports", "/refusals", "/ledger", "/nowhere")
STRICT = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
}
TEMPLATES = Path(kept.web.__file__).parent / "templates"


def pages() -> list[tuple[str, str]]:
    house = MemoryHouse()
    owner = {"authorization": f"Bearer {OWNER}"}
    centre = [(call(centre_app(house), path)) for path in CENTRE]
    console = [(call(console_app(house), path, headers=owner)) for path in CONSOLE]
    return [(reply.text, reply.header("content-security-policy")) for reply in (*centre, *console)]


def test_every_page_has_a_strict_policy_and_nothing_inline() -> None:
    for text, policy in pages():
        parts = set(policy.split("; "))
        assert parts >= STRICT
        assert any(part.startswith("frame-ancestors") for part in parts)
        assert " style=" not in text
        assert "<style" not in text
        assert not re.search(r"<script(?! src=)", text)
        assert not re.search(r"\son[a-z]+=", text)
        assert "http://" not in text.replace('xmlns="http://www.w3.org/2000/svg"', "")


def test_the_notice_shows_every_section_with_its_number() -> None:
    house = MemoryHouse()
    text = call(centre_app(house), "/privacy").text
    for section in house.notice().sections:
        assert f'id="{section.slug}"' in text
        assert f">{section.mark}</a>" in text
    assert house.policy().fingerprint in text


def test_the_margin_shows_the_visitors_own_state() -> None:
    app = centre_app(MemoryHouse())
    assert "You have not been asked" in call(app, "/privacy").text
    no = call(app, "/choices", form={"everything": "no"})
    text = call(app, "/privacy", cookies=no.kept).text
    assert '<span class="state refused">No</span> to “A better service” on 23 November 2026.' in text
    assert "In your browser now: kept_choice." in text
    mixed = call(app, "/choices", form={"improve": "yes"}, cookies=no.kept)
    assert "to parts of “A better service”." in call(app, "/privacy", cookies=mixed.kept).text
    assert "by your browser’s signal" in call(app, "/privacy", headers={"sec-gpc": "1"}).text


def test_templates_hold_no_absolute_links_and_mark_nothing_safe() -> None:
    for path in TEMPLATES.rglob("*.html"):
        text = path.read_text()
        assert "|safe" not in text, path
        assert not re.search(r'(href|src|action)="/', text), path


def test_files_are_served_by_name_alone() -> None:
    app = centre_app(MemoryHouse())
    assert call(app, "/static/kept.css").status == 200
    for path in (
        "/static/README.md",
        "/static/../house.py",
        "/static/%2e%2e/house.py",
        "/static/",
        "/static//etc/passwd",
    ):
        assert call(app, path).status == 404
    tag = call(app, "/static/kept.css").header("etag")
    assert call(app, "/static/kept.css", headers={"if-none-match": tag}).status == 304


def test_vendored_fonts_are_those_that_the_notes_name() -> None:
    notes = (STATIC / "README.md").read_text()
    fonts = sorted(name for name in files() if name.endswith(".woff2"))
    assert len(fonts) == 2
    for name in fonts:
        assert f"| `{name}` |" in notes
        assert sha256(files()[name].body).hexdigest() in notes
    assert {"fonts/OFL-public-sans.txt", "fonts/OFL-source-serif.txt"} <= set(files())


@pytest.mark.parametrize(
    ("most", "top"),
    [(0, 4), (3, 4), (5, 6), (7, 8), (9, 10), (11, 20), (24, 30), (101, 200), (210, 300), (999, 1000)],
)
def test_a_scale_ends_at_a_round_number(most: float, top: float) -> None:
    assert charts.ceiling(most) == top


def test_half_of_a_scale_is_a_whole_number() -> None:
    tops = [charts.ceiling(most) for most in range(20_000)]
    assert all(top >= most and top % 2 == 0 for most, top in enumerate(tops))


def test_one_day_is_drawn_as_a_level_line_and_no_day_as_none() -> None:
    assert "M0 8L600 8" in charts.line_chart([charts.Line("Visitors", (4,))], "x")
    assert "of-1" not in charts.line_chart([charts.Line("Visitors", ())], "x")
    assert 'aria-label="&#34;&gt;"' in charts.line_chart([], '">')
    assert 'width="50"' in charts.share_bar(1, 2)
    assert 'width="0"' in charts.share_bar(0, 0)


def test_words() -> None:
    assert words.day(0, ENGLISH) == "1 January 1970"
    assert words.day(None, ENGLISH) == ""
    assert words.moment(1_795_435_200_000, ENGLISH) == "23 November 2026, 12:00 UTC"
    assert words.number(96204) == "96\N{NARROW NO-BREAK SPACE}204"
    assert words.number(4.25) == "4.2"
    assert words.count(1, "entry", "entries") == "1 entry"
    assert words.count(2, "entry", "entries") == "2 entries"
    assert words.short_hash("b7c1" + "0" * 56 + "04fe") == "b7c1…04fe"
