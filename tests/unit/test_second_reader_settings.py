"""Settings at the edge, and who may read what an installation writes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from kept.base.errors import BadInput
from kept.base.settings import read_settings
from kept.storage.records import Records

POLICY = Path(__file__).parents[2] / "policies" / "workhirespot.yaml"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("KEPT_WORKSPACE", "0"),
        ("KEPT_WORKSPACE", "0.5"),
        ("KEPT_WORKSPACE", "inf"),
        ("KEPT_RATE_PER_KEY", "0.9"),
        ("KEPT_RATE_PER_ADDRESS", "1e400"),
        ("KEPT_FLUSH_SECONDS", "nan"),
        ("KEPT_FLUSH_SECONDS", "inf"),
        ("KEPT_PUBLIC_PORT", "65536"),
        ("KEPT_PUBLIC_PORT", "9" * 5_000),
    ],
)
def test_a_bad_value_stops_the_start_and_is_named(name: str, text: str) -> None:
    with pytest.raises(BadInput) as refused:
        read_settings({name: text})
    assert refused.value.where == name


def readable_by_others(folder: Path) -> list[str]:
    return [
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


def test_the_records_are_nobody_elses_from_their_first_moment(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        Records(tmp_path / "records.db").close()
    finally:
        os.umask(before)
    assert readable_by_others(tmp_path) == []


@pytest.mark.sqlite
def test_a_data_folder_that_someone_made_before_keeps_its_contents_private(tmp_path: Path) -> None:
    """Packages and administrators make /var/lib/kept with mode 0755; what Kept writes there is its own."""
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    script = (
        "import os, sys; os.umask(0o022); from kept.cli import main;"
        " sys.argv = ['kept', 'run', 'committer']; main()"
    )
    environment = {
        **os.environ,
        "KEPT_DATA": str(data),
        "KEPT_MASTER_KEY": str(tmp_path / "master.key"),
        "KEPT_POLICY": str(POLICY),
    }
    subprocess.run([sys.executable, "-c", _SET_UP], env=environment, check=True, timeout=60)
    running = subprocess.Popen([sys.executable, "-c", script], env=environment)
    try:
        for _ in range(300):
            if list((data / "lake").glob("*.parquet")) or running.poll() is not None:
                break
            running.poll()
            _rest()
        assert list((data / "lake").glob("*.parquet")), "the committer wrote nothing"
        assert readable_by_others(data) == []
    finally:
        running.terminate()
        running.wait(30)


def _rest() -> None:
    import time

    time.sleep(0.1)


_SET_UP = """
import os
os.umask(0o077)
import msgspec
from kept.app.house import House
from kept.app.opening import open_journal
from kept.base.settings import read_settings
from kept.storage.event import StoredEvent
settings = read_settings()
house = House.open(settings)
house.policies.put_in_force(settings.policy.read_text(), "policy.yaml")
journal = open_journal(house, 1)
event = StoredEvent(1, 7, 1_790_000_000_000, 1, "page_view", "/", None, None, "tracker", None, None, "US", None, None,
                    None, False, 1, 1, 0)
journal.append_now([msgspec.json.encode(event)])
journal.close()
house.close()
"""
