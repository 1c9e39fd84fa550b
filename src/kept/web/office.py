"""The console's process, and the living house behind its pages. It listens on loopback, and nowhere else."""

import asyncio
import os
import secrets
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn import Config, Server
from uvicorn._types import ASGIApplication

from kept.app.house import House
from kept.app.opening import open_lake
from kept.app.owner import is_owner_token, owner_mark
from kept.app.processes import watched
from kept.app.resting import begin_anew, is_laden
from kept.app.vitals import Durations, Vital, Vitals, vitals_of
from kept.app.waiting import Seated
from kept.base.settings import Settings
from kept.gate import Refusal
from kept.gather.tally import tallied
from kept.ledger import Entry, entries, facts, latest_checkpoint, size
from kept.policy import CompiledPolicy, Form
from kept.storage.query_words import Refused as NoRows
from kept.web import metrics
from kept.web.console import ROUTES, console_app
from kept.web.house import (
    Behaviour,
    BehaviourWanted,
    Figure,
    LedgerEntry,
    LedgerView,
    NoReport,
    RefusalCount,
    Refusals,
    Report,
    ReportAsked,
    ReportPurpose,
    Seen,
    Table,
)
from kept.web.pages.deeds import told
from kept.web.serve import stop_on_signals

if TYPE_CHECKING:
    from kept.use import UsageReport

STOP_SECONDS = 10
SESSION_SECONDS = 12 * 3_600.0
REFUSALS_MS = 30 * 86_400_000
NEWEST = 50


@dataclass
class LivingConsole:
    """Answers the pages for the company."""

    house: House
    sessions: dict[str, tuple[float, str]] = field(default_factory=dict)
    """By credential: when it ends, by the monotonic clock, which nobody sets; and the mark of the owner token that it
    was given for."""
    asked: Durations = field(default_factory=Durations)
    """How long reports took."""

    def now_ms(self) -> int:
        """The time, in milliseconds of UTC."""
        return self.house.clock.now_ms()

    def policy(self) -> CompiledPolicy:
        """The policy in force."""
        return self.house.policies.now().policy

    def sign_in(self, token: str) -> str | None:
        """A credential that ends with this process, or after twelve hours."""
        if not is_owner_token(self.house.settings.data, token):
            return None
        self.sessions = {key: kept for key, kept in self.sessions.items() if kept[0] > monotonic()}
        credential = secrets.token_urlsafe(32)
        self.sessions[credential] = monotonic() + SESSION_SECONDS, owner_mark(self.house.settings.data)
        return credential

    def is_owner(self, credential: str) -> bool:
        """Whether this opens the console."""
        ends, mark = self.sessions.get(credential, (0.0, ""))
        if ends > monotonic() and mark == owner_mark(self.house.settings.data):
            return True  # a new token ends the sessions of the one before: it may have been stolen
        return bool(credential) and is_owner_token(self.house.settings.data, credential)

    def sign_out(self, credential: str) -> None:
        """Forget a credential."""
        self.sessions.pop(credential, None)

    def vitals(self) -> list[Vital]:
        """What every process last said of itself."""
        return vitals_of(self.house.settings.data)

    def report_purposes(self) -> tuple[ReportPurpose, ...]:
        """Those that rows may be read for, first those that see most events."""
        policy = self.policy()
        found = [
            ReportPurpose(purpose.name, purpose.title, _why_not(purpose.form, on_demand=purpose.on_demand))
            for purpose in sorted(policy.purposes.values(), key=lambda purpose: purpose.bit)
            if any(event.uses & purpose.mask for event in policy.events.values())
        ]
        return tuple(
            sorted(found, key=lambda purpose: (bool(purpose.refused), purpose.name != "performance"))
        )

    def report(self, asked: ReportAsked) -> Report | NoReport:
        """A purpose's report, by the same door as any question under that purpose."""
        from kept.use import Reader, span_of, usage_report

        permit = self.house.gate.use(asked.purpose)
        if isinstance(permit, Refusal):
            return NoReport(permit.message, clause=permit.clause)
        began = monotonic()
        with Reader(
            permit,
            open_lake(self.house),
            self.house.records,
            self.house.settings.workspace,
            within=span_of(asked.since, asked.until),
        ) as reader:
            found = usage_report(reader.ask, reader.catalogue, asked.since, asked.until)
        self.asked.add(monotonic() - began)
        return _no_report(found) if isinstance(found, NoRows) else _report(asked, found)

    def behaviour(self, wanted: BehaviourWanted) -> Behaviour | NoReport:
        """A report on what people do, by the same door."""
        from kept.web import using

        began = monotonic()
        found = using.behaved(self.house, wanted)
        self.asked.add(monotonic() - began)
        return found

    def segments(self, purpose: str) -> tuple[str, ...]:
        """By what a purpose's reports can be split: what it sees of that."""
        from kept.web import using

        return using.segments(self.house, purpose)

    def parquet(self, table: Table) -> bytes:
        """A table as a Parquet file."""
        from kept.web import using

        return using.parquet(table)

    def seen_by(self, purpose: str) -> Seen | NoReport:
        """What a purpose sees of all that is declared, and how much is missing."""
        from kept.web import using

        began = monotonic()
        seen = using.seen_by(self.house, purpose)
        self.asked.add(monotonic() - began)
        return seen

    def refusals(self) -> Refusals:
        """What was turned away at the door in the last thirty days."""
        found = tallied(self.house.records, self.now_ms() - REFUSALS_MS)
        counts = [
            RefusalCount(reason.code, reason.value, count, reason.is_of_property, part)
            for (reason, part), count in sorted(found.turned_away.items(), key=lambda pair: -pair[1])
            if count
        ]
        return Refusals(found.since_ms, found.accepted, tuple(counts))

    def ledger(self) -> LedgerView:
        """The newest entries, newest first."""
        public = self.house.keys.signing_key().public_key().public_bytes_raw()
        with self.house.records.read() as connection:
            count, signed = size(connection), latest_checkpoint(connection, public)
            newest = list(entries(connection, max(0, count - NEWEST)))
        return LedgerView(
            size=count,
            root=signed.root.hex() if signed else "",
            signed_ms=None,
            entries=tuple(_entry(entry) for entry in reversed(newest)),
        )


def run_console(settings: Settings, seated: Seated) -> None:
    """Serve the console until told to stop, or until it is time to rest: then begin anew, still listening."""
    house = House.open_existing(settings)
    console = LivingConsole(house, seated.sessions, Durations(seated.counts, seated.seconds))
    listeners = [socket.socket(fileno=handle) for handle in seated.listeners]
    kept_open = [os.dup(listener.fileno()) for listener in listeners]
    try:
        rests = asyncio.run(_serve(console, listeners))
    finally:
        house.close()
    if rests:
        asked = console.asked
        begin_anew(Seated(kept_open, console.sessions, asked.counts, asked.seconds), kept_open)


async def _serve(console: LivingConsole, listeners: Sequence[socket.socket]) -> bool:
    """Serve; whether it ended in order to rest."""
    stop, activity = asyncio.Event(), _Activity()
    stop_on_signals(stop)
    settings = console.house.settings
    vitals = Vitals(settings.data, "console", console.asked.figures)
    servers = [_server(app) for app in _apps(console, activity, len(listeners))]
    serving = [
        asyncio.create_task(server._serve(sockets=[listener]))
        for server, listener in zip(servers, listeners, strict=True)
    ]
    is_watched, rests = watched(), False
    while not stop.is_set() and is_watched() and not rests and not any(task.done() for task in serving):
        vitals.tell()
        rests = is_laden() and activity.quiet_for() > settings.rest_seconds
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), 1.0)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*serving)
    return rests and not stop.is_set()


def _apps(console: LivingConsole, activity: "_Activity", ports: int) -> list[ASGIApplication]:
    """One application a port: the console; and beside it, if it has a port, what watchers look at."""
    pages = ROUTES if ports == 1 else [each for each in ROUTES if each not in metrics.ROUTES]
    apps = [activity.of(console_app(console, pages))]
    if ports > 1:
        apps.append(console_app(console, metrics.ROUTES))
    return [cast(ASGIApplication, app) for app in apps]


class _Activity:
    """When someone last used the console. Whoever watches over it is nobody."""

    def __init__(self) -> None:
        self._open, self._last = 0, monotonic()

    def quiet_for(self) -> float:
        """For how many seconds nobody has."""
        return 0.0 if self._open else monotonic() - self._last

    def of(self, app: ASGIApp) -> ASGIApp:
        """The app, its use noted."""

        async def noted(scope: Scope, receive: Receive, send: Send) -> None:
            if scope.get("path", "").startswith("/-/"):
                await app(scope, receive, send)
                return
            self._open += 1
            try:
                await app(scope, receive, send)
            finally:
                self._open, self._last = self._open - 1, monotonic()

        return noted


def _server(app: ASGIApplication) -> Server:
    return Server(
        Config(
            app,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
    )


def _report(asked: ReportAsked, found: "UsageReport") -> Report:
    figures = [Figure("visitors", "Visitors", found.visitors)]
    if found.sessions is not None:
        figures.append(Figure("sessions", "Sessions", found.sessions))
    figures += [
        Figure("views", "Page views", found.views),
        Figure("actions", "Actions", found.actions),
        Figure("crawlers", "Views by crawlers", found.crawler_views, note="Counted apart, and in no table."),
    ]
    missing = f"This purpose does not see: {', '.join(found.missing).lower()}." if found.missing else ""
    from kept.web.using import table_of

    return Report(asked, tuple(figures), tuple(map(table_of, found.tables)), missing)


def _no_report(refused: NoRows) -> NoReport:
    from kept.web.using import no_report

    return no_report(refused)


def _why_not(form: Form, *, on_demand: bool) -> str:
    if on_demand:
        return "It opens only for the scope of an approved demand."
    return "It gives out figures with noise only, which are not built yet." if form is Form.AGGREGATE else ""


def _entry(entry: Entry) -> LedgerEntry:
    return LedgerEntry(entry.index, entry.fact.at, facts.name_of(type(entry.fact)), told(entry.fact))
