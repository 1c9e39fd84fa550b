"""G3, server log files: what becomes of a line, as far as the line itself and the policy say.

The way of a line: read → was a page sent (`asked`) → where from, and what holds there (`terms`) → is its time
kept, and not yet to come → who, for one day → event. Whether it was imported before, `importing` knows. So the
chunks of a log can be taken by several processes at once (`crew`).

Visitors are counted by a key of the day that is drawn for each import, lives in memory and is never written:
within one import the same address and browser on the same day (UTC) are one subject; two days, or two
imports, cannot be joined, by us neither. So a day that is imported in two chunks counts its visitors twice.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import compress
from typing import NamedTuple

import msgspec

from kept.base.ids import prepare
from kept.base.remembered import Remembered
from kept.gate.gathering import SERVER_LOG
from kept.gather.minimise import Agent, Hiding, Page, agent_of, kept_of_referrers, origin_of
from kept.gather.minimiser import ADDRESS, reduced_referrers
from kept.gather.weblog.asked import asked_for, judge_answer
from kept.gather.weblog.chunks import Chunk, read_chunk
from kept.gather.weblog.known import HOUR_MS
from kept.gather.weblog.line import LogLine, Malformed
from kept.gather.weblog.reasons import NotKept
from kept.gather.weblog.terms import PAGE_VIEW, CellTerms, LogTerms
from kept.policy.compiled import CompiledPolicy
from kept.storage.event import StoredEvent

DAY_HOURS = 24
DAY_MS = DAY_HOURS * HOUR_MS
CLOCK_SKEW_MS = 5 * 60_000
CRAWLER, PERSON, UNNAMED = 0, 1, 2
"""Who an event is of. Unnamed: the form names no browser, so it is taken for a person's."""
_NO_NAME = Agent(None, None, False)

DayKey = Callable[[int], bytes]
"""The key of a day, by its number since 1970."""
Pseudonym = Callable[[bytes], int]


class Brief(NamedTuple):
    """All that decides what becomes of a line: the policy with its number, the workspace and its event key (32
    bytes), the head of the choices, the site's own host, how far times are moved, and what time it is."""

    policy: CompiledPolicy
    number: int
    workspace: int
    event_key: bytes
    cv: int
    own_host: str | None
    shift_ms: int
    now_ms: int


Row = tuple[int, int, int, int, bytes]


class Hour(NamedTuple):
    """Events of one hour of the log's own time, in columns and in the order of their lines."""

    lines: Sequence[int]  # what each is known by; equal lines are not yet told apart
    times: Sequence[int]  # milliseconds of UTC, moved
    subjects: Sequence[int]
    kinds: Sequence[int]
    frames: Sequence[bytes]

    def where(self, chosen: Sequence[bool]) -> "Hour":
        """The chosen among its events."""
        return _columns(list(compress(zip(*self, strict=True), chosen)))


class Taken(NamedTuple):
    """What became of the lines of one chunk; its events by hours since 1970."""

    malformed: list[Malformed]
    refused: Counter[NotKept]
    hours: dict[int, Hour]

    @property
    def lines(self) -> int:
        """How many those are."""
        events = sum(len(hour.frames) for hour in self.hours.values())
        return len(self.malformed) + self.refused.total() + events


Where = tuple[str | None, str | None, CellTerms]
"""An address reduced: its network, its country, and what holds there."""


class Taking:
    """Takes chunks under one brief. What it remembers of addresses, agents and referrers is bounded."""

    def __init__(self, brief: Brief, day_key: DayKey, hiding: Hiding) -> None:
        self._hiding, self._referrer_of = hiding, kept_of_referrers(reduced_referrers(brief.policy))
        self._number, self._workspace, self._cv = brief.number, brief.workspace, brief.cv
        self._terms, self._own_host = LogTerms(brief.policy, brief.now_ms), brief.own_host
        self._shift_ms, self._latest_ms = brief.shift_ms, brief.now_ms + CLOCK_SKEW_MS
        self._line_id = prepare(brief.event_key, b"log line")
        self._subject_on = Remembered[int, Pseudonym](lambda day: prepare(day_key(day)), 1_000)
        self._pages = hiding.then(self._page, ADDRESS, 50_000)
        self._places = Remembered[str, Where](self._place, 100_000, ADDRESS)
        self._agents = Remembered[str, Agent](agent_of, 100_000)
        self._referrers = Remembered[tuple[str | None, str], str | None](self._referrer, 100_000, ADDRESS)
        self._encode = msgspec.json.Encoder().encode

    def take(self, chunk: Chunk) -> Taken:
        """What becomes of its lines."""
        malformed, refused, hours = list[Malformed](), list[NotKept](), defaultdict[int, list[Row]](list)
        for line in read_chunk(chunk):
            if isinstance(line, Malformed):
                malformed.append(line)
            elif (reason := self._take(line, hours)) is not None:
                refused.append(reason)
        return Taken(malformed, Counter(refused), {hour: _columns(rows) for hour, rows in hours.items()})

    def _take(self, line: LogLine, hours: dict[int, list[Row]]) -> NotKept | None:
        if (reason := judge_answer(line.method, line.status)) is not None:
            return reason
        page = self._pages.of(line.target)
        if isinstance(page, NotKept):
            return page
        address, said, ts = line.address, line.agent or "", line.ts + self._shift_ms
        network, country, terms = self._places[address]
        if not terms.event < ts <= self._latest_ms:
            return self._judge_terms(terms, ts)
        agent = self._agents[said] if line.names_agents else _NO_NAME
        who = f"{len(address)} {address}{said}".encode("utf-8", "surrogatepass")
        subject, event_id = self._subject_on[line.ts // DAY_MS](who), self._line_id(line.raw)
        event = StoredEvent(  # by position: nineteen names cost more than the look-ups
            self._workspace,
            subject,
            ts,
            event_id,
            PAGE_VIEW,
            page.path if ts > terms.page else None,
            None,
            None,
            SERVER_LOG,
            agent.device if ts > terms.device else None,
            agent.browser if ts > terms.browser else None,
            country if ts > terms.country else None,
            self._referrers[line.host, line.referrer] if line.referrer and ts > terms.referrer else None,
            page.campaign if ts > terms.campaign else None,
            network if ts > terms.address else None,
            agent.crawler,
            self._number,
            terms.mask,
            self._cv,
        )
        kind = CRAWLER if agent.crawler else PERSON if line.names_agents else UNNAMED
        hours[line.ts // HOUR_MS].append((event_id, ts, subject, kind, self._encode(event)))
        return None

    def _judge_terms(self, terms: CellTerms, ts: int) -> NotKept:
        if not terms.mask:
            return NotKept.NO_PURPOSE if self._terms.declared else NotKept.UNDECLARED
        return NotKept.IN_FUTURE if ts > self._latest_ms else NotKept.TOO_OLD

    def _page(self, target: str) -> Page | NotKept:
        asked = asked_for(target)
        return asked if isinstance(asked, NotKept) else self._hiding.page(asked)

    def _place(self, address: str) -> Where:
        origin = origin_of(address)
        return origin.network, origin.country, self._terms.in_country(origin.country)

    def _referrer(self, key: tuple[str | None, str]) -> str | None:
        host, referrer = key
        return self._referrer_of(referrer, host or self._own_host)


def _columns(rows: list[Row]) -> Hour:
    """Numbers in arrays: they are packed at once on their way between processes."""
    lines, times, subjects, kinds, frames = zip(*rows, strict=True) if rows else ((),) * 5
    return Hour(array("q", lines), array("q", times), array("q", subjects), bytes(kinds), frames)
