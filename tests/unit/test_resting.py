"""When the committer may lie down, and what wakes it."""

import time

import pytest

from kept.app.house import House
from kept.app.opening import PUBLIC, open_journal, open_lake
from kept.app.quiet import MANY_CHOICES, Quiet, Rest
from kept.storage import erasures
from kept.storage.committer import Committer
from kept.storage.withdrawals import append


@pytest.fixture(name="quiet")
def a_quiet(house: House) -> Quiet:
    return Quiet(house, open_lake(house))


def lying(quiet: Quiet, keep_house_at: float | None = None) -> Rest:
    return Rest(quiet.mark(), quiet.head(), keep_house_at, time.monotonic())


def test_it_sleeps_while_nothing_comes(quiet: Quiet) -> None:
    assert not quiet.wakes(lying(quiet))
    assert not quiet.wakes(lying(quiet, time.monotonic() + 60))


def test_what_is_appended_wakes_it_and_keeps_it_up_until_it_is_in_the_lake(
    house: House, quiet: Quiet
) -> None:
    rest = lying(quiet)
    journal = open_journal(house, PUBLIC)
    begun = lying(quiet)
    frame = b'[1,2,1700000000000,3,"page_view","/a",null,null,"tracker",null,null,null,null,null,null,false,1,1,0]'
    journal.append_now([frame])
    assert quiet.wakes(rest)
    assert quiet.wakes(begun)
    assert quiet.backlog() > len(frame)
    assert quiet.lag(quiet.backlog()) >= 0
    with Committer(house.settings.data, house.records) as committer:
        assert committer.flush_all() == 1
    assert quiet.backlog() == 0
    quiet.seconds()
    time.sleep(0.05)
    assert quiet.seconds() >= 0.05
    assert quiet.lake_age() < 60
    journal.close()


def test_a_segment_that_holds_no_event_is_no_work(house: House, quiet: Quiet) -> None:
    journal = open_journal(house, PUBLIC)
    with Committer(house.settings.data, house.records) as committer:
        committer.flush_all()
    journal.close()
    open_journal(house, PUBLIC).close()
    assert quiet.backlog() == 0


def test_who_waits_to_be_erased_wakes_it(house: House, quiet: Quiet) -> None:
    rest = lying(quiet)
    with house.records.write() as connection:
        erasures.hide(connection, [7])
    assert quiet.wakes(rest)
    assert quiet.seconds() < 1


def test_many_choices_and_the_hour_of_the_house_wake_it(house: House, quiet: Quiet) -> None:
    assert quiet.wakes(lying(quiet, time.monotonic() - 1))
    rest = lying(quiet)
    with house.records.write() as connection:
        append(connection, 7, 1)
    assert not quiet.wakes(rest)
    with house.records.write() as connection:
        for _ in range(MANY_CHOICES):
            append(connection, 7, 1)
    assert quiet.wakes(rest)
