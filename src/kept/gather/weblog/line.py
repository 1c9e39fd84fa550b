"""What a line of a server log says, and what is wrong with one that says nothing."""

from enum import Enum

import msgspec

LONGEST = 64 << 10
"""Bytes of a line. Of one that is longer nothing is read."""


class LogLine(msgspec.Struct, frozen=True, gc=False):
    """One request as a server noted it. The name of a signed-in user (%u) is not even read."""

    number: int  # of the line in its file, from 1
    raw: bytes  # the line itself, without its end
    host: str | None  # the site asked, where the format names it
    address: str  # of the client, whole: it goes no further than minimising
    ts: int  # milliseconds of UTC
    method: str  # empty when the request cannot be read
    target: str  # path with query
    status: int
    referrer: str | None
    agent: str | None
    names_agents: bool  # whether the format has a user agent at all


class Fault(Enum):
    """Why a line cannot be read. A closed list."""

    QUOTES = "a field in quotation marks is missing or does not end"
    TIME = "the time cannot be read"
    STATUS = "the status or the size is no number"
    ADDRESS = "the client is missing"
    JSON = "this is no object of JSON"
    FIELDS = "fields are missing, or there are too many"
    UNNAMED = "no line #Fields stands before it that names what it says"
    OTHER = "it tells of something else than a request"
    TOO_LONG = "longer than 64 KiB"
    UNFINISHED = "the file ends within the line; it is read when the line is complete"
    ARCHIVE = "the compressed file is damaged or ends early; what stood before it was read"
    BOMB = "more comes out of the compressed file than a log becomes; what stood before it was read"


class Malformed(msgspec.Struct, frozen=True, gc=False):
    """A line that cannot be read: where it stands and why. Its text is not kept."""

    number: int
    fault: Fault
