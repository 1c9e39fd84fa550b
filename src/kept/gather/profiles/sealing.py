"""Values under their person's key: AES-256-GCM (NIST SP 800-38D) with a random nonce, bound to whose and what it is.

A sealed value that is moved to another person, item or place does not open. Once the key is destroyed it is noise.
"""

import secrets
from collections.abc import Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kept.base.errors import Damaged

NONCE_BYTES = 12
PART_BYTES = 256 * 1024


def seal(key: bytes, plain: bytes, *bound_to: object) -> bytes:
    """`plain` sealed under a key of 32 bytes; longer by 28 bytes."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, _bound(bound_to))  # enforces: value-sealed


def unseal(key: bytes, sealed: bytes, *bound_to: object) -> bytes:
    """What `seal` was given. Raises `Damaged` if the bytes were changed, or belong to another place."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound(bound_to))
    except (InvalidTag, ValueError) as error:
        raise Damaged(
            "a value of a profile does not open",
            where="records: profile_value",
            why="Its bytes were changed, or they were moved from another place.",
            next_step="Restore the records from their copy.",
        ) from error


def parts_of(content: bytes) -> Iterator[bytes]:
    """A file's content in pieces that are sealed one by one, so that it can be given out piece by piece."""
    for at in range(0, len(content), PART_BYTES):
        yield content[at : at + PART_BYTES]


def _bound(bound_to: tuple[object, ...]) -> bytes:
    parts = (str(part).encode() for part in bound_to)
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)
