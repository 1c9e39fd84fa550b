"""What an import makes of any lines, in every form, is what is made of them plainly, one after the other."""

from collections.abc import Sequence
from pathlib import Path
from unittest.mock import patch

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kept.gather.weblog import FORMS, import_log
from kept.gather.weblog.store import log_part
from kept.storage.records import Records
from tests.weblog_plain import plainly, same_people
from tests.weblog_world import (
    AMERICA,
    FIREFOX,
    FORMS_OF_ONE,
    NETHERLANDS,
    NOWHERE,
    ROBOT,
    World,
    in_workspace,
    policy,
)

RULES = policy(protect="{europe: {choice: never}}")
SWAPPED = {
    AMERICA: (
        AMERICA,
        NETHERLANDS,
        NOWHERE,
        "2001:4860:4860::8888",
        "::ffff:8.8.4.4",
        "10.0.0.1",
        "unix:",
        "-",
    ),
    "/jobs": (
        "/jobs",
        "/a.css",
        "/jobs/123456789/x",
        "/u/ana%40example.org?utm_source=b",
        "/\xfc",
        "/%",
        "//",
        "*",
    ),
    "GET": ("GET", "POST", "HEAD", "G3T"),
    "200": ("200", "304", "404", "206", "20", "2000", "-"),
    "Firefox": (FIREFOX, ROBOT, "-", "", r"a\"b", "\xff", "Firefox"),
    "20:00:00": ("20:00:00", "19:59:59", "22:15:00", "23:59:60", "20:61:00"),
    "2023": ("2023", "2022", "2021", "2024"),
}
LINES = st.lists(
    st.tuples(
        st.dictionaries(st.sampled_from(sorted(SWAPPED)), st.integers(0, 7), max_size=3), st.integers(1, 3)
    ),
    max_size=12,
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\n \t\n"])


class Folder:
    """One file of records for all: the first workspace of it is emptied before each import."""

    def __init__(self, path: Path) -> None:
        self.path, self.records = path, Records(path / "records.db")

    def world(self) -> World:
        with self.records.write() as connection:
            connection.execute(log_part.delete())
        return in_workspace(1, self.records, RULES)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    return Folder(tmp_path_factory.mktemp("plain"))


@settings(deadline=None)
@given(
    st.sampled_from(sorted(FORMS_OF_ONE)),
    LINES,
    ENDS,
    st.integers(1, 2_000),
    st.booleans(),
    st.binary(max_size=40),
)
def test_an_import_makes_what_is_made_plainly(
    folder: Folder,
    form: str,
    lines: Sequence[tuple[dict[str, int], int]],
    end: bytes,
    block: int,
    named_again: bool,
    noise: bytes,
) -> None:
    *names, text = FORMS_OF_ONE[form]
    written = [name.encode() for name in names]
    for swaps, times in lines:
        written += [_swapped(text, swaps)] * times
    written.append(noise.replace(b"#", b""))
    if named_again:
        written += [name.encode() for name in names] + [text.encode()]
    data = b"".join(each + end for each in written)
    plain = plainly(FORMS[form], data, RULES)

    path = folder.path / "a.log"
    path.write_bytes(data)
    here = folder.world()
    with patch("kept.gather.weblog.unpacking.BLOCK", block), patch("kept.gather.weblog.importing.BATCH", 7):
        report = import_log([path], here.intake, form=FORMS[form])
    assert report.refused == plain.refused
    assert [(line, fault) for _, line, fault in report.malformed] == plain.malformed
    assert report.lines == len(plain.events) + plain.refused.total() + len(plain.malformed)
    assert report.crawlers == sum(event.crawler for event in plain.events)
    made = {event.event_id: event for event in here.events}
    assert [msgspec.structs.replace(made[each.event_id], subject=0) for each in plain.events] == plain.events
    assert len(made) == len(here.journal) == len(plain.events)
    assert same_people([made[each.event_id].subject for each in plain.events], plain.who)
    people = {who for who, event in zip(plain.who, plain.events, strict=True) if not event.crawler}
    assert report.visitor_days == len(people)
    assert import_log([path], here.intake, form=FORMS[form]).kept == 0


def _swapped(text: str, swaps: dict[str, int]) -> bytes:
    for old, place in swaps.items():
        others = SWAPPED[old]
        text = text.replace(old, others[place % len(others)])
    return text.encode("latin-1")
