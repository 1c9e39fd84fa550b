"""The demo careers site by itself: its pages, its accounts, and what it says to Kept over HTTP."""

import json
import re
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from urllib.parse import urlencode

import jwt
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from examples.careers_site import salary
from examples.careers_site.app import careers_site
from examples.careers_site.jobs import FIELDS, INVENTED, field_of, read_jobs
from examples.careers_site.settings import REAL_VIEWS, BadSetting, Settings, read_settings
from examples.careers_site.states import NAMES, dots
from tests.serving import serving

SECRET = "sk_" + "s" * 40
WRITE = "wk_public"
ANA = {"email": "ana@example.com", "password": "ana-demo"}


class Visitor:
    """A browser without pages: it keeps cookies and follows nothing by itself."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[HTTPResponse, str]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in headers.items()}
        )
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        for line in answer.headers.get_all("set-cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value.strip('"')
        return answer, text

    def get(self, path: str) -> str:
        answer, text = self.ask("GET", path)
        assert answer.status == 200, (path, answer.status)
        return text

    def send(self, path: str, form: dict[str, str], **headers: str) -> tuple[HTTPResponse, str]:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.ask("POST", path, urlencode(form).encode(), **headers)


class Heard:
    """What a listener in Kept's place was told: path, headers and body of each join."""

    def __init__(self) -> None:
        self.joins: list[tuple[str, dict[str, str], object]] = []
        self.profiles: list[tuple[str, dict[str, str], object]] = []

    async def take_join(self, request: Request) -> Response:
        self.joins.append((request.url.path, dict(request.headers), await request.json()))
        return JSONResponse({})

    async def take_profile(self, request: Request) -> Response:
        self.profiles.append((request.url.path, dict(request.headers), await request.json()))
        return JSONResponse({})


@pytest.fixture(scope="module")
def heard() -> Heard:
    return Heard()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("site")


@pytest.fixture(scope="module")
def port(heard: Heard, folder: Path) -> Iterator[int]:
    routes = [
        Route("/v1/join", heard.take_join, methods=["POST"]),
        Route("/v1/people/{account}", heard.take_profile, methods=["PATCH"]),
    ]
    listener = Starlette(routes=routes)
    with serving(listener) as kept_port:
        settings = Settings(f"http://127.0.0.1:{kept_port}", WRITE, SECRET, folder, Path("nowhere.csv"))
        with serving(careers_site(settings)) as site_port:
            yield site_port


@pytest.fixture
def visitor(port: int) -> Visitor:
    return Visitor(port)


@pytest.fixture
def ana(visitor: Visitor) -> Visitor:
    visitor.send("/sign-in", ANA)
    visitor.send("/profile/delete", {})
    return visitor


def events(page: str) -> list[tuple[str, object]]:
    """What the page hands to kept.track."""
    found = re.findall(r'data-event="(\w+)" data-properties="([^"]*)"', page)
    return [(name, json.loads(value.replace("&#34;", '"').replace("&amp;", "&"))) for name, value in found]


# ---- pages


@pytest.mark.parametrize("path", ["/", "/jobs", "/jobs/1001", "/salary", "/sign-in"])
def test_every_page_carries_the_script_and_the_strict_policy(visitor: Visitor, path: str) -> None:
    answer, page = visitor.ask("GET", path)
    assert f'<script src="/kept/kept.js" data-key="{WRITE}" defer></script>' in page
    assert "script-src 'self'; style-src 'self'" in (answer.getheader("Content-Security-Policy") or "")
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    for link in ("/kept/privacy", "/kept/choices", "/your-data"):
        assert f'href="{link}"' in page
    assert not re.search(r"<script>|<style|\sstyle=|\son\w+=", page), "the policy would stop what is inline"
    assert SECRET not in page


def test_nothing_is_set_in_a_browser_that_only_reads(visitor: Visitor) -> None:
    for path in ("/", "/jobs?words=cook", "/jobs/1001", "/salary?field=care"):
        visitor.get(path)
    assert visitor.cookies == {}


def test_without_a_write_key_there_is_no_tag(tmp_path: Path) -> None:
    with serving(careers_site(Settings(folder=tmp_path, job_views=Path("nowhere.csv")))) as port:
        assert "kept.js" not in Visitor(port).get("/")


def test_a_search_finds_by_words_and_place_and_is_told(visitor: Visitor) -> None:
    page = visitor.get("/jobs?words=engineer&place=CO")
    assert "2 jobs for “engineer” in “CO”" in page
    assert "Data Engineer" in page
    assert "Site Reliability Engineer" not in page
    assert events(page) == [("job_search", {"words": "engineer", "place": "CO"})]


@pytest.mark.parametrize("path", ["/jobs", "/jobs?words=&place=", "/jobs?words=e&page=2", "/jobs?field=care"])
def test_turning_pages_and_looking_at_all_is_no_search(visitor: Visitor, path: str) -> None:
    assert events(visitor.get(path)) == []


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "9" * 400])
def test_an_odd_page_number_still_shows_jobs(visitor: Visitor, page: str) -> None:
    assert 'class="job ' in visitor.get(f"/jobs?page={page}")


def test_words_are_shown_as_words(visitor: Visitor) -> None:
    page = visitor.get("/jobs?" + urlencode({"words": "<b>\"'&", "place": "x"}))
    assert "<b>" not in page
    assert events(page) == [("job_search", {"words": "<b>\"'&", "place": "x"})]


def test_a_job_is_told_by_its_id(visitor: Visitor) -> None:
    page = visitor.get("/jobs/1001")
    assert "Grocery Team Lead" in page
    assert events(page) == [("job_view", {"job": "1001"})]


@pytest.mark.parametrize(
    "path", ["/jobs/9999", "/nowhere", "/jobs/..%2f..%2fjobs.csv", "/static/../jobs.csv"]
)
def test_what_is_not_there_is_said_kindly(visitor: Visitor, path: str) -> None:
    answer, page = visitor.ask("GET", path)
    assert answer.status == 404
    assert "We can’t find that page" in page


def test_the_salary_tool_is_told_when_it_was_used(visitor: Visitor) -> None:
    assert events(visitor.get("/salary")) == []
    assert events(visitor.get("/salary?field=nonsense&experience=3-5")) == []
    page = visitor.get("/salary?field=software&experience=6-10&state=MA")
    assert "$127,000" in page
    assert events(page) == [("tool_used", {"tool": "salary"})]


# ---- accounts


def test_signing_in_sets_one_guarded_cookie(visitor: Visitor) -> None:
    answer, _ = visitor.send("/sign-in", ANA | {"next": "/profile"})
    assert (answer.status, answer.getheader("Location")) == (303, "/profile")
    cookie = (answer.getheader("Set-Cookie") or "").lower()
    assert cookie.startswith("kept_login=")
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "Ana" in visitor.get("/profile")


def test_signing_out_ends_the_session_and_not_only_the_cookie(ana: Visitor) -> None:
    kept = dict(ana.cookies)
    ana.send("/sign-out", {})
    ana.cookies = kept
    assert ana.ask("GET", "/profile")[0].status == 303


@pytest.mark.parametrize("password", ["", "bo-demo", "ana-demo ".upper(), "ñ"])
def test_a_wrong_password_says_so(visitor: Visitor, password: str) -> None:
    answer, page = visitor.send("/sign-in", ANA | {"password": password})
    assert answer.status == 422
    assert "do not belong together" in page
    assert "kept_login" not in visitor.cookies


@pytest.mark.parametrize("elsewhere", ["https://example.net/", "//example.net", "/\\example.net", "", "x"])
def test_signing_in_never_leads_to_another_site(visitor: Visitor, elsewhere: str) -> None:
    assert visitor.send("/sign-in", ANA | {"next": elsewhere})[0].getheader("Location") == "/"


@pytest.mark.parametrize("sender", ["cross-site", "same-site"])
def test_another_sites_form_is_refused(visitor: Visitor, sender: str) -> None:
    assert visitor.send("/sign-in", ANA, Sec_Fetch_Site=sender)[0].status == 403


def test_kept_is_told_what_someone_filled_in_and_what_they_deleted(ana: Visitor, heard: Heard) -> None:
    heard.profiles.clear()
    told = {"name": "Ana", "email": "ana@example.com", "occupation": "Planner"}
    ana.send("/profile", told, Sec_GPC="1")
    ana.send("/profile/delete", {})
    saved, deleted = heard.profiles
    assert (saved[0], saved[2]) == ("/v1/people/u-1001", {"values": told})
    assert saved[1]["authorization"] == f"Bearer {SECRET}"
    assert saved[1]["sec-gpc"] == "1"
    assert deleted[2] == {"values": {"name": None, "email": None, "occupation": None}}


def test_a_profile_is_kept_corrected_and_deleted(ana: Visitor) -> None:
    told = {"name": "Ana B.", "email": "ana.b@example.com", "occupation": "Planner"}
    assert ana.send("/profile", told)[0].getheader("Location") == "/profile?saved=1"
    assert 'value="Planner"' in ana.get("/profile")
    answer, page = ana.send("/profile", told | {"email": "nope", "name": " "})
    assert answer.status == 422
    assert "Enter your name." in page
    assert "Enter an email address" in page
    ana.send("/profile/delete", {})
    assert "Planner" not in ana.get("/profile")


def test_an_application_is_told_once(ana: Visitor) -> None:
    answer, _ = ana.send("/jobs/1002/apply", {"letter": "I cook."})
    assert answer.getheader("Location") == "/jobs/1002#apply"
    first, again = ana.get("/jobs/1002"), ana.get("/jobs/1002")
    assert events(first) == [("job_view", {"job": "1002"}), ("application", {"job": "1002"})]
    assert events(again) == [("job_view", {"job": "1002"})]
    assert "Your application is with Lakeshore Table" in again
    assert "Line Cook" in ana.get("/profile")


def test_a_stranger_is_asked_to_sign_in_first(visitor: Visitor) -> None:
    answer, _ = visitor.send("/jobs/1002/apply", {"letter": "x"})
    assert answer.getheader("Location") == "/sign-in?next=/jobs/1002"
    assert visitor.send("/profile", {"name": "E"})[0].getheader("Location") == "/sign-in?next=/profile"
    assert 'name="next" value="/jobs/1002"' in visitor.get("/sign-in?next=/jobs/1002")


def test_the_database_holds_no_token_that_opens_a_session(ana: Visitor, folder: Path) -> None:
    held = b"".join(path.read_bytes() for path in folder.iterdir())
    assert b"u-1001" in held
    assert ana.cookies["kept_login"].encode() not in held


# ---- with Kept


def test_a_sign_in_joins_the_visit_to_the_account(visitor: Visitor, heard: Heard) -> None:
    heard.joins.clear()
    visitor.cookies["kept_visit"] = "kv_0123456789abcdef"
    visitor.send("/sign-in", ANA)
    [(path, headers, body)] = heard.joins
    assert path == "/v1/join"
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert body == {"visitor": "kv_0123456789abcdef", "account": "u-1001"}


def test_whoever_allowed_no_recognition_is_not_joined(visitor: Visitor, heard: Heard) -> None:
    heard.joins.clear()
    visitor.send("/sign-in", ANA)
    assert heard.joins == []


def test_your_data_opens_with_a_short_token_for_the_account(ana: Visitor) -> None:
    answer, _ = ana.ask("GET", "/your-data")
    target = answer.getheader("Location") or ""
    assert target.startswith("/kept/data?token=")
    claims = jwt.decode(target.partition("=")[2], SECRET, algorithms=["HS256"])
    assert claims["sub"] == "u-1001"
    assert time.time() < claims["exp"] <= time.time() + 600
    assert answer.getheader("Cache-Control") == "no-store"


def test_your_data_without_signing_in_vouches_for_nobody(visitor: Visitor) -> None:
    assert visitor.ask("GET", "/your-data")[0].getheader("Location") == "/kept/data"


def test_without_kept_the_site_works_the_same(tmp_path: Path) -> None:
    gone = Settings("http://127.0.0.1:9", WRITE, SECRET, tmp_path, Path("nowhere.csv"))
    with serving(careers_site(gone)) as port:
        visitor = Visitor(port)
        visitor.cookies["kept_visit"] = "kv_0123456789abcdef"
        assert visitor.send("/sign-in", ANA)[0].status == 303
        assert "Ana" in visitor.get("/profile")
        answer, page = visitor.ask("GET", "/kept/privacy")
        assert answer.status == 502
        assert "cannot be reached just now" in page
        assert "script-src 'self'" in (answer.getheader("Content-Security-Policy") or "")


def test_the_site_never_imports_kept() -> None:
    for path in Path(INVENTED).parents[1].rglob("*.py"):
        assert not re.search(r"^\s*(from|import) kept\b", path.read_text(), re.MULTILINE), path


# ---- jobs, places and pay


VIEWS = """"Applicant.ID","Job.ID","Position","Company","City","State.Code","View.Start"
900001,7,"Line  Cook","Lakeshore Table","Chicago","IL","2015-01-01 10:00:00 UTC"
900002,7,"Line  Cook","Lakeshore Table","Chicago","IL","2015-01-02 10:00:00 UTC"
900001,9,"Astronaut","NA","Tampa","","2015-01-03 10:00:00 UTC"
900003,x,"Broken","B","C","D","2015-01-03 10:00:00 UTC"
"""


def test_a_list_of_views_gives_each_job_once_and_nobodys_history(tmp_path: Path) -> None:
    (tmp_path / "views.csv").write_text(VIEWS)
    jobs = read_jobs(tmp_path / "views.csv")
    assert [(job.id, job.title, job.company, job.place, job.field) for job in jobs.all] == [
        ("9", "Astronaut", "", "Tampa", ""),
        ("7", "Line Cook", "Lakeshore Table", "Chicago, IL", "kitchen"),
    ]
    assert "90000" not in repr(jobs.all)
    assert "2015" not in repr(jobs.all)


def test_the_real_list_fills_the_site() -> None:
    if not REAL_VIEWS.is_file():
        pytest.skip(f"no real list of views at {REAL_VIEWS}")
    jobs = read_jobs(REAL_VIEWS)
    assert len(jobs.all) == 7047
    assert all(job.title for job in jobs.all)
    assert len([job for job in jobs.all if job.field]) > 0.7 * len(jobs.all)


def test_the_invented_jobs_are_whole() -> None:
    jobs = read_jobs(Path("nowhere.csv"))
    assert len(jobs.all) == 60
    for job in jobs.all:
        assert job.field in FIELDS
        assert job.state in NAMES
        assert all((job.title, job.company, job.city, job.hours, job.summary))


@pytest.mark.parametrize(
    ("title", "field"),
    [("Registered Nurse", "care"), ("Cashier", "sales"), ("Delivery Driver", "moving"), ("Poet", "")],
)
def test_a_title_tells_its_field(title: str, field: str) -> None:
    assert field_of(title) == field


def test_every_state_has_its_own_dot_on_the_map() -> None:
    found = dots({"CA": 4, "WY": 1})
    assert {dot.state for dot in found} == set(NAMES)
    assert len({(dot.x, dot.y) for dot in found}) == 51
    assert max(dot.radius for dot in found) < 5, "dots a tenth apart must not touch"


@pytest.mark.parametrize("field", FIELDS)
def test_pay_grows_with_the_years(field: str) -> None:
    bands = [salary.band(field, years) for years in salary.EXPERIENCE]
    assert all(band is not None and 0 < band.low < band.middle < band.high < 200_000 for band in bands)
    assert bands == sorted(bands, key=lambda band: band.middle if band else 0)


# ---- settings


@pytest.mark.parametrize(
    "environ",
    [
        {"KEPT_WRITE_KEY": SECRET},
        {"KEPT_SECRET_KEY": "wk_x"},
        {"KEPT_URL": "ftp://127.0.0.1"},
        {"KEPT_URL": "127.0.0.1:8600"},
        {"SITE_PORT": "many"},
        {"SITE_PORT": "70000"},
    ],
)
def test_a_bad_setting_stops_the_start_and_shows_no_key(environ: dict[str, str]) -> None:
    with pytest.raises(BadSetting) as said:
        read_settings(environ)
    assert SECRET not in str(said.value)


def test_keys_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n")
    environ = {"KEPT_SECRET_KEY_FILE": str(tmp_path / "key"), "KEPT_URL": "http://127.0.0.1:1/"}
    settings = read_settings(environ)
    assert settings.secret_key == SECRET
    assert settings.kept_url == "http://127.0.0.1:1"
    assert SECRET not in repr(settings)
