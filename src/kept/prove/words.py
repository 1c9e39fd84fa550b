"""Invented words: new at every performance, and plain enough that nothing takes them for a secret."""

import secrets

CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"


def word(syllables: int = 6) -> str:
    """A word that nobody ever wrote: 36 bits of chance in twelve letters."""
    return "".join(secrets.choice(CONSONANTS) + secrets.choice(VOWELS) for _ in range(syllables))


def unguessable() -> str:
    """A text such as stands in a link that resets a password."""
    return secrets.token_hex(16)


def number() -> int:
    """A number of 16 bits."""
    return secrets.randbits(16)
