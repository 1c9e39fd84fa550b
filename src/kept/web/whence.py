"""Where a request comes from: the sender's own address, behind the proxies that are trusted to name it."""

import logging
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from kept.base.errors import BadInput

FORWARDED = b"x-forwarded-for"
log = logging.getLogger(__name__)


class Proxies:
    """Proxies whose X-Forwarded-For is believed: addresses, or networks such as 10.0.0.0/8."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._exact: set[str] = set()
        self._networks = []
        self._told = False
        for text in trusted:
            try:
                network = ip_network(text)
            except ValueError as error:
                raise BadInput(
                    f"{text} is neither an address nor a network",
                    where="trusted proxies",
                    next_step="Write it as 127.0.0.1 or 10.0.0.0/8.",
                    why="Only what names a proxy by its address can be trusted.",
                ) from error
            if network.num_addresses == 1:
                self._exact.add(str(network.network_address))
            else:
                self._networks.append(network)

    def trust(self, address: str) -> bool:
        """Whether this address is one of them."""
        if address in self._exact:
            return True
        if not self._networks:
            return False
        try:
            return any(ip_address(address) in network for network in self._networks)
        except ValueError:
            return False

    def sender(self, peer: str | None, forwarded: bytes | None) -> str:
        """The right-most address that is not a trusted proxy's. What stands further left, anyone can write.

        `peer` is who holds the connection; None (a local socket) counts as trusted. "" when nothing is known.
        """
        if forwarded is None:
            return peer or ""
        if peer is not None and not self.trust(peer):
            self._tell(peer)
            return peer
        address = peer or ""
        if b"," not in forwarded:
            return _without_port(forwarded.decode("latin-1").strip())
        for entry in reversed(forwarded.decode("latin-1").split(",")):
            address = _without_port(entry.strip())
            if not self.trust(address):
                break
        return address

    def _tell(self, peer: str) -> None:
        """Say once that a proxy of the own network is not believed. An address out of it may be a visitor's."""
        if self._told or not _is_private(peer):
            return
        self._told = True
        log.warning(
            "X-Forwarded-For of %s is not believed: KEPT_TRUSTED_PROXIES does not name it. "
            "If it is your proxy, name it there: until then all its visitors count as one.",
            peer,
        )


def _is_private(address: str) -> bool:
    try:
        return ip_address(address).is_private
    except ValueError:
        return False


def _without_port(entry: str) -> str:
    if ":" not in entry:
        return entry
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry
