"""Logs of every sort: nothing stops an import; cut, copied, broken off, each line counts once."""

import json
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.gather.weblog import FORMS, LogLine, Malformed, import_log, read_log
from kept.gather.weblog.forms import Form, votes
from kept.gather.weblog.moment import Moments
from kept.gather.weblog.store import log_part
from kept.storage.records import Records
from tests.weblog_world import (
    AMERICA,
    FIREFOX,
    FORMS_OF_ONE,
    NETHERLANDS,
    ROBOT,
    World,
    in_workspace,
    line,
    policy,
    write,
)

RULES = policy()
at_leisure = settings(deadline=None)  # each commit waits for the disk, which others use too
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SHAPES = st.sampled_from(list(FORMS.values()))
BYTES = st.one_of(
    st.binary(max_size=200),
    st.lists(
        st.sampled_from(
            [b'"', b"\\", b" ", b"[", b"]", b"GET /", b"-", b"200", b"14/Nov/2023:20:00:00 +0000"]
        )
    ).map(b"".join),
)
NAMES = st.sampled_from(
    [
        "remote_addr",
        "time",
        "request",
        "method",
        "uri",
        "status",
        "agent",
        "headers",
        "ts",
        "logger",
        "client_ip",
        "host",
        "ClientHost",
        "StartUTC",
        "RequestMethod",
        "RequestPath",
        "DownstreamStatus",
        "request_User-Agent",
        "User-Agent",
        "X-Forwarded-For",
    ]
)
VALUES = st.one_of(
    st.sampled_from(
        [AMERICA, "GET", "/", "GET / HTTP/1.1", 200, "200", "http.log.access", "2023-11-14T20:00:00Z"]
    ),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
)
OBJECTS = st.recursive(
    VALUES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=9),
    max_leaves=20,
)
PAGES = st.builds(
    line,
    st.sampled_from(["/", "/a", "/b", "/c.css"]),
    address=st.sampled_from([AMERICA, NETHERLANDS]),
    at=st.builds("14/Nov/2023:{:02d}:00:{:02d} +0000".format, st.integers(0, 20), st.integers(0, 1)),
    agent=st.sampled_from([FIREFOX, ROBOT]),
)
LOGS = st.lists(PAGES, max_size=30).map(lambda lines: sorted(lines, key=lambda each: each.split("[")[1]))

Damage = tuple[int, int, bytes]
DAMAGES = st.tuples(
    st.integers(0, 400),
    st.integers(0, 30),
    st.binary(max_size=9) | st.sampled_from([b"", b'"', b"\\", b"[", b" ", b"\t", b"-", b"{}", b"\xff"]),
)


class _Killed(BaseException):
    """Stands for the end of the process."""


class House:
    """Many workspaces under one key: what one imports, the others must not know."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._records, self._last = folder, Records(folder / "records.db"), 0

    def world(self) -> World:
        self._last += 1
        return in_workspace(self._last, self._records, RULES)

    def write(self, *files: Sequence[str | bytes]) -> list[Path]:
        return [write(self._folder / f"{number}.log", lines) for number, lines in enumerate(files)]

    def imported(self, *files: Sequence[str], each_alone: bool = False) -> World:
        here, paths = self.world(), self.write(*files)
        for run in [[path] for path in paths] if each_alone else [paths]:
            import_log(run, here.intake)
        return here


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(tmp_path_factory.mktemp("house"))


@at_leisure
@given(st.sampled_from(["json", "caddy", "traefik-json"]), OBJECTS)
def test_any_object_is_read_or_malformed(form: str, said: object) -> None:
    raw = json.dumps(said).encode("utf-8", "surrogatepass")
    assert isinstance(FORMS[form].reader().read(1, raw), LogLine | Malformed)


@at_leisure
@given(st.sampled_from(sorted(FORMS_OF_ONE)), st.lists(DAMAGES, max_size=12))
def test_no_line_goes_missing_whatever_befell_it(house: House, form: str, damages: list[Damage]) -> None:
    """Cut, overwritten, put in: lines = kept + refused + malformed, and every line is among them."""
    here = house.world()
    *names, text = (each.encode() for each in FORMS_OF_ONE[form])
    lines = [each for each in (_damaged(text, damage) for damage in damages) if not each.startswith(b"#")]
    (path,) = house.write([*names, *lines])
    report = import_log([path], here.intake, form=FORMS[form])
    assert report.lines == sum(bool(each.strip()) for each in lines)
    assert report.lines == report.kept + report.refused.total() + report.malformed_lines
    assert report.kept == len(here.journal)


def _damaged(text: bytes, damage: Damage) -> bytes:
    place, gone, put = damage
    place %= len(text)
    return text[:place] + put.replace(b"\n", b"").replace(b"\r", b"") + text[place + gone :]


@at_leisure
@given(st.text())
def test_what_a_server_protects_in_quotation_marks_comes_back(said: str) -> None:
    """As Apache writes (marks and controls with a backslash, bytes beyond ASCII as \\xHH), and as nginx."""
    for protect in (_as_apache, _as_nginx):
        raw = line(agent=protect(said)).encode()
        read = FORMS["combined"].reader().read(1, raw)
        assert isinstance(read, LogLine)
        assert read.agent == (said if said not in ("", "-") else None)


@at_leisure
@given(st.text(), st.sampled_from([True, False]))
def test_what_a_server_protects_in_json_comes_back(said: str, ascii_alone: bool) -> None:
    """As JSON has it, or with the \\xHH that is none."""
    entry = {"time": 1_699_992_000, "remote_addr": AMERICA, "request": "GET / HTTP/1.1", "status": 200}
    proper = json.dumps(entry | {"agent": said}, ensure_ascii=ascii_alone)
    odd = json.dumps(entry | {"agent": "AGENT"}).replace("AGENT", _as_nginx(said))
    for raw in (proper.encode(), odd.encode()):
        read = FORMS["json"].reader().read(1, raw)
        assert isinstance(read, LogLine)
        assert read.agent == (said if said not in ("", "-") else None)


def _as_apache(text: str) -> str:
    letters = {ord('"'): '\\"', ord("\\"): "\\\\", ord("\n"): "\\n", ord("\t"): "\\t"}
    return "".join(
        letters.get(byte, chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}") for byte in text.encode()
    )


def _as_nginx(text: str) -> str:
    plain = set(range(32, 127)) - {ord('"'), ord("\\")}
    return "".join(chr(byte) if byte in plain else f"\\x{byte:02X}" for byte in text.encode())


@at_leisure
@given(SHAPES, BYTES)
def test_any_line_is_read_or_malformed(form: Form, raw: bytes) -> None:
    assert isinstance(form.reader().read(1, raw), LogLine | Malformed | None)
    votes([raw])


@at_leisure
@given(SHAPES, st.binary(max_size=2_000))
def test_any_file_is_read_to_its_end(form: Form, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.log"
        path.write_bytes(data)
        assert all(isinstance(each, LogLine | Malformed) for each in read_log(path, form))


@at_leisure
@given(st.datetimes(), st.sampled_from(["+0000", "-0730", "+1400"]))
def test_every_moment_is_read(moment: datetime, zone: str) -> None:
    stamp = f"{moment:%d}/{MONTHS[moment.month - 1]}/{moment.year:04d}:{moment:%H:%M:%S} {zone}"
    told = datetime.fromisoformat(f"{moment:%Y-%m-%dT%H:%M:%S}+00:00".zfill(25))
    hours = {"+0000": 0.0, "-0730": -7.5, "+1400": 14.0}[zone]
    expected = round(told.timestamp()) * 1_000 - round(hours * 3_600_000)
    assert Moments().read(stamp) == expected


@at_leisure
@given(LOGS, st.integers(0, 30), st.integers(0, 30), st.booleans())
def test_rotated_files_that_overlap_in_time_make_the_whole(
    house: House, log: list[str], first: int, second: int, each_alone: bool
) -> None:
    """A rotation parts a log at a second; copies may hold parts of it again."""
    ends = sorted(_at_a_second(log, place) for place in (first, second))
    parts = [log[: ends[1]], log[ends[0] :], log]
    here = house.imported(*parts, each_alone=each_alone)
    assert here.ids == house.imported(log).ids
    assert len(here.journal) == len(here.ids)


def _at_a_second(log: list[str], place: int) -> int:
    """The next place at which no second is parted in two."""
    times = [each.split("[")[1][:26] for each in log]
    while 0 < place < len(log) and times[place] == times[place - 1]:
        place += 1
    return min(place, len(log))


@at_leisure
@given(LOGS, st.integers(0, 30))
def test_a_file_read_while_it_grows_makes_the_whole(house: House, log: list[str], place: int) -> None:
    """Here any line may be the last: the next import begins at the first line again."""
    here = house.imported(log[:place], log, each_alone=True)
    assert here.ids == house.imported(log).ids
    assert len(here.journal) == len(here.ids)


@at_leisure
@given(LOGS, st.integers(0, 6), st.booleans(), st.integers(1, 5))
def test_killed_anywhere_and_run_again_makes_the_whole(
    house: House, log: list[str], batches: int, acknowledged: bool, size: int
) -> None:
    here, (path,) = house.world(), house.write(log)
    _run_until_killed(here, path, batches, acknowledged, size)
    import_log([path], here.intake)
    assert here.ids == house.imported(log).ids
    assert _noted(here) >= set(here.ids)
    assert import_log([path], here.intake).kept == 0


def _run_until_killed(here: World, path: Path, batches: int, acknowledged: bool, size: int) -> None:
    left = batches

    def sink(frames: Sequence[bytes]) -> None:
        nonlocal left
        if left == 0 and not acknowledged:
            raise _Killed
        here.journal.extend(frames)
        left -= 1
        if left < 0:
            raise _Killed

    with patch("kept.gather.weblog.importing.BATCH", size), suppress(_Killed):
        import_log([path], replace(here.intake, sink=sink))


def _noted(here: World) -> set[int]:
    with here.intake.records.read() as connection:
        rows = connection.execute(
            log_part.select().where(log_part.c.workspace == here.intake.workspace)
        ).all()
    return {int.from_bytes(row.ids[at : at + 8], "big") for row in rows for at in range(0, len(row.ids), 8)}
