"""The access logs of Amazon's load balancers: classic, and application, which begin with the kind of request.

    [http] time balancer client:port target:port 0.1 0.2 0.3 status status bytes bytes "request" "user agent" …

The request names the whole URL. No referrer is written. `-` for a status: nothing was answered.
"""

from functools import partial

from kept.gather.weblog.fields import UNANSWERED, given, request_of, split_target, status_of, without_port
from kept.gather.weblog.forms.form import Form
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.moment import iso_moment
from kept.gather.weblog.quoting import cut, decode

QUOTES = 4
WORDS = 11
KINDS = frozenset({"http", "https", "h2", "grpcs", "ws", "wss"})


class Balancer:
    """Reads lines of one of them. `kinds`: the kind of request stands in front."""

    def __init__(self, *, kinds: bool) -> None:
        self._kinds = kinds

    def read(self, number: int, raw: bytes) -> LogLine | Malformed:
        """What the line says; never raises."""
        fields = cut(decode(raw), QUOTES)
        if fields is None or fields[2] != " ":
            return Malformed(number, Fault.QUOTES)
        words = self._words(fields[0])
        if words is None:
            return Malformed(number, Fault.FIELDS)
        ts = iso_moment(words[0])
        if ts is None:
            return Malformed(number, Fault.TIME)
        status = UNANSWERED if words[7] == "-" else status_of(words[7])
        if status is None:
            return Malformed(number, Fault.STATUS)
        address = without_port(words[2])
        if not address:
            return Malformed(number, Fault.ADDRESS)
        method, target = request_of(fields[1])
        host, target = split_target(target)
        agent = given(fields[3])
        return LogLine(number, raw, host, address, ts, method, target, status, None, agent, names_agents=True)

    def _words(self, head: str) -> list[str] | None:
        words = head.split()
        if self._kinds:
            words = words[1:] if words and words[0] in KINDS else []
        return words if len(words) == WORDS else None


ELB = Form("elb", "Amazon's classic load balancer", partial(Balancer, kinds=False))
ALB = Form("alb", "Amazon's application load balancer", partial(Balancer, kinds=True))
