"""Someone with an account, whose visits are held, and who asks for deletion through the public pages."""

import json
import re
import secrets
import time
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urlencode

import jwt

from tests.faults.living_insider import Insider
from tests.faults.living_traces import Left, learn
from tests.living import Browser, Living, wait_until

LOOKS = 3


@dataclass
class Member:
    """One of them. `job` is a word that only they looked at."""

    browser: "Poster"
    visitor: str
    account: str
    job: str
    secret: str
    subjects: list[int]
    left: Left

    def opens(self, path: str) -> str:
        """A page of *Your data*, through a link that the site signed."""
        status, body = self.browser.ask("GET", f"/{path}?{urlencode({'token': self._token()})}")
        assert status == 200, f"{status}: {body!r}"
        return body.decode()

    def asks_for_deletion(self) -> int | None:
        """Press the button. None when nobody answered, and whether it has begun is not known; or when the
        disk was full, and it has not."""
        try:
            plan = re.search(r'name="plan" value="(\w+)"', self.opens("data/erase"))
            if plan is None:
                return None  # nothing is held: it has begun, and come far
            status, where = self.browser.submit("/data/erase", {"token": self._token(), "plan": plan[1]})
        except (OSError, HTTPException):
            return None
        if status == 503:
            return None
        assert status == 303, status
        return int(where.rpartition("/")[2])

    def receipt(self, number: int) -> bytes | None:
        """The signed receipt; None while there is none, or nobody answers."""
        try:
            status, body = self.browser.ask("GET", f"/data/receipt/{number}.json")
        except (OSError, HTTPException):
            return None
        assert status in (200, 404), status
        return body if status == 200 else None

    def _token(self) -> str:
        return jwt.encode({"sub": self.account, "exp": int(time.time()) + 500}, self.secret, "HS256")


class Poster(Browser):
    """A browser that fills in forms."""

    def submit(self, path: str, fields: dict[str, str]) -> tuple[int, str]:
        """Send a plain form; the status, and where the answer leads."""
        from http.client import HTTPConnection

        connection = HTTPConnection("127.0.0.1", self.living.public_port, timeout=30)
        try:
            headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Forwarded-For": self.address}
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request("POST", path, urlencode(fields), headers)
            reply = connection.getresponse()
            reply.read()
            return reply.status, reply.headers.get("location", "")
        finally:
            connection.close()


def member(house: Living, insider: Insider, secret: str) -> Member:
    """Someone who said yes, signed in, and looked at jobs: some of it is in the lake, some in the journal."""
    browser, word = Poster(house), secrets.token_hex(6)
    browser.answer(by_choice=True, outward=False)
    account, job = f"acc-{word}", f"job-{word}"
    joins(house, browser.visitor, account, secret)
    before = set((house.data / "lake").glob("*.parquet"))
    browser.send(
        *({"name": "job_view", "id": f"{word}{n}", "properties": {"job": job}} for n in range(LOOKS))
    )
    wait_until(lambda: set((house.data / "lake").glob("*.parquet")) - before, "it is in the lake")
    browser.send({"name": "job_view", "id": f"{word}x", "properties": {"job": job}})
    subjects = insider.subjects(account)
    assert len(subjects) == 2, "the account and the visitor"
    left = learn(house.data, subjects, [account, browser.visitor, job])
    return Member(browser, browser.visitor, account, job, secret, subjects, left)


def joins(house: Living, visitor: str, account: str, secret: str) -> None:
    """The site says whose browser it is."""
    from http.client import HTTPConnection

    connection = HTTPConnection("127.0.0.1", house.public_port, timeout=30)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
    connection.request("POST", "/v1/join", json.dumps({"visitor": visitor, "account": account}), headers)
    reply = connection.getresponse()
    assert reply.status == 200, reply.read()
    connection.close()
