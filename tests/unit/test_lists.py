"""`make lists`: what is taken is verified, its licence is the one that was read, and its row tells of it."""

import json
from datetime import date
from pathlib import Path

import pytest

from scripts.lists import (
    LISTS,
    PINNED,
    README,
    VENDORED,
    Version,
    Wrong,
    knows_countries,
    knows_sites,
    newest,
    put_row,
    require_licence,
    row_of,
)

COUNTRIES, SITES = VENDORED
TOLD = json.dumps(
    {
        "version": "0.1.24",
        "license": "MIT",
        "time": {"0.1.23": "2026-09-23T08:23:06.445000+00:00", "0.1.24": "2026-11-02T18:00:00.000Z"},
    }
)


def test_the_newest_version_is_read_from_what_the_registry_tells() -> None:
    assert newest(TOLD) == Version("0.1.24", "MIT", date(2026, 11, 2))


def test_a_row_tells_version_date_licence_and_hash() -> None:
    row = row_of(SITES, newest(TOLD), "f" * 64)
    for part in ("0.1.24", "2026-11-02", "MIT, © Ghost Foundation", "f" * 64, SITES.package):
        assert part in row
    text = README.read_text()
    changed = put_row(text, SITES, row)
    assert row in changed
    assert sum(a != b for a, b in zip(text.splitlines(), changed.splitlines(), strict=True)) == 1


def test_every_row_of_the_readme_is_one_that_this_writes() -> None:
    text = README.read_text()
    for one in VENDORED:
        (line,) = [line for line in text.splitlines() if line.startswith(f"| `{one.file}` |")]
        cells = line.strip("| ").split(" | ")
        version = Version(cells[3], one.licence, date.fromisoformat(cells[4]))
        assert line == row_of(one, version, cells[-1].strip("`"))


def test_another_licence_is_not_taken() -> None:
    require_licence("x", "MIT", "MIT")
    with pytest.raises(Wrong, match=r"its licence is now SSPL-1\.0, and was MIT"):
        require_licence("x", "SSPL-1.0", "MIT")


def test_a_row_that_is_not_there_is_said() -> None:
    with pytest.raises(Wrong, match=r"0 rows of referrers\.json"):
        put_row("# nothing\n", SITES, "")


def test_what_lies_there_is_what_it_must_be(tmp_path: Path) -> None:
    for one in VENDORED:
        one.verify(LISTS / one.file)
    wrong = tmp_path / "referrers.json"
    wrong.write_text('{"google.com": {"medium": "paid", "source": "x"}}')
    with pytest.raises(Wrong, match=r"does not say that google\.com is search"):
        knows_sites(wrong)
    with pytest.raises(Exception, match=r"."):
        knows_countries(wrong)


def test_each_list_that_is_a_dependency_is_pinned() -> None:
    lock = (Path(__file__).parents[2] / "requirements" / "plain.lock").read_text()
    assert all(f"\n{one.package}==" in lock for one in PINNED)
