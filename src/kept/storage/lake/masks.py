"""Rows that may serve the same purposes stand together: why, and which of them get a file of their own.

A mask says for which purposes an event may be used. Where it differs from row to row every question must ask
each row for it; where all rows of a file have one mask, the file is read whole or not at all. So a rewrite
gives each frequent mask of a leaf and month a file of its own, and puts the rare ones together in one.
"""

from collections.abc import Mapping

OWN_ROWS = 16_384
"""Fewer rows than that are read faster in a file with others."""
OWN_SHARE = 16
"""At most so many masks of one leaf and month have files of their own."""


def frequent(rows: Mapping[int, int], own_rows: int = OWN_ROWS) -> tuple[int, ...]:
    """The masks that get a file of their own, given how many rows each has; the least first."""
    enough = max(own_rows, -(-sum(rows.values()) // OWN_SHARE))
    return tuple(sorted(mask for mask, count in rows.items() if count >= enough))
