"""What an import keeps and refuses, and that importing again adds nothing, whatever happened in between."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import pytest

from kept.gather.minimise import agent_of, origin_of
from kept.gather.weblog import FORMS, NotKept, import_log
from kept.gather.weblog.known import OPEN_HOURS, Batch, Known
from kept.gather.weblog.store import begun_before, forget
from tests.collecting import with_classes_of_sites
from tests.weblog_world import (
    AMERICA,
    FIREFOX,
    FORMS_OF_ONE,
    HOUR,
    IMPROVE,
    NETHERLANDS,
    NOW,
    NOWHERE,
    PROTECT,
    ROBOT,
    World,
    line,
    policy,
    world,
    write,
)

MANY = [line(f"/{number % 700}", at=f"14/Nov/2023:20:{number % 60:02d}:00 +0000") for number in range(6_000)]

AT_EIGHT = 1_699_992_000_000
small_batches = patch("kept.gather.weblog.importing.BATCH", 5_000)


@pytest.fixture
def here(tmp_path: Path) -> World:
    return world(tmp_path)


def test_a_page_view_becomes_an_event_without_what_nobody_uses(here: World, tmp_path: Path) -> None:
    sent = line(
        "/jobs/ana%40example.org?utm_source=letter",
        address=NETHERLANDS,
        referrer="https://www.example.org/secret",
    )
    report = import_log([write(tmp_path / "a.log", [sent])], here.intake)
    (event,) = here.events
    assert (report.lines, report.kept, report.crawlers, report.visitor_days) == (1, 1, 0, 1)
    assert (event.name, event.page, event.source) == ("page_view", "/jobs/:person", "server log")
    assert (event.mask, event.cv, event.policy, event.workspace) == (PROTECT, 17, 3, 1)
    assert (event.country, event.address) == ("NL", "193.0.6.0/24")
    assert (event.device, event.browser, event.referrer, event.campaign) == (None,) * 4
    assert event.ts == NOW - 2 * HOUR - 800_000
    for hidden in (b"ana", b"193.0.6.139", b"Firefox", b"secret", b"letter"):
        assert hidden not in here.journal[0]


def test_what_a_purpose_that_needs_no_yes_uses_is_kept(tmp_path: Path) -> None:
    rules = policy(improve="{europe: {basis: consent}}")
    free = replace(rules, masks=tuple(replace(each, objection=PROTECT | IMPROVE) for each in rules.masks))
    here = world(tmp_path, free)
    sent = line("/?utm_source=letter", referrer="https://www.example.org/secret")
    import_log([write(tmp_path / "a.log", [sent])], here.intake)
    (event,) = here.events
    assert (event.mask, event.device, event.browser) == (PROTECT | IMPROVE, "desktop", "Firefox")
    assert (event.referrer, event.campaign) == ("example.org", "letter/-/-")


def test_where_the_policy_says_so_a_referrer_in_a_log_is_kept_as_the_class_of_its_site(
    tmp_path: Path,
) -> None:
    free = policy(improve="{europe: {basis: consent}}")
    free = replace(free, masks=tuple(replace(each, objection=PROTECT | IMPROVE) for each in free.masks))
    here = world(tmp_path, with_classes_of_sites(free))
    sent = [
        line(f"/{number}", referrer=referrer)
        for number, referrer in enumerate(
            ("https://www.bing.com/x", "https://www.example.com/y", "https://news.example.org", "-")
        )
    ]
    import_log([write(tmp_path / "a.log", sent)], here.intake)
    assert [event.referrer for event in here.events] == ["search", "internal", "other site", None]


def test_where_the_policy_says_never_nothing_is_kept(tmp_path: Path) -> None:
    here = world(tmp_path, policy(protect="{europe: {choice: never}}"))
    lines = [line(address=NETHERLANDS), line(address=AMERICA), line(address=NOWHERE)]
    report = import_log([write(tmp_path / "a.log", lines)], here.intake)
    assert [event.country for event in here.events] == ["US"]
    assert report.refused == {NotKept.NO_PURPOSE: 2}  # who may live in Europe is judged as if they did


def test_a_policy_that_does_not_gather_from_logs_refuses_all(tmp_path: Path) -> None:
    here = world(tmp_path, policy(sources="tracker"))
    report = import_log([write(tmp_path / "a.log", [line(), line("/a.css")])], here.intake)
    assert report.refused == {NotKept.UNDECLARED: 1, NotKept.ASSET: 1}
    assert here.journal == []


def test_keep_times_are_kept_to_from_the_start(here: World, tmp_path: Path) -> None:
    lines = [
        line(at="14/Oct/2022:20:00:00 +0000"),  # page views are kept 13 months
        line(at="15/Oct/2022:20:00:00 +0000"),
        line(at="14/Oct/2023:20:00:00 +0000"),  # addresses 30 days
        line(at="16/Oct/2023:20:00:00 +0000"),
        line(at="15/Nov/2023:20:00:00 +0000"),  # tomorrow
    ]
    report = import_log([write(tmp_path / "a.log", lines)], here.intake)
    assert report.refused == {NotKept.TOO_OLD: 1, NotKept.IN_FUTURE: 1}
    assert [event.address for event in here.events] == [None, None, "8.8.8.0/24"]


def test_crawlers_are_kept_apart(here: World, tmp_path: Path) -> None:
    lines = [line(), line("/2", agent=ROBOT), line("/3", agent="-")]
    report = import_log([write(tmp_path / "a.log", lines)], here.intake)
    assert [event.crawler for event in here.events] == [False, True, True]
    assert (report.kept, report.crawlers, report.visitor_days) == (3, 2, 1)


def test_each_agent_and_each_address_is_looked_up_once(here: World, tmp_path: Path) -> None:
    lines = [
        line(f"/{number}", agent=f"{FIREFOX} {number % 7}", address=f"192.0.2.{number % 11}")
        for number in range(200)
    ]
    of_agent = patch("kept.gather.weblog.taking.agent_of", side_effect=agent_of)
    of_address = patch("kept.gather.weblog.taking.origin_of", side_effect=origin_of)
    with of_agent as agents, of_address as addresses:
        assert import_log([write(tmp_path / "a.log", lines)], here.intake).kept == 200
    assert (agents.call_count, addresses.call_count) == (7, 11)


def test_every_form_has_its_line_here() -> None:
    assert list(FORMS_OF_ONE) == list(FORMS)


@pytest.mark.parametrize("name", ["access.log", "access.log.gz"])
@pytest.mark.parametrize("form", FORMS_OF_ONE)
def test_one_request_makes_one_event_in_every_form(here: World, tmp_path: Path, form: str, name: str) -> None:
    path = write(tmp_path / name, FORMS_OF_ONE[form])
    report = import_log([path], here.intake)
    (event,) = here.events
    assert (report.lines, report.kept, report.forms) == (1, 1, [form])
    assert (event.page, event.ts, event.country, event.address) == ("/jobs", AT_EIGHT, "US", "8.8.8.0/24")
    again = import_log([path], here.intake)
    assert (again.kept, again.refused) == (0, {NotKept.KNOWN: 1})


@pytest.mark.parametrize("form", FORMS_OF_ONE)
def test_no_line_is_told_in_a_message(here: World, tmp_path: Path, form: str) -> None:
    """Broken in every place: the report names lines by their number alone."""
    *names, text = FORMS_OF_ONE[form]
    path = write(tmp_path / "a.log", [*names, *(text[:end] for end in range(1, len(text), 7))])
    report = import_log([path], here.intake, form=FORMS[form])
    assert report.malformed_lines > 5
    assert "8.8.8.8" not in str(report) + json.dumps(report.as_dict())
    assert report.malformed[0][1] == len(names) + 1


def test_files_of_several_forms_are_told_apart(here: World, tmp_path: Path) -> None:
    common = write(tmp_path / "b.log", [line("/2").rpartition(' "-" ')[0]])
    report = import_log([write(tmp_path / "a.log", [line()]), common], here.intake)
    assert report.forms == ["combined", "common"]
    assert "read as common (Apache, nginx: no referrer, no browser): b.log" in str(report)


def test_a_format_without_agents_calls_nobody_a_crawler(here: World, tmp_path: Path) -> None:
    lines = [line().rpartition(' "-" ')[0], line("/2").rpartition(' "-" ')[0]]
    report = import_log([write(tmp_path / "a.log", lines)], here.intake)
    assert [event.crawler for event in here.events] == [False, False]
    assert "names no browser" in str(report)


def test_visitors_are_one_within_a_day_and_others_the_next(here: World, tmp_path: Path) -> None:
    days = [("13", AMERICA), ("13", AMERICA), ("13", NETHERLANDS), ("14", AMERICA)]
    lines = [
        line(f"/{n}", at=f"{day}/Nov/2023:12:00:00 +0000", address=who) for n, (day, who) in enumerate(days)
    ]
    report = import_log([write(tmp_path / "a.log", lines)], here.intake)
    first, again, other, next_day = (event.subject for event in here.events)
    assert first == again
    assert len({first, other, next_day}) == report.visitor_days == 3


def test_two_imports_cannot_be_joined(tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", [line()])
    subjects = set()
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        here = world(tmp_path / name)
        import_log([path], here.intake)
        subjects.add(here.events[0].subject)
    assert len(subjects) == 2


@pytest.mark.sqlite
def test_the_key_of_the_day_and_the_address_are_written_nowhere(here: World, tmp_path: Path) -> None:
    path = write(tmp_path / "sub.log", [line(address=NETHERLANDS)])
    import_log([path], here.intake)
    here.intake.records.scrub()
    written = (tmp_path / "records.db").read_bytes()
    subject = here.events[0].subject
    assert here.events[0].event_id.to_bytes(8, "big") in written
    for secret in (NETHERLANDS.encode(), b"Firefox", subject.to_bytes(8, "big"), str(subject).encode()):
        assert secret not in written


def test_every_line_is_accounted_for(here: World, tmp_path: Path) -> None:
    lines = [*MANY[:100], line("/a.css"), line(status=404), line(method="POST"), "cut off"]
    report = import_log([write(tmp_path / "a.log", lines)], here.intake)
    assert report.lines == len(lines) == report.kept + report.refused.total() + report.malformed_lines
    assert report.malformed == [("a.log", 104, "a field in quotation marks is missing or does not end")]
    told = json.loads(json.dumps(report.as_dict()))
    assert told["refused"]["asset"] == told["refused"]["status"] == told["refused"]["method"] == 1
    assert "a.log, line 104" in str(report)


def test_many_malformed_lines_are_counted_and_some_named(here: World, tmp_path: Path) -> None:
    report = import_log([write(tmp_path / "a.log", [line(), *["cut off"] * 500])], here.intake)
    assert (report.malformed_lines, len(report.malformed)) == (500, 100)
    assert "and 400 more" in str(report)


# ---- again -------------------------------------------------------------------------------------------


def test_the_same_file_again_adds_nothing(here: World, tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", MANY)
    assert import_log([path], here.intake).kept == len(MANY)
    again = import_log([path], here.intake)
    assert (again.kept, again.refused) == (0, {NotKept.KNOWN: len(MANY)})
    assert len(here.journal) == len(here.ids) == len(MANY)


def test_the_same_file_twice_in_one_import_adds_nothing(here: World, tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", MANY)
    copy = write(tmp_path / "a.log.1.gz", MANY)
    report = import_log([path, path, copy], here.intake)
    assert (report.kept, report.refused[NotKept.KNOWN]) == (len(MANY), 2 * len(MANY))


def test_a_file_that_grew_adds_what_is_new(here: World, tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", MANY[:2_500])
    import_log([path], here.intake)
    write(path, MANY)
    assert import_log([path], here.intake).kept == len(MANY) - 2_500
    assert len(here.journal) == len(here.ids) == len(MANY)


def test_the_rotated_and_compressed_copy_adds_nothing(here: World, tmp_path: Path) -> None:
    import_log([write(tmp_path / "a.log", MANY)], here.intake)
    assert import_log([write(tmp_path / "a.log.1.gz", MANY)], here.intake).kept == 0


def test_files_that_overlap_add_each_line_once(here: World, tmp_path: Path) -> None:
    import_log([write(tmp_path / "a.log", MANY[:4_000])], here.intake)
    report = import_log([write(tmp_path / "b.log", MANY[2_000:])], here.intake)
    assert len(here.ids) == len({event.event_id for event in here.events})
    whole = world_of(tmp_path / "whole", MANY)
    assert set(here.ids) <= set(whole.ids)
    assert report.kept == len(here.ids) - 4_000


def world_of(folder: Path, lines: Sequence[str]) -> World:
    folder.mkdir()
    here = world(folder)
    import_log([write(folder / "a.log", lines)], here.intake)
    return here


def test_a_line_is_known_by_its_words_not_by_its_place(here: World, tmp_path: Path) -> None:
    """The log of one of two servers, and then both joined: within a second the order differs."""
    import_log([write(tmp_path / "one.log", [line("/b"), line("/c")])], here.intake)
    report = import_log([write(tmp_path / "both.log", [line("/a"), line("/c"), line("/b")])], here.intake)
    assert (report.kept, [event.page for event in here.events]) == (1, ["/b", "/c", "/a"])


def test_equal_lines_remain_as_many_as_they_are(here: World, tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", [line()] * 7)
    assert import_log([path], here.intake).kept == 7
    write(path, [line()] * 9)
    assert import_log([path], here.intake).kept == 2
    assert len(here.ids) == 9


def test_a_shift_changes_times_and_not_what_is_known(here: World, tmp_path: Path) -> None:
    old = [line(f"/{day}", at=f"{day}/May/2015:12:00:00 +0000") for day in (17, 18, 19, 20)]
    path = write(tmp_path / "a.log", old)
    assert import_log([path], here.intake).refused == {NotKept.TOO_OLD: 4}
    report = import_log([path], here.intake, shift_to_ms=NOW)
    week = 7 * 24 * HOUR
    assert (report.kept, report.weeks) == (4, 442)
    assert NOW - week < (report.last_ms or 0) <= NOW
    assert f"times moved by +{report.weeks} weeks for the demonstration" in str(report)
    assert import_log([path], here.intake, shift_to_ms=NOW - 4 * week).refused == {NotKept.KNOWN: 4}


@pytest.mark.parametrize("taken", [True, False])
def test_memory_holds_a_few_hours_of_a_log_however_long(here: World, tmp_path: Path, taken: bool) -> None:
    days = [
        line(at=f"{day:02d}/Oct/2023:{hour:02d}:00:00 +0000") for day in range(17, 31) for hour in range(24)
    ]
    path = write(tmp_path / "a.log", days)
    if not taken:
        import_log([path], here.intake)
    loads = patch.object(Known, "_load", autospec=True, side_effect=Known._load)
    with patch("kept.gather.weblog.known.MOST_IDS", 20), loads as loading:
        assert import_log([path, path], here.intake).kept == (len(days) if taken else 0)
    assert loading.call_count > 2 * len(days) - 2 * OPEN_HOURS  # each hour was closed before its second turn


def test_hours_that_were_closed_are_known_again(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    known = Known(here.intake.records, 1, b"key", here.clock.at_ms)
    hours = range(2 * OPEN_HOURS + 1)
    assert [known.event_ids(hour, [hour]) for hour in hours] == [[hour] for hour in hours]
    monkeypatch.setattr("kept.gather.weblog.known.MOST_IDS", 2 * OPEN_HOURS)
    batch = Batch([b"[]"] * len(hours), {hour: [hour] for hour in hours})
    before = known.full
    known.send(batch, here.journal.extend)
    assert (before, known.full) == (True, False)
    known.begin_file()
    assert [known.event_ids(hour, [hour]) for hour in hours] == [[NotKept.KNOWN]] * len(hours)


def test_lines_refused_under_one_policy_are_taken_under_another(tmp_path: Path) -> None:
    here = world(tmp_path, policy(sources="tracker"))
    path = write(tmp_path / "a.log", [line()])
    assert import_log([path], here.intake).kept == 0
    assert import_log([path], here.under(policy())).kept == 1
    assert import_log([path], here.under(policy())).kept == 0


def test_what_is_forgotten_can_be_taken_again(here: World, tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", MANY)
    with small_batches:
        import_log([path], here.intake)
    with here.intake.records.write() as connection:
        assert begun_before(connection, NOW, 0, 9) == []
        parts = begun_before(connection, NOW + 1, 0, 9)  # one hour, in two batches
        assert forget(connection, [part.number for part in parts]) == 2
    assert import_log([path], here.intake).kept == len(MANY)


# ---- killed ------------------------------------------------------------------------------------------


class _Killed(BaseException):
    """Stands for the end of the process: nothing catches it."""


def _killed(here: World, path: Path, frames: int, *, acknowledged: bool) -> None:
    """An import that ends while its journal holds `frames`, the last batch answered or not."""

    def sink(batch: Sequence[bytes]) -> None:
        if len(here.journal) >= frames:
            raise _Killed
        here.journal.extend(batch)
        if acknowledged and len(here.journal) >= frames:
            raise _Killed

    with small_batches, pytest.raises(_Killed):
        import_log([path], replace(here.intake, sink=sink))


@pytest.mark.parametrize("acknowledged", [True, False])
def test_killed_and_run_again_nothing_is_lost_and_nothing_twice(
    here: World, tmp_path: Path, acknowledged: bool
) -> None:
    path = write(tmp_path / "a.log", MANY)
    _killed(here, path, 5_000, acknowledged=acknowledged)
    here.clock.advance(46 * HOUR)
    import_log([path], here.intake)
    assert len(here.ids) == len(MANY)  # the lake keeps each id once
    assert len(here.journal) == (len(MANY) + 5_000 if acknowledged else len(MANY))
    assert import_log([path], here.intake).kept == 0


def test_later_than_the_lake_remembers_it_is_asked(here: World, tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", MANY)
    _killed(here, path, 5_000, acknowledged=True)
    here.clock.advance(48 * HOUR)
    held = set(here.ids)
    report = import_log([path], replace(here.intake, stored=held.intersection))
    assert (report.kept, report.refused) == (1_000, {NotKept.KNOWN: 5_000})
    assert len(here.journal) == len(here.ids) == len(MANY)


def test_if_the_lake_cannot_be_asked_what_is_in_doubt_is_left_out_and_told(
    here: World, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.log", MANY)
    _killed(here, path, 5_000, acknowledged=True)
    here.clock.advance(48 * HOUR)
    report = import_log([path], here.intake)
    assert (report.kept, report.refused) == (1_000, {NotKept.UNSETTLED: 5_000})
    assert NotKept.UNSETTLED.value in str(report)


def test_another_workspace_knows_nothing_of_it(here: World, tmp_path: Path) -> None:
    path = write(tmp_path / "a.log", [line()])
    import_log([path], here.intake)
    assert import_log([path], replace(here.intake, workspace=2)).kept == 1
    assert import_log([path], replace(here.intake, event_key=b"the key of another workspace")).kept == 1
    assert len(here.ids) == 2


def test_agents_that_are_no_text_count_as_visitors_of_their_own(here: World, tmp_path: Path) -> None:
    lines = [line(agent=rf"{FIREFOX} \xff\xfe"), line("/2", agent=FIREFOX)]
    assert import_log([write(tmp_path / "a.log", lines)], here.intake).visitor_days == 2
