"""What watchers are told: true figures in the form that OpenMetrics prescribes, and nothing about anyone."""

import os
import re
import time
from pathlib import Path

import msgspec
import pytest

from kept.app.vitals import BUCKETS, FRESH_SECONDS, Durations, Vital, Vitals, vitals_of
from kept.web.console import console_app
from kept.web.metrics import FAMILIES, MEDIA_TYPE, text_of, waits_for
from tests.pages_call import call
from tests.pages_house import MemoryHouse

# OpenMetrics 1.0, "Text Format": descriptors before samples, one family after the other, an end.
LABELS = re.compile(r'([a-z]+)="([^"\\\n]*)"')
SAMPLE = re.compile(r"([a-z_]+)(?:\{(.+)\})? (-?[0-9]+(?:\.[0-9]+)?)")


def vital(
    process: str, *, at: float | None = None, pid: int = os.getpid(), **figures: dict[str, float]
) -> Vital:
    now = time.time()
    return Vital(process, pid, now - 60, now if at is None else at, 1_000, figures)


def samples(text: str) -> dict[tuple[str, str], float]:
    """Every sample, each line held against the grammar."""
    assert text.endswith("\n# EOF\n")
    found: dict[tuple[str, str], float] = {}
    family = kind = ""
    for line in text.splitlines()[:-1]:
        if line.startswith("# TYPE "):
            _, _, family, kind = line.split(" ")
        elif line.startswith("# HELP "):
            assert line.split(" ")[2] == family
        else:
            read = SAMPLE.fullmatch(line)
            assert read, line
            endings = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
            assert read[1] in [family + ending for ending in endings[kind]]
            labels = [LABELS.fullmatch(each) for each in (read[2] or "").split(",") if each]
            assert all(labels), line
            values = "/".join(each[2] for each in labels if each)
            assert (read[1], values) not in found
            found[read[1], values] = float(read[3])
    return found


def test_figures_of_processes_are_added_up() -> None:
    one = vital("public", kept_event_requests={"200": 3.0, "429": 1.0}, kept_events_accepted={"": 5.0})
    other = vital("committer", kept_lake_age_seconds={"": 1.25}, kept_event_requests={"200": 4.0})
    found = samples(text_of([one, other], time.time()))
    assert found["kept_event_requests_total", "200"] == 7
    assert found["kept_event_requests_total", "429"] == 1
    assert found["kept_events_accepted_total", ""] == 5
    assert found["kept_lake_age_seconds", ""] == 1.25
    assert found["kept_process_up", "public"] == found["kept_process_up", "committer"] == 1


def test_what_was_refused_has_the_part_of_the_policy_beside_the_reason() -> None:
    refused = {"wrong type/apply.job": 2.0, "undeclared event/": 3.0}
    text = text_of([vital("public", kept_events_refused=refused)], time.time())
    assert 'kept_events_refused_total{reason="wrong type",part="apply.job"} 2' in text
    assert samples(text)["kept_events_refused_total", "undeclared event/"] == 3


def test_what_does_not_speak_any_more_counts_for_nothing() -> None:
    silent = vital("public", at=time.time() - FRESH_SECONDS - 1, kept_events_accepted={"": 5.0})
    gone = vital("committer", pid=2**22 - 1)
    found = samples(text_of([silent, gone], time.time()))
    assert found["kept_process_up", "public"] == found["kept_process_up", "committer"] == 0
    assert ("kept_events_accepted_total", "") not in found
    assert waits_for([silent, gone], time.time()) == ["public", "committer"]
    assert waits_for([vital("public"), vital("committer")], time.time()) == []


def test_times_are_counted_into_buckets() -> None:
    times = Durations()
    for seconds in (0.05, 0.1, 0.2, 40.0):
        times.add(seconds)
    found = samples(text_of([vital("console", **msgspec.convert(times.figures(), dict))], time.time()))
    assert found["kept_query_seconds_bucket", "0.1"] == 2
    assert found["kept_query_seconds_bucket", "0.3"] == 3
    assert found["kept_query_seconds_bucket", "30.0"] == 3
    assert found["kept_query_seconds_bucket", "+Inf"] == found["kept_query_seconds_count", ""] == 4
    assert found["kept_query_seconds_sum", ""] == pytest.approx(40.35)
    assert len([name for name, _ in found if name.endswith("_bucket")]) == len(BUCKETS) + 1


def test_a_process_writes_its_own_and_a_torn_file_stops_nobody(tmp_path: Path) -> None:
    Vitals(tmp_path, "public", lambda: {"kept_events_accepted": {"": 1.0}}).tell()
    (tmp_path / "vitals" / "torn.json").write_text('{"process": ')
    (found,) = vitals_of(tmp_path)
    assert (found.process, found.pid, found.figures) == (
        "public",
        os.getpid(),
        {"kept_events_accepted": {"": 1.0}},
    )
    assert found.resident > 1_000_000
    assert (tmp_path / "vitals").stat().st_mode & 0o777 == 0o700


def test_watchers_need_no_token_and_are_told_the_state() -> None:
    house = MemoryHouse()
    assert call(console_app(house), "/-/health").status == 200
    reply = call(console_app(house), "/-/ready")
    assert (reply.status, reply.text) == (503, '{"ready":false,"waits for":["public","committer"]}')
    house.said = [vital("public"), vital("committer")]
    assert call(console_app(house), "/-/ready").status == 200
    metrics = call(console_app(house), "/-/metrics")
    assert metrics.header("content-type") == MEDIA_TYPE
    assert samples(metrics.text)["kept_process_up", "public"] == 1


def test_every_figure_is_named_once() -> None:
    names = [family.name for family in FAMILIES]
    assert len(names) == len(set(names))
