"""What every page needs at hand: settings, jobs, store, templates, and who is signed in."""

from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response
from starlette.templating import Jinja2Templates

from examples.careers_site.jobs import Jobs
from examples.careers_site.ranked import Suggestions
from examples.careers_site.salary import typical
from examples.careers_site.settings import HERE, Settings
from examples.careers_site.store import Account, Store

LOGIN_COOKIE = (
    "kept_login"  # the policy declares it by this name: it keeps people signed in, and does nothing else
)


def _templates() -> Jinja2Templates:
    env = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals["band_of"] = typical
    env.filters["dollars"] = lambda amount: f"${amount:,}"
    return Jinja2Templates(env=env)


@dataclass(frozen=True)
class Site:
    """The parts of a running site."""

    settings: Settings
    jobs: Jobs
    store: Store
    suggestions: Suggestions
    templates: Jinja2Templates = field(default_factory=_templates)

    def account(self, request: Request) -> Account | None:
        """Who is signed in, by the site's own cookie."""
        return self.store.account_of(request.cookies.get(LOGIN_COOKIE))

    def render(self, request: Request, template: str, status: int = 200, **facts: Any) -> Response:
        """A page. Pages differ by who is signed in, so no cache on the way may keep them."""
        facts |= {"account": self.account(request), "write_key": self.settings.write_key}
        return self.templates.TemplateResponse(
            request, template, facts, status, headers={"Cache-Control": "private, no-store"}
        )


def site_of(request: Request) -> Site:
    """The site that answers this request."""
    site: Site = request.app.state.site
    return site
