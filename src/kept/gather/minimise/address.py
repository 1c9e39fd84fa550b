"""Internet addresses, shortened to the network they stand in.

/24 of IPv4 and /48 of IPv6, what regulators and the larger analytics products take as the least. An IPv6
address that carries an IPv4 address inside its first 48 bits (6to4, RFC 3056) or is one in disguise
(v4-mapped, RFC 4291 section 2.5.5.2) is treated as that IPv4 address: shortened as IPv6 it would stay whole.
"""

from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

MAPPED = bytes(10) + b"\xff\xff"
SIX_TO_FOUR = b"\x20\x02"
_REST_OF_48 = bytes(10)


def shorten(address: str | bytes) -> str | None:
    """The network of an address, "192.0.2.0/24" or "2001:db8:7::/48"; None for what is no address.

    A network that `shorten` gave comes back unchanged.
    """
    try:
        if isinstance(address, bytes):
            address = address.decode("ascii")
        if ":" in address:
            return _shorten_6(address)
        four = inet_pton(AF_INET, address)
    except (OSError, ValueError):  # ValueError: a zero byte, or letters that no address has
        return _already_short(address)
    return f"{four[0]}.{four[1]}.{four[2]}.0/24"  # enforces: address-shortened


def packed(address: str | bytes) -> bytes | None:
    """The 4 or 16 bytes of an address, 4 where IPv6 only wraps IPv4; None for what is no address."""
    try:
        if isinstance(address, bytes):
            address = address.decode("ascii")
        return _unwrap(inet_pton(AF_INET6, address)) if ":" in address else inet_pton(AF_INET, address)
    except (OSError, ValueError):
        return None


def _unwrap(six: bytes) -> bytes:
    if six.startswith(MAPPED):
        return six[12:]
    return six[2:6] if six.startswith(SIX_TO_FOUR) else six


def _shorten_6(address: str) -> str:
    bits = _unwrap(inet_pton(AF_INET6, address))
    if len(bits) == 4:
        return f"{bits[0]}.{bits[1]}.{bits[2]}.0/24"
    return inet_ntop(AF_INET6, bits[:6] + _REST_OF_48) + "/48"  # enforces: address-shortened-6


def _already_short(address: str | bytes) -> str | None:
    if not isinstance(address, str) or not address.endswith(("/24", "/48")):
        return None
    again = shorten(address[:-3])
    return again if again == address else None
