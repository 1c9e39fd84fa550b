"""Traefik's access logs: like combined with four more fields at the end, or JSON.

    host - user [time] "request" status bytes "referrer" "user agent" count "router" "server" 12ms

In JSON the browser is named only where Traefik is told to keep headers (`accesslog.fields.headers`). Its
`ClientHost` is X-Forwarded-For as a whole, where that came; the first in it is the client.
"""

from functools import partial

from kept.gather.weblog.fields import given, is_method, site_of, status_of, without_port
from kept.gather.weblog.forms.clf import Clf, is_combined, of_traefik
from kept.gather.weblog.forms.form import Form
from kept.gather.weblog.json_text import Entry, entry_of, status_text, text_of
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.moment import Moments, moment_of

TIMES = ("StartUTC", "StartLocal", "time")
HEADER = "request_"


class TraefikJson:
    """Reads lines of JSON."""

    def __init__(self) -> None:
        self._moments = Moments()

    def read(self, number: int, raw: bytes) -> LogLine | Malformed:
        """What the line says; never raises."""
        entry = entry_of(raw)
        if entry is None:
            return Malformed(number, Fault.JSON)
        method, target = text_of(entry.get("RequestMethod")), text_of(entry.get("RequestPath"))
        if not method or not target:
            return Malformed(number, Fault.OTHER)
        ts = moment_of(next(filter(None, map(entry.get, TIMES)), None), self._moments)
        if ts is None:
            return Malformed(number, Fault.TIME)
        status = status_of(status_text(entry.get("DownstreamStatus")))
        if status is None:
            return Malformed(number, Fault.STATUS)
        address = _client(entry)
        if not address:
            return Malformed(number, Fault.ADDRESS)
        return LogLine(
            number,
            raw,
            site_of(text_of(entry.get("RequestHost"))),
            address,
            ts,
            method if is_method(method) else "",
            target,
            status,
            given(text_of(entry.get("request_Referer"))),
            given(text_of(entry.get("request_User-Agent"))),
            any(name.startswith(HEADER) for name in entry),
        )


def _client(entry: Entry) -> str:
    told = text_of(entry.get("ClientHost")) or without_port(text_of(entry.get("ClientAddr")))
    return told.partition(",")[0].strip()


def _claims(text: str) -> bool:
    return of_traefik(text) and is_combined(text)


TRAEFIK = Form("traefik", "Traefik: its common format", partial(Clf, agents=True, sites=False), _claims)
TRAEFIK_JSON = Form("traefik-json", "Traefik: JSON", TraefikJson)
