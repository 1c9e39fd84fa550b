"""The process that ranks, so that no collector carries an engine: it starts on demand and ends when idle.

One line of JSON in, one out, over standard input and output. Each ranking asks the purpose's own tables anew, so
a no counts in the very next one.
"""

import os
import select
import sys
from dataclasses import dataclass, field
from typing import BinaryIO

import msgspec

from kept.app.house import House
from kept.app.opening import open_lake
from kept.app.ranking_words import RankAsked, RankTold
from kept.base.errors import KeptError
from kept.base.settings import Settings
from kept.gate import Permit, Refusal
from kept.policy.compiled import Answer
from kept.rank import (
    Asking,
    Order,
    Orders,
    Ranked,
    RankedBy,
    Ranking,
    Thing,
    WhyGeneral,
    leave_to_rank,
    offers_of,
    ranked_by,
    stamp_of,
)
from kept.storage.likeness import Likeness
from kept.storage.query import Limits, QueryWorker
from kept.storage.query_words import Rows
from kept.use import Reader

IDLE_SECONDS = 300.0
PERMIT_MS = 60_000
"""A permit is asked for anew after this long: each is a use on record, and times move on."""
MOST = 100
LIMITS = Limits(memory_mb=512, threads=1, seconds=10.0, idle_seconds=IDLE_SECONDS)


@dataclass
class _Kind:
    """One kind of thing in one workspace: its orders, the worker that reads, and the permit it reads under."""

    stamp: int
    orders: Orders
    likeness: Likeness
    worker: QueryWorker = field(default_factory=QueryWorker)
    reader: Reader | None = None
    permit: Permit | None = None


@dataclass
class Ranker:
    """Ranks for one installation."""

    house: House
    kinds: dict[tuple[int, str], _Kind] = field(default_factory=dict)

    def rank(self, asked: RankAsked) -> Ranking:
        """The person's own order where they allow it and something is known; everyone's else, saying why."""
        policy, most = self.house.policies.now().policy, max(1, min(asked.most, MOST))
        asking = Asking(
            tuple(asked.subjects), Answer(asked.yes, asked.no), asked.residence, asked.signal, asked.profile
        )
        kind = self._kind(asked.workspace, asked.kind)
        leave, clause = leave_to_rank(policy, asked.kind, asking)
        if isinstance(leave, Ranked):
            profile = {**self._profile(asked, leave.by), **leave.profile}
            own = kind.orders.own(self._history(kind, asked, leave.by), profile, most)
            if own:
                return Ranking(Order.OWN, tuple(own))
            leave = WhyGeneral.NOTHING_KNOWN
        return Ranking(Order.GENERAL, tuple(self._general(kind, asked, most)), leave, clause)

    def close(self) -> None:
        """End every worker."""
        for kind in self.kinds.values():
            kind.worker.close()
            kind.likeness.close()

    def _kind(self, workspace: int, name: str) -> _Kind:
        with self.house.records.read() as connection:
            stamp = stamp_of(connection, workspace, name)
            known = self.kinds.get((workspace, name))
            if known is not None and known.stamp == stamp:
                return known
            offers = offers_of(connection, workspace, name)
        likeness = Likeness([each.words for each in offers])
        made = _Kind(stamp, Orders(offers, likeness.like), likeness)
        if known is not None:
            made.worker, made.reader, made.permit = known.worker, known.reader, known.permit
            known.likeness.close()
        self.kinds[workspace, name] = made
        return made

    def _history(self, kind: _Kind, asked: RankAsked, by: RankedBy) -> list[str]:
        """What the person looked at, the last one first, as far as the purpose may see it."""
        if not asked.subjects:
            return []
        people = ", ".join(str(int(each)) for each in asked.subjects)
        return [
            str(row[0])
            for row in self._ask(
                kind,
                asked.workspace,
                by,
                f'select "{by.part}" from "{by.event.name}" where person in ({people})'
                f' and "{by.part}" is not null group by all order by max(time) desc limit {MOST}',
            )
        ]

    def _profile(self, asked: RankAsked, by: RankedBy) -> dict[str, str]:
        """What the account's own profile says in words, as far as the purpose may see it now."""
        if not asked.account:
            return {}
        permit = self.house.gate.use_by_name(by.purpose.name)
        if isinstance(permit, Refusal):
            return {}
        readings = self.house.in_workspace(asked.workspace).readings
        found = {value.item: value.plain for value in readings.read(permit, asked.account)}
        return {
            item: " ".join(plain) if isinstance(plain, list) else plain
            for item, plain in found.items()
            if isinstance(plain, str | list)
        }

    def _general(self, kind: _Kind, asked: RankAsked, most: int) -> list[Thing]:
        by, people = ranked_by(self.house.policies.now().policy, asked.kind), dict[str, int]()
        if by is not None:
            rows = self._ask(
                kind,
                asked.workspace,
                by,
                f'select "{by.part}", count(distinct person) from "{by.event.name}" where not crawler'
                f' and "{by.part}" is not null group by all order by 2 desc, 1 limit 1000',
            )
            people = {str(thing): int(str(count)) for thing, count in rows}
        return kind.orders.general(people, most)

    def _ask(self, kind: _Kind, workspace: int, by: RankedBy, sql: str) -> list[tuple[object, ...]]:
        """Rows under the purpose. What cannot be read counts as nothing: the general order needs none of it."""
        reader = self._reader(kind, workspace, by)
        found = reader.ask(sql) if reader is not None else None
        return list(found.rows) if isinstance(found, Rows) else []

    def _reader(self, kind: _Kind, workspace: int, by: RankedBy) -> Reader | None:
        now, number = self.house.clock.now_ms(), self.house.policies.number()
        old = kind.permit
        if old is None or old.in_force.number != number or now - old.given_ms > PERMIT_MS:
            permit = self.house.gate.use(by.purpose.name)
            if not isinstance(permit, Permit):
                return None
            kind.permit = permit
            kind.reader = Reader(
                permit, open_lake(self.house), self.house.records, workspace, LIMITS, kind.worker
            )
        return kind.reader


def told(ranking: Ranking) -> RankTold:
    """A ranking as it goes over the pipe."""
    things = [
        (thing.id, *((thing.because.viewed, thing.because.profile) if thing.because else ("", "")))
        for thing in ranking.things
    ]
    return RankTold(ranking.order.value, things, ranking.why.value if ranking.why else "", ranking.clause)


def run_ranking(settings: Settings, source: BinaryIO | None = None, sink: BinaryIO | None = None) -> None:
    """Answer until the other side closes, or stays silent for five minutes."""
    source = source or os.fdopen(os.dup(0), "rb", buffering=0)  # a buffer would hide lines from select
    sink = sink or sys.stdout.buffer
    house, decoder = House.open_existing(settings), msgspec.json.Decoder(RankAsked)
    ranker = Ranker(house)
    try:
        while select.select([source], [], [], IDLE_SECONDS)[0] and (line := source.readline()):
            sink.write(msgspec.json.encode(_answer(ranker, decoder.decode(line))) + b"\n")
            sink.flush()
    finally:
        ranker.close()
        house.close()


def _answer(ranker: Ranker, asked: RankAsked) -> RankTold:
    try:
        return told(ranker.rank(asked))
    except KeptError:
        return RankTold(Order.GENERAL.value, [], WhyGeneral.NOT_NOW.value)
