"""A page's address, reduced to its path: no query but the campaign's, no userinfo, no token, no fragment."""

import re
from functools import lru_cache

import msgspec

from kept.gather.minimise.campaign import campaign_of
from kept.gather.minimise.segment import PLAIN, TOKEN_LENGTH, clean_segment, is_plain
from kept.gather.minimise.web_address import LONGEST, host_of, take_apart

PATH = 512


class Page(msgspec.Struct, frozen=True, gc=False):
    """What is kept of a page's address. `path` starts with a slash; `host` is None for a path alone."""

    path: str | None
    host: str | None
    campaign: str | None


NO_PAGE = Page(None, None, None)

_PATH = rf"(?:/{PLAIN})*+/?+"
_HOST = r"[a-z][a-z0-9-]{0,62}+(?:\.[a-z0-9-]{1,63}+){0,4}+"
_PLAIN_PATH = re.compile(_PATH)
_LONGER = re.compile(rf"[^/]{{{TOKEN_LENGTH}}}")
_PLAIN_PAGE = re.compile(rf"(?:https?+://({_HOST}))?+({_PATH})")


def page_of(url: str | bytes) -> Page:
    """What may be kept of the address of a page; `NO_PAGE` for what is neither http(s) nor a path.

    `page_of(page.path)` gives the same path again.
    """
    if type(url) is str and len(url) <= LONGEST:
        head, _, query = url.partition("?")
        if 0 < len(head) <= PATH and (plain := _PLAIN_PAGE.fullmatch(head)) and _is_told(plain[2]):
            return Page(plain[2] or "/", plain[1], campaign_of(query.partition("#")[0]))
    parts = take_apart(url)
    if parts is None:
        return NO_PAGE
    host = host_of(parts.authority) if parts.authority else None
    # enforces: page-to-path
    return Page(clean_path(parts.path), host, campaign_of(parts.query))


def clean_path(path: str) -> str:
    """A path of clean segments, at most 512 characters, cut between two segments."""
    if len(path) <= PATH and _PLAIN_PATH.fullmatch(path) and _is_told(path):
        return path or "/"
    return judge_path(path)


def _is_told(path: str) -> bool:
    """Whether each segment of a path that has the shape of words stays as it is."""
    return _LONGER.search(path) is None or all(is_plain(segment) for segment in path.split("/") if segment)


@lru_cache(maxsize=1_024)
def judge_path(path: str) -> str:
    """The same for any path, plain ones too."""
    given = path.replace("\\", "/").split("/")
    segments = [clean for clean in map(clean_segment, given) if clean]
    end = "/" if not given[-1] else ""
    return _fit(segments, end)


def _fit(segments: list[str], end: str) -> str:
    whole = "/" + "/".join(segments) + (end if segments else "")
    if len(whole) <= PATH:
        return whole
    return whole[: whole.rindex("/", 0, PATH)] or "/"
