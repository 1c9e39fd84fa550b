"""What is kept of an address: its network, and its country. The address itself goes no further."""

from kept.gather.minimise.address import bits_of, network_of, shorten
from kept.gather.minimise.country import country_of_bits


def origin_of(address: str | bytes) -> tuple[str | None, str | None]:
    """The network of an address, and its country (ISO 3166-1), looked up while the address is whole."""
    bits = bits_of(address)
    if bits is None:
        return shorten(address), None  # a network, or nothing
    return network_of(bits), country_of_bits(bits)[0]
