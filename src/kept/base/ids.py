"""Random and keyed ids. Delta Lake has no unsigned integers, so every number here fits 63 bits."""

import hashlib
import secrets

MASK_63 = (1 << 63) - 1


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
        digest.update(len(part).to_bytes(4, "big"))
        digest.update(part)
    return int.from_bytes(digest.digest(), "big") & MASK_63


def token(prefix: str) -> str:
    """A secret of 256 random bits, in letters that survive a URL, after a prefix that tells what it is."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"
