"""The forms that logs are read in, and how one is recognised. A new form is a file here and a line in `FORMS`."""

from collections.abc import Sequence
from typing import NamedTuple

from kept.gather.weblog.forms import caddy, clf, cloudfront, elb, haproxy, json_lines, s3, traefik, w3c
from kept.gather.weblog.forms.form import Form, Reader
from kept.gather.weblog.line import LogLine
from kept.gather.weblog.quoting import decode

FORMS = {
    form.name: form
    for form in (
        clf.COMBINED,
        clf.VHOST_COMBINED,
        clf.COMMON,
        clf.VHOST_COMMON,
        json_lines.JSON,
        caddy.CADDY,
        traefik.TRAEFIK,
        traefik.TRAEFIK_JSON,
        haproxy.HAPROXY,
        w3c.W3C,
        cloudfront.CLOUDFRONT,
        elb.ELB,
        elb.ALB,
        s3.S3_LOG,
    )
}

__all__ = ["FORMS", "Form", "Reader", "Vote", "votes"]


class Vote(NamedTuple):
    """How many of the lines a form reads, and which of them is the first, by its place in the sample."""

    form: Form
    lines: int
    first: int


def votes(lines: Sequence[bytes]) -> list[Vote]:
    """Each form that reads any of these lines, the one that reads most in front."""
    found = [_vote(form, lines) for form in FORMS.values()]
    return sorted((vote for vote in found if vote.lines), key=lambda vote: -vote.lines)


def _vote(form: Form, lines: Sequence[bytes]) -> Vote:
    reader = form.reader()
    read = [place for place, raw in enumerate(lines) if _reads(form, reader, raw)]
    return Vote(form, len(read), read[0] if read else -1)


def _reads(form: Form, reader: Reader, raw: bytes) -> bool:
    return isinstance(reader.read(0, raw), LogLine) and form.claims(decode(raw))
