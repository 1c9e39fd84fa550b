"""A receipt with any one character changed proves nothing, and no text makes the verifier fall over."""

import tempfile
from functools import cache
from pathlib import Path

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from kept import ledger
from kept.ledger import Proven, facts
from kept.storage.keys import Keys
from kept.storage.records import Records

ENTRIES = 23


@cache
def receipts() -> tuple[bytes, tuple[bytes, ...]]:
    """The public key, and the receipts of a small log."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "data").mkdir()
        records = Records(Path(folder) / "data" / "records.db")
        keys = Keys.open(Path(folder) / "data" / "keys.db", Path(folder) / "master.key")
        with records.write() as connection:
            ledger.append_all(
                connection, [facts.ErasureHidden(at=1, erasure=number) for number in range(ENTRIES)]
            )
            made = tuple(ledger.receipt(connection, keys, index) for index in range(ENTRIES))
        public = keys.signing_key().public_key().public_bytes_raw()
        keys.close()
        records.close()
    return public, made


@given(st.integers(0, ENTRIES - 1))
def test_an_unchanged_receipt_holds(index: int) -> None:
    public, made = receipts()
    assert ledger.verify_receipt(made[index], public) == Proven(
        index, facts.ErasureHidden(at=1, erasure=index), ENTRIES
    )


@settings(max_examples=400)
@given(
    st.integers(0, ENTRIES - 1),
    st.sampled_from(["entry", "proof"]),
    st.integers(min_value=0),
    st.one_of(st.characters(codec="utf-8"), st.sampled_from(["", "\n", "=", "A", "0", "+", " "])),
)
def test_any_changed_character_ends_the_proof(index: int, part: str, place: int, new: str) -> None:
    public, made = receipts()
    receipt = msgspec.json.decode(made[index], type=dict[str, str])
    at = place % len(receipt[part])
    if receipt[part][at] != new:
        receipt[part] = receipt[part][:at] + new + receipt[part][at + 1 :]
        assert not isinstance(ledger.verify_receipt(msgspec.json.encode(receipt), public), Proven)


@given(st.integers(0, ENTRIES - 1), st.integers(0, ENTRIES - 1))
def test_parts_of_two_receipts_do_not_make_a_third(one: int, two: int) -> None:
    public, made = receipts()
    first, second = (msgspec.json.decode(made[index], type=dict[str, str]) for index in (one, two))
    mixed = msgspec.json.encode({**first, "proof": second["proof"]})
    assert isinstance(ledger.verify_receipt(mixed, public), Proven) == (one == two)


@given(st.one_of(st.binary(), st.text()), st.text(), st.text())
def test_nonsense_is_turned_down_in_peace(whole: bytes | str, entry: str, proof: str) -> None:
    public, _ = receipts()
    assert not isinstance(ledger.verify_receipt(whole, public), Proven)
    shaped = msgspec.json.encode({"receipt": "kept/1", "entry": entry, "proof": proof})
    assert not isinstance(ledger.verify_receipt(shaped, public), Proven)
