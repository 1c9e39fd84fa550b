"""G3, server log files: each page view in a log becomes an event, as far as the policy lets it.

The way of a line: `read_log` → was a page sent (`asked`) → where from, and what holds there (`terms`) → is
its time kept, and not yet to come → was it imported before (`known`) → who, for one day → event → journal.

Visitors are counted by a key of the day that is drawn for each import, lives in memory and is never written:
within one import the same address and browser on the same day (UTC) are one subject; two days, or two
imports, cannot be joined, by us neither. So a day that is imported in two parts counts its visitors twice.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from kept.base.clock import Clock
from kept.base.ids import keyed_63
from kept.gate.gathering import SERVER_LOG
from kept.gather.door import reduced_referrers
from kept.gather.minimise import Agent, Hiding, Origin, Page, agent_of, kept_of_referrers, origin_of
from kept.gather.weblog.asked import Asked, judge_answer
from kept.gather.weblog.forms import Form
from kept.gather.weblog.known import HOUR_MS, Known, Sending, Stored
from kept.gather.weblog.line import LogLine, Malformed
from kept.gather.weblog.reading import open_log
from kept.gather.weblog.reasons import NotKept
from kept.gather.weblog.report import Report
from kept.gather.weblog.shift import WEEK_MS, last_moment, weeks_to
from kept.gather.weblog.terms import PAGE_VIEW, CellTerms, LogTerms
from kept.gather.weblog.unpacking import Progress
from kept.policy.compiled import CompiledPolicy
from kept.storage.event import StoredEvent
from kept.storage.records import Records

BATCH = 5_000
DAY_MS = 24 * HOUR_MS
CLOCK_SKEW_MS = 5 * 60_000
_REMEMBERED = 100_000
_UNNAMED = Agent(None, None, False)

Sink = Callable[[Sequence[bytes]], None]
"""Appends frames durably; when it returns, they are safe."""


@dataclass(frozen=True, slots=True)
class Intake:
    """Into what is imported: the policy in force with its number, the workspace and its event key (32 bytes),
    the head of the choices, the records, and where frames go. `stored` asks the lake which ids it holds, `hiding`
    takes identifiers that are known out of paths."""

    policy: CompiledPolicy
    number: int
    workspace: int
    event_key: bytes
    cv: int
    records: Records
    sink: Sink
    clock: Clock
    stored: Stored | None = None
    hiding: Hiding = field(default_factory=Hiding)


def import_log(
    files: Sequence[Path],
    intake: Intake,
    *,
    form: Form | None = None,
    own_host: str | None = None,
    shift_to_ms: int | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Import the page views of server logs; what was imported before is not taken again.

    `form` overrides what the first lines show. A referrer at `own_host` is none. With `shift_to_ms` all
    times are moved by whole weeks, so that the last line falls in the 7 days that end there. Raises
    `BadInput` where a file cannot be read, before anything of that file is taken.
    """
    weeks = 0
    if shift_to_ms is not None:
        last = last_moment(files, form, progress)
        weeks = 0 if last is None else weeks_to(last, shift_to_ms)
    importing = Importing(intake, own_host, weeks)
    for path in files:
        importing.read(path, form, progress)
    return importing.finish()


class _Where:
    """An address reduced: what is kept of it, and what holds there."""

    __slots__ = ("address", "country", "terms")

    def __init__(self, origin: Origin, terms: CellTerms) -> None:
        self.address, self.country, self.terms = origin.address, origin.country, terms


class Importing:
    """One run. What it remembers of addresses, agents and referrers is bounded, and goes when it ends."""

    def __init__(self, intake: Intake, own_host: str | None = None, weeks: int = 0) -> None:
        now_ms = intake.clock.now_ms()
        self._intake, self._own_host = intake, own_host or _host_of(intake.policy)
        self._shift_ms, self._latest_ms = weeks * WEEK_MS, now_ms + CLOCK_SKEW_MS
        self.report = Report(weeks=weeks)
        self._terms = LogTerms(intake.policy, now_ms)
        self._referrer_of = kept_of_referrers(reduced_referrers(intake.policy))
        self._known = Known(intake.records, intake.workspace, intake.event_key, now_ms, intake.stored)
        self._asked = Asked()
        self._day_keys: dict[int, bytes] = defaultdict(lambda: secrets.token_bytes(32))
        self._visitors: dict[int, set[int]] = defaultdict(set)  # by day
        self._places: dict[str, _Where] = {}
        self._agents: dict[str, Agent] = {}
        self._referrers: dict[str, str | None] = {}
        self._batch: list[Sending] = []
        self._encode = msgspec.json.Encoder().encode

    def read(self, path: Path, form: Form | None, progress: Progress) -> None:
        """Take in one file."""
        log = open_log(path, form, progress)
        self.report.begin_file(path.name, log.form.name)
        self.begin_file()
        for line in log.lines:
            self.take_line(line)

    @property
    def number(self) -> int:
        """That of the policy under which lines are taken."""
        return self._intake.number

    def begin_file(self) -> None:
        """What comes next stands in another file: equal lines are counted anew."""
        self._known.begin_file()

    def take_line(self, line: LogLine | Malformed) -> None:
        """Take in one line, and send when enough have come together."""
        self.report.lines += 1
        if isinstance(line, Malformed):
            self.report.add_malformed(line)
        elif isinstance(reason := self._take(line), NotKept):
            self.report.refused[reason] += 1
        if len(self._batch) >= BATCH or self._known.full:
            self.send()

    def renew(self, intake: Intake) -> None:
        """Go on under what is in force now. The keys of days that are long over are forgotten."""
        now_ms = intake.clock.now_ms()
        self.send()
        self._intake, self._latest_ms = intake, now_ms + CLOCK_SKEW_MS
        self._terms = LogTerms(intake.policy, now_ms)
        self._referrer_of = kept_of_referrers(reduced_referrers(intake.policy))
        self._known.at(now_ms)
        self._places.clear()
        self._referrers.clear()
        for day in [day for day in self._day_keys if day < now_ms // DAY_MS - 1]:
            del self._day_keys[day]
            self.report.visitor_days += len(self._visitors.pop(day, ()))

    def finish(self) -> Report:
        """Send what is left; the figures."""
        self.send()
        self.report.visitor_days += sum(map(len, self._visitors.values()))
        self._visitors.clear()
        return self.report

    def send(self) -> None:
        """Send what has come together; when this returns, it is safe."""
        self._known.send(self._batch, self._intake.sink)
        self._batch.clear()

    def _take(self, line: LogLine) -> NotKept | None:
        if reason := judge_answer(line.method, line.status):
            return reason
        page = self._asked.of(line.target)
        if isinstance(page, NotKept):
            return page
        where = self._places.get(line.address) or self._place(line.address)
        ts = line.ts + self._shift_ms
        if reason := self._judge_terms(where.terms, ts):
            return reason
        event_id = self._known.event_id(line.raw, line.ts)
        if isinstance(event_id, NotKept):
            return event_id
        event = self._event(line, page, where, ts, event_id)
        self._batch.append(Sending(event_id, line.ts // HOUR_MS, self._encode(event)))
        return None

    def _judge_terms(self, terms: CellTerms, ts: int) -> NotKept | None:
        if not terms.mask:
            return NotKept.NO_PURPOSE if self._terms.declared else NotKept.UNDECLARED
        if ts > self._latest_ms:
            return NotKept.IN_FUTURE
        return NotKept.TOO_OLD if ts <= terms.event else None

    def _event(self, line: LogLine, page: Page, where: _Where, ts: int, event_id: int) -> StoredEvent:
        """The event, without the items that no purpose in its mask uses, or whose keep time is over."""
        terms, agent, hiding = where.terms, self._agent(line), self._intake.hiding
        subject = self._subject(line, agent)
        self.report.add_kept(ts, crawler=agent.crawler)
        return StoredEvent(  # by position: nineteen names cost more than the look-ups
            self._intake.workspace,
            subject,
            ts,
            event_id,
            PAGE_VIEW,
            hiding.path(page.path) if ts > terms.page else None,
            None,
            None,
            SERVER_LOG,
            agent.device if ts > terms.device else None,
            agent.browser if ts > terms.browser else None,
            where.country if ts > terms.country else None,
            self._referrer(line) if line.referrer and ts > terms.referrer else None,
            hiding.path(page.campaign) if ts > terms.campaign else None,
            where.address if ts > terms.address else None,
            agent.crawler,
            self._intake.number,
            terms.mask,
            self._intake.cv,
        )

    def _agent(self, line: LogLine) -> Agent:
        if not line.names_agents:
            self.report.without_agents = True
            return _UNNAMED
        said = line.agent or ""
        if said not in self._agents:
            if len(self._agents) >= _REMEMBERED:
                self._agents.clear()
            self._agents[said] = agent_of(said)
        return self._agents[said]

    def _subject(self, line: LogLine, agent: Agent) -> int:
        day = line.ts // DAY_MS
        key = self._day_keys[day]
        said = (line.agent or "").encode("utf-8", "surrogatepass")
        subject = keyed_63(key, line.address.encode("utf-8", "surrogatepass"), said)
        if not agent.crawler:
            self._visitors[day].add(subject)
        return subject

    def _place(self, address: str) -> _Where:
        if len(self._places) >= _REMEMBERED:
            self._places.clear()
        origin = origin_of(address)
        where = self._places[address] = _Where(origin, self._terms.in_country(origin.country))
        return where

    def _referrer(self, line: LogLine) -> str | None:
        key = f"{line.host or ''} {line.referrer}"
        if key not in self._referrers:
            if len(self._referrers) >= _REMEMBERED:
                self._referrers.clear()
            self._referrers[key] = self._referrer_of(line.referrer, line.host or self._own_host)
        return self._referrers[key]


def _host_of(policy: CompiledPolicy) -> str | None:
    return policy.company.site.partition("://")[2].partition("/")[0] or None
