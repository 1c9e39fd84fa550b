"""Following live server logs, until told to stop: by `kept import log --follow`, or as a process of `kept up`."""

import logging
import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kept.app.house import House
from kept.app.intake import intake_of
from kept.app.opening import FOLLOW, open_journal
from kept.app.processes import watched
from kept.app.vitals import Figures, Vitals
from kept.base.errors import NoRoom
from kept.base.settings import Settings
from kept.gather.weblog import Followed, Form, Importing, Report
from kept.gather.weblog.store import note_read, read_at
from kept.ledger import append, facts
from kept.storage.journal import Journal
from kept.storage.withdrawals import head

log = logging.getLogger("kept.follow")

LOOK_SECONDS = 2.0
RENEW_SECONDS = 60.0
TELL_SECONDS = 3_600.0
"""How often what was taken in is put on record, if it was anything."""


def follow_logs(
    settings: Settings, files: Sequence[Path], *, form: Form | None = None, own_host: str | None = None
) -> Report:
    """Follow these logs until SIGTERM or SIGINT, or until the watcher has died; the figures of all.

    Raises `BadInput` when one turns out to be no log in a form that is known.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    house = House.open_existing(settings)
    try:
        following = Following(house, [path.absolute() for path in files], form, own_host)
        try:
            return following.until(stop)
        finally:
            following.close()
    finally:
        house.close()


@dataclass
class Following:
    """Some logs of one installation, and the journal that their events go to."""

    house: House
    files: Sequence[Path]
    form: Form | None
    own_host: str | None
    journal: Journal = field(init=False)
    importing: Importing = field(init=False)
    followed: list[Followed] = field(init=False)
    told: tuple[int, int, int] = (0, 0, 0)
    """Lines, events and refusals that are on record."""

    def __post_init__(self) -> None:
        self.journal = open_journal(self.house, FOLLOW)
        self.importing = Importing(intake_of(self.house, self.journal), self.own_host)
        with self.house.records.read() as connection:
            moments = [read_at(connection, self._workspace, str(path)) for path in self.files]
        self.followed = [
            Followed(path, self.importing, self.form, moment)
            for path, moment in zip(self.files, moments, strict=True)
        ]

    def until(self, stop: threading.Event) -> Report:
        """Follow until `stop`; what was begun is finished, and what was taken is put on record."""
        is_watched, vitals = watched(), Vitals(self.house.settings.data, "follow", self._figures)
        renewed = told = time.monotonic()
        while not stop.is_set() and is_watched():
            try:
                self._poll(stop)
            except NoRoom as error:
                log.error("%s", error)  # the same lines are read again, from the start of the file
                self._begin_anew()
            vitals.tell()
            if time.monotonic() - renewed > RENEW_SECONDS or self._is_behind():
                renewed = time.monotonic()
                self._renew()
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                self._put_on_record()
            stop.wait(LOOK_SECONDS)
        report = self.importing.finish()
        self._put_on_record()
        return report

    def close(self) -> None:
        """Let go of files and journal."""
        for followed in self.followed:
            followed.close()
        self.journal.close()

    def _poll(self, stop: threading.Event) -> None:
        for followed in self.followed:
            for _ in followed.poll():
                if stop.is_set():
                    return
            with self.house.records.write() as connection:
                note_read(connection, self._workspace, str(followed.path), followed.read_at)

    def _is_behind(self) -> bool:
        """Whether the policy is another, or someone was erased since the journal's segment was begun."""
        with self.house.records.read() as connection:
            newest = head(connection)
        return newest > self.journal.head or self.house.policies.number() != self.importing.number

    def _renew(self) -> None:
        """A new segment, under the choices and the policy of now: an erasure waits for it."""
        self.importing.send()
        self.journal.close()
        self.journal = open_journal(self.house, FOLLOW)
        self.importing.renew(intake_of(self.house, self.journal))

    def _begin_anew(self) -> None:
        self.close()
        told, report = self.told, self.importing.report
        self.__post_init__()
        self.told, self.importing.report = told, report

    def _put_on_record(self) -> None:
        report = self.importing.report
        now = (report.lines, report.kept, report.refused.total() + report.malformed_lines)
        if now == self.told:
            return
        lines, events, refused = (new - old for new, old in zip(now, self.told, strict=True))
        digest = self.followed[0].digest.copy()
        for followed in self.followed[1:]:
            digest.update(followed.digest.digest())
        with self.house.records.write() as connection:
            append(
                connection,
                facts.LogImported(
                    source="server_log",
                    digest=digest.hexdigest(),
                    lines=lines,
                    events=events,
                    refused=refused,
                ),
            )
        self.told = now

    def _figures(self) -> Figures:
        report = self.importing.report
        return {
            "kept_log_lines": {"": float(report.lines)},
            "kept_log_events": {"": float(report.kept)},
        }

    @property
    def _workspace(self) -> int:
        return self.house.settings.workspace
