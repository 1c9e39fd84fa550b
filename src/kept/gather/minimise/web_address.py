"""A web address taken apart as far as minimising needs, by plain string work in linear time (RFC 3986).

Browsers take a backslash for a slash and everything before the last "@" for userinfo; so does this, or a
password could pass for a host.
"""

from typing import NamedTuple

from kept.gather.minimise.address import packed
from kept.gather.minimise.segment import is_token

LONGEST = 8_192
HOST = 253
_SCHEMES = frozenset({"http", "https"})
_BETWEEN_PARTS = "/\\?&;#"
_OF_A_HOST = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-._")


class Parts(NamedTuple):
    """Authority, path and query, as they stand."""

    authority: str
    path: str
    query: str


def take_apart(url: str | bytes) -> Parts | None:
    """The parts of an http(s) address, or of a path that starts with a slash; None for anything else."""
    text = url.decode("utf-8", "replace") if isinstance(url, bytes) else url
    if len(text) > LONGEST:
        text = _shortened(text)
    head, _, query = text.partition("#")[0].partition("?")
    if head.startswith("/"):
        return Parts("", head, query)
    scheme, found, rest = head.replace("\\", "/").strip().partition("://")
    if not found or scheme.lower() not in _SCHEMES:
        return None
    authority, slash, path = rest.lstrip("/").partition("/")
    return Parts(authority, slash + path, query)


def host_of(authority: str) -> str | None:
    """The host in lower case, without userinfo and port; None for addresses and what is no host's name."""
    host = authority.rpartition("@")[2].partition(":")[0].rstrip(".").lower()
    if not host or len(host) > HOST or not _OF_A_HOST.issuperset(host):
        return None
    return None if packed(host) or host.replace(".", "").isdigit() else host


def domain_of(host: str) -> str | None:
    """A host as others may know it: without "www.", without labels that look like someone's token.

    None where nothing is left that is a name of the public DNS (a top-level domain is never all digits).
    """
    labels = host.removeprefix("www.").split(".")
    tokens = [place for place, label in enumerate(labels) if is_token(label)]
    kept = labels[tokens[-1] + 1 :] if tokens else labels
    if len(kept) < 2 or not all(kept) or not kept[-1][0].isalpha():
        return None
    return ".".join(kept)


def _shortened(text: str) -> str:
    """Cut before a part that would not stand whole: half a mail address no longer shows its "@"."""
    return text[: max(0, *(text.rfind(mark, 0, LONGEST) for mark in _BETWEEN_PARTS))]
