"""The public process: collector and centre on one port, to which the customer's site forwards a path."""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import cast

import uvloop
from uvicorn._types import ASGIApplication

from kept.amend import ShownCounts
from kept.app.api_keys import ApiKeys
from kept.app.house import House
from kept.app.opening import PUBLIC, open_journal, open_people, refuse_old_records
from kept.app.ports import listen
from kept.app.processes import collector_name, watched
from kept.app.ranking_words import NOT_NOW, RankAsked, RankTold
from kept.app.vitals import CANARIES_REFUSED, Figures, Vitals
from kept.app.workspaces import workspaces
from kept.base.errors import Away, Damaged, InUse, NoRoom
from kept.base.settings import Settings
from kept.gather.day import DayKey
from kept.gather.door import Door, DoorKeys
from kept.gather.minimise import shorten
from kept.gather.minimiser import Minimiser
from kept.gather.refusals import AtDoor, Refused
from kept.gather.tally import Tally
from kept.gather.terms import SERVER, TRACKER
from kept.storage.journal import Journal
from kept.storage.records import News
from kept.subject import Answers, Known
from kept.web.centre import Wait, centre_app
from kept.web.clients import Clients
from kept.web.collect import Collector, WriteKey
from kept.web.limits import Buckets, Limits, Rate
from kept.web.living import LivingCentre
from kept.web.metrics import counting
from kept.web.ranker import RankingProcess
from kept.web.serve import serve, stop_on_signals
from kept.web.whence import Proxies

PAUSE_SECONDS = 0.2
"""Before the records are tried again that could not be reached."""
BURST_SECONDS = 10
TALLY_SECONDS = 5.0
PASSES = (Away, InUse, NoRoom)
"""Why what was counted could not be written down now: it is tried again."""
CHANGES = Rate(5, 300)
"""What people may change on the pages from one shortened address: far more than an office does."""

Hung = tuple[int, Sequence[Mapping[str, int]], Sequence[ApiKeys]]
"""The number of the policy in force, the partners that are cut off by workspace, and the keys of every site."""


@dataclass
class Public:
    """What the public process holds, and how it keeps up with the rest of the house."""

    house: House
    answers: Answers
    journal: Journal
    collector: Collector
    tally: Tally
    shown: ShownCounts
    vitals: Vitals
    news: News
    known: Mapping[int, Known]
    """Identifiers that texts must not carry, by workspace."""
    day: DayKey
    hung: Hung | None = None
    """What the doors that hang there are made of."""

    def hang_doors(self) -> None:
        """Take to the doors the policy in force, who is cut off, and the keys, when any is another than before."""
        houses = [self.house.in_workspace(space.number) for space in workspaces(self.house)]
        now = (
            self.house.policies.number(),
            [house.cutting.since() for house in houses],
            [site.api_keys for house in houses for site in (house, *_partner_sites(house))],
        )
        if now != self.hung:
            keys, secrets = dict[str, WriteKey](), dict[str, Door]()
            for house in houses:
                minimiser, taken = (
                    Minimiser(house.policy, self.known[house.settings.workspace]),
                    house.api_keys,
                )
                own = WriteKey(self._door(house, minimiser, TRACKER), frozenset())
                keys |= dict.fromkeys(taken.writes, own) | dict(self._partners(house, minimiser))
                secrets |= dict.fromkeys(taken.secrets, self._door(house, minimiser, SERVER))
            self.collector.use(keys, secrets)
            self.hung = now

    def _partners(self, house: House, minimiser: Minimiser) -> Iterator[tuple[str, WriteKey]]:
        """The write keys of the partners' sites, each with the door that stands there."""
        cut = house.cutting.since()
        for name, partner in house.policies.now().policy.partners.items():
            there = house.at_partner(name)
            origins = frozenset(origin.rstrip("/").encode() for origin in partner.origins)
            door = self._door(there, minimiser, TRACKER)
            for key in there.api_keys.writes:
                yield key, WriteKey(door, origins, is_partners=True, is_cut=name in cut)

    def hear(self) -> None:
        """Take over what people have just said, and who has just become known."""
        self.answers.refresh()
        self.meet()

    def meet(self) -> None:
        """Take over who is known."""
        for known in self.known.values():
            known.refresh()

    async def keep_up(self, stop: asyncio.Event) -> None:
        """Until `stop`: refresh answers, hang doors, and begin a new segment after each deletion."""
        is_watched = watched()
        try:
            while not stop.is_set() and is_watched():  # else who started us died without a word
                try:
                    await asyncio.to_thread(self._look)  # nobody waits at the door while the records are slow
                    self.answers.are_heard = True
                except (Away, InUse):
                    self.answers.are_heard = False  # a yes may become a no, and nobody would say so
                    await asyncio.sleep(PAUSE_SECONDS)
                except Damaged:
                    await self.journal.roll(self.answers.head)  # so that the next start knows of it too
                    raise
                self.vitals.tell()
                with suppress(NoRoom):  # pages and refusals go on; what could not be written is tried again
                    if self.answers.erased > self.journal.head:
                        await self.journal.roll(self.answers.head)
        finally:  # a process that cannot keep up must not go on gathering
            stop.set()
            self.news.close()

    def _look(self) -> None:
        self.news.wait()
        self.hear()
        self.hang_doors()

    async def keep_count(self, stop: asyncio.Event) -> None:
        """Until `stop`: write down now and then what was counted. It may wait for other writers; answers may not."""
        try:
            while not stop.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), TALLY_SECONDS)
                with suppress(*PASSES):
                    await asyncio.to_thread(self.write_counts)
        finally:
            stop.set()

    def write_counts(self) -> None:
        """Write down what was counted since the last time."""
        self.shown.write()
        self.tally.write()

    def _door(self, house: House, minimiser: Minimiser, source: str) -> Door:
        keys = DoorKeys(visitor=house.identities.visitor_key, event=house.event_key)
        return Door(
            house.policy,
            house.policies.now().number,
            workspace=house.settings.workspace,
            keys=keys,
            answers=self.answers,
            day=self.day,
            minimiser=minimiser,
            source=source,
            partner=house.site,
        )


def run_public(settings: Settings, number: int = 1, day_page: int | None = None) -> None:
    """Serve until told to stop; what was acknowledged is in the journal when this returns.

    `number` tells several collectors of one installation apart; they have the page of the day's key together.
    """
    listener = listen(
        settings.public_host, settings.public_port, "KEPT_PUBLIC_PORT", shared=settings.collectors > 1
    )
    house = House.open_existing(settings)
    try:
        refuse_old_records(house)
        uvloop.run(_run(house, listener, number, DayKey(day_page)))
    finally:
        house.close()


async def _run(house: House, listener: socket.socket, number: int, day: DayKey) -> None:
    settings, stop = house.settings, asyncio.Event()
    stop_on_signals(stop)
    answers, journal = Answers(house.records), open_journal(house, PUBLIC + number - 1)
    collector = Collector(
        journal,
        house.clock,
        limits=_limits(settings),
        proxies=settings.trusted_proxies,
        is_fresh=answers.are_fresh,
    )
    tally = Tally(house.records, collector.events, house.clock)
    shown = ShownCounts(house.records, house.clock)
    pages = Counter[int]()
    vitals = Vitals(settings.data, collector_name(number), partial(_figures, collector, pages))
    known = {space.number: house.in_workspace(space.number).known for space in workspaces(house)}
    public = Public(
        house, answers, journal, collector, tally, shown, vitals, house.records.news(), known, day
    )
    public.hang_doors()
    ranker = RankingProcess(settings)
    centre = open_centre(
        house, Proxies(settings.trusted_proxies), heard=public.hear, ranks=ranker.ask, counts=shown
    )
    clients = Clients(collector)
    collector.of_site.use(
        {each.house.settings.workspace: partial(_join, each) for each in (centre, *centre.beside)}
    )
    beside = asyncio.gather(public.keep_up(stop), public.keep_count(stop))
    try:
        counted = counting(centre_app(centre, slowly(centre.proxies)), lambda status: pages.update((status,)))
        app = cast(ASGIApplication, counted)  # Starlette types its messages more loosely
        await serve(app, collector, listener, stop=stop, others=clients)
    finally:
        stop.set()
        ranker.close()
        await beside
        with suppress(*PASSES):
            public.write_counts()  # only now: requests under way at the stop have been answered and counted
        journal.close()


def _figures(collector: Collector, pages: Mapping[int, int]) -> Figures:
    """What this process has done since it started. Canaries' events count apart, for `kept prove`."""
    none = dict.fromkeys(((reason, "") for reason in AtDoor), 0)
    return {
        "kept_event_requests": {str(status): float(count) for status, count in collector.replies.items()},
        "kept_page_requests": {str(status): float(count) for status, count in pages.items()},
        "kept_events_accepted": {"": float(collector.events.accepted)},
        "kept_events_refused": _by_label({**none, **collector.events.by_part()}),
        CANARIES_REFUSED: _by_label(collector.of_canaries.by_part()),
        "kept_events_waiting": {"": float(collector.waiting)},
    }


def _by_label(refused: Mapping[Refused, int]) -> Mapping[str, float]:
    return {f"{reason.code}/{part}": float(count) for (reason, part), count in refused.items()}


def open_centre(
    house: House,
    proxies: Proxies,
    heard: Callable[[], object] = lambda: None,
    ranks: Callable[[RankAsked], RankTold] = lambda _asked: NOT_NOW,
    counts: ShownCounts | None = None,
) -> LivingCentre:
    """The centre of the company's workspace, and beside it one for each other workspace."""
    company, *others = (
        LivingCentre(space, open_people(space), proxies, heard=heard, ranks=ranks)
        for space in (house.in_workspace(each.number) for each in workspaces(house))
    )
    return replace(company, beside=tuple(others), counts=counts)


def _partner_sites(house: House) -> list[House]:
    return [house.at_partner(name) for name in house.policies.now().policy.partners]


def _join(centre: LivingCentre, visitor: str, account: str) -> AtDoor | None:
    """What a client of another make says by the secret key counts as `POST v1/join` does."""
    return AtDoor.ANOTHER_ACCOUNT if centre.join(visitor, account) else None


def slowly(proxies: Proxies, rate: Rate = CHANGES) -> Wait:
    """So many answers and deletions from one shortened address: each leaves a key and facts that stay."""
    buckets = Buckets(rate)

    def wait(peer: str | None, forwarded: bytes | None) -> float:
        return buckets.take(shorten(proxies.sender(peer, forwarded)) or "", monotonic())

    return wait


def _limits(settings: Settings) -> Limits:
    return Limits(
        key=Rate(settings.rate_per_key, settings.rate_per_key * BURST_SECONDS),
        address=Rate(settings.rate_per_address, settings.rate_per_address * BURST_SECONDS),
    )
