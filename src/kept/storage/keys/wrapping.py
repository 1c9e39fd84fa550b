"""Wrapping: how a data key is stored so that only the master key opens it, and only as what it is."""

import secrets
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kept.base.errors import Damaged

MARK = b"kept-key"
"""What every wrapped key begins with, so that a forgotten copy can be found in raw pages."""

NONCE_BYTES = 12
KEY_BYTES = 32
WRAPPED_BYTES = len(MARK) + NONCE_BYTES + KEY_BYTES + 16  # 16: the tag of AES-GCM
GONE = bytes(WRAPPED_BYTES)
"""What a destroyed key is overwritten with: as long as a wrapped key, so that no row ever moves."""


FROM_MIRROR = "restore the key database from its mirror"


class KeyName(NamedTuple):
    """What a key is for. `kind` is person, workspace or signing; `owner` a subject or workspace number."""

    kind: str
    owner: int
    use: str

    def bound_to(self, installation: bytes) -> bytes:
        """The associated data: a wrapped key moved to another row, or another house, does not open."""
        parts = (installation, self.kind.encode(), str(self.owner).encode(), self.use.encode())
        return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def new_key() -> bytes:
    """A data key: 256 random bits."""
    return secrets.token_bytes(KEY_BYTES)


def wrap(master: bytes, key: bytes, bound_to: bytes) -> bytes:
    """`key` under AES-256-GCM (NIST SP 800-38D) with a random nonce; 68 bytes.

    Random nonces are sound for 2^32 wrappings under one master key, far beyond the people of one house.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    return MARK + nonce + AESGCM(master).encrypt(nonce, key, bound_to)


def unwrap(master: bytes, wrapped: bytes, bound_to: bytes) -> bytes:
    """The key that `wrap` was given.

    Raises `Damaged` if the bytes were changed, belong to another name, or the master key is another.
    """
    nonce = wrapped[len(MARK) : len(MARK) + NONCE_BYTES]
    try:
        return AESGCM(master).decrypt(nonce, wrapped[len(MARK) + NONCE_BYTES :], bound_to)
    except (InvalidTag, ValueError) as error:
        raise Damaged(
            "a stored key does not open",
            why="its bytes were changed, or they were moved from another place",
            next_step=FROM_MIRROR,
            where="keys.db",
        ) from error
