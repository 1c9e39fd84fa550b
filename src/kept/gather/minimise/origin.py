"""What is kept of an address: its network, and its country. The address itself goes no further."""

import msgspec

from kept.gather.minimise.address import bits_of, network_of, shorten
from kept.gather.minimise.country import country_of_bits

REMEMBERED = 65_536
_BY_NETWORK: dict[bytes, "Origin"] = {}


class Origin(msgspec.Struct, frozen=True, gc=False):
    """The network as `shorten` gives it, and the country as ISO 3166-1 has it; None for what is not known."""

    network: str | None
    country: str | None


NOWHERE = Origin(None, None)


def origin_of(address: str | bytes) -> Origin:
    """The network of an address, and its country, looked up while the address is whole.

    Remembered by the network, where the list tells no finer. Networks are what is stored anyway; whole addresses are
    never remembered.
    """
    bits = bits_of(address)
    if bits is None:
        return Origin(shorten(address), None)  # a network, or nothing
    stays = bits[:3] if len(bits) == 4 else bits[:6]
    return _BY_NETWORK.get(stays) or _look_up(bits, stays)


def _look_up(bits: bytes, stays: bytes) -> Origin:
    country, exact = country_of_bits(bits)
    origin = Origin(network_of(bits), country)
    if exact <= 8 * len(stays):
        if len(_BY_NETWORK) >= REMEMBERED:
            _BY_NETWORK.clear()
        _BY_NETWORK[stays] = origin
    return origin
