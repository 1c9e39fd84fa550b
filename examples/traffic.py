"""Invented traffic, for a demonstration or a trial: seeded visitors who answer the question and use the site.

    python -m examples.traffic --url http://127.0.0.1:8600 --key wk_…

It speaks the public interface as the script in a page does: it asks what it may, answers, keeps the cookies
it is given, and stays silent where it must. Each visitor's address is invented and named in X-Forwarded-For,
so Kept must trust the machine that this runs on as a proxy; elsewhere all visitors share one address.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from examples.careers_site.jobs import read_jobs
from examples.careers_site.settings import REAL_VIEWS, known_settings
from examples.invented import Person, people
from examples.sending import Answer, Line, NotSent

MOST_VISITORS = 5_000
MOST_DAYS = 6  # Kept takes events of the last 7 days
BATCH = 50  # as the script in a page


@dataclass(slots=True)
class Tally:
    """What has come of it. `silent` are events that a page's script would not have sent either."""

    visitors: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    accepted: int = 0
    silent: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Browser:
    """One invented visitor's browser: headers, cookies, and what Kept said last."""

    def __init__(self, line: Line, key: str, person: Person) -> None:
        self.line = line
        self.key = key
        self.person = person
        self.cookies: dict[str, str] = {}
        self.state: dict[str, Any] = {}

    def ask(self) -> None:
        """Ask what may be asked and gathered."""
        self.state = self._hear(self.line.get(f"/v1/choices?key={quote(self.key)}", self._headers())).said

    def answer(self) -> str:
        """Answer, if there is a question and this person answers any; says which answer it was."""
        if self.person.signal:
            return "signal"
        if not self.state.get("ask") or self.person.answer == "silent":
            return "none"
        names = [group["name"] for group in self.state["groups"]]
        told = {"key": self.key, "answers": answers_of(self.person, names), "how": "dialog"}
        self.state = self._hear(self.line.post("/v1/choices", told, self._headers())).said
        return self.person.answer

    def visit(self, tally: Tally) -> None:
        """Send each visit's events, as far as a page's script would."""
        for visit in self.person.visits:
            events = [event for event in visit.events if self._may(event["name"])]
            tally.silent += len(visit.events) - len(events)
            if "kept_visit" in self.cookies:
                events = [event | {"session": visit.session} for event in events]
            for start in range(0, len(events), BATCH):
                self._send(events[start : start + BATCH], tally)

    def _may(self, name: str) -> bool:
        """Kept says whether it gathers at all, and may say which events."""
        return bool(self.state.get("collect")) and name in self.state.get("events", (name,))

    def _send(self, events: list[dict[str, Any]], tally: Tally) -> None:
        said = self._hear(
            self.line.post("/v1/events", {"key": self.key, "events": events}, self._headers())
        ).said
        tally.accepted += int(said.get("accepted", 0))
        tally.refused.update(str(one["reason"]) for one in said.get("refused", ()))

    def _headers(self) -> dict[str, str]:
        headers = {"X-Forwarded-For": self.person.address, "User-Agent": self.person.agent}
        if self.person.signal:
            headers["Sec-GPC"] = "1"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return headers

    def _hear(self, answer: Answer) -> Answer:
        self.cookies |= answer.cookies
        self.cookies = {name: value for name, value in self.cookies.items() if value}
        return answer


def answers_of(person: Person, groups: list[str]) -> dict[str, bool]:
    """Yes to all, no to all, or yes to the first group alone."""
    return {
        name: person.answer == "yes" or (person.answer == "part" and name == groups[0]) for name in groups
    }


def send(line: Line, key: str, crowd: Iterable[Person]) -> Iterator[Tally]:
    """Let one person after another use the site; gives the tally after each."""
    tally = Tally()
    for person in crowd:
        browser = Browser(line, key, person)
        browser.ask()
        tally.answers[browser.answer()] += 1
        browser.visit(tally)
        tally.visitors += 1
        yield tally


def main() -> None:
    """Send the traffic and say what came of it."""
    asked = _arguments()
    jobs = [job.id for job in read_jobs(REAL_VIEWS).all]
    crowd = people(asked.seed, asked.visitors, asked.days, time.time_ns() // 1_000_000, jobs)
    print(
        f"Invented traffic: {asked.visitors} visitors of the last {asked.days} days, seed {asked.seed}",
        flush=True,
    )
    tally = Tally()
    try:
        line = Line(asked.url)
        for tally in send(line, asked.key, crowd):
            _progress(tally, asked.visitors)
        line.close()
    except NotSent as error:
        raise SystemExit(f"traffic: {error}") from None
    print("\n".join(summary(tally)))


def _arguments() -> argparse.Namespace:
    known = known_settings("traffic")
    parser = argparse.ArgumentParser(prog="python -m examples.traffic", description="Send invented traffic.")
    parser.add_argument(
        "--url", default=known.kept_url, help="where Kept is, or the folder that leads to it (KEPT_URL)"
    )
    parser.add_argument(
        "--key", default=known.write_key, help="write key (KEPT_WRITE_KEY, or KEPT_WRITE_KEY_FILE)"
    )
    parser.add_argument("--visitors", type=int, default=200, help=f"how many, at most {MOST_VISITORS}")
    parser.add_argument(
        "--days", type=int, default=MOST_DAYS, help=f"over how many days, at most {MOST_DAYS}"
    )
    parser.add_argument("--seed", type=int, default=1, help="the same seed invents the same people")
    asked = parser.parse_args()
    if not asked.key.startswith("wk_"):
        parser.error("--key must be a write key: it starts with wk_")
    if not (1 <= asked.visitors <= MOST_VISITORS and 1 <= asked.days <= MOST_DAYS):
        parser.error(f"--visitors may be 1 to {MOST_VISITORS}, --days 1 to {MOST_DAYS}")
    return asked


def summary(tally: Tally) -> list[str]:
    """The result in lines."""
    said = ", ".join(f"{answer} {count}" for answer, count in sorted(tally.answers.items()))
    lines = [f"visitors {tally.visitors} ({said})"]
    lines += [f"events accepted {tally.accepted}, kept back by the script's rules {tally.silent}"]
    lines += [f"refused {tally.refused.total()}"] if tally.refused else []
    return lines + [f"  {count:>7}  {reason}" for reason, count in tally.refused.most_common()]


def _progress(tally: Tally, whole: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if tally.visitors == whole else ""
        print(f"\r{tally.visitors} of {whole} visitors", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
