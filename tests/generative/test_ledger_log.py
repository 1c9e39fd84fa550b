"""The stored log against the plain list: however appended, proofs and audit agree, and tampering shows."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from kept import ledger
from kept.ledger import facts, merkle, store
from kept.ledger.log import inclusion_proof
from kept.ledger.writing import to_bytes
from kept.storage.keys import Keys
from kept.storage.records import Records

BATCHES = st.lists(st.integers(0, 9), min_size=1, max_size=12)


def fact(number: int) -> facts.Fact:
    return facts.ErasureHidden(at=1, erasure=number)


@contextmanager
def house(batches: list[int]) -> Iterator[tuple[Records, Keys]]:
    """A log appended in batches of those sizes, with a checkpoint after each."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").mkdir()
        records = Records(Path(folder) / "data" / "records.db")
        keys = Keys.open(Path(folder) / "data" / "keys.db", Path(folder) / "master.key")
        with records.write() as connection:
            for batch in batches:
                size = ledger.size(connection)
                ledger.append_all(connection, [fact(size + number) for number in range(batch)])
                ledger.checkpoint(connection, keys)
        yield records, keys
        keys.close()
        records.close()


@settings(max_examples=40, deadline=None)
@given(BATCHES, st.data())
def test_stored_proofs_hold_for_every_size_the_log_ever_had(batches: list[int], data: st.DataObject) -> None:
    with house(batches) as (records, keys), records.read() as connection:
        total = sum(batches)
        leaves = [merkle.leaf_hash(to_bytes(fact(number))) for number in range(total)]
        new = data.draw(st.integers(0, total))
        root = ledger.root_at(connection, new)
        if new:
            index, old = data.draw(st.integers(0, new - 1)), data.draw(st.integers(1, new))
            proof = inclusion_proof(connection, index, new)
            assert merkle.verify_inclusion(leaves[index], index, new, proof, root)
            steps = ledger.consistency_proof(connection, old, new)
            assert merkle.verify_consistency(old, new, steps, ledger.root_at(connection, old), root)
        assert ledger.verify(records, keys.signing_key().public_key().public_bytes_raw()).clean


@settings(max_examples=40, deadline=None)
@given(BATCHES.filter(any), st.data())
def test_a_flipped_bit_anywhere_is_found(batches: list[int], data: st.DataObject) -> None:
    with house(batches) as (records, keys):
        number = data.draw(st.integers(0, sum(batches) - 1))
        column = data.draw(st.sampled_from(["fact", "hashes"]))
        place = data.draw(st.integers(min_value=0))
        with records.write() as connection:
            row = connection.execute(store.entry.select().where(store.entry.c.number == number)).one()
            before = row.fact.encode() if column == "fact" else row.hashes
            at = place % len(before)
            after = before[:at] + bytes([before[at] ^ 1]) + before[at + 1 :]
            value = after.decode() if column == "fact" else after
            connection.execute(
                update(store.entry).where(store.entry.c.number == number).values({column: value})
            )
        assert not ledger.verify(records, keys.signing_key().public_key().public_bytes_raw()).clean
