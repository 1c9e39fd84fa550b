"""The audit: recompute everything and say what is not as it was written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from sqlalchemy import Connection

from kept.base.errors import Damaged
from kept.ledger import store
from kept.ledger.checkpoints import read_checkpoint
from kept.ledger.merkle import Frontier, leaf_hash
from kept.storage.records import Records

MOST_FINDINGS = 100
"""More are not listed: past the first, most follow from it."""


class Flaw(Enum):
    """What can be wrong with a log. A closed list."""

    ALTERED = "the entry is not the one that was hashed here: altered, or moved"
    MISSING = "an entry is missing before this one"
    SUBTREE = "the stored hashes do not follow from the entries"
    ROOT = "the entries up to here are not those that the checkpoint signed"
    SIGNATURE = "the checkpoint was not signed with this key, or was changed"
    CUT = "the log is shorter than the checkpoint says"


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw, at an entry's index, or at the size that a checkpoint speaks of."""

    flaw: Flaw
    at: int


@dataclass(slots=True)
class Audit:
    """What was checked and what was found. Entries from `signed` on stand under no checkpoint yet."""

    entries: int = 0
    checkpoints: int = 0
    signed: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether nothing was found."""
        return not self.findings

    def note(self, flaw: Flaw, at: int) -> None:
        """Write down a flaw."""
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(flaw, at))


def verify(records: Records, public_key: bytes, older: Iterable[str] = ()) -> Audit:
    """Recompute every leaf, subtree and root, and check every checkpoint, in one snapshot.

    `older` are checkpoints that someone kept outside: only they show that the log was cut, or written anew by
    whoever holds the signing key. Checkpoints need no further proof of consistency: each one's root is
    recomputed from the same entries, so each begins the next.
    """
    audit = Audit()
    with records.read() as connection:
        stored = store.all_notes(connection)
        roots = _signed_roots(audit, public_key, stored, older)
        _walk(connection, audit, roots)
    audit.checkpoints = len(stored)
    audit.signed = max((size for size in roots if size <= audit.entries), default=0)
    for size in roots:
        if size > audit.entries:
            audit.note(Flaw.CUT, size)
    return audit


def _signed_roots(
    audit: Audit, public_key: bytes, stored: Mapping[int, str], older: Iterable[str]
) -> dict[int, set[bytes]]:
    roots: dict[int, set[bytes]] = {}
    for size, note in [*stored.items(), *((None, note) for note in older)]:
        try:
            read = read_checkpoint(note, public_key)
        except Damaged:
            audit.note(Flaw.SIGNATURE, size or 0)
            continue
        if size not in (None, read.size):
            audit.note(Flaw.SIGNATURE, size or 0)
        roots.setdefault(read.size, set()).add(read.root)
    return roots


def _walk(connection: Connection, audit: Audit, roots: Mapping[int, set[bytes]]) -> None:
    frontier = Frontier()
    _check_root(audit, roots, frontier)
    for row in store.all_entries(connection):
        if row.number != frontier.size:  # what follows stands at another place than it was hashed for
            audit.note(Flaw.MISSING, row.number)
            return
        leaf = leaf_hash(row.fact)
        expected = frontier.add(leaf)
        if row.hashes[:32] != leaf:
            audit.note(Flaw.ALTERED, row.number)
        elif row.hashes != expected:
            audit.note(Flaw.SUBTREE, row.number)
        audit.entries = frontier.size
        _check_root(audit, roots, frontier)


def _check_root(audit: Audit, roots: Mapping[int, set[bytes]], frontier: Frontier) -> None:
    signed = roots.get(frontier.size)
    if signed is not None and signed != {frontier.root()}:
        audit.note(Flaw.ROOT, frontier.size)
