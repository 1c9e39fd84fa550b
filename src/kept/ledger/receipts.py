"""Receipts: one fact with the proof that it is in the log, to be checked anywhere, without Kept's database.

A receipt is a JSON object of three texts. `entry` is the fact exactly as it was logged. `proof` is a
transparency-log proof (c2sp.org/tlog-proof): the index, the hashes up to the root, and the signed checkpoint.
"""

from dataclasses import dataclass
from enum import Enum

import msgspec
from sqlalchemy import Connection

from kept.base.errors import BadInput, KeptError
from kept.ledger import merkle, store
from kept.ledger.checkpoints import Checkpoint, checkpoint, latest_checkpoint, read_checkpoint
from kept.ledger.facts import Fact
from kept.ledger.log import inclusion_proof
from kept.ledger.notes import from_base64, to_base64
from kept.ledger.writing import from_bytes
from kept.storage.keys import Keys

_PROOF_HEAD = "c2sp.org/tlog-proof@v1"


class _Receipt(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="receipt", tag="kept/1"):
    entry: str
    proof: str


class Doubt(Enum):
    """Why a receipt proves nothing. A closed list."""

    NOT_A_RECEIPT = "this is not a receipt"
    SIGNATURE = "the checkpoint was not signed with this key, or was changed"
    NOT_IN_LOG = "the entry is not the one that was logged at this place"


@dataclass(frozen=True, slots=True)
class Proven:
    """The fact is entry `index` of the log that the key signed when it had `size` entries."""

    index: int
    fact: Fact
    size: int


@dataclass(frozen=True, slots=True)
class NotProven:
    """The receipt proves nothing."""

    doubt: Doubt


def receipt(connection: Connection, keys: Keys, index: int) -> bytes:
    """The receipt of an entry, as JSON. Raises `BadInput` if there is no such entry.

    Call within `Records.write()`: if no checkpoint covers the entry yet, one is signed and kept.
    """
    text = store.fact_at(connection, index)
    if text is None:
        raise BadInput(
            "the ledger has no such entry",
            where=f"entry {index}",
            why="It is shorter than that.",
            next_step="`kept ledger show` prints the newest entries with their numbers.",
        )
    public = keys.signing_key().public_key().public_bytes_raw()
    signed = latest_checkpoint(connection, public, above=index) or checkpoint(connection, keys)
    whole = _Receipt(text, _write_proof(index, inclusion_proof(connection, index, signed.size), signed))
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"


def verify_receipt(text: bytes | str, public_key: bytes) -> Proven | NotProven:
    """Whether a receipt holds under the ledger's public key of 32 bytes. Needs no database and no network."""
    try:
        given = msgspec.json.decode(text, type=_Receipt)
        index, proof, note = _read_proof(given.proof)
        fact = from_bytes(given.entry.encode())
    except (msgspec.DecodeError, ValueError, BadInput):
        return NotProven(Doubt.NOT_A_RECEIPT)
    try:
        signed = read_checkpoint(note, public_key)
    except KeptError:
        return NotProven(Doubt.SIGNATURE)
    leaf = merkle.leaf_hash(given.entry.encode())
    if not merkle.verify_inclusion(leaf, index, signed.size, proof, signed.root):
        return NotProven(Doubt.NOT_IN_LOG)
    return Proven(index, fact, signed.size)


def checkpoint_of_receipt(text: bytes | str) -> str:
    """The checkpoint that a receipt carries, as its text, unverified. Raises `BadInput` for anything else."""
    try:
        return _read_proof(msgspec.json.decode(text, type=_Receipt).proof)[2]
    except (msgspec.DecodeError, ValueError):
        raise BadInput(
            Doubt.NOT_A_RECEIPT.value,
            where="receipt",
            why="It is not the JSON that `kept ledger prove` and receipts of deletions are made of.",
            next_step="Give the file as it was given out.",
        ) from None


def _write_proof(index: int, proof: list[bytes], signed: Checkpoint) -> str:
    return "\n".join([_PROOF_HEAD, f"index {index}", *map(to_base64, proof), "", signed.note])


def _read_proof(text: str) -> tuple[int, list[bytes], str]:
    head, _, note = text.partition("\n\n")
    version, index, *hashes = head.split("\n")
    number = int(index.removeprefix("index "))
    if version != _PROOF_HEAD or index != f"index {number}":
        raise ValueError("not a proof of this kind")
    return number, [from_base64(line) for line in hashes], note
