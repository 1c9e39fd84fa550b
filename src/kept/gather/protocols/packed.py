"""Bodies that come packed. What they unpack to is capped like any other, so a bomb costs no more than a body."""

import zlib
from enum import Enum

GZIP = 31
"""zlib's word for: with the header and the check sum of gzip."""
MAGIC = b"\x1f\x8b"


class Packed(Enum):
    """Why a body was not unpacked."""

    BROKEN = "The body is not gzip, though its header says so."
    TOO_LARGE = "The body is larger, unpacked, than this server takes. Send fewer events at once."


def gunzip(body: bytes, most: int) -> bytes | Packed:
    """The body unpacked, if it comes to `most` bytes or fewer. No more than that is ever in memory."""
    unpacking = zlib.decompressobj(GZIP)
    try:
        found = unpacking.decompress(body, most + 1)
    except zlib.error:
        return Packed.BROKEN
    if len(found) > most:
        return Packed.TOO_LARGE
    return found if unpacking.eof else Packed.BROKEN
