"""Requests that nobody should send, made from ones that many do: by a seed, so that a failure can be repeated."""

import base64
import gzip
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

NAMES = ("page_view", "job_view", "job_search", "nothing", "", "\x00", "page_view\n", "é" * 200)
FIELDS = (
    "name",
    "id",
    "at",
    "page",
    "referrer",
    "session",
    "properties",
    "extra",
    "key",
    "visitor",
    "events",
)
PROPERTIES = ("job", "path", "title", "words", "place", "email", "constructor", "__proto__", "job.id")
PAGES = (
    "https://www.workhirespot.example/jobs?utm_source=news",
    "https://user:pass@host/%2540x;p=1?token=abc#frag",
    "javascript:alert(1)",
    "//evil.example",
    "/jobs/" + "a" * 5_000,
    "http://[::1",
    "\ud800",
    "%" * 300,
)
NUMBERS = (0, -1, 2**31, 2**63, -(2**63), 2**64, 10**400, 1e308, -0.0, 1_790_000_000_000, float("nan"))
TEXTS = (
    "",
    " ",
    "\x00",
    "ana@example.com",
    "4111 1111 1111 1111",
    "' or 1=1 --",
    "\ufeff",
    "𝒳" * 64,
    "x" * 70_000,
)
AGENTS = ("", "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0", "a" * 8_000, "Googlebot/2.1", "\x7f")
MEDIA = ("application/json", "text/plain", "application/x-www-form-urlencoded", "", "multipart/form-data")
EVERYWHERE = 249**3
"""Networks of three bytes, none of them 0."""
PATHS = (
    *("/v1/events",) * 6,
    *(
        "/v1/batch",
        "/v1/track",
        "/v1/identify",
        "/batch",
        "/capture",
        "/matomo.php",
        "/v1/choices",
        "/kept/e",
    ),
)


@dataclass
class Maker:
    """Makes one request after the other, for an installation with these keys and this visitor."""

    write_key: str
    visitor: str
    dice: random.Random
    networks: int = EVERYWHERE
    """From how many networks they come."""

    def request(self) -> bytes:
        """One request as bytes, whole: its length is true, so that the connection can go on after it."""
        body, headers = self._body(), self._headers()
        if self.dice.random() < 0.1:
            body = gzip.compress(body, 1)
            headers.append(("content-encoding", self.dice.choice(("gzip", "br", "gzip, gzip"))))
        path = self.dice.choice(PATHS) + self.dice.choice(("", "", "?rec=1&idsite=1", "?" + "a=b&" * 40))
        method = (
            "POST" if self.dice.random() < 0.95 else self.dice.choice(("GET", "PUT", "OPTIONS", "DELETE"))
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
        first = f"{method} {path} HTTP/1.1\r\nhost: a\r\n{lines}".encode("latin-1", "replace")
        return first + self._framed(body)

    def _framed(self, body: bytes) -> bytes:
        if self.dice.random() < 0.9:
            return b"content-length: %d\r\n\r\n%b" % (len(body), body)
        cut = self.dice.randrange(1, max(2, min(len(body), 4_000)))
        parts = [body[at : at + cut] for at in range(0, len(body), cut)]
        chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
        return b"transfer-encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"

    def _headers(self) -> list[tuple[str, str]]:
        dice = self.dice
        network = dice.randrange(self.networks)
        digits = (network // 249**2, network // 249 % 249, network % 249, dice.randrange(249))
        address = ".".join(str(1 + digit) for digit in digits)
        found = [("x-forwarded-for", dice.choice((address, address, "::1, " + address, "x" * 30, "")))]
        found.append(("content-type", dice.choice(MEDIA[:2] if dice.random() < 0.9 else MEDIA)))
        if dice.random() < 0.5:
            found.append(("user-agent", dice.choice(AGENTS).replace("\x7f", "?")))
        if dice.random() < 0.2:
            found.append(
                ("cookie", dice.choice((f"kept_visit={self.visitor}", "kept_choice=1.9.f.0", "a;b;=;=")))
            )
        if dice.random() < 0.2:
            basic = base64.b64encode(f"{self.write_key}:".encode()).decode()
            found.append(
                ("authorization", dice.choice((f"Basic {basic}", "Bearer sk_x", "Basic ==", "x" * 500)))
            )
        if dice.random() < 0.1:
            found.append(("sec-gpc", dice.choice(("1", "0", "yes"))))
        if dice.random() < 0.1:
            found.append(("origin", dice.choice(("null", "https://evil.example", "http://a"))))
        return found

    def _body(self) -> bytes:
        ways: tuple[Callable[[], bytes], ...] = (
            self._json,
            self._json,
            self._damaged,
            self._damaged,
            self._bytes,
        )
        return self.dice.choice(ways)()

    def _json(self) -> bytes:
        events = [self._event() for _ in range(self.dice.choice((0, 1, 1, 1, 2, 2, 9)))]
        said: dict[str, Any] = {"key": self.write_key, "visitor": self.visitor, "events": events}
        if self.dice.random() < 0.15:
            said[self.dice.choice(FIELDS)] = self._anything()
        return json.dumps(said).encode()

    def _event(self) -> dict[str, Any]:
        dice = self.dice
        found: dict[str, Any] = {"name": dice.choice(NAMES[:3] if dice.random() < 0.9 else NAMES)}
        if dice.random() < 0.7:
            found |= {"id": str(dice.getrandbits(40)), "session": "s", "referrer": dice.choice(PAGES[:4])}
            found |= {"page": dice.choice(PAGES[:4]), "properties": self._properties()}
            return found
        for name in dice.sample(FIELDS[1:8], dice.randrange(0, 5)):
            found[name] = self._anything()
        if dice.random() < 0.5:
            found["page"] = dice.choice(PAGES)
        if dice.random() < 0.5:
            found["properties"] = self._properties()
        return found

    def _properties(self) -> dict[str, Any]:
        return {self.dice.choice(PROPERTIES): self._anything() for _ in range(self.dice.randrange(0, 4))}

    def _anything(self, depth: int = 0) -> Any:
        dice = self.dice
        way = dice.randrange(8 if depth < 4 else 5)
        if way < 2:
            return dice.choice(TEXTS)
        if way < 4:
            return dice.choice(NUMBERS)
        if way == 4:
            return dice.choice((None, True, False))
        if way == 5:
            return [self._anything(depth + 1) for _ in range(dice.randrange(0, 4))]
        return {
            dice.choice(FIELDS + PROPERTIES): self._anything(depth + 1) for _ in range(dice.randrange(0, 4))
        }

    def _damaged(self) -> bytes:
        """A body that was good, with bytes changed, taken out, doubled, or its end cut off."""
        body = bytearray(self._json())
        for _ in range(self.dice.randrange(1, 5)):
            at = self.dice.randrange(len(body)) if body else 0
            way = self.dice.randrange(4)
            if way == 0:
                body[at : at + 1] = bytes([self.dice.randrange(256)])
            elif way == 1:
                del body[at : at + self.dice.randrange(1, 9)]
            elif way == 2:
                body[at:at] = body[at : at + self.dice.randrange(1, 40)]
            else:
                del body[at:]
        return bytes(body)

    def _bytes(self) -> bytes:
        way = self.dice.randrange(4)
        if way == 0:
            return self.dice.randbytes(self.dice.randrange(0, 600))
        if way == 1:
            return b"[" * self.dice.choice((10, 3_000, 100_000))
        if way == 2:
            return b'{"key":' * self.dice.choice((10, 3_000))
        return b'{"key":"' + b"\\u0000" * self.dice.randrange(0, 9_000) + b'"}'
