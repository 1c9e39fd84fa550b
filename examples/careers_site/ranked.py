"""The jobs that Kept ranks first for whoever looks at the page, and why each stands there.

The site's server asks: for someone signed in with the secret key, by account and occupation; for anyone else as
their own browser would, with its cookies, its address and its privacy signal. Where Kept says that it is
everyone's order, or says nothing, the page shows the newest jobs as it always did.
"""

import asyncio
import http.client
import json
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.requests import Request

from examples.careers_site.jobs import FIELDS, Job, Jobs
from examples.careers_site.settings import Settings
from examples.careers_site.store import Account

KIND = "job_view.job"  # as the policy names the event and its property
SECONDS = 1.5  # how long a page may wait for it
OFFER_SECONDS = 10.0
BATCH = 200
CARRIED = ("sec-gpc", "user-agent")
KEPTS_OWN = ("kept_visit=", "kept_choice=")  # the site's own sign-in is no business of Kept's


@dataclass(frozen=True, slots=True)
class Suggested:
    """A job, and what to say of why it stands there."""

    job: Job
    because: str


@dataclass
class Suggestions:
    """Asks Kept, and has told it once what is on offer."""

    settings: Settings
    jobs: Jobs
    _offering: threading.Lock = field(default_factory=threading.Lock)
    _offered: bool = False

    async def of(
        self, request: Request, account: Account | None, occupation: str, most: int
    ) -> list[Suggested]:
        """What is ranked for this person by their own past or profile; nothing when it is everyone's order."""
        if not self.settings.write_key or not self.settings.secret_key:
            return []
        asked = asyncio.to_thread(self._ask, request, account, occupation, most)
        try:
            said = await asked
        except (OSError, http.client.HTTPException, ValueError):
            return []
        return self._read(said)

    def _ask(self, request: Request, account: Account | None, occupation: str, most: int) -> dict[str, Any]:
        if not self._offered and self._offering.acquire(blocking=False):
            threading.Thread(target=self._offer, daemon=True).start()
        if account is None:
            query = urlencode({"key": self.settings.write_key, "of": KIND, "limit": most})
            return self._call("GET", f"v1/ranking?{query}", None, _as_the_browser(request), SECONDS)
        told = {"of": KIND, "account": account.id, "profile": {"occupation": occupation}, "limit": most}
        signal = {"Sec-GPC": "1"} if request.headers.get("sec-gpc") == "1" else {}
        return self._call("POST", "v1/ranking", told, self._bearer | signal, SECONDS)

    def _read(self, said: Mapping[str, Any]) -> list[Suggested]:
        if said.get("order") != "own":
            return []
        found = [(self.jobs.by_id.get(str(each["id"])), each.get("because", {})) for each in said["things"]]
        return [Suggested(job, self._in_words(because)) for job, because in found if job is not None]

    def _in_words(self, because: Mapping[str, str]) -> str:
        viewed = self.jobs.by_id.get(because.get("viewed", ""))
        if viewed is not None:
            return f"Because you viewed {viewed.title}"
        return (
            "Because of your occupation"
            if because.get("profile") == "occupation"
            else "Because of your profile"
        )

    def _offer(self) -> None:
        """Tell Kept what there is, oldest first. It is tried again with the next page when it fails."""
        try:
            for batch in batches(self.jobs.all[::-1]):
                told = {"of": KIND, "things": [{"id": job.id, "words": words_of(job)} for job in batch]}
                self._call("POST", "v1/offers", told, self._bearer, OFFER_SECONDS)
            self._offered = True
        except (OSError, http.client.HTTPException, ValueError):
            pass
        finally:
            self._offering.release()

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.settings.secret_key}"}

    def _call(
        self, method: str, path: str, body: object, headers: Mapping[str, str], seconds: float
    ) -> dict[str, Any]:
        address = urlsplit(self.settings.kept_url)
        connection = http.client.HTTPConnection(address.netloc, timeout=seconds)
        try:
            sent = None if body is None else json.dumps(body)
            kind = {} if body is None else {"Content-Type": "application/json"}
            connection.request(method, f"{address.path}/{path}", sent, {**headers, **kind})
            answer = connection.getresponse()
            said = json.loads(answer.read())
            if answer.status != 200 or not isinstance(said, dict):
                raise ValueError(answer.status)
            return said
        finally:
            connection.close()


def words_of(job: Job) -> str:
    """What describes a job: nothing about who looked at it."""
    parts = (job.title, job.company, job.place, FIELDS[job.field].title if job.field else "", job.hours)
    return " ".join(part for part in parts if part)[:1_000]


def batches(jobs: Sequence[Job]) -> Iterable[Sequence[Job]]:
    """So many at a time that each fits into one request."""
    return (jobs[start : start + BATCH] for start in range(0, len(jobs), BATCH))


def _as_the_browser(request: Request) -> dict[str, str]:
    """What the browser would send, and where it is: only then is it the visitor's own answer that counts."""
    carried = {name: request.headers[name] for name in CARRIED if name in request.headers}
    peer = request.client.host if request.client else ""
    forwarded = [*request.headers.getlist("x-forwarded-for"), *([peer] if peer else [])]
    pairs = (pair.strip() for pair in request.headers.get("cookie", "").split(";"))
    carried["cookie"] = "; ".join(pair for pair in pairs if pair.startswith(KEPTS_OWN))
    return carried | {"X-Forwarded-For": ", ".join(forwarded)}
