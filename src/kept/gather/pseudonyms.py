"""`keyed_63` with its key and first parts taken in once: each event needs up to three pseudonyms."""

from collections.abc import Callable
from hashlib import blake2b
from struct import Struct

from kept.base.ids import MASK_63

_length = Struct(">I").pack
_LENGTHS = tuple(map(_length, range(256)))
_number = Struct(">Q").unpack  # half the time of int.from_bytes


def prepare(key: bytes, *first: bytes) -> Callable[[bytes], int]:
    """A function of one last part that gives what `keyed_63(key, *first, last)` gives, in half the time."""
    begun = blake2b(b"".join(_length(len(part)) + part for part in first), key=key, digest_size=8)

    def of(last: bytes) -> int:
        digest, length = begun.copy(), len(last)
        digest.update((_LENGTHS[length] if length < 256 else _length(length)) + last)
        found: int = _number(digest.digest())[0]
        return found & MASK_63

    return of


def prepare_for_subject(key: bytes, first: bytes) -> Callable[[bytes, bytes], int]:
    """A function of a subject (8 bytes) and a last part: `keyed_63(key, first, subject, last)`."""
    begun = blake2b(_length(len(first)) + first + _length(8), key=key, digest_size=8)

    def of(subject: bytes, last: bytes) -> int:
        digest, length = begun.copy(), len(last)
        digest.update(subject + (_LENGTHS[length] if length < 256 else _length(length)) + last)
        found: int = _number(digest.digest())[0]
        return found & MASK_63

    return of
