"""The W3C's extended log file format (WD-logfile-960323), as IIS writes it: `#Fields` names what lines say.

    #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) cs(Referer) sc-status
    2023-11-14 20:00:00 192.0.2.1 GET /jobs x=1 192.0.2.7 Mozilla/5.0+(X11) - 200

Times are UTC. IIS puts `+` for spaces; others put values with spaces in quotation marks. `#Fields` may come
again with other names, as after a restart.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from kept.gather.weblog.fields import client_of, given, is_method, site_of, status_of
from kept.gather.weblog.forms.form import Form
from kept.gather.weblog.line import LONGEST, Fault, LogLine, Malformed
from kept.gather.weblog.moment import iso_moment
from kept.gather.weblog.quoting import decode

DIRECTIVE = "#fields:"
AGENT = "cs(user-agent)"
_WORD = re.compile(r'"([^"]*)"(?=\s|$)|(\S+)')

Split = Callable[[str, int], Sequence[str] | None]
"""The values of a line, if there are as many as names."""
Places = Mapping[str, int]


class Extended:
    """Reads what follows `#Fields`, where those are of `own`. `plain` gives a header's value as it was sent."""

    def __init__(self, own: Callable[[Places], bool], split: Split, plain: Callable[[str], str]) -> None:
        self._own, self._split, self._plain = own, split, plain
        self._places: Places = {}

    def read(self, number: int, raw: bytes) -> LogLine | Malformed | None:
        """What the line says; None for a directive. Never raises."""
        text = decode(raw)
        if text.startswith("#"):
            self._direct(text)
            return None
        if not self._places:
            return Malformed(number, Fault.UNNAMED)
        values = self._split(text, len(self._places))
        if values is None:
            return Malformed(number, Fault.FIELDS)
        return self._line(number, raw, {name: values[place] for name, place in self._places.items()})

    def _direct(self, text: str) -> None:
        if text.lower().startswith(DIRECTIVE):
            places = {name: place for place, name in enumerate(text[len(DIRECTIVE) :].lower().split())}
            self._places = places if self._own(places) else {}

    def _line(self, number: int, raw: bytes, said: Mapping[str, str]) -> LogLine | Malformed:
        ts = iso_moment(f"{said.get('date', '')}T{said.get('time', '')}")
        if ts is None:
            return Malformed(number, Fault.TIME)
        status = status_of(said.get("sc-status", ""))
        if status is None:
            return Malformed(number, Fault.STATUS)
        forwarded = given(said.get("x-forwarded-for", "-")) or said.get("cs(x-forwarded-for)", "-")
        address = client_of(given(said.get("c-ip", "")) or "", self._plain(forwarded))
        if not address:
            return Malformed(number, Fault.ADDRESS)
        method, target = _request(said)
        return LogLine(
            number,
            raw,
            _site(said),
            address,
            ts,
            method,
            target,
            status,
            given(self._plain(said.get("cs(referer)", ""))),
            given(self._plain(said.get(AGENT, ""))),
            AGENT in said,
        )


def last_directive(data: bytes) -> bytes:
    """The last line that names fields, of lines each with its end; empty where there is none."""
    end = len(data)
    while end > 0:
        start = data.rfind(b"\n#", 0, end) + 1
        line = data[start : data.index(b"\n", start)]
        if line[: len(DIRECTIVE)].lower() == DIRECTIVE.encode() and len(line) <= LONGEST:
            return line
        end = start - 1
    return b""


def _site(said: Mapping[str, str]) -> str | None:
    """The first that is given: as the browser asked, as the server was reached."""
    names = ("x-host-header", "cs-host", "cs(host)")
    return next(filter(None, (site_of(said.get(name, "")) for name in names)), None)


def _request(said: Mapping[str, str]) -> tuple[str, str]:
    method, stem = said.get("cs-method", ""), given(said.get("cs-uri-stem", ""))
    query = given(said.get("cs-uri-query", "")) if stem else None
    target = stem or given(said.get("cs-uri", "")) or ""
    if not target or not is_method(method):
        return "", ""
    return method, f"{target}?{query}" if query else target


def _split(text: str, count: int) -> Sequence[str] | None:
    """Cut at spaces; where that makes too many, with quotation marks around what belongs together."""
    values: Sequence[str] = text.split()
    if len(values) > count and '"' in text:
        values = [found[1] if found[2] is None else found[2] for found in _WORD.finditer(text)]
    return values if len(values) == count else None


def _plain(value: str) -> str:
    return value.replace("+", " ")


def _own(places: Places) -> bool:
    return "x-edge-location" not in places


def _reader() -> Extended:
    return Extended(_own, _split, _plain)


W3C = Form("w3c", "IIS and others: W3C extended, with #Fields", _reader, directive=last_directive)
