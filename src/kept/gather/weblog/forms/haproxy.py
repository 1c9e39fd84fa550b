"""HAProxy's HTTP log (`option httplog`, `option httpslog`), with whatever syslog put in front of it.

    … client:port [14/Nov/2023:20:00:00.123] frontend backend/server 10/0/30/69/109 status bytes cookie cookie
      ---- 1/1/1/1/0 0/0 {headers} {headers} "request"

Its times name no zone; they are taken for UTC. Which headers were captured the line does not say, so none is
read: crawlers cannot be told from people. `#HH` stands for a byte that HAProxy does not print.
"""

import re

from kept.gather.weblog.fields import UNANSWERED, request_of, split_target, status_of, without_port
from kept.gather.weblog.forms.form import Form
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.moment import Moments
from kept.gather.weblog.quoting import decode

_HASHED = re.compile(rb"#([0-9A-Fa-f]{2})")
TO_SECONDS = 20
PARTS = 6


class HaProxy:
    """Reads lines of it."""

    def __init__(self) -> None:
        self._moments = Moments()

    def read(self, number: int, raw: bytes) -> LogLine | Malformed:
        """What the line says; never raises."""
        before, bracket, rest = decode(raw).partition(" [")
        stamp, _, rest = rest.partition("] ")
        parts = rest.split(" ", PARTS - 1)
        if not bracket or len(parts) < PARTS or "/" not in parts[1] or "/" not in parts[2]:
            return Malformed(number, Fault.OTHER)
        ts = self._ts(stamp)
        if ts is None:
            return Malformed(number, Fault.TIME)
        status = UNANSWERED if parts[3] == "-1" else status_of(parts[3])
        if status is None:
            return Malformed(number, Fault.STATUS)
        request = _quoted(parts[-1])
        if request is None:
            return Malformed(number, Fault.QUOTES)
        address = without_port(before.rpartition(" ")[2])
        if not address:
            return Malformed(number, Fault.ADDRESS)
        method, target = request_of(request)
        host, target = split_target(target)
        return LogLine(number, raw, host, address, ts, method, target, status, None, None, names_agents=False)

    def _ts(self, stamp: str) -> int | None:
        second = self._moments.read(f"{stamp[:TO_SECONDS]} +0000")
        part = stamp[TO_SECONDS + 1 :]
        if second is None or len(part) != 3 or not (part.isascii() and part.isdigit()):
            return None
        return second + int(part)


def _quoted(text: str) -> str | None:
    """The request, which HAProxy cuts where the line gets too long: then its end is missing."""
    request, end, _ = text.partition(' "')[2].partition('"')
    return _unhashed(request) if end else None


def _unhashed(text: str) -> str:
    if "#" not in text:
        return text
    return decode(_HASHED.sub(lambda found: bytes.fromhex(found[1].decode()), text.encode()))


HAPROXY = Form("haproxy", "HAProxy's HTTP log; its times, which name no zone, are taken for UTC", HaProxy)
