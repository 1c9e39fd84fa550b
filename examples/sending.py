"""How the examples speak to Kept: one connection that is kept open, and patience when Kept asks for it."""

import http.client
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

SECONDS = 30.0
LONGEST_WAIT = 30.0
MOST_TRIES = 20
BUSY = (429, 503)


class NotSent(Exception):
    """Kept could not be reached, or did not take a request. The message is for the person who ran it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, the JSON in the body, and the cookies ("" for one that is dropped)."""

    status: int
    said: dict[str, Any]
    cookies: dict[str, str] = field(default_factory=dict)


class Line:
    """A connection to Kept at `url`, which may have a path (https://careers.example/kept).

    A request that is answered 429 or 503 is sent again after the time that Retry-After names: what was
    accepted before keeps its id, so nothing counts twice. `sleep` takes seconds.
    """

    def __init__(self, url: str, sleep: Callable[[float], None] = time.sleep) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise NotSent("--url must be an address such as http://127.0.0.1:8600")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.netloc, timeout=SECONDS)
        self._base = parts.path.rstrip("/")
        self._sleep = sleep
        self.waited = 0.0

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """GET one path."""
        return self._patiently("GET", path, None, headers)

    def post(self, path: str, told: Mapping[str, Any], headers: Mapping[str, str]) -> Answer:
        """POST JSON to one path."""
        body = json.dumps(told, separators=(",", ":")).encode()
        return self._patiently("POST", path, body, {"Content-Type": "application/json"} | dict(headers))

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _patiently(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        for _ in range(MOST_TRIES):
            answer, wait = self._ask(method, path, body, headers)
            if answer.status not in BUSY:
                return _taken(answer, path)
            self.waited += wait
            self._sleep(wait)
        raise NotSent(f"{path}: Kept is too busy; try again later")

    def _ask(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Answer, float]:
        try:
            return self._once(method, path, body, headers)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self._connection.close()  # the other end had hung up on an idle line: once more, on a new one
        except (OSError, http.client.HTTPException) as error:
            raise self._silent(error) from None
        try:
            return self._once(method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            raise self._silent(error) from None

    def _once(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Answer, float]:
        self._connection.request(method, self._base + path, body, dict(headers))
        reply = self._connection.getresponse()
        return _answer(reply), _wait(reply)

    def _silent(self, error: Exception) -> NotSent:
        self._connection.close()
        where = f"{self._connection.host}:{self._connection.port}"
        return NotSent(f"{where}: Kept does not answer ({type(error).__name__})")


def _answer(reply: http.client.HTTPResponse) -> Answer:
    body = reply.read()
    try:
        said = json.loads(body)
    except ValueError:
        said = {}
    pairs = (line.partition(";")[0].partition("=") for line in reply.headers.get_all("set-cookie") or [])
    return Answer(
        reply.status,
        said if isinstance(said, dict) else {},
        {name: value.strip('"') for name, _, value in pairs},
    )


def _wait(reply: http.client.HTTPResponse) -> float:
    given = reply.getheader("Retry-After", "1")
    return min(float(given), LONGEST_WAIT) if given.isdecimal() else 1.0


def _taken(answer: Answer, path: str) -> Answer:
    if answer.status == 200:
        return answer
    why = answer.said.get("error") or answer.said
    raise NotSent(f"{path}: answered {answer.status}" + (f", {why}" if why else ""))
