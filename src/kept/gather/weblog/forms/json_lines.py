"""JSON, one object a line, under the names that configurations of nginx and Apache use.

There is no standard: `log_format … escape=json` and Apache's LogFormat leave the names to their writer. Those
of the variables are known, and the usual others; case, `_`, `-` and `@` in them do not matter. The first that
is there and not empty counts.
"""

from functools import lru_cache

from kept.gather.weblog.fields import client_of, given, is_method, request_of, site_of, status_of
from kept.gather.weblog.forms.form import Form
from kept.gather.weblog.json_text import Entry, entry_of, status_text, text_of
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.moment import Moments, moment_of

ADDRESS = ("remoteaddr", "remoteip", "clientip", "remotehost", "client", "ip")
FORWARDED = ("httpxforwardedfor", "xforwardedfor", "xff")
TIME = ("timeiso8601", "timelocal", "timestamp", "time", "msec", "datetime", "ts")
REQUEST = ("request", "requestline")
METHOD = ("requestmethod", "method", "verb")
TARGET = ("requesturi", "uri", "url", "path")
QUERY = ("args", "querystring", "query")
STATUS = ("status", "statuscode", "responsestatus", "response", "code")
REFERRER = ("httpreferer", "httpreferrer", "referer", "referrer")
AGENT = ("httpuseragent", "useragent", "agent")
SITE = ("httphost", "host", "servername", "vhost", "virtualhost", "site", "domain")


class JsonLines:
    """Reads lines of JSON."""

    def __init__(self) -> None:
        self._moments = Moments()

    def read(self, number: int, raw: bytes) -> LogLine | Malformed:
        """What the line says; never raises."""
        entry = entry_of(raw)
        if entry is None:
            return Malformed(number, Fault.JSON)
        named = {_plain(name): value for name, value in entry.items()}
        said = {name: value for name, value in named.items() if value not in ("", "-", None)}
        request = _request(said) or _none(named)
        if request is None:
            return Malformed(number, Fault.FIELDS)
        ts = moment_of(_first(said, TIME), self._moments)
        if ts is None:
            return Malformed(number, Fault.TIME)
        status = status_of(status_text(_first(said, STATUS)))
        if status is None:
            return Malformed(number, Fault.STATUS)
        address = _text(said, ADDRESS).partition(",")[0].strip()
        if not address:
            return Malformed(number, Fault.ADDRESS)
        return LogLine(
            number,
            raw,
            site_of(_text(said, SITE)),
            client_of(address, _text(said, FORWARDED)),
            ts,
            *request,
            status,
            given(_text(said, REFERRER)),
            given(_text(said, AGENT)),
            any(name in named for name in AGENT),
        )


@lru_cache(maxsize=1_024)
def _plain(name: str) -> str:
    return name.lower().translate(_NO_MARKS)


_NO_MARKS = str.maketrans("", "", "_-@")


def _first(said: Entry, names: tuple[str, ...]) -> object:
    return next((said[name] for name in names if name in said), None)


def _text(said: Entry, names: tuple[str, ...]) -> str:
    return text_of(_first(said, names))


def _request(said: Entry) -> tuple[str, str] | None:
    """Method and target, from the request's own line or from its parts; None where neither can be read."""
    whole = _text(said, REQUEST)
    found = request_of(whole)
    method, target = _text(said, METHOD), _text(said, TARGET) or whole
    if found[0] or not is_method(method) or not target:
        return found if found[0] else None
    query = _text(said, QUERY).removeprefix("?")
    target = f"{target}?{query}" if query and "?" not in target else target
    return method, target


def _none(named: Entry) -> tuple[str, str] | None:
    """No request that could be read; None where the form has no place for one."""
    return ("", "") if any(name in named for name in REQUEST + TARGET) else None


JSON = Form("json", "nginx, Apache: JSON, one object a line", JsonLines)
