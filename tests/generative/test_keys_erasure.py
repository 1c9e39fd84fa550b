"""Whatever was created and destroyed before, and by whom: a destroyed key leaves no byte behind."""

import sqlite3
import subprocess
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from kept.storage.keys import Keys
from kept.storage.keys.wrapping import MARK

PEOPLE = st.integers(min_value=0, max_value=150)  # some 50 keys fit a page, so pages fill, split and empty
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), PEOPLE, st.sampled_from(["profile", "evidence"])),
        st.tuples(st.just("destroy"), PEOPLE, st.just("")),
        st.tuples(st.just("rotate"), st.just(0), st.just("")),
    ),
    max_size=40,
)


@settings(max_examples=12, deadline=None)
@given(before=st.sets(PEOPLE, min_size=55, max_size=80), steps=STEPS)
def test_no_history_of_creation_and_destruction_leaves_a_copy(
    before: set[int], steps: list[tuple[str, int, str]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        data.mkdir()
        keys = Keys.open(data / "keys.db", Path(folder) / "master.key")
        for subject in sorted(before, key=lambda number: number * 7919 % 151):
            keys.person_key(subject, "profile", create=True)
        gone: list[bytes] = []
        for number, (step, subject, kind) in enumerate(steps):
            if step == "create":
                keys.person_key(subject, kind, create=True)
            elif step == "destroy":
                wrapped = wrapped_of(data, subject)
                assert keys.destroy_person(subject) == len(wrapped)
                gone += wrapped
            else:
                gone += wrapped_of(data, None)
                keys.rotate_master(Path(folder) / f"master-{number}.key")
        keys.destroy_person(0)  # so that the last creation's log is folded in too
        raw = raw_bytes(data)
        assert not any(wrapped[len(MARK) :][at : at + 12] in raw for wrapped in gone for at in (0, 24, 48))
        assert keys.stray_keys() == 0
        keys.close()


def wrapped_of(data: Path, subject: int | None) -> list[bytes]:
    connection = sqlite3.connect(data / "keys.db")
    query = """
      SELECT wrapped FROM entry JOIN slot ON slot.id = entry.slot
      WHERE ?1 IS NULL OR (kind = 'person' AND owner = ?1)"""
    rows = connection.execute(query, (subject,)).fetchall()
    connection.close()
    return [row[0] for row in rows]


def raw_bytes(data: Path) -> bytes:
    files = [str(path) for path in data.glob("keys.db*")]
    return subprocess.run(["cat", *files], check=True, capture_output=True).stdout
