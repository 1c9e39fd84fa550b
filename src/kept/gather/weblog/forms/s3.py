"""Amazon S3's server access log, of a bucket that serves a site.

    owner bucket [time] client requester id operation key "request" status error bytes size 7 6 "referrer"
    "user agent" version id signature cipher authentication host tls …

Only `GET.OBJECT` sends what a key names; other operations ask with GET too, for lists and settings, and are
taken for methods of their own. Where the host is Amazon's, the bucket stands in the path.
"""

from kept.gather.weblog.fields import UNANSWERED, given, request_of, site_of, status_of
from kept.gather.weblog.forms.form import Form
from kept.gather.weblog.line import Fault, LogLine, Malformed
from kept.gather.weblog.moment import LENGTH, Moments
from kept.gather.weblog.quoting import cut, decode

QUOTES = 6
HOST = 5
AMAZON = (".amazonaws.com", ".amazonaws.com.cn")


class S3:
    """Reads lines of it."""

    def __init__(self) -> None:
        self._moments = Moments()

    def read(self, number: int, raw: bytes) -> LogLine | Malformed:
        """What the line says; never raises."""
        fields = cut(decode(raw), QUOTES)
        if fields is None or fields[4] != " ":
            return Malformed(number, Fault.QUOTES)
        owner, _, rest = fields[0].partition(" [")
        ts = self._moments.read(rest[:LENGTH])
        if ts is None:
            return Malformed(number, Fault.TIME)
        names, words = owner.split(), rest[LENGTH + 1 :].split()
        if len(names) != 2 or len(words) != 5:
            return Malformed(number, Fault.FIELDS)
        address, operation = words[0], words[3]
        if address == "-":
            return Malformed(number, Fault.OTHER)  # S3's own doing, such as expiry
        status = _status(fields[2])
        if status is None:
            return Malformed(number, Fault.STATUS)
        host = _host(fields[6])
        method, target = _request(fields[1], operation, names[1], host)
        site = None if host.endswith(AMAZON) else site_of(host)
        return LogLine(
            number, raw, site, address, ts, method, target, status, given(fields[3]), given(fields[5]), True
        )


def _status(field: str) -> int | None:
    status = field.strip().partition(" ")[0]
    return UNANSWERED if status == "-" else status_of(status)


def _host(tail: str) -> str:
    words = tail.split()
    return words[HOST].lower() if len(words) > HOST else ""


def _request(field: str, operation: str, bucket: str, host: str) -> tuple[str, str]:
    method, target = request_of(field)
    if method == "GET" and not operation.endswith(".GET.OBJECT"):
        method = operation
    if host.startswith("s3") and host.endswith(AMAZON) and target.startswith(f"/{bucket}/"):
        target = target[len(bucket) + 1 :]
    return method, target


S3_LOG = Form("s3", "Amazon S3: server access log", S3)
