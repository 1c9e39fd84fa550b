"""All that the site's server itself does with Kept: tell it who signed in and what they filled in, and send people to
their data.

All of it needs the secret key, which never reaches a page. Without it, or without Kept, the site goes on as before.
"""

import asyncio
import http.client
import json
import logging
import time
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

import jwt

from examples.careers_site.settings import Settings

log = logging.getLogger("careers_site")

VISIT_COOKIE = "kept_visit"
KEPT_SECONDS = 2.0  # how long someone may wait for Kept
TOKEN_SECONDS = 300  # Kept takes ten minutes at most


async def join(settings: Settings, visitor: str | None, account: str) -> bool:
    """Tell Kept that this browser's visits belong to `account`. False when it was not told."""
    if not settings.secret_key or not visitor:
        return False  # no key to speak with, or the visitor allowed no recognition: there is nothing to join
    status = await _send(settings, "POST", "v1/join", {"visitor": visitor, "account": account})
    if status != 200:
        log.warning("a visit was not joined to its account (status %d)", status)
    return status == 200


async def tell_profile(
    settings: Settings, account: str, values: Mapping[str, str | None], *, signal: bool
) -> bool:
    """Tell Kept what someone filled in; None takes a value away. `signal`: their browser sent Sec-GPC."""
    if not settings.secret_key:
        return False
    more = {"Sec-GPC": "1"} if signal else {}
    status = await _send(settings, "PATCH", f"v1/people/{quote(account, safe='')}", {"values": values}, more)
    if status != 200:
        log.warning("a profile was not told (status %d)", status)
    return status == 200


async def _send(
    settings: Settings, method: str, path: str, told: object, more: Mapping[str, str] | None = None
) -> int:
    """The status that Kept answers with; 0 when it cannot be reached."""
    try:
        return await asyncio.to_thread(_ask, settings, method, path, told, more or {})
    except (OSError, http.client.HTTPException):
        return 0


def _ask(settings: Settings, method: str, path: str, told: object, more: Mapping[str, str]) -> int:
    address = urlsplit(settings.kept_url)
    connection = http.client.HTTPConnection(address.netloc, timeout=KEPT_SECONDS)
    head = {"Authorization": f"Bearer {settings.secret_key}", "Content-Type": "application/json", **more}
    try:
        connection.request(method, f"{address.path}/{path}", body=json.dumps(told), headers=head)
        return connection.getresponse().status
    finally:
        connection.close()


def data_link(settings: Settings, account: str | None) -> str:
    """Where "Your data" leads: with a token that says who is signed in (RFC 7519, HS256), or plainly."""
    if account is None or not settings.secret_key:
        return "/kept/data"
    claims = {"sub": account, "exp": int(time.time()) + TOKEN_SECONDS}
    return "/kept/data?" + urlencode({"token": jwt.encode(claims, settings.secret_key, algorithm="HS256")})
