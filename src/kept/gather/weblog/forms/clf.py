"""The forms that Apache and nginx write unless told otherwise: common, combined, the site in front or not.

    host ident user [time] "request" status bytes                          common
    host ident user [time] "request" status bytes "referrer" "user agent"  combined
    site:port host ident user [time] …                                     with the site in front

(Apache's `common`, `combined`, `vhost_combined`; nginx's `combined`.) Where proxies stand in front, the host
may be a list, whose first is the client, or X-Forwarded-For follows in quotation marks after the user agent,
as in nginx's packaged configuration: see `client_of`. Further fields at the end are passed over.
"""

import re
from functools import partial

from kept.gather.minimise.address import packed
from kept.gather.weblog.fields import client_of, given, request_of, site_of, status_of
from kept.gather.weblog.forms.form import Form
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.moment import LENGTH, Moments
from kept.gather.weblog.quoting import cut, decode

_TRAEFIK = re.compile(r'" [0-9]+ "[^"]*" "[^"]*" [0-9]+ms$')


class Clf:
    """Reads lines of one of them. `agents`: referrer and user agent follow. `sites`: the site stands in front."""

    def __init__(self, *, agents: bool, sites: bool) -> None:
        self._agents, self._sites, self._quotes = agents, sites, 6 if agents else 2
        self._moments = Moments()

    def read(self, number: int, raw: bytes) -> LogLine | Malformed:
        """What the line says; never raises."""
        fields = cut(decode(raw), self._quotes)
        if fields is None or (self._agents and fields[4] != " "):
            return Malformed(number, Fault.QUOTES)
        before, bracket, stamp = fields[0].rpartition(" [")
        ts = self._moments.read(stamp[:LENGTH])
        if not bracket or ts is None:
            return Malformed(number, Fault.TIME)
        status, _, size = fields[2].strip().partition(" ")
        answered = status_of(status) if size == "-" or (size.isdigit() and size.isascii()) else None
        if answered is None:
            return Malformed(number, Fault.STATUS)
        host, before = _site(before) if self._sites else (None, before)
        address = before.partition(" ")[0].rstrip(",")
        if not address:
            return Malformed(number, Fault.ADDRESS)
        method, target = request_of(fields[1])
        if not self._agents:
            return LogLine(number, raw, host, address, ts, method, target, answered, None, None, False)
        if len(fields) > 7:
            address = client_of(address, fields[7])
        referrer, agent = given(fields[3]), given(fields[5])
        return LogLine(number, raw, host, address, ts, method, target, answered, referrer, agent, True)


def _site(before: str) -> tuple[str | None, str]:
    """The site that stands in front, and what follows it."""
    host, _, rest = before.partition(" ")
    return site_of(host), rest


def _claims(text: str, *, agents: bool, sites: bool) -> bool:
    return _shape(text) == (agents, sites) and not of_traefik(text)


def is_combined(text: str) -> bool:
    """Whether a line has the shape of combined, whatever follows."""
    return _shape(text) == (True, False)


def of_traefik(text: str) -> bool:
    """Whether a line ends as Traefik's do: count, router, server, and how long it took."""
    return _TRAEFIK.search(text) is not None


def _shape(text: str) -> tuple[bool, bool]:
    """Whether agents follow, and whether a site stands in front: then the second word is an address."""
    first, _, rest = text.partition(" ")
    second = rest.partition(" ")[0].rstrip(",")
    in_front = packed(first.rstrip(",")) is None and packed(second) is not None
    return text.count('"') >= 6, in_front


def _form(name: str, says: str, *, agents: bool, sites: bool) -> Form:
    return Form(
        name,
        says,
        reader=partial(Clf, agents=agents, sites=sites),
        claims=partial(_claims, agents=agents, sites=sites),
    )


COMBINED = _form("combined", "Apache, nginx", agents=True, sites=False)
VHOST_COMBINED = _form("vhost-combined", "the same, the site in front", agents=True, sites=True)
COMMON = _form("common", "Apache, nginx: no referrer, no browser", agents=False, sites=False)
VHOST_COMMON = _form("vhost-common", "the same, the site in front", agents=False, sites=True)
