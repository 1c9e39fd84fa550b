"""The Merkle tree of RFC 9162, section 2.1: hashing, proofs and their verification. Pure.

A *node* is `(level, index)`: the root of the perfect subtree over the leaves `index << level` up to, not
including, `(index + 1) << level`. Such a hash never changes once its last leaf is there, so it is stored
once; every root and proof, of every size the log ever had, is folded from at most 2 log n of them.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

Node = tuple[int, int]

EMPTY = sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry; the 0 byte keeps a node from passing for an entry."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees."""
    return sha256(b"\1" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """One hash of neighbouring perfect subtrees, largest first, as RFC 9162 splits a tree."""
    if not hashes:
        return EMPTY
    *rest, result = hashes
    for left in reversed(rest):
        result = node_hash(left, result)
    return result


def cover(start: int, end: int) -> list[Node]:
    """The perfect subtrees over the leaves from `start` up to `end`, largest first.

    `start` must be a multiple of the largest power of two within the range, as in every split of a tree.
    """
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def inclusion_plan(index: int, size: int) -> list[list[Node]]:
    """What the proof that entry `index` is in a tree of `size` is folded from: one list of nodes a hash."""
    start, end, parts = 0, size, []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start = middle
    return [cover(*part) for part in reversed(parts)]


def consistency_plan(old: int, new: int) -> list[list[Node]]:
    """What the proof that the tree of `old` entries begins that of `new` is folded from. 0 < old <= new."""
    start, end, parts = 0, new, []
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start = middle
    if start:  # else the old tree is itself a perfect subtree, whose root the verifier knows
        parts.append((start, end))
    return [cover(*part) for part in reversed(parts)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether `proof` shows that the leaf hash `leaf` is entry `index` of the tree (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    result, steps = leaf, _Steps(index, size - 1)
    for sibling in proof:
        if steps.last == 0:
            return False
        result = node_hash(sibling, result) if steps.from_left() else node_hash(result, sibling)
        steps.up()
    return steps.last == 0 and result == root


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """Whether `proof` shows that the tree of `old` entries begins the one of `new` (RFC 9162, 2.1.4.2)."""
    if old in (0, new):
        return not proof and old <= new and old_root == (new_root if old else EMPTY)
    if not 0 < old < new or not proof:
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    steps = _Steps(old - 1, new - 1)
    steps.skip_right_edges()
    first = second = path[0]
    for sibling in path[1:]:
        if steps.last == 0:
            return False
        if steps.from_left():
            first, second = node_hash(sibling, first), node_hash(sibling, second)
        else:
            second = node_hash(second, sibling)
        steps.up()
    return steps.last == 0 and first == old_root and second == new_root


class _Steps:
    """The way from a leaf up to the root: its place and the last place, one bit shorter at each level."""

    def __init__(self, place: int, last: int) -> None:
        self.place = place
        self.last = last

    def from_left(self) -> bool:
        """Whether the next hash of the proof stands left of what is known. Skips levels without a sibling."""
        if self.place & 1:
            return True
        if self.place != self.last:
            return False
        while self.place and not self.place & 1:
            self.up()
        return True

    def skip_right_edges(self) -> None:
        while self.place & 1:
            self.up()

    def up(self) -> None:
        self.place >>= 1
        self.last >>= 1


class Frontier:
    """The right edge of a growing tree: the roots of its perfect subtrees, largest first."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        self.size = size
        self._hashes = list(hashes)

    def add(self, leaf: bytes) -> bytes:
        """Add a leaf hash; returns the hashes of the subtrees it completes, the leaf's own first, joined."""
        completed, place = [leaf], self.size
        while place & 1:
            completed.append(node_hash(self._hashes.pop(), completed[-1]))
            place >>= 1
        self._hashes.append(completed[-1])
        self.size += 1
        return b"".join(completed)

    def root(self) -> bytes:
        """The root of the tree so far."""
        return fold(self._hashes)


def stored_at(node: Node) -> tuple[int, int]:
    """Where a node is kept: the entry that completes it, and the offset in that entry's hashes."""
    level, index = node
    return ((index + 1) << level) - 1, 32 * level


def nodes_of(plan: Sequence[Sequence[Node]]) -> Iterator[Node]:
    """Every node of a plan."""
    return (node for part in plan for node in part)


def _split(width: int) -> int:
    """The largest power of two below `width` (> 1): where RFC 9162 splits a tree."""
    return 1 << ((width - 1).bit_length() - 1)
