"""Signed notes (c2sp.org/signed-note), so that checkpoints are checked by tools that are not ours.

A note is a text, an empty line, and signature lines. The text is signed with Ed25519 (RFC 8032). Signatures
by keys we do not know, such as a witness's, are ignored; ours must be there and must hold.
"""

import base64
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from kept.base.errors import BadInput, Damaged

_ED25519 = b"\x01"
_DASH = "\N{EM DASH} "


def origin_of(public_key: bytes) -> str:
    """The ledger's own name, which begins each checkpoint: made from the key, so no two logs share one."""
    return f"kept-ledger/{sha256(public_key).hexdigest()[:16]}"


def sign_note(text: str, key: Ed25519PrivateKey) -> str:
    """`text`, which ends with a newline, as a signed note."""
    public = key.public_key().public_bytes_raw()
    signature = to_base64(_key_id(public) + key.sign(text.encode()))
    return f"{text}\n{_DASH}{origin_of(public)} {signature}\n"


def open_note(note: str, public_key: bytes) -> str:
    """The text of a note that the key signed. Raises `Damaged` if it did not, or the text was changed."""
    text, _, lines = note.rpartition("\n\n")
    signatures = [_signature(line, public_key) for line in lines.split("\n")]
    ours = [signature for signature in signatures if signature is not None]
    if not ours or not lines.endswith("\n") or not all(_holds(text + "\n", one, public_key) for one in ours):
        raise Damaged(
            "the signature does not hold",
            why="the text was changed, or another key signed it",
            where="signed note",
            next_step="Take the note as it was given out, and the public key of the installation that gave it.",
        )
    return text + "\n"


def public_key_line(public_key: bytes) -> str:
    """The public key as one line, in the form that tools for signed notes read: `name+id+key`."""
    return f"{origin_of(public_key)}+{_key_id(public_key).hex()}+{to_base64(_ED25519 + public_key)}"


def read_public_key(line: str) -> bytes:
    """The 32 bytes of a key that `public_key_line` wrote."""
    try:
        key = from_base64(line.strip().split("+", 2)[2])[1:]
    except (IndexError, ValueError):
        key = b""
    if len(key) != 32 or public_key_line(key) != line.strip():
        raise BadInput(
            "this is no public key of a ledger",
            next_step="give the line that 'kept ledger public-key' prints",
            where="public key",
            why="The line is not in the form of one, or was changed.",
        )
    return key


def to_base64(data: bytes) -> str:
    """Standard Base64 (RFC 4648, section 4)."""
    return base64.b64encode(data).decode()


def from_base64(text: str) -> bytes:
    """What `to_base64` was given. Other spellings of the same bytes raise ValueError: one proof, one text."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("not Base64") from None
    if to_base64(data) != text:
        raise ValueError("not the usual spelling")
    return data


def _key_id(public_key: bytes) -> bytes:
    return sha256(origin_of(public_key).encode() + b"\n" + _ED25519 + public_key).digest()[:4]


def _signature(line: str, public_key: bytes) -> bytes | None:
    name, _, encoded = line.removeprefix(_DASH).rpartition(" ")
    try:
        data = from_base64(encoded)
    except ValueError:
        return None
    known = line.startswith(_DASH) and name == origin_of(public_key) and data[:4] == _key_id(public_key)
    return data[4:] if known else None


def _holds(text: str, signature: bytes, public_key: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
