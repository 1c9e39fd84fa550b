"""A purpose's bit. The registry only ever grows, so that what a stored mask means never changes."""

from collections.abc import Iterable, Mapping

from kept.base.errors import BadInput

MOST = 63
"""Bits in a mask: Delta Lake and SQL have no unsigned integers, and the 64th is the sign."""


def assign_bits(known: Mapping[str, int], purposes: Iterable[str]) -> dict[str, int]:
    """The registry with a bit for each purpose; those known keep theirs, and no bit is given a second time.

    BadInput when a new purpose would be the 64th that this installation ever had.
    """
    bits = dict(known)
    for name in purposes:
        if name not in bits:
            bits[name] = max(bits.values(), default=-1) + 1
    if max(bits.values(), default=0) >= MOST:
        raise BadInput(
            f"There is room for {MOST} purposes, and {len(bits)} have been used.",
            why="A purpose that was taken out keeps its bit, since data stored under it may still exist.",
            next_step="Join purposes that people are asked about together, or take up an old name again.",
            where="purposes",
        )
    return bits
