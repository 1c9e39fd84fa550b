"""Why a line of a log is not kept: a closed list, counted in the report."""

from enum import Enum


class NotKept(Enum):
    """One line is refused for one reason, the first in this order that applies."""

    NO_REQUEST = "no request for a path"
    METHOD = "asked by another method than GET"
    PIECE = "no whole page was sent"
    STATUS = "an error or a redirect"
    FOR_MACHINES = "for machines: robots.txt, sitemaps and the like"
    FEED = "a feed"
    ASSET = "part of a page: image, style, script, font"
    FILE = "a file that is no page"
    UNDECLARED = "the policy does not gather page views from server logs"
    NO_PURPOSE = "no purpose may use it where the visitor is"
    TOO_OLD = "older than the policy keeps page views"
    IN_FUTURE = "lies in the future"
    KNOWN = "imported before"
    UNSETTLED = "sent by an import that broke off more than 47 hours ago: it may be kept already"
