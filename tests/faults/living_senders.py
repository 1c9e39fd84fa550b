"""Senders who keep to the rules: what was not acknowledged they send again, with the same ids, until it is."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from time import sleep

from tests.living import Browser, Living

BATCH = 5


@dataclass
class Sender:
    """Sends batch after batch over one connection, each again with the same ids until it is acknowledged."""

    browser: Browser
    name: str
    stop: threading.Event
    acknowledged: list[str] = field(default_factory=list)
    tries: int = 0
    refused: Counter[tuple[int, str | None]] = field(default_factory=Counter)
    """Statuses that asked to wait, each with how long."""

    def run(self) -> None:
        """Send until told to stop; a batch that was begun is always brought to its end."""
        connection, number = self._connect(), 0
        while not self.stop.is_set():
            jobs = [f"{self.name}-{number + place}" for place in range(BATCH)]
            while not self._takes(connection, jobs):
                connection.close()
                sleep(0.05)
            self.acknowledged += jobs
            number += BATCH
        connection.close()

    def _takes(self, connection: HTTPConnection, jobs: list[str]) -> bool:
        self.tries += 1
        events = [{"name": "job_view", "id": job, "properties": {"job": job}} for job in jobs]
        headers = {
            "Content-Type": "application/json",
            "X-Forwarded-For": self.browser.address,
            "Cookie": f"kept_visit={self.browser.visitor}",
        }
        try:
            told = json.dumps({"key": self.browser.living.write_key, "events": events})
            connection.request("POST", "/v1/events", told, headers)
            reply = connection.getresponse()
            said = reply.read()
        except (OSError, HTTPException):
            return False
        if reply.status in (429, 503):  # what a client that keeps to the rules waits for
            self.refused[reply.status, reply.headers["retry-after"]] += 1
            assert json.loads(said)["error"]
            return False
        assert reply.status == 200, said
        assert json.loads(said) == {"accepted": BATCH, "refused": []}
        return True

    def _connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.browser.living.public_port, timeout=30)


@contextmanager
def sending(senders: list[Sender], stop: threading.Event) -> Iterator[None]:
    """Let them send; at the end each brings its last batch to its end. A failure lets them go."""
    threads = [threading.Thread(target=sender.run, daemon=True) for sender in senders]
    for thread in threads:
        thread.start()
    yield
    stop.set()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive(), "a batch was never acknowledged"


def someone(house: Living, number: int) -> Browser:
    """Someone who said yes, at an address of their own: there is a limit for each."""
    found = house.browser(f"84.128.{number}.1")
    found.answer(by_choice=True)
    return found


def in_lake(house: Living) -> tuple[int, int]:
    """How many looks at jobs the lake holds, and at how many jobs."""
    sql = "select count(*) as looks, count(distinct job) as jobs from job_view"
    (line,) = house.run("query", "--for", "improve", "--json", sql).splitlines()
    found = json.loads(line)
    return int(found["looks"]), int(found["jobs"])
