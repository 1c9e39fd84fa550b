"""What is kept of an address: its country, and its network. The address itself goes no further."""

from typing import NamedTuple

from kept.gather.minimise.address import shorten
from kept.gather.minimise.country import country_of


class Origin(NamedTuple):
    """Where a request came from. `address` is shortened; `country` is an ISO 3166-1 code."""

    address: str | None
    country: str | None


def origin_of(address: str | bytes) -> Origin:
    """The network and the country of an address, the country looked up while the address is whole."""
    return Origin(shorten(address), country_of(address))
