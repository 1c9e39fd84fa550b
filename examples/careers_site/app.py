"""The site put together: its pages, its static files, and the folder of its address that belongs to Kept."""

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from examples.careers_site import own_pages, pages
from examples.careers_site.forward import Forwarder
from examples.careers_site.guards import OwnForms, OwnHeaders
from examples.careers_site.jobs import read_jobs
from examples.careers_site.ranked import Suggestions
from examples.careers_site.settings import HERE, Settings
from examples.careers_site.site import LOGIN_COOKIE, Site
from examples.careers_site.store import Store

KEPT_FOLDER = "/kept"


def careers_site(settings: Settings) -> Starlette:
    """The whole site as one ASGI application."""
    jobs = read_jobs(settings.job_views)
    site = Site(settings, jobs, Store(settings.folder), Suggestions(settings, jobs))
    own = Starlette(
        routes=_routes(),
        middleware=[Middleware(OwnHeaders), Middleware(OwnForms)],
        exception_handlers={404: pages.not_found},
    )
    own.state.site = site
    forwarder = Forwarder(
        KEPT_FOLDER, settings.kept_url, OwnHeaders(_NotReached(site)), withheld=LOGIN_COOKIE
    )
    return Starlette(routes=[Mount(KEPT_FOLDER, app=forwarder), Mount("/", app=own)])


def _routes() -> list[Route | Mount]:
    return [
        Route("/", pages.home),
        Route("/jobs", pages.job_list),
        Route("/jobs/{id}", pages.job),
        Route("/jobs/{id}/apply", own_pages.apply, methods=["POST"]),
        Route("/salary", pages.salary_tool),
        Route("/sign-in", own_pages.sign_in_form, methods=["GET"]),
        Route("/sign-in", own_pages.sign_in, methods=["POST"]),
        Route("/sign-out", own_pages.sign_out, methods=["POST"]),
        Route("/profile", own_pages.profile, methods=["GET"]),
        Route("/profile", own_pages.save_profile, methods=["POST"]),
        Route("/profile/delete", own_pages.forget, methods=["POST"]),
        Route("/your-data", own_pages.your_data),
        Mount("/static", app=StaticFiles(directory=HERE / "static")),
    ]


class _NotReached:
    """The page for when Kept does not answer: the site itself goes on."""

    def __init__(self, site: Site) -> None:
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.site.render(
            Request(scope, receive),
            "trouble.html",
            502,
            title="This page cannot be reached just now",
            says="The rest of the site works as always. Please try this one again in a moment.",
        )
        await answer(scope, receive, send)
