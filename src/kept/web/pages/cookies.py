"""The cookies that the pages set: those the policy declares, for as long as it says, and no others.

`kept_choice` carries the answer itself, since whoever said no has no id under which we could keep it. It is the
visitor's own word, so it needs no signature; nobody but that visitor could gain by changing it.
"""

import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from kept.policy.compiled import Answer, CompiledPolicy

CHOICE, VISIT, SESSION = "kept_choice", "kept_visit", "kept_session"

_CHOICE = re.compile(r"1\.(\d{1,11})\.([0-9a-f]{1,16})\.([0-9a-f]{1,16})")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
_OURS = re.compile(r"kv_[A-Za-z0-9_-]{43}")
_BITS = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Remembered:
    """What kept_choice says: an answer and when it was given."""

    answer: Answer
    at_ms: int


def read_choice(request: Request) -> Remembered | None:
    """The answer that the browser remembers; None when there is none that can be read."""
    found = _CHOICE.fullmatch(request.cookies.get(CHOICE, ""))
    if found is None:
        return None
    yes, no = int(found[2], 16) & _BITS, int(found[3], 16) & _BITS
    return Remembered(Answer(yes & ~no, no), int(found[1]) * 1000)


def read_visit(request: Request) -> str | None:
    """The visitor's token, None when there is none or it is not of the shape that we give."""
    value = request.cookies.get(VISIT, "")
    return value if _TOKEN.fullmatch(value) else None


def is_ours(visitor: str) -> bool:
    """Whether a visitor's id is one that the pages make: of 256 random bits, known to one browser alone."""
    return _OURS.fullmatch(visitor) is not None


def put_choice(
    response: Response,
    request: Request,
    policy: CompiledPolicy,
    answer: Answer,
    now_ms: int,
    *,
    said_ms: int | None = None,
) -> None:
    """Remember an answer in the browser, said now or at `said_ms`. Scripts may read it: so they notice at once
    that it changed."""
    value = f"1.{(said_ms or now_ms) // 1000}.{answer.yes:x}.{answer.no:x}"
    _put(response, request, CHOICE, value, seconds_of(policy, CHOICE, now_ms))


def put_visit(response: Response, request: Request, policy: CompiledPolicy, token: str, now_ms: int) -> None:
    """Recognise this browser from now on. Scripts may delete it: so a withdrawal needs no round trip."""
    _put(response, request, VISIT, token, seconds_of(policy, VISIT, now_ms))


def drop_visit(response: Response, request: Request) -> None:
    """Forget this browser."""
    for name in (VISIT, SESSION):
        _drop(response, request, name)


def drop_choice(response: Response, request: Request) -> None:
    """Forget the answer."""
    _drop(response, request, CHOICE)


def seconds_of(policy: CompiledPolicy, name: str, now_ms: int) -> int:
    """How long a cookie set now may live, in seconds; 0 when the policy does not declare it."""
    declared = policy.cookies.get(name)
    if declared is None:
        return 0
    ends_ms = declared.lasts.ends(now_ms)
    return 0 if ends_ms is None else max(0, (ends_ms - now_ms) // 1000)


def _put(response: Response, request: Request, name: str, value: str, seconds: int) -> None:
    """Set a cookie that the policy declares; 0 seconds means that it does not."""
    if seconds:
        response.set_cookie(
            name, value, seconds, path="/", secure=_secure(request), samesite="lax", httponly=False
        )


def _drop(response: Response, request: Request, name: str) -> None:
    response.set_cookie(name, "", max_age=0, path="/", secure=_secure(request), samesite="lax")


def _secure(request: Request) -> bool:
    """Whether the browser came by https. Anyone may claim so: it only makes their own cookie stricter."""
    return request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
