"""Internet addresses, shortened to the network they stand in.

/24 of IPv4 and /48 of IPv6, what regulators and the larger analytics products take as the least. An IPv6
address that carries an IPv4 address inside its first 48 bits (6to4, RFC 3056), is one in disguise (v4-mapped,
RFC 4291 section 2.5.5.2) or is one behind a translator (NAT64, RFC 6052) is treated as that IPv4 address: the
first would stay whole if it were shortened as IPv6, and the others would lose their country.
"""

import re
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

MAPPED = bytes(10) + b"\xff\xff"
TRANSLATED = b"\x00\x64\xff\x9b" + bytes(8)
SIX_TO_FOUR = b"\x20\x02"
LONGEST = 128
_REST_OF_48 = bytes(10)
# An address as proxies and logs write it: with a port, in brackets, with the zone of a link (RFC 4007).
_DRESSED = re.compile(
    r"\[([0-9A-Fa-f:.]{2,45}+)(?:%[A-Za-z0-9_.~-]{1,32}+)?+\](?::[0-9]{1,5}+)?+"
    r"|([0-9A-Fa-f:.]{2,45}+)%[A-Za-z0-9_.~-]{1,32}+"
    r"|([0-9.]{7,15}+)(?::[0-9]{1,5}+)?+"
)


def shorten(address: str | bytes) -> str | None:
    """The network of an address, "192.0.2.0/24" or "2001:db8:7::/48"; None for what is no address.

    A port, brackets and a zone fall away. Of a list of addresses (X-Forwarded-For) nothing is taken: which of
    them is the sender's, only who knows the proxies can say. A network that `shorten` gave comes back unchanged.
    """
    bits = packed(address)
    return _shorten_otherwise(address) if bits is None else network_of(bits)


def network_of(bits: bytes) -> str:
    """The network of the 4 or 16 bytes that `packed` gave."""
    if len(bits) == 4:
        return f"{bits[0]}.{bits[1]}.{bits[2]}.0/24"  # enforces: address-shortened
    return inet_ntop(AF_INET6, bits[:6] + _REST_OF_48) + "/48"  # enforces: address-shortened-6


def packed(address: str | bytes) -> bytes | None:
    """The 4 or 16 bytes of an address, 4 where IPv6 only wraps IPv4; None for what is no bare address."""
    try:
        if isinstance(address, bytes):
            address = address.decode("ascii")
        return unwrap(inet_pton(AF_INET6, address)) if ":" in address else inet_pton(AF_INET, address)
    except (OSError, ValueError):
        return None


def bits_of(address: str | bytes) -> bytes | None:
    """The same of an address that may be dressed; None for what is none."""
    bits = packed(address)
    if bits is None and (bare := undress(address)) is not None:
        return packed(bare)
    return bits


def undress(address: str | bytes) -> str | None:
    """An address without port, brackets and zone; None where there was nothing of that kind to take away."""
    text = address.decode("latin-1") if isinstance(address, bytes) else address
    found = _DRESSED.fullmatch(text.strip(" \t")) if len(text) <= LONGEST else None
    if found is None:
        return None
    bare = found[1] or found[2]
    if bare:
        return bare if ":" in bare else None
    return found[3] if found[3] != text else None


def unwrap(six: bytes) -> bytes:
    """The IPv4 address that an IPv6 address only wraps, or itself: 4 or 16 bytes."""
    if six.startswith((MAPPED, TRANSLATED)):
        return six[12:]
    return six[2:6] if six.startswith(SIX_TO_FOUR) else six  # enforces: address-unwrapped


def _shorten_otherwise(address: str | bytes) -> str | None:
    """What is no bare address: one in the dress of a proxy or a log, or a network already."""
    bare = undress(address)
    if bare is not None:
        return shorten(bare)
    text = address.decode("latin-1") if isinstance(address, bytes) else address
    if not text.endswith(("/24", "/48")):
        return None
    again = shorten(text[:-3])
    return again if again == text else None
