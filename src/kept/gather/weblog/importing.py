"""G3, server log files: each page view in a log becomes an event, as far as the policy lets it.

The chunks of a log are read (`reading`) and taken (`taking`), by several processes where it is long (`crew`). What
came of them is settled here, in the order of the log: which lines were imported before (`known`), then journal.
Only this process writes.
"""

import secrets
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import compress
from pathlib import Path

import msgspec

from kept.base.clock import Clock
from kept.gather.minimise import Hiding
from kept.gather.weblog.chunks import Chunk
from kept.gather.weblog.crew import Crew
from kept.gather.weblog.forms import Form
from kept.gather.weblog.known import Batch, Known, Stored
from kept.gather.weblog.reading import open_log
from kept.gather.weblog.reasons import NotKept
from kept.gather.weblog.report import Report
from kept.gather.weblog.shift import WEEK_MS, last_moment, weeks_to
from kept.gather.weblog.taking import CRAWLER, DAY_HOURS, DAY_MS, UNNAMED, Brief, Hour, Taken
from kept.gather.weblog.unpacking import Progress
from kept.policy.compiled import CompiledPolicy
from kept.storage.event import StoredEvent
from kept.storage.records import Records

BATCH = 20_000

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
    try:
        for path in files:
            importing.read(path, form, progress)
        return importing.finish()
    finally:
        importing.close()


class Importing:
    """One run. What it remembers is bounded, and goes when it ends; `close` ends the processes that helped."""

    def __init__(self, intake: Intake, own_host: str | None = None, weeks: int = 0) -> None:
        self._own_host, self._shift_ms = own_host or _host_of(intake.policy), weeks * WEEK_MS
        now_ms = intake.clock.now_ms()
        self.report = Report(weeks=weeks)
        self._known = Known(intake.records, intake.workspace, intake.event_key, now_ms, intake.stored)
        self._day_keys: dict[int, bytes] = {}
        self._visitors: dict[int, set[int]] = defaultdict(set)  # by day
        self._batch = Batch()
        self._begin(intake, now_ms)

    def read(self, path: Path, form: Form | None, progress: Progress) -> None:
        """Take in one file."""
        log = open_log(path, form, progress)
        self.report.begin_file(path.name, log.form.name)
        self.begin_file()
        for taken in self._crew.take(log.chunks):
            self._settle(taken)

    def take(self, chunk: Chunk) -> int:
        """Take in one chunk of a file; how many lines that was."""
        taken = self._crew.take_alone(chunk)
        self._settle(taken)
        return taken.lines

    @property
    def number(self) -> int:
        """That of the policy under which lines are taken."""
        return self._intake.number

    def begin_file(self) -> None:
        """What comes next stands in another file: equal lines are counted anew."""
        self._known.begin_file()

    def renew(self, intake: Intake) -> None:
        """Go on under what is in force now. The keys of days that are long over are forgotten."""
        now_ms = intake.clock.now_ms()
        self.send()
        self._known.at(now_ms)
        for day in [day for day in self._day_keys if day < now_ms // DAY_MS - 1]:
            del self._day_keys[day]
            self.report.visitor_days += len(self._visitors.pop(day, ()))
        self.close()
        self._begin(intake, now_ms)

    def finish(self) -> Report:
        """Send what is left; the figures."""
        self.send()
        self.report.visitor_days += sum(map(len, self._visitors.values()))
        self._visitors.clear()
        return self.report

    def send(self) -> None:
        """Send what has come together; when this returns, it is safe."""
        batch, self._batch = self._batch, Batch()
        self._known.send(batch, self._intake.sink)

    def close(self) -> None:
        """Let the processes go that helped."""
        self._crew.close()

    def _begin(self, intake: Intake, now_ms: int) -> None:
        brief = Brief(
            policy=intake.policy,
            number=intake.number,
            workspace=intake.workspace,
            event_key=intake.event_key,
            cv=intake.cv,
            own_host=self._own_host,
            shift_ms=self._shift_ms,
            now_ms=now_ms,
        )
        self._intake, self._crew = intake, Crew(brief, self._day_key, intake.hiding)

    def _day_key(self, day: int) -> bytes:
        """May be asked by several threads at once: the first of them draws it."""
        return self._day_keys.get(day) or self._day_keys.setdefault(day, secrets.token_bytes(32))

    def _settle(self, taken: Taken) -> None:
        self.report.add_lines(taken.lines, taken.refused, taken.malformed)
        for number, hour in taken.hours.items():
            told = self._known.event_ids(number, hour.lines)
            ids = [each for each in told if isinstance(each, int)]
            if len(ids) < len(told):
                self.report.refused.update(each for each in told if isinstance(each, NotKept))
                self._keep(number, hour.where([isinstance(each, int) for each in told]), ids)
            else:
                self._keep(number, hour, ids)
            if self._known.full:
                self.send()

    def _keep(self, number: int, hour: Hour, ids: list[int]) -> None:
        frames = hour.frames
        if ids != list(hour.lines):  # equal lines
            frames = [_numbered(frame, event_id) for frame, event_id in zip(frames, ids, strict=True)]
        self.report.add_kept(
            hour.times, list(hour.kinds).count(CRAWLER), without_agents=UNNAMED in hour.kinds
        )
        self._visitors[number // DAY_HOURS].update(compress(hour.subjects, hour.kinds))
        start = 0
        while start < len(ids):
            end = start + BATCH - len(self._batch.frames)
            self._batch.add(number, ids[start:end], frames[start:end])
            start = end
            if len(self._batch.frames) >= BATCH:
                self.send()


def _numbered(frame: bytes, event_id: int) -> bytes:
    """The same event under this id."""
    event = msgspec.json.decode(frame, type=StoredEvent)
    return msgspec.json.encode(msgspec.structs.replace(event, event_id=event_id))


def _host_of(policy: CompiledPolicy) -> str | None:
    return policy.company.site.partition("://")[2].partition("/")[0] or None
