"""The pages for people, in their language: the words of the notice that is for them, and Kept's own beside."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from kept.base.language import Language
from kept.policy.compiled import Answer
from kept.web.centre import centre_app
from kept.web.house import Account
from kept.web.pages import speaking
from tests.languages import Dots, left, texts_in
from tests.pages_call import Reply, call
from tests.pages_german import HOLD, GermanHouse, buecherei
from tests.pages_house import KEY

GERMAN, ENGLISH = {"accept-language": "de-DE,de;q=0.9,en;q=0.5"}, {"accept-language": "en"}
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
    for target in ("/privacy", "/choices", "/dialog", "/privacy/versions", "/privacy/versions/1"):
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
    seen = _Visible()
    seen.feed(re.sub(r"<!doctype html>|<title>.*?</title>", "", reply.text))
    policy = buecherei()
    own = [text for text, _named in texts_in(policy)]
    own += ["Deutsch", "English", "ana@example.com", "ana@alt.example", HOLD.ground, HOLD.owner]
    for text in seen.said:
        assert left(text, own) == "", text


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
