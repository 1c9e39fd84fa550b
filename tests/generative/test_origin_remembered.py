"""What is remembered of a network is what each of its addresses would have got alone."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.gather.minimise import country, country_of, origin, origin_of, shorten

NETWORKS = st.integers(0, 2**24 - 1).map(lambda bits: bits << 8)
FOUR = st.tuples(NETWORKS, st.lists(st.integers(0, 255), min_size=2, max_size=6)).map(
    lambda drawn: [str(IPv4Address(drawn[0] + host)) for host in drawn[1]]
)
SIX = st.tuples(
    st.integers(0x2000 << 32, 0x2FFF_FFFF_FFFF), st.lists(st.integers(0, 2**80 - 1), max_size=4)
).map(lambda drawn: [str(IPv6Address((drawn[0] << 80) + host)) for host in drawn[1]])
BY_HAND = st.sampled_from(
    [
        ["192.0.2.1", "192.0.2.255"],
        ["10.0.0.1"],
        ["2002:c000:0204::1", "192.0.2.4"],
        ["::ffff:84.128.0.1", "84.128.0.9"],
    ]
)


@given(addresses=FOUR | SIX | BY_HAND)
@settings(max_examples=500, deadline=None)
def test_a_remembered_origin_is_the_addresss_own(addresses: list[str]) -> None:
    for address in addresses * 2:
        assert origin_of(address) == origin.Origin(shorten(address), country_of(address))


def test_no_more_networks_are_remembered_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, table in ((origin, origin._BY_NETWORK), (country, country._BY_WIDE)):
        monkeypatch.setattr(module, "REMEMBERED", 50)
        table.clear()
        fullest = 0
        for number in range(500):
            origin_of(f"{1 + number % 99}.{number // 2}.7.1")
            fullest = max(fullest, len(table))
        assert fullest == 50
