"""The feed of changes (RFC 4287, Atom): one entry a version, with what it changed.

Ids never change, wherever the site moves: they are names made of the version itself (RFC 9562, version 5), and no
addresses. Addresses in it are relative to where it was read, since only the site's proxy knows the whole of them.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, SubElement, tostring

from kept.base.language import Language
from kept.gate import PastVersion, PostedChange, Told

ATOM, XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"
NAMES = UUID("3b0c1d4e-6f0a-5c7e-9a52-6f8f0b6f5c11")
"""The namespace of these ids; chosen once, at random, for every installation."""
MOST_ENTRIES = 50
"""Of the newest; all of them stand on the page of versions."""


def feed(company: str, site: str, notice: str, past: Sequence[PastVersion], say: Language) -> bytes:
    """The feed as UTF-8 XML. `past` holds every version that was in force, the oldest first, and at least one.

    `notice` is the one whose readers follow it: it tells the changes in its words, where the version had it.
    """
    root = Element("feed", {"xmlns": ATOM, "xml:lang": say.tag})
    newest = past[-1]
    _text(root, "title", say("Changes to the privacy notice of {company}", company=company))
    _text(root, "id", _urn(f"feed {past[0].fingerprint} {past[0].since_ms}"))
    _text(root, "updated", _moment(newest.since_ms))
    author = SubElement(root, "author")
    _text(author, "name", company)
    _text(author, "uri", site)
    SubElement(
        root, "link", {"rel": "self", "type": "application/atom+xml", "href": f"changes.atom?notice={notice}"}
    )
    SubElement(root, "link", {"rel": "alternate", "type": "text/html", "href": "versions"})
    told = past[::-1]  # enforces: feed-tells-newest
    for one in told[:MOST_ENTRIES]:
        _entry(root, one, one.told_by(notice, say.tag), say)
    made: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return made


def _entry(root: Element, one: PastVersion, told: Told, say: Language) -> None:
    entry = SubElement(root, "entry")
    _text(entry, "title", say("Version {version}", version=one.version))
    _text(entry, "id", entry_id(one))
    _text(entry, "updated", _moment(one.since_ms))
    _text(entry, "published", _moment(one.since_ms))
    SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": f"versions/{one.number}"})
    _text(entry, "summary", summary_of(told.changes, say))
    content = SubElement(entry, "content", {"type": "xhtml"})
    whole = SubElement(content, "div", {"xmlns": XHTML})
    for heading, changes in parted(told.changes, say):
        SubElement(whole, "p").text = heading
        listed = SubElement(whole, "ul", {} if told.language == say.tag else {"xml:lang": told.language})
        for change in changes:
            _text(listed, "li", f"{change.whom}: {change.says}")
    if not told.changes:
        SubElement(whole, "p").text = summary_of(told.changes, say)


def entry_id(one: PastVersion) -> str:
    """The id of a version's entry, the same for as long as its record stands."""
    return _urn(f"version {one.number} {one.fingerprint} {one.since_ms}")


def summary_of(changes: Sequence[PostedChange], say: Language) -> str:
    """A version in one sentence, by what it changed."""
    if not changes:
        return say("The first version.")
    weighty = sum(change.matters for change in changes)
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
