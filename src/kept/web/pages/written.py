"""A notice as a reply: drawn as a page, as Markdown for people, or as JSON-LD for machines."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from kept.policy.notice import notice_markdown
from kept.policy.posted import Posted
from kept.web.pages.draw import HEADERS
from kept.web.pages.which import JSON_LD, MARKDOWN

OPEN = {"Cache-Control": "public, max-age=300", "Vary": "Accept, Accept-Language"}
"""What is the same for everyone may be kept for five minutes, and by anyone on the way."""


def plainly(one: Posted, form: str, note: str = "") -> Response:
    """The notice as Markdown or JSON-LD. `note` is a sentence before the Markdown, of a past version."""
    headers = {**HEADERS, **OPEN, "Content-Language": one.notice.language}
    if form == MARKDOWN:
        said = f"> {note}\n\n" if note else ""
        return Response(said + notice_markdown(one.notice), 200, headers, f"{MARKDOWN}; charset=utf-8")
    return Response(_indented(one.json_ld), 200, headers, JSON_LD)


def _indented(document: Mapping[str, Any]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(document))
