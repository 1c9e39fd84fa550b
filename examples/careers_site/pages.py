"""The pages that anyone may see: home, the job list, a job, the salary tool."""

from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from examples.careers_site import salary
from examples.careers_site.jobs import FIELDS, PAGE, Job
from examples.careers_site.site import site_of
from examples.careers_site.states import NAMES, dots

TOP_PLACES = 6
NEWEST = 6


async def home(request: Request) -> Response:
    """The front page."""
    site = site_of(request)
    jobs, account = site.jobs, site.account(request)
    occupation = site.store.profile(account).occupation if account else ""
    return _render(
        request,
        "home.html",
        suggested=await site.suggestions.of(request, account, occupation, NEWEST),
        newest=jobs.all[:NEWEST],
        dots=dots(jobs.by_state),
        top=[(NAMES.get(code, code), code, n) for code, n in jobs.by_state.most_common(TOP_PLACES)],
        fields=[(field, jobs.by_field[field.name]) for field in FIELDS.values()],
        count=len(jobs.all),
        companies=len({job.company for job in jobs.all}),
    )


async def job_list(request: Request) -> Response:
    """Jobs that fit the words, the place and the field asked for, twenty a page."""
    words, place = (request.query_params.get(name, "").strip()[:80] for name in ("words", "place"))
    field = request.query_params.get("field", "")
    found = site_of(request).jobs.search(words, place, field)
    pages = max(1, -(-len(found) // PAGE))
    page = min(_number(request.query_params.get("page", "1")), pages)
    return _render(
        request,
        "jobs.html",
        words=words,
        place=place,
        field=field if field in FIELDS else "",
        fields=FIELDS,
        found=found[(page - 1) * PAGE : page * PAGE],
        count=len(found),
        page=page,
        pages=pages,
        searched=page == 1 and bool(words or place),  # turning the page is not another search
    )


async def job(request: Request) -> Response:
    """One job, and the form to apply for it."""
    site, found = site_of(request), job_of(request)
    account = site.account(request)
    return _render(
        request,
        "job.html",
        job=found,
        field=FIELDS.get(found.field),
        band=salary.typical(found),
        top_of_scale=salary.TOP_OF_SCALE,
        applied=account is not None and site.store.applied(account, found.id),
        just_applied=account is not None and site.store.take_untold(account, found.id),
        alike=[other for other in site.jobs.search("", "", found.field) if other != found][:3],
    )


async def salary_tool(request: Request) -> Response:
    """What a field pays, by invented bands."""
    field, experience, state = (
        request.query_params.get(name, "") for name in ("field", "experience", "state")
    )
    return _render(
        request,
        "salary.html",
        field=field,
        experience=experience or "0-2",
        state=state,
        fields=FIELDS,
        experiences=salary.EXPERIENCE,
        states=NAMES,
        band=salary.band(field, experience or "0-2", state),
        top_of_scale=salary.TOP_OF_SCALE,
    )


async def not_found(request: Request, _error: Exception) -> Response:
    """The page for an address that leads nowhere."""
    return _render(
        request,
        "trouble.html",
        404,
        title="We can’t find that page",
        says=("The job may have been filled, or the address may be mistyped."),
    )


def job_of(request: Request) -> Job:
    """The job that the address names, or 404."""
    found = site_of(request).jobs.by_id.get(request.path_params["id"])
    if found is None:
        raise HTTPException(404)
    return found


def _number(text: str) -> int:
    return max(1, int(text)) if text.isdecimal() and len(text) < 6 else 1


def _render(request: Request, template: str, status: int = 200, **facts: Any) -> Response:
    return site_of(request).render(request, template, status, **facts)
