"""The files that pages need, read once at start and served from memory under their own names alone."""

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).parents[1] / "static"
KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
}
DAY_SECONDS = 86_400
SCRIPT_SECONDS = 3_600  # a site picks up a new script within the hour

_COMMENT_LINE = re.compile(rb"^\s*//.*\n", re.MULTILINE)
_INDENT = re.compile(rb"^\s+", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is sent."""

    body: bytes
    kind: str
    tag: str


@cache
def files() -> dict[str, File]:
    """Every file by its path under `static`, the notes for maintainers left out."""
    return {
        str(path.relative_to(STATIC)): _file(path)
        for path in sorted(STATIC.rglob("*"))
        if path.suffix in KINDS
    }


def squeeze(script: bytes) -> bytes:
    """A script without lines that are comments, and without indentation. Templates must not span lines."""
    return _INDENT.sub(b"", _COMMENT_LINE.sub(b"", script))


def serve(request: Request, name: str, seconds: int = DAY_SECONDS) -> Response | None:
    """The reply for a file, or None when there is none of that name."""
    file = files().get(name)
    if file is None:
        return None
    headers = {
        "Cache-Control": f"public, max-age={seconds}",
        "ETag": file.tag,
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin",  # the site's own pages may stand elsewhere
    }
    if request.headers.get("if-none-match") == file.tag:
        return Response(status_code=304, headers=headers)
    return Response(file.body, media_type=file.kind, headers=headers)


def _file(path: Path) -> File:
    body = squeeze(path.read_bytes()) if path.name == "kept.js" else path.read_bytes()
    return File(body, KINDS[path.suffix], f'"{sha256(body).hexdigest()[:20]}"')
