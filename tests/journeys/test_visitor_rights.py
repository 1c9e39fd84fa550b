"""Someone with an account: sees what is held, deletes it, and holds a receipt that anyone can verify."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.demo import GATHERED, NO, YES, Demo, Someone, someone
from tests.living import wait_until

WORDS = "pangolincarer"


@pytest.fixture
def ana(browser: Browser, at: Demo) -> Iterator[Someone]:
    with someone(browser, at) as ana:
        ana.go("/")
        ana.answer(YES)
        ana.wander(WORDS)
        visitor = ana.cookies()["kept_visit"]
        at.wait_for(visitor, GATHERED)
        yield ana


def sign_in(person: Someone, name: str) -> None:
    person.go("/sign-in")
    with person.page.expect_response(lambda reply: "/v1/choices" in reply.url):
        person.press(f"Sign in as {name}")


def open_your_data(person: Someone) -> None:
    person.page.goto(person.at.site)
    person.page.get_by_role("link", name="Your data").click()
    person.page.get_by_role("heading", name="Your data").wait_for()


def delete(person: Someone) -> None:
    person.press("See what a deletion would do")
    expect(person.page.get_by_role("heading", name="What a deletion would do")).to_be_visible()
    person.press("Delete my data")
    expect(person.page.get_by_role("heading", name="Your data is deleted")).to_be_visible(timeout=30_000)


def download(person: Someone, folder: Path) -> Path:
    with person.page.expect_download() as coming:
        person.page.get_by_role("link", name="Download the receipt").click()
    receipt = folder / coming.value.suggested_filename
    coming.value.save_as(receipt)
    return receipt


def traced(at: Demo, *subjects: int, texts: tuple[str, ...]) -> list[str]:
    """Traces of what names a person. Records keep pseudonyms as tombstones by right; nothing else does."""
    found = at.traces(*texts, *map(str, subjects))
    return [line for line in found if not line.startswith("records.db") or line.endswith(texts)]


def test_ana_sees_what_is_held_deletes_it_and_holds_the_proof(at: Demo, ana: Someone, tmp_path: Path) -> None:
    visitor = ana.cookies()["kept_visit"]
    sign_in(ana, "Ana")
    open_your_data(ana)
    rows = ana.page.get_by_role("row").filter(has_text="Job search").get_by_role("cell").all_inner_texts()
    assert rows[1:3] == ["your visits", "Jobs that suit you, A better site and Research on work"]
    assert "2027" in rows[3]
    choices = ana.page.get_by_role("row").filter(has_text="Your choices").get_by_role("cell")
    assert choices.all_inner_texts()[1:3] == ["you, when asked", "Your rights"]
    with ana.page.expect_download() as coming:
        ana.page.get_by_role("link", name="Take all of it with you").click()
    assert WORDS in Path(coming.value.path()).read_text()
    subjects = at.numbers("select subject from answer order by seq desc limit 1")
    assert traced(at, *subjects, texts=(WORDS, visitor)) != []

    delete(ana)
    receipt = download(ana, tmp_path)
    assert not {"kept_visit", "kept_session", "kept_choice"} & set(ana.cookies())
    open_your_data(ana)
    expect(ana.page.get_by_text("We hold nothing about you.")).to_be_visible()

    key = tmp_path / "public.key"
    key.write_text(at.run("ledger", "public-key"))
    assert "● kept" in at.run("ledger", "verify", str(receipt), "--public-key", str(key), "--data", "nowhere")
    assert visitor not in receipt.read_text()
    assert "u-1001" not in receipt.read_text()
    assert at.run("person", "show", "--account", "u-1001", code=2).startswith("--account: nothing is known")
    assert at.shown(visitor) == []
    assert at.asked("personalise", f"select * from job_search where words = '{WORDS}'") == []
    wait_until(lambda: traced(at, *subjects, texts=(WORDS, visitor)) == [], "no trace is left")
    assert "● kept" in at.run("ledger", "verify")


def test_after_a_deletion_she_is_a_stranger_and_asked_anew(at: Demo, ana: Someone) -> None:
    visitor = ana.cookies()["kept_visit"]
    sign_in(ana, "Bo")
    open_your_data(ana)
    delete(ana)
    ana.page.context.add_cookies(
        [  # what another browser of hers still holds
            {"name": "kept_visit", "value": visitor, "url": at.site},
            {"name": "kept_choice", "value": "1.1795471928.3c0.0", "url": at.site},
        ]
    )
    ana.go("/")
    expect(ana.page.locator("kept-choices")).to_contain_text("Nothing is stored until you answer.")
    assert "kept_visit" not in ana.cookies()
    ana.answer(NO)
    assert at.shown(visitor) == []


def test_rights_without_javascript(browser: Browser, at: Demo, tmp_path: Path) -> None:
    with someone(browser, at, java_script_enabled=False) as ana:
        ana.open("choices")
        ana.say_yes_to_all("by_choice")
        ana.page.goto(f"{at.site}/sign-in")
        ana.press("Sign in as Ana")
        open_your_data(ana)
        ana.press("See what a deletion would do")
        ana.press("Delete my data")
        ana.page.wait_for_url("**/data/receipt/*")  # a reload before that would break the form off
        wait_until(lambda: is_done(ana), "the deletion is done")
        assert json.loads(download(ana, tmp_path).read_text())


def is_done(person: Someone) -> bool:
    person.page.reload()
    return person.page.get_by_role("heading", name="Your data is deleted").count() == 1
