"""What is kept of an address: its network, and its country. The address itself goes no further."""

from kept.gather.minimise.address import shorten
from kept.gather.minimise.country import country_of


def origin_of(address: str | bytes) -> tuple[str | None, str | None]:
    """The network of an address, and its country (ISO 3166-1), looked up while the address is whole."""
    return shorten(address), country_of(address)
