"""A page: a template, what it shows, and the headers that keep it to itself.

Content Security Policy level 3: nothing but our own files, no inline script or style. What a page says about
a person is not cached. Its address, which may carry a token, is told to nobody; its origin is, since a form from a
page that tells nothing arrives as from nowhere.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from kept.base.language import ENGLISH, Language
from kept.web.pages import charts, words

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors "
)
SITE_KEY = "site_key"
"""In a path: the write key of the partner's site on which a page stands."""
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "strict-origin",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


@cache
def templates(say: Language) -> Environment:
    """The templates in one language, with every value escaped and no missing one passed over."""
    made = Environment(
        loader=PackageLoader("kept.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(
        **_in_language(say),
        iso=words.iso,
        number=words.number,
        short_hash=words.short_hash,
        counted=words.count,
    )
    made.globals.update(
        say=say, rich=rich, count=words.count, line_chart=charts.line_chart, share_bar=charts.share_bar
    )
    return made


def _in_language(say: Language) -> dict[str, Callable[..., str]]:
    return {
        "day": lambda ms: words.day(ms, say),
        "moment": lambda ms: words.moment(ms, say),
        "iso_day": say.day,
        "listed": say.listing,
    }


def rich(sentence: str, **parts: object) -> Markup:
    """A sentence with links or codes in the place of `{name}`; whatever is no markup is escaped."""
    return escape(sentence).format_map(parts)


def page(
    request: Request,
    template: str,
    shown: Mapping[str, Any],
    status: int = 200,
    *,
    framed_by: str = "'none'",
    headers: Mapping[str, str] | None = None,
    say: Language = ENGLISH,
) -> Response:
    """Draw a page. `framed_by` is the CSP source list of sites that may show it in a frame; `say` is the language
    in which people meet it, English for the company's own pages."""
    text = templates(say).get_template(template).render(root=root_of(request), **shown)
    safe = {**HEADERS, "Content-Security-Policy": POLICY + framed_by, **(headers or {})}
    return HTMLResponse(text, status, safe)


def root_of(request: Request) -> str:
    """The relative address of the pages' own root, so that links hold under any prefix: "./" or "../".

    It is counted on the path as the browser sees it below the root: `data/receipt/7` lies two deep.
    """
    root, path = request.scope.get("root_path", ""), request.scope["path"]
    inside = path[len(root) :] if root and path.startswith(root) else path
    if (key := request.path_params.get(SITE_KEY)) is not None:  # a partner's site has a root of its own
        inside = inside.removeprefix(f"/sites/{key}")
    return "../" * (inside.count("/") - 1) or "./"
