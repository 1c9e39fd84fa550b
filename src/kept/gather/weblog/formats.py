"""The log formats that are read: common, combined, and either with the site's name in front.

    host ident user [time] "request" status bytes                          common
    host ident user [time] "request" status bytes "referrer" "user agent"  combined
    site:port host ident user [time] …                                     with the site in front

(Apache's `common`, `combined`, `vhost_combined`; nginx's `combined`. Further fields at the end, such as
`$http_x_forwarded_for` in nginx's packaged configuration, are passed over.)
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from kept.gather.minimise.address import packed
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.moment import LENGTH, Moments


@dataclass(frozen=True, slots=True)
class Format:
    """`agents`: referrer and user agent follow. `sites`: the site's name stands in front."""

    name: str
    agents: bool
    sites: bool

    @property
    def quotes(self) -> int:
        """How many quotation marks a line has at least."""
        return 6 if self.agents else 2


FORMATS = {
    each.name: each
    for each in (
        Format("combined", agents=True, sites=False),
        Format("vhost combined", agents=True, sites=True),
        Format("common", agents=False, sites=False),
        Format("vhost common", agents=False, sites=True),
    )
}
_BY_SHAPE = {(each.agents, each.sites): each for each in FORMATS.values()}

# A field in quotation marks, in which a backslash protects the next character. Possessive: read once.
_QUOTED = re.compile(r'"((?:[^"\\]++|\\.)*+)"', re.DOTALL)
_ESCAPE = re.compile(rb"\\(x[0-9A-Fa-f]{2}|.)", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v", b"b": b"\b"}


def recognise(lines: Iterable[bytes]) -> Format | None:
    """The format that most of these lines have; None when none has any."""
    reader = {shape: Reader(shape) for shape in FORMATS.values()}
    votes: Counter[Format] = Counter()
    for raw in lines:
        shape = _shape_of(raw.decode("latin-1"))
        votes[shape] += isinstance(reader[shape].read(0, raw), LogLine)
    best, count = votes.most_common(1)[0] if votes else (None, 0)
    return best if count else None


def _shape_of(text: str) -> Format:
    first, _, rest = text.partition(" ")
    second = rest.partition(" ")[0]
    sites = packed(first) is None and packed(second) is not None
    return _BY_SHAPE[text.count('"') >= 6, sites]


class Reader:
    """Reads lines of one format."""

    def __init__(self, shape: Format) -> None:
        self._agents, self._sites, self._quotes = shape.agents, shape.sites, shape.quotes
        self._moments = Moments()

    def read(self, number: int, raw: bytes) -> LogLine | Malformed:
        """What the line says; never raises."""
        text = _decode(raw)
        fields = _simple_fields(text, self._quotes) or _escaped_fields(text, self._quotes)
        if fields is None or (self._agents and fields[4] != " "):
            return Malformed(number, Fault.QUOTES)
        before, bracket, stamp = fields[0].partition(" [")
        ts = self._moments.read(stamp[:LENGTH])
        if not bracket or ts is None:
            return Malformed(number, Fault.TIME)
        status = _status(fields[2])
        if status is None:
            return Malformed(number, Fault.STATUS)
        host, address = _who(before, self._sites)
        if not address:
            return Malformed(number, Fault.ADDRESS)
        method, target = _request(fields[1])
        referrer, agent = (fields[3], fields[5]) if self._agents else ("", "")
        return LogLine(
            number,
            raw,
            host,
            address,
            ts,
            method,
            target,
            status,
            _given(referrer),
            _given(agent),
            self._agents,
        )


def _decode(raw: bytes) -> str:
    """UTF-8, or else Latin-1, in which everything is something."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _simple_fields(text: str, quotes: int) -> list[str] | None:
    """Cut at the quotation marks, which is right when no backslash protects one."""
    if "\\" in text:
        return None
    fields = text.split('"')
    return fields if len(fields) > quotes and len(fields) % 2 else None


def _escaped_fields(text: str, quotes: int) -> list[str] | None:
    """The same fields where backslashes stand; what they protect is put back."""
    if "\\" not in text:
        return None
    fields = _QUOTED.split(text)  # outside and inside take turns
    if len(fields) <= quotes or '"' in fields[0] or '"' in fields[2]:
        return None
    return [_unescape(field) if place % 2 else field for place, field in enumerate(fields)]


def _unescape(field: str) -> str:
    if "\\" not in field:
        return field
    return _decode(_ESCAPE.sub(lambda found: _meant(found[1]), field.encode("utf-8", "surrogateescape")))


def _meant(escaped: bytes) -> bytes:
    if len(escaped) == 3:
        return bytes.fromhex(escaped[1:].decode())
    return _CONTROLS.get(escaped, escaped)


def _who(before: str, sites: bool) -> tuple[str | None, str]:
    if not sites:
        return None, before.partition(" ")[0].rstrip(",")
    host, _, rest = before.partition(" ")
    return host.partition(":")[0].lower() or None, rest.partition(" ")[0].rstrip(",")


def _status(field: str) -> int | None:
    """The status of ` 200 5123 `; a size of "-" is none."""
    status, _, size = field.strip().partition(" ")
    if len(status) != 3 or not (status.isascii() and status.isdigit()):
        return None
    return int(status) if size == "-" or (size.isascii() and size.isdigit()) else None


def _request(field: str) -> tuple[str, str]:
    """Method and target of `GET /path HTTP/1.1`; spaces in the target belong to it. Else two empty texts."""
    method, _, rest = field.partition(" ")
    target, found, _ = rest.rpartition(" HTTP/")
    target = target if found else rest
    if not target or not (method.isascii() and method.isalpha()):
        return "", ""
    return method, target


def _given(field: str) -> str | None:
    return None if field in ("", "-") else field
