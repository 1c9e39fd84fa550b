"""Caddy's access log: JSON, with the request and its headers inside.

    {"logger": "http.log.access", "ts": 1699992000.5, "status": 200, "request": {"client_ip", "remote_ip",
     "method", "host", "uri", "headers": {"User-Agent": [""], "Referer": [""]}}}

`client_ip` is what Caddy holds to be the client, by the proxies that it was told to trust; before 2.7 there is
none, and before 2.5 `remote_addr` with a port stands for `remote_ip`.
"""

from typing import cast

from kept.gather.weblog.fields import client_of, given, is_method, site_of, status_of, without_port
from kept.gather.weblog.forms.form import Form
from kept.gather.weblog.json_text import Entry, entry_of, status_text, text_of
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.moment import Moments, moment_of

ACCESS = "http.log.access"


class Caddy:
    """Reads lines of it. Caddy writes of other things too, into the same file if so configured."""

    def __init__(self) -> None:
        self._moments = Moments()

    def read(self, number: int, raw: bytes) -> LogLine | Malformed:
        """What the line says; never raises."""
        entry = entry_of(raw)
        if entry is None:
            return Malformed(number, Fault.JSON)
        request = _within(entry, "request")
        if not request or not text_of(entry.get("logger", ACCESS)).startswith(ACCESS):
            return Malformed(number, Fault.OTHER)
        ts = moment_of(entry.get("ts"), self._moments)
        if ts is None:
            return Malformed(number, Fault.TIME)
        status = status_of(status_text(entry.get("status")))
        if status is None:
            return Malformed(number, Fault.STATUS)
        headers = _within(request, "headers")
        address = _client(request, headers)
        if not address:
            return Malformed(number, Fault.ADDRESS)
        method, target = text_of(request.get("method")), text_of(request.get("uri"))
        return LogLine(
            number,
            raw,
            site_of(text_of(request.get("host"))),
            address,
            ts,
            method if is_method(method) and target else "",
            target,
            status,
            given(_header(headers, "Referer")),
            given(_header(headers, "User-Agent")),
            bool(headers),
        )


def _within(entry: Entry, name: str) -> Entry:
    found = entry.get(name)
    return cast(Entry, found) if isinstance(found, dict) else {}


def _header(headers: Entry, name: str) -> str:
    values = headers.get(name)
    return text_of(values[0]) if isinstance(values, list) and values else ""


def _client(request: Entry, headers: Entry) -> str:
    if told := text_of(request.get("client_ip")):
        return told
    remote = text_of(request.get("remote_ip")) or without_port(text_of(request.get("remote_addr")))
    return client_of(remote, _header(headers, "X-Forwarded-For"))


CADDY = Form("caddy", "Caddy: JSON", Caddy)
