"""A live log is followed: over every way of rotating, over restarts, without a line lost or taken twice."""

import gzip
import shutil
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from kept.base.errors import BadInput
from kept.gather.weblog import Followed, Importing
from tests.weblog_world import FORMS_OF_ONE, World, line, world


@pytest.fixture
def here(tmp_path: Path) -> World:
    return world(tmp_path)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    return folder / "access.log"


def put(path: Path, *targets: str) -> None:
    with path.open("a") as file:
        file.writelines(f"{line(target)}\n" for target in targets)


def follow(here: World, log: Path, read_at: float = 0.0) -> Followed:
    return Followed(log, Importing(here.intake), read_at=read_at)


def poll(followed: Followed) -> None:
    for _ in followed.poll():
        pass


def pages(here: World) -> list[str]:
    return [event.page or "" for event in here.events]


def renamed(log: Path) -> None:
    log.rename(log.with_name("access.log.1"))
    log.touch()


def copied_and_cut(log: Path) -> None:
    shutil.copy(log, log.with_name("access.log.1"))
    with log.open("r+") as file:
        file.truncate()


def packed(log: Path) -> None:
    log.with_name("access.log.1.gz").write_bytes(gzip.compress(log.read_bytes()))
    log.unlink()
    log.touch()


WAYS = (renamed, copied_and_cut, packed)


def test_lines_are_taken_as_they_come_and_half_a_line_waits(here: World, log: Path) -> None:
    followed = follow(here, log)
    poll(followed)  # the file is not there yet
    put(log, "/a", "/b")
    poll(followed)
    assert pages(here) == ["/a", "/b"]
    whole = f"{line('/c')}\n"
    with log.open("a") as file:
        file.write(whole[:40])
        file.flush()
        poll(followed)
        assert pages(here) == ["/a", "/b"]
        file.write(whole[40:])
    poll(followed)
    assert pages(here) == ["/a", "/b", "/c"]
    followed.close()


@pytest.mark.parametrize("rotate", WAYS)
def test_a_rotation_loses_nothing_that_was_not_read_yet(here: World, log: Path, rotate: object) -> None:
    assert callable(rotate)
    followed = follow(here, log)
    put(log, "/a")
    poll(followed)
    put(log, "/b")  # nobody looks between this line and the rotation
    rotate(log)
    put(log, "/c")
    poll(followed)
    put(log, "/d")
    poll(followed)
    assert sorted(pages(here)) == ["/a", "/b", "/c", "/d"]
    followed.close()


@pytest.mark.parametrize("rotate", WAYS)
def test_what_happens_while_nobody_follows_is_read_at_the_start(
    here: World, log: Path, rotate: object
) -> None:
    assert callable(rotate)
    put(log, "/a")
    followed = follow(here, log)
    poll(followed)
    followed.close()
    put(log, "/b")
    rotate(log)
    put(log, "/c")
    again = follow(here, log, followed.read_at)
    poll(again)
    poll(again)
    assert sorted(pages(here)) == ["/a", "/b", "/c"]
    again.close()


def test_a_server_that_writes_on_into_the_old_file_is_read_too(here: World, log: Path) -> None:
    followed = follow(here, log)
    with log.open("a") as server:
        put(log, "/a")
        poll(followed)
        renamed(log)
        poll(followed)
        server.write(f"{line('/late')}\n")
    poll(followed)
    assert pages(here) == ["/a", "/late"]
    followed.close()


def test_equal_lines_are_as_many_as_they_are(here: World, log: Path) -> None:
    followed = follow(here, log)
    for _ in range(3):
        put(log, "/a")
        poll(followed)
    followed.close()
    again = follow(here, log, followed.read_at)
    poll(again)
    put(log, "/a")
    poll(again)
    assert pages(here) == ["/a"] * 4
    again.close()


def test_what_names_the_fields_holds_for_what_is_written_later(here: World, log: Path) -> None:
    names, values = FORMS_OF_ONE["w3c"]
    followed = follow(here, log)
    log.write_text(f"{names}\n{values}\n")
    poll(followed)
    with log.open("a") as file:
        file.write(f"{values.replace('/jobs', '/later')}\n")
    poll(followed)
    assert pages(here) == ["/jobs", "/later"]
    followed.close()


def test_another_log_beside_it_is_left_alone(here: World, log: Path) -> None:
    put(log.with_name("access-shop.log"), "/shop")
    put(log.with_name("error.log.1"), "/error")
    put(log.with_name("access.log-20231114"), "/mine")
    followed = follow(here, log, time.time() - 60)
    poll(followed)
    assert pages(here) == ["/mine"]
    followed.close()


def test_what_is_no_log_is_said_once_enough_is_there(here: World, log: Path) -> None:
    followed = follow(here, log)
    log.write_text("nothing\n")
    poll(followed)
    log.write_text("nothing\n" * 200)
    with pytest.raises(BadInput):
        poll(followed)
    followed.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(("write", "poll", "rename", "copy", "pack", "restart")), max_size=25))
@example(
    ["write", "poll", "copy", "write", "rename"]
)  # cut off, as long again, and gone before it was looked at
def test_any_life_of_a_log_ends_with_every_line_once(
    tmp_path_factory: pytest.TempPathFactory, life: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("life")
    here, log, written = world(folder), folder / "access.log", 0
    followed = follow(here, log)
    poll(followed)
    for deed in life:
        if deed == "write":
            put(log, f"/page-{written}a")
            written += 1
        elif deed == "poll":
            poll(followed)
        elif deed == "restart":
            followed.close()
            followed = follow(here, log, followed.read_at)
        elif log.exists() and log.stat().st_size:
            older = sorted(folder.glob("access.log.[0-9]*"), key=lambda path: -int(path.name.split(".")[2]))
            for old in older:
                words = old.name.split(".")
                old.rename(folder / ".".join([*words[:2], str(int(words[2]) + 1), *words[3:]]))
            {"rename": renamed, "copy": copied_and_cut, "pack": packed}[deed](log)
    poll(followed)
    followed.close()
    assert sorted(pages(here)) == sorted(f"/page-{number}a" for number in range(written))
