"""What the fields of a line mean, the same in every form: status, request, site, client."""

from kept.gather.minimise.address import packed

_OWN = (b"\x0a", b"\x7f", b"\xa9\xfe", b"\xc0\xa8", b"\xfc", b"\xfd", b"\xfe\x80")
"""What the addresses of one's own network begin with, but for the ranges that end within a byte."""

_STATUSES = {f"{status:03}": status for status in range(1_000)}

UNANSWERED = 0
"""The status of a request that ended before any."""


def given(field: str) -> str | None:
    """The field, or None where the server had nothing to write."""
    return None if field in ("", "-") else field


def status_of(text: str) -> int | None:
    """A status of three digits."""
    return _STATUSES.get(text)


def request_of(field: str) -> tuple[str, str]:
    """Method and target of `GET /path HTTP/1.1`; spaces in the target belong to it. Else two empty texts."""
    method, _, rest = field.partition(" ")
    target, found, _ = rest.rpartition(" HTTP/")
    if not found:
        target = rest
    return (method, target) if target and method.isalpha() and method.isascii() else ("", "")


def is_method(text: str) -> bool:
    """Whether this could be a method: letters alone."""
    return text.isascii() and text.isalpha()


def site_of(text: str) -> str | None:
    """The site of `www.example.com:443`, without its port; None where none is named."""
    name = text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0]
    return None if name in ("", "-") else name.lower()


def split_target(target: str) -> tuple[str | None, str]:
    """Site and path of a whole URL, as proxies write them; a path alone is of no site that is named."""
    scheme, found, rest = target.partition("://")
    if not found or not is_method(scheme):
        return None, target
    end = min((place for mark in "/?" if (place := rest.find(mark)) >= 0), default=len(rest))
    path = rest[end:]
    return site_of(rest[:end]), path if path.startswith("/") else f"/{path}"


def without_port(text: str) -> str:
    """The address of `192.0.2.7:51234`, `[2001:db8::7]:51234` or `2001:db8::7:51234`, where a port is certain."""
    return text.rpartition(":")[0].strip("[]")


def client_of(address: str, forwarded: str) -> str:
    """Who asked: the first address of X-Forwarded-For, where the connection came from one's own network.

    Only a proxy of one's own is at such an address. From elsewhere the header is what anyone writes into it.
    """
    if not forwarded or not _is_own(address):
        return address
    first = forwarded.partition(",")[0].strip()
    return first if packed(first) else address


def _is_own(address: str) -> bool:
    """RFC 1918, 6598, 3927, 4193, loopback; a socket of the machine itself ("unix:") too."""
    bits = packed(address)
    if bits is None:
        return address == "unix:"
    if len(bits) == 4 and bits[0] in (172, 100):
        return 16 <= bits[1] < 32 if bits[0] == 172 else 64 <= bits[1] < 128
    return bits == bytes(15) + b"\x01" or _begins(bits)


def _begins(bits: bytes) -> bool:
    own = _OWN[:4] if len(bits) == 4 else _OWN[4:]
    return bits.startswith(own)
