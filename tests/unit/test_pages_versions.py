"""Past versions, the feed, the notice in every form; and no address that was ever published goes away."""

from dataclasses import replace
from typing import Any

import pytest

from kept.policy import load_policy
from kept.policy.posted import Posted, posted_of
from kept.web.centre import ROUTES, centre_app
from tests.atom import faults
from tests.pages_call import Reply, call
from tests.pages_house import POLICY_FILE, MemoryHouse, workhirespot

PUBLISHED = (
    "/kept.js",
    "/kept-dialog.css",
    "/static/{name:path}",
    "/privacy",
    "/privacy.md",
    "/privacy.jsonld",
    "/privacy/changes.atom",
    "/privacy/versions",
    "/privacy/versions/{number}",
    "/privacy/versions/{number}/{name}",
    "/choices",
    "/dialog",
    "/data",
    "/data/copy.json",
    "/data/erase",
    "/data/receipt/{number}",
    "/data/receipt/{number}.json",
    "/v1/choices",
    "/v1/join",
    "/v1/shown",
)
"""Every address that people or other sites may have written down. One may be added; none is ever taken out."""


def get(path: str, house: MemoryHouse | None = None, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return call(centre_app(house or MemoryHouse()), path, headers=named)


@pytest.mark.parametrize("path", PUBLISHED)
def test_published_addresses_do_not_vanish(path: str) -> None:
    assert path in {route.path for route in ROUTES}


def test_every_version_is_listed_the_newest_first_with_what_it_changed() -> None:
    text = get("/privacy/versions").text
    assert text.index("Version 2026-11") < text.index("Version 2026-06")
    for told in (
        "2 versions were in force here",
        "In force on this site from 6 June 2026 to 1 November 2026",
        "2 changes that may matter to you.",
        "Page view is kept for 13 months; before: 12 months.",
        "What may matter to you",
        "The first version.",
    ):
        assert told in text


def test_a_past_version_reads_as_it_stood_and_says_that_it_is_past() -> None:
    text = get("/privacy/versions/1").text
    assert "Not in force any more." in text
    assert "in force on this site from 6 June 2026 to 1 November 2026" in text
    assert 'id="why"' in text
    assert 'href="../../privacy">The notice in force now</a>' in text
    assert "Not in force any more" not in get("/privacy/versions/2").text


@pytest.mark.parametrize("path", ["/privacy/versions/1", "/privacy/versions/1/main"])
def test_a_past_version_in_plain_forms(path: str) -> None:
    text = get(f"{path}.md").text
    assert text.startswith("> Not in force any more: this version was in force on this site from 6 June 2026")
    assert get(f"{path}.jsonld").json["identifier"] == workhirespot().fingerprint
    assert get(f"{path}.jsonld").header("content-type") == "application/ld+json"


@pytest.mark.parametrize("number", ["0", "3", "-1", "1e3", "٣", "999999999999999999999", "1/other", "1.txt"])
def test_what_was_never_posted_is_not_there(number: str) -> None:
    assert get(f"/privacy/versions/{number}").status == 404


def test_the_feed_is_valid_and_led_to() -> None:
    reply = get("/privacy/changes.atom")
    assert reply.header("content-type") == "application/atom+xml; charset=utf-8"
    assert faults(reply.body) == []
    for page in ("/privacy", "/privacy/versions"):
        assert 'type="application/atom+xml"' in get(page).text


@pytest.mark.parametrize(
    ("path", "accept", "form"),
    [
        ("/privacy", "", "text/html; charset=utf-8"),
        ("/privacy", "*/*", "text/html; charset=utf-8"),
        ("/privacy", "text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
        ("/privacy", "text/markdown, text/html;q=0.5", "text/markdown; charset=utf-8"),
        ("/privacy", "application/ld+json", "application/ld+json"),
        ("/privacy", "application/ld+json;q=0", "text/html; charset=utf-8"),
        ("/privacy", "image/png", "text/html; charset=utf-8"),
        ("/privacy.md", "text/html", "text/markdown; charset=utf-8"),
        ("/privacy.jsonld", "", "application/ld+json"),
        ("/privacy/versions/1", "text/markdown", "text/markdown; charset=utf-8"),
    ],
)
def test_the_form_is_by_the_ending_or_by_what_is_wished(path: str, accept: str, form: str) -> None:
    reply = get(path, accept=accept)
    assert (reply.status, reply.header("content-type")) == (200, form)
    assert "Accept" in reply.header("vary")


class Several(MemoryHouse):
    """A house whose policy posts four notices; `now` says which of them still."""

    now: tuple[str, ...] = ("main", "german", "young", "californian")

    def posted(self, number: int | None = None) -> tuple[Posted, ...]:
        every = _several() if number in {None, 1, 2} else ()
        return tuple(one for one in every if number is not None or one.name in self.now)


def _several(made: list[tuple[Posted, ...]] = []) -> tuple[Posted, ...]:  # noqa: B006  made once
    if not made:
        text = POLICY_FILE.read_text().partition("\nnotices:")[0]
        more = """
notices:
  main: {for: everyone, language: en, reading age: 12, at: /privacy}
  german: {for: everyone, language: en, reading age: 12, at: /privacy/de}
  young:
    for: under_16
    language: en
    reading age: 9
    at: /privacy/young
    words:
      data: {called: What we write down, says: We write down what you tell us and what you click.}
      improve: {says: We look at what you click to make the site better.}
  californian:
    for: california
    language: en
    reading age: 12
    at: /privacy/california
    parts: [company, purposes, retention, page_view]
"""
        made.append(tuple(_german(one) for one in posted_of(load_policy(text + more, "several.yaml"))))
    return made[0]


def _german(one: Posted) -> Posted:
    """As if it could be said in German: the choice among languages does not ask what the words are."""
    if one.name != "german":
        return one
    return replace(one, language="de", notice=replace(one.notice, language="de"))


def heading(reply: Reply) -> Any:
    return reply.header("content-language"), "For people " in reply.text


@pytest.mark.parametrize(
    ("wished", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT, en;q=0.5", "de"),
        ("en, de;q=0.9", "en"),
        ("fr", "en"),
        ("de;q=0, en;q=0.1", "en"),
        (";;q=,,", "en"),
    ],
)
def test_the_language_is_the_visitors(wished: str, language: str) -> None:
    reply = get("/privacy", Several(), accept_language=wished)
    assert heading(reply) == (language, False)
    assert "Accept-Language" in reply.header("vary")


def test_each_notice_stands_at_an_address_of_its_own_whatever_is_wished() -> None:
    house = Several()
    assert heading(get("/privacy/young", house, accept_language="de")) == ("en", True)
    assert heading(get("/privacy/de", house, accept_language="en")) == ("de", False)
    assert heading(get("/privacy?notice=main", house, accept_language="de")) == ("en", False)
    assert get("/privacy/young.jsonld", house).json["description"] == "For people aged under 16."
    assert get("/privacy/de.md", house).header("content-language") == "de"


def test_notices_lead_to_each_other() -> None:
    text = get("/privacy/young", Several()).text
    assert 'href="../privacy?notice=main" lang="en" hreflang="en">English</a>' in text
    assert 'href="../privacy/de" lang="de" hreflang="de">Deutsch</a>' in text
    assert "English, for people living in California" in text
    assert 'href="../privacy/young"' not in text


def test_whoever_surely_is_of_an_audience_meets_its_notice_and_its_parts_alone() -> None:
    house = Several()
    house.country = "US-CA"
    text = get("/privacy", house).text
    assert "For people living in California." in text
    assert 'id="cookies"' not in text


def test_a_notice_that_is_posted_no_more_leads_to_those_that_are() -> None:
    house = Several()
    house.now = ("main",)
    reply = get("/privacy/young", house)
    assert (reply.status, reply.header("location")) == (303, "../privacy")
    assert get("/privacy/versions/1/young", house).status == 200
    assert get("/privacy/never", house).status == 404


def test_what_is_shown_is_counted_by_its_name() -> None:
    house = Several()
    for path in ("/privacy/young", "/privacy/de.md", "/privacy/versions/1", "/choices"):
        get(path, house)
    assert house.shown == ["young", "german", "choices"]


def test_a_notice_says_things_in_its_own_words_and_its_facts_stay() -> None:
    house = Several()
    young, main = (get(path, house).text for path in ("/privacy/young", "/privacy"))
    assert "What we write down" in young
    assert "What we write down" not in main
    assert "We look at what you click to make the site better." in young
    assert "To see which parts of the site work" not in young
    for fact in ("13 months", "our script on the page", "IP address"):
        assert fact in young
