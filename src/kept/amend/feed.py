"""The feed of changes (RFC 4287, Atom): one entry a version, with what it changed.

Ids never change, wherever the site moves: they are names made of the version itself (RFC 9562, version 5), and no
addresses. Addresses in it are relative to where it was read, since only the site's proxy knows the whole of them.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from kept.base.language import ENGLISH, Language
from kept.gate import PastVersion, PostedChange

ATOM, XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"
NAMES = UUID("3b0c1d4e-6f0a-5c7e-9a52-6f8f0b6f5c11")
"""The namespace of these ids; chosen once, at random, for every installation."""
MOST_ENTRIES = 50
"""Of the newest; all of them stand on the page of versions."""


def feed(company: str, site: str, language: str, past: Sequence[PastVersion]) -> bytes:
    """The feed as UTF-8 XML. `past` holds every version that was in force, the oldest first, and at least one."""
    root = Element("feed", {"xmlns": ATOM, "xml:lang": language})
    newest = past[-1]
    _text(root, "title", f"Changes to the privacy notice of {company}")
    _text(root, "id", _urn(f"feed {past[0].fingerprint} {past[0].since_ms}"))
    _text(root, "updated", _moment(newest.since_ms))
    author = SubElement(root, "author")
    _text(author, "name", company)
    _text(author, "uri", site)
    SubElement(root, "link", {"rel": "self", "type": "application/atom+xml", "href": "changes.atom"})
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": "versions"})
    told = past[::-1]  # enforces: feed-tells-newest
    for one in told[:MOST_ENTRIES]:
        _entry(root, one)
    made: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _entry(root: Element, one: PastVersion) -> None:
    entry = SubElement(root, "entry")
    _text(entry, "title", f"Version {one.version}")
    _text(entry, "id", entry_id(one))
    _text(entry, "updated", _moment(one.since_ms))
    _text(entry, "published", _moment(one.since_ms))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": f"versions/{one.number}"})
    _text(entry, "summary", summary_of(one, ENGLISH))
    content = SubElement(entry, "content", {"type": "xhtml"})
    whole = SubElement(content, "div", {"xmlns": XHTML})
    for heading, changes in parted(one.changes, ENGLISH):
        SubElement(whole, "p").text = heading
        listed = SubElement(whole, "ul")
        for change in changes:
            _text(listed, "li", f"{change.whom}: {change.says}")
    if not one.changes:
        SubElement(whole, "p").text = summary_of(one, ENGLISH)


def entry_id(one: PastVersion) -> str:
    """The id of a version's entry, the same for as long as its record stands."""
    return _urn(f"version {one.number} {one.fingerprint} {one.since_ms}")


def summary_of(one: PastVersion, say: Language) -> str:
    """A version in one sentence. What it changed stands in the record as it was posted, in English."""
    if not one.changes:
        return say("The first version.")
    weighty = sum(change.matters for change in one.changes)
    if not weighty:
        return say("Nothing asks more of you.")
    return say.plural("{n} change that may matter to you.", "{n} changes that may matter to you.", weighty)


def parted(changes: Iterable[PostedChange], say: Language) -> list[tuple[str, list[PostedChange]]]:
    """Changes under two headings: those that people may lose by, and the rest."""
    every = list(changes)
    parts = (
        (say("What may matter to you"), [one for one in every if one.matters]),
        (say("Everything else"), [one for one in every if not one.matters]),
    )
    return [(heading, found) for heading, found in parts if found]


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = "".join(char for char in text if char.isprintable())


def _urn(name: str) -> str:
    return uuid5(NAMES, name).urn


def _moment(ms: int) -> str:
    """RFC 3339, as Atom has it."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
