"""`kept up` and `kept import log --follow` read a log that a server writes: rotated, restarted, stopped by Ctrl-C."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from tests.living import Living, living, wait_until
from tests.weblog_world import line


def put(log: Path, *numbers: int) -> None:
    at = datetime.now(UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")
    with log.open("a") as file:
        file.writelines(f"{line(f'/page-{number}x', at=at)}\n" for number in numbers)


def pages(house: Living) -> list[str]:
    sql = "select page from page_view order by page"
    told = house.run("query", sql, "--for", "performance", "--json")
    return [json.loads(row)["page"] for row in told.splitlines()]


def test_a_followed_log_is_taken_once_over_rotation_and_restart(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    put(log, 0, 1)
    with living(tmp_path, KEPT_FOLLOW=str(log)) as house:
        wait_until(lambda: len(pages(house)) == 2, "the first lines are in the lake", 60)
        put(log, 2)
        log.rename(tmp_path / "access.log.1")
        put(log, 3)
        wait_until(lambda: len(pages(house)) == 4, "both files are read", 60)
        assert house.stop() == 0
        put(log, 4)
        log.rename(tmp_path / "access.log.2")
        put(log, 5)
        house.start()
        wait_until(lambda: len(pages(house)) == 6, "what came meanwhile is read", 60)
        assert pages(house) == [f"/page-{number}x" for number in range(6)]
        assert house.stop() == 0
        assert "8.8.8.8" not in house.out
        facts = house.run("ledger", "show")
        assert "gather:log:imported" in facts


def test_ctrl_c_ends_following_with_the_figures(tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    put(log, 0, 1, 2)
    with living(tmp_path) as house:
        command = [sys.executable, "-m", "kept.cli", "import", "log", "--follow", "--json", str(log)]
        with subprocess.Popen(command, env=house.environment, stdout=subprocess.PIPE, text=True) as following:
            wait_until(lambda: len(pages(house)) == 3, "the lines are in the lake", 60)
            following.send_signal(signal.SIGINT)
            told, _ = following.communicate(timeout=60)
            assert following.returncode == 0
        found = json.loads(told)
        assert (found["lines"], found["kept"], found["visitor_days"]) == (3, 3, 1)
