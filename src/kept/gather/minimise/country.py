"""The country of an address, looked up before the address is shortened and then forgotten.

The list is vendored (`gather/lists`), so no address is ever sent to anyone. It is evidence of where someone
is, not proof; where it is silent, the answer is None and the strictest rule counts (S2).
"""

from functools import lru_cache
from pathlib import Path
from socket import AF_INET, AF_INET6, inet_ntop

import maxminddb

from kept.gather.minimise.address import bits_of
from kept.policy.places import COUNTRIES

LIST = Path(__file__).parents[1] / "lists" / "geo-whois-asn-country.mmdb"
_NOBODYS = tuple(
    bytes(network)
    for network in (
        *((0,), (10,), (127,), (169, 254), (192, 0, 0), (192, 0, 2), (192, 168)),
        *((198, 18), (198, 19), (198, 51, 100), (203, 0, 113)),
    )
)
_WITH_EXCEPTIONS = frozenset({0, 10, 100, 127, 169, 172, 192, 198, 203})
REMEMBERED = 65_536
_BY_WIDE: dict[bytes, tuple[str | None, int]] = {}  # by the first 2 bytes of IPv4, the first 5 of IPv6
_SAME: dict[tuple[str | None, int], tuple[str | None, int]] = {}
"""Each answer once, countries times lengths of prefixes at most: a table of addresses only points to it."""
_DOCUMENTATION_6 = b"\x20\x01\x0d\xb8"


def country_of(address: str | bytes) -> str | None:
    """The ISO 3166-1 code of the country where an address is used; None if unknown or no address."""
    bits = bits_of(address)
    return None if bits is None else country_of_bits(bits)[0]


def country_of_bits(bits: bytes) -> tuple[str | None, int]:
    """The country of 4 or 16 bytes, and the length of the prefix for which it holds.

    Nobody's ranges are taken for wider than any network. Five of six addresses stand in a network as wide as a /16:
    those are remembered.
    """
    wide = bits[: len(bits) // 4 + 1]
    return _BY_WIDE.get(wide) or _in_list(bits, wide)


def _in_list(bits: bytes, wide: bytes) -> tuple[str | None, int]:
    if not _is_public(bits):
        return None, 0
    found, exact = _reader().get_with_prefix_len(inet_ntop(AF_INET if len(bits) == 4 else AF_INET6, bits))
    code = found.get("country_code") if isinstance(found, dict) else None
    told = (code if isinstance(code, str) and code in COUNTRIES else None), exact
    told = _SAME.setdefault(told, told)
    if exact <= 8 * len(wide) and bits[0] not in _WITH_EXCEPTIONS:
        if len(_BY_WIDE) >= REMEMBERED:
            _BY_WIDE.clear()
        _BY_WIDE[wide] = told
    return told


@lru_cache(maxsize=1)
def _reader() -> maxminddb.Reader:
    """The list, mapped into memory: processes share its pages, and nothing is read until it is asked."""
    return maxminddb.open_database(LIST, maxminddb.MODE_AUTO)


def _is_public(bits: bytes) -> bool:
    """Whether an address can belong to a visitor at all (RFC 6890).

    The list names a country for some ranges that are nobody's (192.168.0.0/16 among them): a visitor behind
    an inner proxy would be judged by that country's law.
    """
    if len(bits) == 16:
        return bits[0] >> 5 == 1 and not bits.startswith(_DOCUMENTATION_6)  # 2000::/3
    first, second = bits[0], bits[1]
    if first not in _WITH_EXCEPTIONS:
        return first < 224
    if (first == 172 and 16 <= second < 32) or (first == 100 and 64 <= second < 128):
        return False
    return not bits.startswith(_NOBODYS)
