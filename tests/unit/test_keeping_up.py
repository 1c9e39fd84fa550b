"""How the public process keeps up with what others write, and what it does when it cannot."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest
from sqlalchemy import delete, select

from kept.app.house import House
from kept.app.opening import PUBLIC, open_journal
from kept.app.workspaces import workspaces
from kept.base.errors import Away, Damaged, InUse, KeptError, NoRoom
from kept.gather.refusals import Counts
from kept.gather.tally import Tally, tallied
from kept.storage import withdrawals
from kept.subject import Answers
from kept.web.public import Public


class Heard:
    """News that bring what they are told to bring, one after the other; then it is time to stop."""

    def __init__(self, answers: Answers, brings: Sequence[KeptError | None]) -> None:
        self.answers, self.brings = answers, list(brings)
        self.fresh: list[bool] = []
        self.loop, self.stop = asyncio.get_running_loop(), asyncio.Event()
        self.closed = False

    def wait(self) -> None:
        self.fresh.append(self.answers.are_fresh())
        brought = self.brings.pop(0)
        if not self.brings:
            self.loop.call_soon_threadsafe(self.stop.set)
        if brought is not None:
            raise brought

    def close(self) -> None:
        self.closed = True


class Rolled:
    """A journal that notes under which head it was rolled."""

    def __init__(self) -> None:
        self.head, self.rolled = 0, list[int]()

    async def roll(self, head: int) -> None:
        self.head = head
        self.rolled.append(head)


def public(house: House, answers: Answers, news: Any, journal: Any = None, tally: Any = None) -> Public:
    none = cast(Any, None)
    doors = cast(Any, type("Doors", (), {"use": lambda *_: None})())
    quiet = cast(Any, type("Quiet", (), {"tell": lambda _: None, "write": lambda _: None})())
    known = {each.number: house.in_workspace(each.number).known for each in workspaces(house)}
    rolled = journal or cast(Any, Rolled())
    return Public(house, answers, rolled, doors, tally or none, quiet, quiet, news, known, none)


@pytest.fixture
def answers(house: House) -> Answers:
    with house.records.write() as connection:
        withdrawals.append(connection, 7, 1)
        withdrawals.append(connection, 8, 1)
    return Answers(house.records)


@pytest.mark.parametrize("why", [Away("gone"), InUse("locked")])
def test_what_cannot_be_heard_of_is_not_relied_upon_until_it_was_looked(
    house: House, answers: Answers, why: KeptError
) -> None:
    async def keep_up() -> Heard:
        news = Heard(answers, [None, why, why, None, None])
        await public(house, answers, news).keep_up(news.stop)
        return news

    news = asyncio.run(keep_up())
    assert news.fresh == [True, True, False, False, True]
    assert news.closed


def test_what_was_not_looked_at_for_long_is_not_relied_upon(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that dies without a word: nobody raises anything."""
    assert answers.are_fresh()
    monkeypatch.setattr("kept.subject.answers.STALE_SECONDS", 0.0)
    assert not answers.are_fresh()


def test_older_records_in_place_of_newer_ones_stop_it_for_good(house: House, answers: Answers) -> None:
    """Starting anew would forget that there was more: the journal remembers."""

    async def keep_up() -> None:
        news, journal = Heard(answers, [None, None]), open_journal(house, PUBLIC)
        try:
            await public(house, answers, news, journal).keep_up(news.stop)
        finally:
            journal.close()

    with house.records.write() as connection:
        newest = select(withdrawals.choice.c.seq).order_by(withdrawals.choice.c.seq.desc()).limit(1)
        connection.execute(delete(withdrawals.choice).where(withdrawals.choice.c.seq.in_(newest)))
    with pytest.raises(Damaged, match="shorter"):
        asyncio.run(keep_up())
    for _ in range(2):
        with pytest.raises(Damaged, match="older than the journal"):
            open_journal(house, PUBLIC)
    with house.records.write() as connection:
        withdrawals.append(connection, 9, 1)
    open_journal(house, PUBLIC).close()


@pytest.mark.parametrize("why", [Away("gone"), InUse("locked"), NoRoom("full")])
def test_counts_that_cannot_be_written_down_now_are_written_later(
    house: House, answers: Answers, monkeypatch: pytest.MonkeyPatch, why: KeptError
) -> None:
    monkeypatch.setattr("kept.web.public.TALLY_SECONDS", 0.01)
    counts = Counts()
    counts.accepted = 3
    tally, failures = Tally(house.records, counts, house.clock), [why, why]
    write = tally.write

    async def keep_count() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()

        def stubborn() -> None:
            if failures:
                raise failures.pop()
            write()
            loop.call_soon_threadsafe(stop.set)

        monkeypatch.setattr(tally, "write", stubborn)
        await public(house, answers, None, tally=tally).keep_count(stop)

    asyncio.run(asyncio.wait_for(keep_count(), 20))
    assert tallied(house.records, 0).accepted == 3
