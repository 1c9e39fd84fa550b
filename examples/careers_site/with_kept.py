"""All that the site's server itself does with Kept: tell it who signed in, and send people to their data.

Both need the secret key, which never reaches a page. Without it, or without Kept, the site goes on as before.
"""

import asyncio
import http.client
import json
import logging
import time
from urllib.parse import urlencode, urlsplit

import jwt

from examples.careers_site.settings import Settings

log = logging.getLogger("careers_site")

VISIT_COOKIE = "kept_visit"
JOIN_SECONDS = 2.0  # how long a sign-in may wait for Kept
TOKEN_SECONDS = 300  # Kept takes ten minutes at most


async def join(settings: Settings, visitor: str | None, account: str) -> bool:
    """Tell Kept that this browser's visits belong to `account`. False when it was not told."""
    if not settings.secret_key or not visitor:
        return False  # no key to speak with, or the visitor allowed no recognition: there is nothing to join
    try:
        status = await asyncio.to_thread(_post_join, settings, visitor, account)
    except (OSError, http.client.HTTPException):
        status = 0
    if status != 200:
        log.warning("a visit was not joined to its account (status %d)", status)
    return status == 200


def _post_join(settings: Settings, visitor: str, account: str) -> int:
    address = urlsplit(settings.kept_url)
    connection = http.client.HTTPConnection(address.netloc, timeout=JOIN_SECONDS)
    try:
        connection.request(
            "POST",
            f"{address.path}/v1/join",
            body=json.dumps({"visitor": visitor, "account": account}),
            headers={"Authorization": f"Bearer {settings.secret_key}", "Content-Type": "application/json"},
        )
        return connection.getresponse().status
    finally:
        connection.close()


def data_link(settings: Settings, account: str | None) -> str:
    """Where "Your data" leads: with a token that says who is signed in (RFC 7519, HS256), or plainly."""
    if account is None or not settings.secret_key:
        return "/kept/data"
    claims = {"sub": account, "exp": int(time.time()) + TOKEN_SECONDS}
    return "/kept/data?" + urlencode({"token": jwt.encode(claims, settings.secret_key, algorithm="HS256")})
