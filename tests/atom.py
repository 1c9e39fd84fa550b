"""The grammar of a feed (RFC 4287, Appendix B) as far as it can be used, as rules: `faults` names each breach."""

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, ParseError, fromstring

ATOM, XHTML = "{http://www.w3.org/2005/Atom}", "{http://www.w3.org/1999/xhtml}"
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
MEDIA = re.compile(r".+/.+")
ONCE = {"id", "title", "updated"}
AT_MOST_ONCE = {
    "feed": {"generator", "icon", "logo", "rights", "subtitle"},
    "entry": {"content", "published", "rights", "source", "summary"},
}
MANY = {
    "feed": {"author", "category", "contributor", "entry", "link"},
    "entry": {"author", "category", "contributor", "link"},
}
TEXTS = {"title", "subtitle", "summary", "rights", "content"}
DATES = {"updated", "published"}


def faults(document: bytes) -> list[str]:
    """What in a document is against the grammar of a feed; nothing for a valid one."""
    try:
        root = fromstring(document)
    except ParseError as error:
        return [f"no XML: {error}"]
    if root.tag != f"{ATOM}feed":
        return [f"the root is {root.tag}"]
    return [*_container(root, "feed"), *_whole(root)]


def _container(found: Element, kind: str) -> Iterator[str]:
    names = Counter(_name(child) for child in found)
    for name in ONCE:
        if names[name] != 1:
            yield f"{kind}: {names[name]} of {name}"
    for name in AT_MOST_ONCE[kind]:
        if names[name] > 1:
            yield f"{kind}: {names[name]} of {name}"
    for name in names.keys() - ONCE - AT_MOST_ONCE[kind] - MANY[kind]:
        yield f"{kind}: {name} does not belong here"
    for child in found:
        yield from _child(child, _name(child))


def _name(child: Element) -> str:
    return child.tag.removeprefix(ATOM)


def _child(child: Element, name: str) -> Iterator[str]:
    if name == "entry":
        yield from _container(child, "entry")
    elif name in DATES and not DATE.fullmatch(child.text or ""):
        yield f"{name} is no date: {child.text}"
    elif name == "id" and not urlsplit(child.text or "").scheme:
        yield f"id is no IRI: {child.text}"
    elif name in TEXTS:
        yield from _text(child, name)
    elif name == "link" and (not child.get("href") or not MEDIA.fullmatch(child.get("type", "a/b"))):
        yield "link leads nowhere, or to no media type"
    elif name in {"author", "contributor"} and not (child.findtext(f"{ATOM}name") or "").strip():
        yield f"{name} has no name"


def _text(child: Element, name: str) -> Iterator[str]:
    kind = child.get("type", "text")
    if kind not in {"text", "html", "xhtml"}:
        yield f"{name} is of type {kind}"
    elif kind == "xhtml" and [one.tag for one in child] != [f"{XHTML}div"]:
        yield f"{name} holds no single div"
    elif kind != "xhtml" and len(child):
        yield f"{name} holds elements"


def _whole(root: Element) -> Iterator[str]:
    """What no pattern of elements can say (sections 4.1.1 and 4.1.2)."""
    entries = root.findall(f"{ATOM}entry")
    if root.find(f"{ATOM}author") is None and any(one.find(f"{ATOM}author") is None for one in entries):
        yield "an entry has no author"
    if not any(link.get("rel") == "self" for link in root.findall(f"{ATOM}link")):
        yield "the feed does not say where it stands"
    seen = Counter((one.findtext(f"{ATOM}id"), one.findtext(f"{ATOM}updated")) for one in entries)
    yield from (f"entry {key[0]} twice" for key, times in seen.items() if times > 1)
    alternates = [
        (link.get("type"), link.get("hreflang"))
        for one in entries
        for link in one.findall(f"{ATOM}link")
        if link.get("rel", "alternate") == "alternate"
    ]
    for one in entries:
        if one.find(f"{ATOM}content") is None and not alternates:
            yield "an entry has neither content nor an alternate"
