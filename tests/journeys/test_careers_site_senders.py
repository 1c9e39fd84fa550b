"""What the senders of events put on the wire, written down by a listener that speaks the public interface."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from examples.careers_site.settings import REAL_VIEWS
from examples.invented import ANSWERS, CAMPAIGN, Person, people
from examples.job_views import BATCH, WEEK_MS, Names, View, batches, read_views, weeks_to_now
from examples.job_views import send as send_views
from examples.sending import Line, NotSent
from examples.traffic import answers_of
from examples.traffic import send as send_traffic
from kept.gather.arrival import SentBatch
from tests.serving import serving

ROOT = Path(__file__).parents[2]
NOW = 1_795_000_000_000
JOBS = [str(number) for number in range(1001, 1061)]
SECRET = "sk_" + "s" * 40
QUIET: dict[str, Any] = {"log_level": "critical", "lifespan": "off", "ws": "none", "proxy_headers": False}
GROUPS = [{"name": "by_choice"}, {"name": "outward"}]
DAY_MS = 86_400_000
CALMLY = settings(deadline=None)  # how long one case takes depends on who shares the machine


@dataclass
class Asked:
    """One request as it arrived."""

    path: str
    query: str
    headers: dict[str, str]
    told: Any


@dataclass
class Listener:
    """Takes everything, gives a visitor's cookie to whoever says yes, and asks for patience when told to."""

    asked: list[Asked] = field(default_factory=list)
    busy: int = 0

    async def take(self, request: Request) -> Response:
        told = msgspec.json.decode(await request.body() or b"null")
        self.asked.append(Asked(request.url.path, request.url.query, dict(request.headers), told))
        if self.busy:
            self.busy -= 1
            return JSONResponse({"error": "later"}, 429, {"Retry-After": "7"})
        if request.url.path == "/v1/events":
            refused = (
                [{"event": 0, "reason": "no purpose", "where": ""}] if told.get("visitor") == "none" else []
            )
            return JSONResponse({"accepted": len(told["events"]), "refused": refused})
        return self._choices(request, told)

    def _choices(self, request: Request, told: Any) -> Response:
        yes = told is not None and any(told["answers"].values())
        state = {"ask": told is None, "collect": yes, "signal": False, "groups": GROUPS, "texts": {}}
        answer = JSONResponse(state)
        if told is not None:
            answer.set_cookie("kept_choice", "1.2.3")
        if yes:
            answer.set_cookie("kept_visit", f"kv_{len(self.asked):032d}")
        return answer

    def told_of(self, path: str) -> list[Asked]:
        return [one for one in self.asked if one.path == path]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def url(listener: Listener) -> Iterator[str]:
    with serving(Starlette(routes=[Route("/{rest:path}", listener.take, methods=["GET", "POST"])])) as port:
        yield f"http://127.0.0.1:{port}"


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def line(url: str, naps: list[float]) -> Iterator[Line]:
    line = Line(url, sleep=naps.append)
    yield line
    line.close()


# ---- invented traffic


def crowd(count: int = 60, seed: int = 1) -> list[Person]:
    return list(people(seed, count, 6, NOW, JOBS))


def test_the_same_seed_invents_the_same_people() -> None:
    assert crowd() == crowd()
    assert crowd(seed=2) != crowd()


@CALMLY
@given(st.integers(), st.integers(1, 6), st.integers(1_700_000_000_000, 1_900_000_000_000))
def test_every_event_can_be_taken(seed: int, days: int, now_ms: int) -> None:
    for person in people(seed, 3, days, now_ms, JOBS):
        assert person.address.startswith(("192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"))
        assert person.answer in ANSWERS
        for visit in person.visits:
            times = [event["at"] for event in visit.events]
            assert times == sorted(times)
            assert now_ms - 7 * DAY_MS < times[0] <= times[-1] <= now_ms


def test_invented_visits_say_that_they_are() -> None:
    for person in crowd():
        assert all(f"utm_campaign={CAMPAIGN}" in visit.events[0]["page"] for visit in person.visits)


def test_all_kinds_of_people_and_actions_come() -> None:
    found = crowd(200)
    assert {person.answer for person in found} == set(ANSWERS)
    assert {person.signal for person in found} == {True, False}
    names = {event["name"] for person in found for visit in person.visits for event in visit.events}
    assert names == {"page_view", "job_view", "job_search", "tool_used", "link_followed"}


def test_ids_of_events_never_repeat() -> None:
    ids = [event["id"] for person in crowd() for visit in person.visits for event in visit.events]
    assert len(set(ids)) == len(ids)


def test_a_visitor_asks_answers_and_only_then_sends(line: Line, listener: Listener) -> None:
    person = next(one for one in crowd() if one.answer == "yes" and not one.signal)
    [tally] = send_traffic(line, "wk_x", [person])
    assert [one.path for one in listener.asked[:3]] == ["/v1/choices", "/v1/choices", "/v1/events"]
    assert listener.asked[0].query == "key=wk_x"
    assert listener.asked[1].told == {
        "key": "wk_x",
        "answers": {"by_choice": True, "outward": True},
        "how": "dialog",
    }
    assert tally.accepted == sum(len(visit.events) for visit in person.visits)
    sent = listener.told_of("/v1/events")
    for one in sent:
        assert one.headers["x-forwarded-for"] == person.address
        assert one.headers["user-agent"] == person.agent
        assert "kept_visit=kv_" in one.headers["cookie"]
    assert {event["session"] for one in sent for event in one.told["events"]} == {
        visit.session for visit in person.visits
    }


def test_each_batch_reads_as_the_door_reads_it(line: Line, listener: Listener) -> None:
    for _ in send_traffic(line, "wk_x", crowd()):
        pass
    sent = listener.told_of("/v1/events")
    assert sent
    for one in sent:
        assert msgspec.convert(one.told, SentBatch).key == "wk_x"


def test_whoever_says_no_or_sends_the_signal_is_left_alone(line: Line, listener: Listener) -> None:
    found = [one for one in crowd(100) if one.answer in ("no", "silent") or one.signal]
    *_, tally = send_traffic(line, "wk_x", found)
    assert listener.told_of("/v1/events") == []
    assert tally.accepted == 0
    assert tally.silent == sum(len(visit.events) for one in found for visit in one.visits)
    assert tally.answers["no"] == sum(one.answer == "no" and not one.signal for one in found)
    signals = [one for one in listener.asked if one.headers.get("sec-gpc") == "1"]
    assert len(signals) == tally.answers["signal"] == sum(one.signal for one in found)
    assert all(one.told is None for one in signals), "the signal is the answer: no question follows"


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("yes", [True, True]), ("no", [False, False]), ("part", [True, False])],
)
def test_answers(answer: str, expected: list[bool]) -> None:
    person = Person("192.0.2.1", "x", answer, False, ())
    assert list(answers_of(person, ["by_choice", "outward"]).values()) == expected


# ---- real views

LIST = """"Applicant.ID","Job.ID","View.Start"
5,70,"2015-01-02 10:00:00 UTC"
5,70,"2015-01-02 10:00:00 UTC"
5,71,"2015-01-02 10:00:05 UTC"
6,70,"2015-01-01 09:00:00 UTC"
7,70,"yesterday"
"""


@pytest.fixture
def views(tmp_path: Path) -> list[View]:
    (tmp_path / "views.csv").write_text(LIST)
    found, repeated = read_views(tmp_path / "views.csv")
    assert repeated == 2, "one row repeats another, one cannot be read"
    return found


def test_views_go_as_history_with_the_secret_key_and_no_number(
    line: Line, listener: Listener, views: list[View]
) -> None:
    names = Names(SECRET)
    *_, tally = send_views(line, SECRET, batches(views, names, 0))
    first, second = listener.told_of("/v1/events")
    assert first.headers["authorization"] == f"Bearer {SECRET}"
    assert first.told == {
        "history": True,
        "visitor": names.visitor("6"),
        "events": [
            {
                "name": "job_view",
                "id": names.event(views[0]),
                "at": 1_420_102_800_000,
                "properties": {"job": "70"},
            }
        ],
    }
    assert [event["properties"]["job"] for event in second.told["events"]] == ["70", "71"]
    assert (tally.sent, tally.accepted) == (3, 3)
    assert "residence" not in first.told


def test_where_they_live_is_said_only_if_the_company_says_so(
    line: Line, listener: Listener, views: list[View]
) -> None:
    list(send_views(line, SECRET, batches(views, Names(SECRET), 0), "US"))
    assert {one.told["residence"] for one in listener.told_of("/v1/events")} == {"US"}


def test_sent_twice_the_bytes_are_the_same(line: Line, listener: Listener, views: list[View]) -> None:
    for _ in range(2):
        list(send_views(line, SECRET, batches(views, Names(SECRET), WEEK_MS)))
    told = [one.told for one in listener.told_of("/v1/events")]
    assert told[:2] == told[2:]


def test_another_key_gives_other_names() -> None:
    one, other = Names(SECRET), Names("sk_other")
    assert one.visitor("5") != other.visitor("5")
    assert one.visitor("5") != one.visitor("6")
    assert one.visitor("5") != "5"


@CALMLY
@given(
    st.lists(
        st.builds(View, st.sampled_from("567"), st.sampled_from(["70", "71"]), st.integers(0, 10**12)),
        max_size=400,
    )
)
def test_batches_hold_every_view_once_and_one_visitor_each(views: list[View]) -> None:
    names = Names(SECRET)
    parts = list(batches(views, names, 0))
    assert all(1 <= len(events) <= BATCH for _, events in parts)
    assert sorted(event["id"] for _, events in parts for event in events) == sorted(map(names.event, views))
    of = {names.event(view): names.visitor(view.applicant) for view in views}
    assert all(of[event["id"]] == visitor for visitor, events in parts for event in events)


@CALMLY
@given(st.integers(0, 2**41), st.integers(0, 2**41))
def test_the_last_view_falls_within_the_last_seven_days(last_ms: int, now_ms: int) -> None:
    moved = weeks_to_now(last_ms, now_ms)
    assert moved % WEEK_MS == 0
    assert now_ms - WEEK_MS < last_ms + moved <= now_ms


def test_refusals_are_counted_by_reason(line: Line) -> None:
    events = [{"name": "job_view", "id": "1", "at": 1, "properties": {"job": "1"}}]
    *_, tally = send_views(line, SECRET, [("none", events), ("hv_1", events)])
    assert tally.refused == {"no purpose": 1}


def test_the_real_list_is_read_whole() -> None:
    if not REAL_VIEWS.is_file():
        pytest.skip(f"no real list of views at {REAL_VIEWS}")
    views, repeated = read_views(REAL_VIEWS)
    assert (len(views), repeated) == (12_337, 33)
    assert len(list(batches(views, Names(SECRET), 0))) >= 3_448


# ---- the line


def test_when_kept_is_busy_the_same_is_sent_again_after_the_time_it_names(
    line: Line, listener: Listener, naps: list[float]
) -> None:
    listener.busy = 2
    assert line.post("/v1/events", {"events": []}, {}).said["accepted"] == 0
    assert naps == [7.0, 7.0]
    assert len({str(one.told) for one in listener.asked}) == 1


def test_patience_ends(line: Line, listener: Listener) -> None:
    listener.busy = 1_000
    with pytest.raises(NotSent, match="too busy"):
        line.post("/v1/events", {"events": []}, {})


def test_a_folder_of_a_site_may_lead_to_kept(url: str, listener: Listener) -> None:
    line = Line(f"{url}/kept/")
    line.get("/v1/choices?key=wk_x", {})
    line.close()
    assert listener.asked[0].path == "/kept/v1/choices"


@pytest.mark.parametrize(
    ("module", "options", "said"),
    [
        ("job_views", ["--key", "sk_x", "--url", "http://127.0.0.1:9"], "Kept does not answer"),
        ("job_views", ["--key", "wk_x"], "must be a secret key"),
        ("job_views", ["--key", "sk_x", "--file", "nowhere.csv"], "nowhere.csv"),
        ("traffic", ["--key", "wk_x", "--url", "http://127.0.0.1:9"], "Kept does not answer"),
        ("traffic", ["--key", "wk_x", "--url", "elsewhere"], "--url must be an address"),
        ("traffic", ["--key", "sk_x"], "must be a write key"),
        ("traffic", ["--key", "wk_x", "--visitors", "1000000"], "--visitors may be 1 to 5000"),
    ],
)
def test_a_command_that_cannot_says_why_and_ends_so(module: str, options: list[str], said: str) -> None:
    if module == "job_views" and "--file" not in options and not REAL_VIEWS.is_file():
        pytest.skip(f"no real list of views at {REAL_VIEWS}")
    command = [sys.executable, "-m", f"examples.{module}", *options]
    run = subprocess.run(command, cwd=ROOT, text=True, capture_output=True, check=False)
    assert run.returncode in (1, 2)
    assert said in run.stderr
    assert "Traceback" not in run.stderr


def test_both_commands_run_to_their_end(url: str, tmp_path: Path, listener: Listener) -> None:
    (tmp_path / "views.csv").write_text(LIST)
    (tmp_path / "key").write_text(SECRET)  # a key on the command line would stand in the list of processes
    environ = os.environ | {"KEPT_URL": url, "KEPT_SECRET_KEY_FILE": str(tmp_path / "key")}
    said = [
        subprocess.run(
            [sys.executable, "-m", *options],
            cwd=ROOT,
            env=environ,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=True,
        ).stdout
        for options in (
            ["examples.job_views", "--file", str(tmp_path / "views.csv")],
            ["examples.traffic", "--key", "wk_x", "--visitors", "5"],
        )
    ]
    assert "sent 3, accepted 3, refused 0" in said[0]
    assert "visitors 5 (" in said[1]
    assert listener.told_of("/v1/events")[0].headers["authorization"] == f"Bearer {SECRET}"
