"""Send a list of real job views to Kept as a company's own server would: with the secret key, as history.

    python -m examples.job_views --url http://127.0.0.1:8600 --key sk_…

A view becomes the event `job_view`. The applicant's number never leaves this program: the visitor is a keyed
hash of it, under a key made from the secret key. Ids of events are keyed hashes as well, so the same list
sent again adds nothing within the time in which Kept notices repeats. Times are moved by whole weeks, so that
the last view falls within the last seven days; day of the week and hour stay as they were.
"""

import argparse
import csv
import hmac
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from examples.careers_site.settings import REAL_VIEWS, known_settings
from examples.sending import Line, NotSent

BATCH = 100
WEEK_MS = 7 * 86_400_000


@dataclass(frozen=True, slots=True)
class View:
    """Someone looked at a job, at a time in milliseconds of UTC. `applicant` is the list's own number."""

    applicant: str
    job: str
    at_ms: int


@dataclass(slots=True)
class Tally:
    """What has become of the views so far."""

    sent: int = 0
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)


class Names:
    """Keyed hashes (HMAC-SHA-256, RFC 2104) in place of the list's numbers."""

    def __init__(self, secret_key: str) -> None:
        self._key = hmac.digest(secret_key.encode(), b"job views of a list", "sha256")

    def visitor(self, applicant: str) -> str:
        """The visitor's id that stands for an applicant."""
        return "hv_" + self._hash("visitor", applicant)

    def event(self, view: View) -> str:
        """The id of a view: the same person, job and second are the same view."""
        return self._hash("event", view.applicant, view.job, str(view.at_ms))

    def _hash(self, *parts: str) -> str:
        return hmac.digest(self._key, "\0".join(parts).encode(), "sha256").hex()[:32]


def read_views(path: Path) -> tuple[list[View], int]:
    """The views of a list, oldest first, and how many rows merely repeat one (or cannot be read)."""
    with path.open(newline="", encoding="utf-8", errors="replace") as file:
        rows = [_view(row) for row in csv.DictReader(file)]
    views = sorted(
        {row for row in rows if row is not None}, key=lambda view: (view.at_ms, view.applicant, view.job)
    )
    return views, len(rows) - len(views)


def _view(row: dict[str, str]) -> View | None:
    try:
        at = datetime.strptime(row["View.Start"], "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC)
    except ValueError:
        return None
    return View(row["Applicant.ID"], row["Job.ID"], int(at.timestamp()) * 1000)


def weeks_to_now(last_ms: int, now_ms: int) -> int:
    """The whole weeks, in milliseconds, by which `last_ms` moves into the 7 days before `now_ms`."""
    return (now_ms - last_ms) // WEEK_MS * WEEK_MS


def batches(views: Iterable[View], names: Names, moved_ms: int) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Per visitor, in the order in which they first came, at most 100 events at a time.

    The interface takes one visitor a request, so a batch never holds two people's views.
    """
    by_visitor: dict[str, list[dict[str, Any]]] = {}
    for view in views:
        event = {"name": "job_view", "id": names.event(view), "at": view.at_ms + moved_ms}
        by_visitor.setdefault(names.visitor(view.applicant), []).append(
            event | {"properties": {"job": view.job}}
        )
    for visitor, events in by_visitor.items():
        for start in range(0, len(events), BATCH):
            yield visitor, events[start : start + BATCH]


def send(
    line: Line, key: str, parts: Iterable[tuple[str, list[dict[str, Any]]]], residence: str = ""
) -> Iterator[Tally]:
    """Send batch after batch; gives the tally after each."""
    tally = Tally()
    headers = {"Authorization": f"Bearer {key}"}
    where = {"residence": residence} if residence else {}
    for visitor, events in parts:
        told = {"history": True, "visitor": visitor, **where, "events": events}
        answer = line.post("/v1/events", told, headers)
        tally.sent += len(events)
        tally.accepted += int(answer.said.get("accepted", 0))
        tally.refused.update(str(one["reason"]) for one in answer.said.get("refused", ()))
        yield tally


def main() -> None:
    """Read the list, send it, and say what was accepted and what was refused, by reason."""
    asked = _arguments()
    try:
        _send_all(asked)
    except (NotSent, OSError) as error:
        raise SystemExit(f"job views: {error}") from None


def _arguments() -> argparse.Namespace:
    known = known_settings("job views")
    parser = argparse.ArgumentParser(
        prog="python -m examples.job_views", description="Send a list of real job views."
    )
    parser.add_argument(
        "--url", default=known.kept_url, help="where Kept is, or the folder that leads to it (KEPT_URL)"
    )
    parser.add_argument(
        "--key", default=known.secret_key, help="secret key (KEPT_SECRET_KEY, or KEPT_SECRET_KEY_FILE)"
    )
    parser.add_argument("--file", type=Path, default=REAL_VIEWS, help="the list, as CSV")
    parser.add_argument(
        "--residence", default="", help="where these people live, if the company knows: US, or US-CA"
    )
    asked = parser.parse_args()
    if not asked.key.startswith("sk_"):
        parser.error("--key must be a secret key: it starts with sk_")
    return asked


def _send_all(asked: argparse.Namespace) -> None:
    views, repeated = read_views(asked.file)
    moved = weeks_to_now(views[-1].at_ms, time.time_ns() // 1_000_000) if views else 0
    print(
        f"{len(views)} views of {asked.file.name} ({repeated} rows repeat one), "
        f"moved by {moved // WEEK_MS} weeks",
        flush=True,
    )
    line, tally = Line(asked.url), Tally()
    try:
        for tally in send(line, asked.key, batches(views, Names(asked.key), moved), asked.residence):
            _progress(tally, len(views))
    finally:
        line.close()
    print("\n".join(summary(tally)))


def summary(tally: Tally) -> list[str]:
    """The result in lines: what was sent, accepted, and refused by reason."""
    lines = [f"sent {tally.sent}, accepted {tally.accepted}, refused {tally.refused.total()}"]
    return lines + [f"  {count:>7}  {reason}" for reason, count in tally.refused.most_common()]


def _progress(tally: Tally, whole: int) -> None:
    if sys.stderr.isatty():
        end = "\n" if tally.sent == whole else ""
        print(f"\r{tally.sent} of {whole}, accepted {tally.accepted}", end=end, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
