"""What clients of other makes send is translated into our own words, and then judged like ours: there is one way in.

A protocol is a folder here. It says at which paths it is spoken, what a request in it says, and how it wants to be
answered. It decides nothing about people: who may say what stands in `judging`, for all of them alike.
"""

from collections.abc import Mapping

from kept.gather.protocols.matomo import MATOMO
from kept.gather.protocols.posthog import POSTHOG
from kept.gather.protocols.segment import SEGMENT
from kept.gather.protocols.wire import ClientProtocol

PROTOCOLS: tuple[ClientProtocol, ...] = (SEGMENT, POSTHOG, MATOMO)

_BY_ENDING: Mapping[bytes, ClientProtocol] = {
    ending: protocol for protocol in PROTOCOLS for ending in protocol.endings
}


def protocol_at(path: bytes) -> ClientProtocol | None:
    """The protocol that is spoken at a path, by how the path ends: what stands before is the company's affair."""
    parts = path.rstrip(b"/").rsplit(b"/", 2)
    return _BY_ENDING.get(b"/".join(parts[-2:])) or _BY_ENDING.get(parts[-1])
