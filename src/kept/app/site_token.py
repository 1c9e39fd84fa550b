"""Tokens that the customer's site signs: JSON Web Tokens (RFC 7519), HS256 under the secret key.

`sub` is the site's id of the account. A token must end within ten minutes: it opens a person's data, and
links are copied, logged and left in histories. Clocks may differ by half a minute, either way.
"""

from collections.abc import Sequence
from enum import Enum

import jwt

LONGEST_SECONDS = 600
CLOCK_SKEW_SECONDS = 30


class BadToken(Enum):
    """Why a token names no account."""

    EXPIRED = "the token has expired"
    TOO_LONG = "the token would live longer than ten minutes"
    INVALID = "the token was not signed by the site"


def account_named(token: str, secrets: Sequence[str], now_ms: int) -> str | BadToken:
    """The account id that a token names. It may be signed by any of these keys."""
    found = [_named(token, secret, now_ms) for secret in secrets]
    told = [each for each in found if each is not BadToken.INVALID]
    return told[0] if told else BadToken.INVALID


def _named(token: str, secret: str, now_ms: int) -> str | BadToken:
    try:
        claims = jwt.decode(  # enforces: site-token
            token,
            secret,
            algorithms=["HS256"],  # named here, never taken from the token (RFC 8725, 3.1)
            options={
                "require": ["sub", "exp"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except jwt.PyJWTError:
        return BadToken.INVALID
    ends, account = claims["exp"], claims["sub"]
    if not isinstance(account, str) or not account or not isinstance(ends, int | float):
        return BadToken.INVALID
    now = now_ms // 1000  # compared as whole numbers: a token may name an end that no float reaches
    if not now - CLOCK_SKEW_SECONDS <= ends:
        return BadToken.EXPIRED
    if not ends <= now + LONGEST_SECONDS + CLOCK_SKEW_SECONDS:
        return BadToken.TOO_LONG
    return BadToken.INVALID if any("\ud800" <= c <= "\udfff" for c in account) else account  # no text
