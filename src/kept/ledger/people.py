"""How a person is named in the ledger."""

from hashlib import blake2b

EVIDENCE = "evidence"
"""The retention class of the key behind a person's pseudonym, for `Keys.person_key`."""


def pseudonym(key: bytes, subject: int) -> str:
    """The subject's name in the ledger: 128 bits in hexadecimal, under the person's own key of 32 bytes.

    BLAKE2b in its keyed mode (RFC 7693). Once the key is destroyed nobody can tell whose pseudonym it is, not
    even by trying every subject (GDPR recital 26).
    """
    return blake2b(subject.to_bytes(8, "big"), key=key, digest_size=16, person=b"kept ledger").hexdigest()
