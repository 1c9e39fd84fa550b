"""Random and keyed ids. Delta Lake has no unsigned integers, so every number here fits 63 bits."""

import hashlib
import secrets
from collections.abc import Callable
from struct import Struct

MASK_63 = (1 << 63) - 1
_length = Struct(">I").pack
_LENGTHS = tuple(map(_length, range(256)))
_number = Struct(">Q").unpack  # half the time of int.from_bytes


def random_63() -> int:
    """A random number of 63 bits, never negative."""
    return secrets.randbits(63)


def keyed_63(key: bytes, *parts: bytes) -> int:
    """A 63-bit pseudonym of `parts`, which nobody without `key` (1 to 64 bytes) can recompute or test.

    BLAKE2b in its keyed mode (RFC 7693). Each part is preceded by its length, so ("ab", "c") and
    ("a", "bc") differ.
    """
    digest = hashlib.blake2b(key=key, digest_size=8)
    for part in parts:
        digest.update(_length(len(part)))
        digest.update(part)
    return int.from_bytes(digest.digest(), "big") & MASK_63


def prepare(key: bytes, *first: bytes) -> Callable[[bytes], int]:
    """A function of one last part that gives what `keyed_63(key, *first, last)` gives, in half the time."""
    begun = hashlib.blake2b(b"".join(_length(len(part)) + part for part in first), key=key, digest_size=8)

    def of(last: bytes) -> int:
        digest, length = begun.copy(), len(last)
        digest.update((_LENGTHS[length] if length < 256 else _length(length)) + last)
        found: int = _number(digest.digest())[0]
        return found & MASK_63

    return of


def prepare_for_subject(key: bytes, first: bytes) -> Callable[[bytes, bytes], int]:
    """A function of a subject (8 bytes) and a last part: `keyed_63(key, first, subject, last)`."""
    begun = hashlib.blake2b(_length(len(first)) + first + _length(8), key=key, digest_size=8)

    def of(subject: bytes, last: bytes) -> int:
        digest, length = begun.copy(), len(last)
        digest.update(subject + (_LENGTHS[length] if length < 256 else _length(length)) + last)
        found: int = _number(digest.digest())[0]
        return found & MASK_63

    return of


def token(prefix: str) -> str:
    """A secret of 256 random bits, in letters that survive a URL, after a prefix that tells what it is."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"
