"""The log itself: append facts within the caller's transaction, read them back, prove what is in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from kept.base.errors import BadInput
from kept.ledger import merkle, store
from kept.ledger.facts import Fact
from kept.ledger.merkle import Frontier, Node
from kept.ledger.writing import from_bytes, to_bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: its number, counted from 0, the fact, and the exact text that was hashed."""

    index: int
    fact: Fact
    text: str


def append(connection: Connection, fact: Fact) -> int:
    """Write one fact; returns its index, counted from 0.

    `connection` must be that of a `Records.write()` transaction: the fact then commits together with the act
    it tells of, or not at all, and the write lock keeps the order without gaps.
    """
    return append_all(connection, [fact])[0]


def append_all(connection: Connection, facts: Sequence[Fact]) -> range:
    """Write facts in this order, in one go; returns their indexes. See `append`."""
    texts = [to_bytes(fact) for fact in facts]
    frontier = _frontier(connection)
    first = frontier.size
    rows: list[dict[str, object]] = [
        {"number": index, "fact": text.decode(), "hashes": frontier.add(merkle.leaf_hash(text))}
        for index, text in enumerate(texts, first)
    ]
    if rows:
        store.put_entries(connection, rows)
    return range(first, frontier.size)


def size(connection: Connection) -> int:
    """How many facts there are."""
    return store.size(connection)


def entries(connection: Connection, start: int = 0) -> Iterator[Entry]:
    """The entries from `start` on, in order."""
    for row in store.all_entries(connection, start):
        yield Entry(row.number, from_bytes(row.fact), row.fact.decode())


def root_at(connection: Connection, size: int) -> bytes:
    """The root hash of the first `size` entries, 32 bytes. Costs log n."""
    [root] = _fold(connection, [merkle.cover(0, size)])
    return root


def inclusion_proof(connection: Connection, index: int, size: int) -> list[bytes]:
    """The hashes that show entry `index` to be among the first `size` (RFC 9162, 2.1.3)."""
    if not 0 <= index < size <= store.size(connection):
        raise BadInput(
            "the ledger has no such entry",
            where=f"entry {index} of {size}",
            why="It is shorter than that.",
            next_step="`kept ledger show` prints the newest entries with their numbers.",
        )
    return _fold(connection, merkle.inclusion_plan(index, size))


def consistency_proof(connection: Connection, old: int, new: int) -> list[bytes]:
    """The hashes that show the first `old` entries to begin the first `new` (RFC 9162, 2.1.4)."""
    if not 0 < old <= new <= store.size(connection):
        raise BadInput(
            "the ledger had no such sizes",
            where=f"{old} and {new}",
            why="The first must be 1 or more, the second no less, and no more than the log has.",
            next_step="Take sizes from checkpoints of this ledger.",
        )
    return _fold(connection, merkle.consistency_plan(old, new))


def _frontier(connection: Connection) -> Frontier:
    size = store.size(connection)
    edge = merkle.cover(0, size)
    known = store.nodes(connection, edge) if edge else {}
    return Frontier(size, [known[node] for node in edge])


def _fold(connection: Connection, plan: Sequence[Sequence[Node]]) -> list[bytes]:
    known = store.nodes(connection, merkle.nodes_of(plan))
    return [merkle.fold([known[node] for node in part]) for part in plan]
