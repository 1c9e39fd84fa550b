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


def number_of(digits: int) -> str:
    """So many digits, the first of them no zero."""
    return str(secrets.randbelow(9 * 10 ** (digits - 1)) + 10 ** (digits - 1))


def card() -> str:
    """A card that nobody has: right by its check digit, in fours (ISO/IEC 7812)."""
    body = "4" + number_of(14)
    total = sum(int(d) if at % 2 else sum(divmod(2 * int(d), 10)) for at, d in enumerate(body))
    whole = f"{body}{-total % 10}"
    return " ".join(whole[at : at + 4] for at in range(0, 16, 4))
