"""Proofs of random logs hold, and fail after any single change. The model is RFC 9162, 2.1, word for word."""

from collections.abc import Sequence
from hashlib import sha256

from hypothesis import given, settings
from hypothesis import strategies as st

from kept.ledger import merkle
from kept.ledger.merkle import Frontier, Node

SIZES = st.integers(min_value=1, max_value=300)


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf_hash(str(number).encode()) for number in range(size)]


def root_by_definition(hashes: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word for word."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    left, right = root_by_definition(hashes[:split]), root_by_definition(hashes[split:])
    return sha256(b"\x01" + left + right).digest()


def stored(size: int) -> list[bytes]:
    frontier = Frontier()
    return [frontier.add(leaf) for leaf in leaves(size)]


def folded(plan: list[list[Node]], kept: list[bytes]) -> list[bytes]:
    def hash_of(node: Node) -> bytes:
        entry, at = merkle.stored_at(node)
        return kept[entry][at : at + 32]

    return [merkle.fold([hash_of(node) for node in part]) for part in plan]


KEPT = stored(300)


def root(size: int) -> bytes:
    return folded([merkle.cover(0, size)], KEPT)[0]


@given(SIZES)
def test_roots_are_those_of_the_definition(size: int) -> None:
    assert root(size) == root_by_definition(leaves(size))
    frontier = Frontier()
    for leaf in leaves(size):
        frontier.add(leaf)
    assert frontier.root() == root(size)


def test_a_leaf_is_hashed_as_the_standard_says() -> None:
    assert merkle.leaf_hash(b"") == sha256(b"\x00").digest()
    assert root(1) == sha256(b"\x000").digest()


@given(SIZES, st.data())
def test_inclusion_holds_and_fails_after_any_change(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof, leaf = folded(merkle.inclusion_plan(index, size), KEPT), leaves(size)[index]
    assert merkle.verify_inclusion(leaf, index, size, proof, root(size))
    assert len(proof) <= (size - 1).bit_length()
    for wrong in changed(proof, data):
        assert not merkle.verify_inclusion(leaf, index, size, wrong, root(size))
    assert not merkle.verify_inclusion(flipped(leaf, data), index, size, proof, root(size))
    assert not merkle.verify_inclusion(leaf, index, size, proof, flipped(root(size), data))
    other = data.draw(st.integers(-2, size + 2).filter(lambda number: number != index))
    assert not merkle.verify_inclusion(leaf, other, size, proof, root(size))


@given(SIZES, SIZES, st.data())
def test_consistency_holds_between_any_two_sizes_and_fails_after_any_change(
    one: int, two: int, data: st.DataObject
) -> None:
    old, new = sorted((one, two))
    proof = folded(merkle.consistency_plan(old, new), KEPT)
    assert merkle.verify_consistency(old, new, proof, root(old), root(new))
    assert len(proof) <= (new - 1).bit_length() + 1
    for wrong in changed(proof, data):
        assert not merkle.verify_consistency(old, new, wrong, root(old), root(new))
    assert not merkle.verify_consistency(old, new, proof, flipped(root(old), data), root(new))
    assert not merkle.verify_consistency(old, new, proof, root(old), flipped(root(new), data))


@given(SIZES, SIZES, SIZES)
def test_no_proof_makes_a_forked_log_consistent(one: int, two: int, fork: int) -> None:
    old, new = sorted((one, two))
    changed_at = (fork - 1) % old
    forked = leaves(new)
    forked[changed_at] = merkle.leaf_hash(b"forged")
    frontier = Frontier()
    kept = [frontier.add(leaf) for leaf in forked]
    proof = folded(merkle.consistency_plan(old, new), kept)
    assert not merkle.verify_consistency(old, new, proof, root(old), frontier.root())


@settings(max_examples=300)
@given(
    st.integers(-3, 40),
    st.integers(-3, 40),
    st.lists(st.binary(min_size=32, max_size=32), max_size=8),
    st.binary(min_size=32, max_size=32),
)
def test_nonsense_proves_nothing_and_never_raises(
    old: int, new: int, proof: list[bytes], other: bytes
) -> None:
    assert not merkle.verify_inclusion(other, old, new, proof, bytes(32))
    assert not merkle.verify_consistency(old, new, proof, other, bytes(32)) or (
        old == new and other == bytes(32)
    )


def changed(proof: list[bytes], data: st.DataObject) -> list[list[bytes]]:
    wrong = [[*proof, bytes(32)]]
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        wrong += [
            [*proof[:at], flipped(proof[at], data), *proof[at + 1 :]],
            [*proof[:at], *proof[at + 1 :]],
            [*proof[:at], proof[at], *proof[at:]],
        ]
    return wrong


def flipped(value: bytes, data: st.DataObject) -> bytes:
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    return (int.from_bytes(value, "big") ^ 1 << bit).to_bytes(len(value), "big")
