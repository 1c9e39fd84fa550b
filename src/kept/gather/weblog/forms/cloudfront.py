"""CloudFront's standard access log: the W3C's extended form with tabs, and names of its own in `#Fields`.

Values are encoded as in URLs; a browser's name may be so twice (`%2520` for a space).
"""

from collections.abc import Sequence
from urllib.parse import unquote

from kept.gather.weblog.forms.form import Form
from kept.gather.weblog.forms.w3c import Extended, Places, last_directive

OWN = "x-edge-location"


def _split(text: str, count: int) -> Sequence[str] | None:
    values = text.split("\t")
    return values if len(values) == count else None


def _plain(value: str) -> str:
    once = unquote(value, errors="replace")
    return unquote(once, errors="replace") if "%20" in once else once


def _own(places: Places) -> bool:
    return OWN in places


def _reader() -> Extended:
    return Extended(_own, _split, _plain)


CLOUDFRONT = Form(
    "cloudfront", "Amazon CloudFront: standard log, with #Fields", _reader, directive=last_directive
)
