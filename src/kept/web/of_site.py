"""What the company's server says of people, by our own protocol or another make's: who is whom first, then the events.

A join is durable before an event is judged, so that an account's noes hold for what follows, and its deletion finds it.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from kept.base.errors import NoRoom
from kept.gather.door import Door
from kept.gather.protocols.judging import Meet, Pair, claims, deleted_among, judge
from kept.gather.protocols.wire import Message, Outcome
from kept.gather.refusals import AtDoor, Counts
from kept.storage.event import StoredEvent
from kept.web.call import Call
from kept.web.reply import FAILED, NO_ROOM, Reply

Join = Callable[[str, str], AtDoor | None]
"""Makes a visitor part of an account, and says why not. It may block."""
Tell = Callable[[Outcome], Reply]
"""The reply, in the words of whoever asks."""
Meeting = Callable[[], Meet]
"""Gives senders as they are known at this moment: after a join they are known anew."""

logger = logging.getLogger("kept.web")


class Stores(Protocol):
    """The collector, as far as it is needed here."""

    def counts(self, workspace: int) -> Counts:
        """Where refusals count."""
        ...

    def store(self, call: Call, cors: bytes, events: list[StoredEvent], reply: Reply) -> Reply | None:
        """Write events down, and answer when that is done."""
        ...

    def answer(self, call: Call, cors: bytes, reply: Reply) -> None:
        """Answer a call."""
        ...


class OfSite:
    """Takes what the company's server says. `joins` may be replaced whole at any time."""

    def __init__(self, collector: Stores) -> None:
        self._collector = collector
        self._joins: Mapping[int, Join] = {}
        self._joining: set[asyncio.Task[None]] = set()

    def use(self, joins: Mapping[int, Join]) -> None:
        """How visitors are joined to accounts, by workspace."""
        self._joins = joins

    def take(
        self, call: Call, door: Door, messages: Sequence[Message], meeting: Meeting, tell: Tell
    ) -> Reply | None:
        """Join whom the messages name, then judge them; the reply, unless it comes later."""
        pairs = claims(door, messages, meeting())
        if not pairs:
            return self._judged(call, door, messages, meeting(), tell, {})

        async def joined_first() -> None:
            try:
                not_joined = await self._join(door, pairs, meeting())
                reply = self._judged(call, door, messages, meeting(), tell, not_joined)
            except NoRoom:
                reply = NO_ROOM
            except Exception as bug:
                logger.error("A join failed: %s", type(bug).__name__)
                reply = FAILED
            if reply is not None:
                self._collector.answer(call, b"", reply)

        task = asyncio.get_running_loop().create_task(joined_first())
        self._joining.add(task)  # the loop itself holds tasks weakly
        task.add_done_callback(self._joining.discard)
        return None

    def _judged(
        self,
        call: Call,
        door: Door,
        messages: Sequence[Message],
        meet: Meet,
        tell: Tell,
        not_joined: Mapping[Pair, AtDoor],
    ) -> Reply | None:
        stored, refused = judge(door, messages, meet, self._collector.counts(door.workspace), not_joined)
        return self._collector.store(call, b"", stored, tell(Outcome(len(messages), len(stored), refused)))

    async def _join(self, door: Door, pairs: Sequence[Pair], meet: Meet) -> dict[Pair, AtDoor]:
        """Join them one by one, each durably; which were not, and why."""
        join, not_joined = self._joins[door.workspace], deleted_among(pairs, meet)

        def all_of_them() -> dict[Pair, AtDoor]:
            told = {pair: join(*pair) for pair in pairs if pair not in not_joined}
            return {pair: reason for pair, reason in told.items() if reason is not None}

        return not_joined | await asyncio.to_thread(all_of_them)
