"""Segment, as its SDKs send it: `/v1/track` and the like from servers, `/v1/t` and the like from browsers."""

from kept.gather.protocols.segment.speaking import SEGMENT

__all__ = ["SEGMENT"]
