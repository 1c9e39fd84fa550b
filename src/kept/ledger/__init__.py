"""What happened, provably: an append-only log of facts that nobody can change without it being seen.

Ground of every promise: what Kept says it did, it can show, to the person, the regulator and the auditor,
with tools that are not ours. A person stands in it only under a pseudonym made with a key of their own; once
that key is destroyed, the log is whole and the person is nobody in it.
"""

from kept.ledger import facts
from kept.ledger.audit import Audit, Finding, Flaw, verify
from kept.ledger.checkpoints import Checkpoint, checkpoint, latest_checkpoint, read_checkpoint
from kept.ledger.facts import Fact
from kept.ledger.log import Entry, append, append_all, consistency_proof, entries, root_at, size
from kept.ledger.notes import public_key_line, read_public_key
from kept.ledger.once import tell_once, told_of
from kept.ledger.people import EVIDENCE, pseudonym
from kept.ledger.receipts import Doubt, NotProven, Proven, checkpoint_of_receipt, receipt, verify_receipt

__all__ = [
    "EVIDENCE",
    "Audit",
    "Checkpoint",
    "Doubt",
    "Entry",
    "Fact",
    "Finding",
    "Flaw",
    "NotProven",
    "Proven",
    "append",
    "append_all",
    "checkpoint",
    "checkpoint_of_receipt",
    "consistency_proof",
    "entries",
    "facts",
    "latest_checkpoint",
    "pseudonym",
    "public_key_line",
    "read_checkpoint",
    "read_public_key",
    "receipt",
    "root_at",
    "size",
    "tell_once",
    "told_of",
    "verify",
    "verify_receipt",
]
