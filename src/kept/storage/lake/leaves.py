"""Leaves: the buckets that people's events are sorted into, so that one person's rewrite stays small.

A leaf is a prefix of the low bits of the subject's pseudonym, lowest bit first: `b` holds everyone, `b0`
those whose lowest bit is 0, `b01` of them those whose next bit is 1. A leaf that grows too large is split
in two; splits are never undone.
"""

from collections.abc import Collection, Iterator

ROOT = "b"


def leaves(splits: Collection[str], prefix: str = ROOT) -> Iterator[str]:
    """Every leaf below `prefix`, given the prefixes that were split."""
    if prefix not in splits:
        yield prefix
        return
    for bit in "01":
        yield from leaves(splits, prefix + bit)


def leaf_of(subject: int, splits: Collection[str]) -> str:
    """The leaf that holds a person's events."""
    prefix = ROOT
    while prefix in splits:
        prefix += str(subject >> (len(prefix) - 1) & 1)
    return prefix


def leaf_sql(splits: Collection[str], prefix: str = ROOT) -> str:
    """`leaf_of` as an SQL expression over the column `subject`."""
    if prefix not in splits:
        return f"'{prefix}'"
    low, high = (leaf_sql(splits, prefix + bit) for bit in "01")
    return f"case when (subject >> {len(prefix) - 1}) & 1 = 0 then {low} else {high} end"
