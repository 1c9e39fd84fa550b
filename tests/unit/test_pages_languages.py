"""The pages for people, in their language: the words of the notice that is for them, and Kept's own beside."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from starlette.requests import Request
from starlette.responses import Response

from kept.base.language import Language
from kept.gate import PastVersion
from kept.policy.compiled import Answer
from kept.web.authority import Asked, Because
from kept.web.centre import centre_app
from kept.web.console import console_app
from kept.web.house import Account
from kept.web.pages import errors, speaking
from kept.web.pages.errors import HELPS, deny
from tests.atom import faults
from tests.languages import Dots, left, texts_in
from tests.pages_call import Reply, call
from tests.pages_german import HOLD, GermanHouse, buecherei
from tests.pages_house import KEY, MemoryHouse

GERMAN, ENGLISH = {"accept-language": "de-DE,de;q=0.9,en;q=0.5"}, {"accept-language": "en"}
FOR_PROGRAMS = {Because.NO_CREDENTIAL, Because.SIGN_IN}
"""Refusals that no page for people shows: the interface's, in JSON, and the console's."""
ASK = f"/v1/choices?key={KEY}"


def page(target: str, headers: dict[str, str], cookies: dict[str, str] | None = None) -> Reply:
    return call(centre_app(GermanHouse()), target, headers=headers, cookies=cookies)


@pytest.mark.parametrize(
    "target", ["/privacy", "/choices", "/dialog", "/privacy/versions", "/data?token=ana"]
)
def test_a_page_speaks_the_language_that_is_wished(target: str) -> None:
    german, english = page(target, GERMAN), page(target, ENGLISH)
    assert german.text.startswith('<!doctype html>\n<html lang="de">')
    assert english.text.startswith('<!doctype html>\n<html lang="en">')
    assert page(target, {"accept-language": "fr"}).text == german.text  # the company's first
    assert "Accept-Language" in german.header("vary") or target.startswith("/data")


def test_the_notice_says_where_it_stands_in_other_languages() -> None:
    german, english = page("/privacy", GERMAN), page("/privacy", ENGLISH)
    assert "Zwecke und Rechtsgrundlagen" in german.text
    assert '<a href="./privacy/en" lang="en" hreflang="en">English</a>' in german.text
    assert '<a href="./privacy?notice=erklaerung" lang="de" hreflang="de">Deutsch</a>' in english.text
    assert german.header("content-language") == "de"
    assert page("/privacy?notice=english", GERMAN).header("content-language") == "en"
    assert "May we look at the books" in english.text
    assert page("/privacy.md", GERMAN).text.startswith("# Datenschutzerklärung")
    assert page("/privacy.jsonld", ENGLISH).json["@context"]["@language"] == "en"


def test_the_script_asks_in_the_language_of_the_page_on_which_it_stands() -> None:
    there = call(centre_app(GermanHouse()), f"{ASK}&lang=de-AT", headers=ENGLISH).json
    assert there["lang"] == "de"
    assert there["texts"]["title"] == "Bücherei Lindenau e. V. fragt"
    assert there["texts"]["after"].startswith(
        "Bis zu Ihrer Antwort wird nichts gespeichert. Wenn Sie ablehnen:"
    )
    for other in ("", "fr", "%22%3E"):
        assert call(centre_app(GermanHouse()), f"{ASK}&lang={other}", headers=ENGLISH).json["lang"] == "en"


def test_an_answer_is_kept_with_the_words_that_were_shown_and_their_language() -> None:
    for target, headers, first, asked in (
        ("/choices", GERMAN, "Bücherei Lindenau e. V. (de)", "Dürfen wir ansehen"),
        ("/choices?notice=english", GERMAN, "Bücherei Lindenau e. V. (en)", "May we look at the books"),
        ("/choices?lang=en", GERMAN, "Bücherei Lindenau e. V. (en)", "May we look at the books"),
    ):
        house = GermanHouse()
        reply = call(centre_app(house), target, "POST", headers=headers, form={"vorschlagen": "yes"})
        assert reply.status == 303
        ((_token, answer),) = house.written
        assert answer.words.splitlines()[0] == first
        assert asked in answer.words
        assert target.partition("?")[2] in reply.header("location")


def test_the_forms_keep_to_the_language_in_which_they_were_shown() -> None:
    assert (
        '<form method="post" action="choices?notice=english">' in page("/choices?notice=english", GERMAN).text
    )
    assert '<form method="post" action="choices">' in page("/choices", GERMAN).text
    assert 'action="choices?lang=en"' in page("/dialog?lang=en", GERMAN).text


def test_the_choices_page_names_its_paragraph_once() -> None:
    text = page("/choices", GERMAN).text
    assert text.count(">§3</a>") == 1
    assert text.count(">§4</a>") == 1


def test_a_question_about_one_purpose_says_its_title_once() -> None:
    form = page("/data?token=ana", GERMAN).text.partition('action="data/choices"')[2].partition("</form>")[0]
    assert form.count(">Vorschläge<") == 2  # the heading, and the name of the group for those who hear it
    assert '<p class="name" id="choice-vorschlagen">' not in form


class _Visible(HTMLParser):
    """What is read or heard of a page in its own language: what is marked as English is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        foreign = given.get("lang") in {"en", "de"} or tag == "code" or any(self.open)
        if tag not in {"meta", "link", "input", "br"}:
            self.open.append(foreign)
        if not foreign:
            self.said += [given[name] or "" for name in ("aria-label", "title", "data-of") if given.get(name)]

    def handle_endtag(self, tag: str) -> None:
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self.open):
            self.said.append(data)


def states() -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Pages, with what the browser carries: nothing, an answer, the signal."""
    yes = {"kept_choice": f"1.{1_790_000_000}.0.{buecherei().purposes['vorschlagen'].mask:x}"}
    for target in ("/privacy", "/choices", "/dialog", "/privacy/versions", "/privacy/versions/2"):
        yield target, {}, {}
        yield target, {}, yes
        yield target, {"sec-gpc": "1"}, {}
    for target in ("/choices?saved=yes", "/data?token=ana", "/data?token=di", "/data?token=eve"):
        yield target, {}, {}
    for target in (
        "/data?token=ana&corrected=e_mail&problem=wrong_type",
        "/data/erase?token=ana",
        "/data/erase?token=di",
    ):
        yield target, {}, {}


@pytest.mark.parametrize(("target", "headers", "cookies"), list(states()))
def test_no_sentence_of_a_page_passes_the_catalogue_by(
    target: str, headers: dict[str, str], cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "language_of", lambda tag: Language("xx", Dots()))
    reply = call(centre_app(GermanHouse()), target, headers={**GERMAN, **headers}, cookies=cookies)
    assert reply.status == 200
    assert_said(reply)


def assert_said(reply: Reply) -> None:
    """Every letter of a page in dots is the company's, or stands in another language that is named."""
    assert '<html lang="xx">' in reply.text
    seen = _Visible()
    seen.feed(re.sub(r"<!doctype html>|<title>.*?</title>", "", reply.text))
    policy = buecherei()
    own = [text for text, _named in texts_in(policy)]
    own += ["Deutsch", "English", "ana@example.com", "ana@alt.example", HOLD.ground, HOLD.owner]
    for text in seen.said:
        assert left(text, own) == "", text


@pytest.mark.parametrize("because", [one for one in HELPS if one not in FOR_PROGRAMS])
def test_every_refusal_is_said_in_the_language_of_the_page(
    because: Because, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speaking, "language_of", lambda tag: Language("xx", Dots()))
    refused = deny(Asked(_request(), GermanHouse(), b""), because)
    assert refused.status_code == because.status
    assert_said(Reply(refused.status_code, (), bytes(refused.body)))


@pytest.mark.parametrize("says", [errors.failed, errors.away, errors.no_room])
def test_what_stops_a_page_is_said_too_without_asking_the_house(
    says: Callable[[Request, Exception], Awaitable[Response]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(header: str, query: str = "") -> str:
        return bytes(asyncio.run(_answer(says(_request(header, query), RuntimeError())))).decode()

    for header, query, tag in (
        ("de-AT", "", "de"),
        ("fr", "", "en"),
        ("en", "lang=de", "de"),
        ("", "", "en"),
    ):
        assert f'<html lang="{tag}">' in said(header, query)
    monkeypatch.setattr(errors, "language_of", lambda tag: Language("xx", Dots()))
    assert_said(Reply(500, (), said("de").encode()))


async def _answer(coming: Awaitable[Response]) -> bytes:
    return bytes((await coming).body)


def _request(header: str = "de", query: str = "") -> Request:
    headers = [(b"accept-language", header.encode()), (b"host", b"www.example.com")]
    return Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/data",
            "query_string": query.encode(),
            "headers": headers,
            "server": ("www.example.com", 443),
            "scheme": "https",
        }
    )


def test_refusals_reach_people_in_their_language_and_programs_in_english() -> None:
    assert "Diese Seite gibt es nicht." in page("/nowhere", GERMAN).text
    assert "There is no such page." in page("/nowhere", ENGLISH).text
    assert "öffnen Sie über die Website des Unternehmens" in page("/data", GERMAN).text
    assert page("/v1/nowhere", GERMAN).json["error"] == "There is no such page."
    away = call(console_app(MemoryHouse()), "/nowhere", headers=GERMAN).text
    assert away.startswith('<!doctype html>\n<html lang="en">')


def test_what_a_version_changed_is_told_in_the_language_of_the_page() -> None:
    german, english = page("/privacy/versions", GERMAN).text, page("/privacy/versions", ENGLISH).text
    assert "Rechenzentrum: jetzt auch an diesem Ort: Niederlande." in german
    assert "längere Speicherung (13 Monate; bisher: 12 Monate)." in german
    assert 'lang="de"><li>' in german
    assert "Rechenzentrum: now also in the Netherlands." in english
    one = page("/privacy/versions/2", {})
    assert one.text.startswith('<!doctype html>\n<html lang="de">')
    assert "Was diese Fassung geändert hat:" in one.text
    assert "bisher: 12 Monate)." in one.text
    assert "before: 12 months." in page("/privacy/versions/2/english", {}).text


def test_the_feed_tells_it_in_the_language_of_the_notice_whose_page_leads_to_it() -> None:
    assert 'href="../privacy/changes.atom?notice=erklaerung"' in page("/privacy/versions", GERMAN).text
    assert 'href="../privacy/changes.atom?notice=english"' in page("/privacy/versions", ENGLISH).text
    german = page("/privacy/changes.atom?notice=erklaerung", ENGLISH)
    assert faults(german.body) == []
    assert german.header("content-language") == "de"
    for words in ('xml:lang="de"', "Änderungen der Datenschutzerklärung: Bücherei", "bisher: 12 Monate)."):
        assert words in german.text
    assert "before: 12 months." in page("/privacy/changes.atom", ENGLISH).text


def test_what_was_told_before_there_were_languages_stays_english_and_says_so() -> None:
    class Old(GermanHouse):
        def past(self) -> tuple[PastVersion, ...]:
            return tuple(replace(one, told={}) for one in super().past())

    text = call(centre_app(Old()), "/privacy/versions", headers=GERMAN).text
    assert 'lang="en"><li>' in text
    assert "before: 12 months." in text
    assert "Was für Sie wichtig sein kann" in text or "Alles Übrige" in text


def test_the_receipt_speaks_it_too() -> None:
    house = GermanHouse()
    number = house.erase(Account("ana"), "d1")
    reply = call(centre_app(house), f"/data/receipt/{getattr(number, 'number', 0)}", headers=GERMAN)
    for words in (
        "<h1>Ihre Daten werden gelöscht</h1>",
        "Ihr Konto bei uns",
        "Eine Nummer ohne Namen für jeden Browser",
    ):
        assert words in reply.text


def test_a_browser_that_answered_reads_its_answer_in_its_language() -> None:
    bit = buecherei().purposes["vorschlagen"].mask
    cookies = {"kept_choice": f"1.1790000000.0.{bit:x}"}
    text = page("/privacy", GERMAN, cookies).text
    assert "zu „Vorschläge“ am 21. September 2026." in text
    assert Answer(0, bit).no == bit
