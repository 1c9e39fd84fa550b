"""The pages of those who have an account: sign in and out, profile, apply, and the way to Your data."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from examples.careers_site.pages import job_of
from examples.careers_site.site import LOGIN_COOKIE, site_of
from examples.careers_site.store import ACCOUNTS, SIGNED_IN_SECONDS, Profile
from examples.careers_site.with_kept import VISIT_COOKIE, data_link, join, tell_profile

LONGEST = {"name": 80, "email": 120, "occupation": 80, "letter": 4000}
NOT_TOGETHER = "Email and password do not belong together."


async def sign_in_form(request: Request) -> Response:
    """The form, with the invented accounts beside it."""
    return _sign_in_page(request, request.query_params.get("next", ""))


async def sign_in(request: Request) -> Response:
    """Check the password, set the cookie, and tell Kept whose visits these were."""
    site, form = site_of(request), await _form(request)
    found = site.store.sign_in(form.get("email", ""), form.get("password", ""))
    if found is None:
        return _sign_in_page(request, form.get("next", ""), 422, NOT_TOGETHER, form.get("email", ""))
    account, token = found
    await join(site.settings, request.cookies.get(VISIT_COOKIE), account.id)
    answer = RedirectResponse(_inside(form.get("next", "")), 303)
    answer.set_cookie(
        LOGIN_COOKIE,
        token,
        max_age=SIGNED_IN_SECONDS,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
    return answer


async def sign_out(request: Request) -> Response:
    """Forget the session, here and in the browser."""
    site_of(request).store.sign_out(request.cookies.get(LOGIN_COOKIE, ""))
    answer = RedirectResponse("/", 303)
    answer.delete_cookie(LOGIN_COOKIE, httponly=True, samesite="lax")
    return answer


async def profile(request: Request) -> Response:
    """What the site holds about the person who is signed in."""
    return _profile_page(request)


async def save_profile(request: Request) -> Response:
    """Keep the profile, or say what is missing."""
    site, form = site_of(request), await _form(request)
    account = site.account(request)
    if account is None:
        return _to_sign_in("/profile")
    told = Profile(form.get("name", ""), form.get("email", ""), form.get("occupation", ""))
    if problems := _problems(told):
        return _profile_page(request, 422, problems, told)
    site.store.save_profile(account, told)
    await tell_profile(site.settings, account.id, asdict(told), signal=_signals(request))
    return RedirectResponse("/profile?saved=1", 303)


async def forget(request: Request) -> Response:
    """Delete profile and applications from the site's own database."""
    site = site_of(request)
    if (account := site.account(request)) is not None:
        site.store.forget(account)
        nothing = dict.fromkeys(asdict(site.store.profile(account)))
        await tell_profile(site.settings, account.id, nothing, signal=_signals(request))
    return RedirectResponse("/profile?deleted=1", 303)


async def apply(request: Request) -> Response:
    """Keep an application and go back to the job, which then says so."""
    site, job, form = site_of(request), job_of(request), await _form(request)
    account = site.account(request)
    if account is None:
        return _to_sign_in(f"/jobs/{job.id}")
    site.store.apply(account, job.id, form.get("letter", ""))
    return RedirectResponse(f"/jobs/{job.id}#apply", 303)


async def your_data(request: Request) -> Response:
    """Send the person to Kept's page of their data, vouching for who they are when they are signed in."""
    site = site_of(request)
    account = site.account(request)
    target = data_link(site.settings, account.id if account else None)
    return RedirectResponse(
        target, 303, headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )


def _sign_in_page(
    request: Request, following: str, status: int = 200, problem: str = "", email: str = ""
) -> Response:
    facts = {"accounts": ACCOUNTS, "problem": problem, "email": email, "following": _inside(following)}
    return site_of(request).render(request, "sign_in.html", status, **facts)


def _profile_page(
    request: Request, status: int = 200, problems: dict[str, str] | None = None, told: Profile | None = None
) -> Response:
    site = site_of(request)
    account = site.account(request)
    if account is None:
        return _to_sign_in("/profile")
    ids = site.store.applications(account)
    return site.render(
        request,
        "profile.html",
        status,
        problems=problems or {},
        told=told or site.store.profile(account),
        saved="saved" in request.query_params,
        deleted="deleted" in request.query_params,
        applications=[site.jobs.by_id[id_] for id_ in ids if id_ in site.jobs.by_id],
    )


def _to_sign_in(following: str) -> Response:
    return RedirectResponse(f"/sign-in?next={following}", 303)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form that are text, trimmed and no longer than they may be."""
    async with request.form(max_files=0, max_fields=10) as form:
        return {
            name: value.strip()[: LONGEST.get(name, 200)]
            for name, value in form.items()
            if isinstance(value, str)
        }


def _signals(request: Request) -> bool:
    """Whether the browser sends Global Privacy Control; Kept hears of it from us, since the form came to us."""
    return request.headers.get("sec-gpc") == "1"


def _problems(told: Profile) -> dict[str, str]:
    problems = {}
    if not told.name:
        problems["name"] = "Enter your name."
    if "@" not in told.email[1:-1]:
        problems["email"] = "Enter an email address, such as ana@example.com."
    return problems


def _inside(path: str) -> str:
    """A path on this site, and never another's: `//` and a backslash would lead a browser away."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"
