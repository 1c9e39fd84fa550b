"""The owner token: opens the console until people can sign in. Printed once; only its hash is kept.

A token of 256 random bits needs no slow hash: nobody can try them all.
"""

from hashlib import sha256
from hmac import compare_digest
from pathlib import Path

from kept.base.ids import token

FILE = "owner.sha256"


def make_owner_token(data: Path) -> str:
    """A new token; the one before stops working."""
    made = token("ot")
    path = data / FILE
    path.touch(mode=0o600)
    path.write_text(_hash(made))
    return made


def owner_token_once(data: Path) -> str | None:
    """A new owner token at the first start; None later."""
    return None if (data / FILE).exists() else make_owner_token(data)


def is_owner_token(data: Path, given: str) -> bool:
    """Whether `given` is the token in force."""
    path = data / FILE
    return path.exists() and compare_digest(path.read_text(), _hash(given))


def owner_mark(data: Path) -> str:
    """What tells one token in force from the next; empty before the first. It opens nothing."""
    path = data / FILE
    return path.read_text() if path.exists() else ""


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
