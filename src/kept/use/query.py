"""Questions under a purpose: `Permit` in, rows out, and never more than the purpose may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from kept.base.errors import InUse
from kept.gate import Permit
from kept.storage.lake import Hidden, Lake, Snapshot, exceptions
from kept.storage.query import Bounds, Given, Limits, No, Open, QueryWorker, Refused, Rows
from kept.storage.records import Records
from kept.storage.withdrawals import head
from kept.use.people import STORED, Everyone, everybody, nobody, people_view
from kept.use.permission import ALWAYS, files_read, hidden_list, permitted_views
from kept.use.views import PEOPLE, View, asked_of, views_of


class _FileGone(Exception):
    """A file was rewritten away while the statement ran: begin again from the snapshot."""


@dataclass(slots=True)
class _Opened:
    """What the worker is open on: a version of the lake, a head of the withdrawals, and whether people are in it."""

    version: int = -2
    head: int = -1
    people: bool = False


class Reader:
    """Answers questions for one purpose. Every answer knows all withdrawals up to the moment it was asked.

    The worker behind it is a process of its own (`storage.query_worker`). One that is not given is started
    here, and ended with `close`. `within` narrows the tables to a span of times, in milliseconds of UTC: its
    first moment, and the first after it. With `everyone` there is a table of people, filled for the questions that
    name it.
    """

    def __init__(
        self,
        permit: Permit,
        lake: Lake,
        records: Records,
        workspace: int,
        limits: Limits | None = None,
        worker: QueryWorker | None = None,
        *,
        within: tuple[int, int] = ALWAYS,
        everyone: Everyone | None = None,
    ) -> None:
        self._permit, self._lake, self._records = permit, lake, records
        self._limits = limits or Limits()
        policy, purpose = permit.in_force.policy, permit.purpose
        people = people_view(policy, purpose) if everyone else None
        self._everyone = everyone if people else None
        self._views = (*views_of(policy, purpose, permit.given_ms), *([people] if people else ()))
        self._asked = replace(asked_of(policy, purpose, workspace, permit.given_ms), within=within)
        self._worker, self._opened = worker or QueryWorker(), _Opened()
        self._ends_worker = worker is None

    @property
    def catalogue(self) -> Mapping[str, Sequence[str]]:
        """The tables that the purpose sees, with their columns."""
        return {view.name: view.columns for view in self._views}

    @property
    def views(self) -> Sequence[View]:
        """The same, with the SQL behind them."""
        return self._views

    def ask(self, sql: str) -> Rows | Refused:
        """The rows of one SELECT, or why there are none."""
        if not self._lake_is_there():
            return self._on(Snapshot(-1), sql)  # no committer has made the lake yet: nothing was gathered
        try:
            return self._lake.read(lambda snapshot: self._on(snapshot, sql))
        except _FileGone:
            return Refused(No.FILE_GONE)

    def _lake_is_there(self) -> bool:
        try:
            self._lake.snapshot()
        except InUse:
            return False
        return True

    @property
    def worker_cpu(self) -> float:
        """CPU seconds that the worker has used so far."""
        return self._worker.cpu_seconds

    @property
    def worker_pid(self) -> int:
        """The worker's process number; 0 while there is none."""
        return self._worker.pid

    def close(self) -> None:
        """End the worker, unless it was given."""
        if self._ends_worker:
            self._worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _on(self, snapshot: Snapshot, sql: str) -> Rows | Refused:
        refused = self._open(snapshot, people=self._everyone is not None and PEOPLE in sql.lower())
        answer = self._worker.ask(sql) if refused is None else refused
        if isinstance(answer, Refused) and answer.why is No.FILE_GONE:
            self._opened = _Opened()
            raise _FileGone
        return answer

    def _open(self, snapshot: Snapshot, *, people: bool) -> Refused | None:
        """Get the worker ready on a snapshot and all withdrawals up to now, if it is not already. People are opened
        anew for each question: one of them may have corrected, or taken away, what was told."""
        with self._records.read() as connection:  # after the snapshot: what came in between only hides more
            now = _Opened(snapshot.version, head(connection), people)
            if now == self._opened and self._worker.alive and not people:
                return None
            hidden = exceptions(connection, snapshot, self._permit.purpose.mask)
        told = self._told(snapshot, hidden, people=people)
        ready = told if isinstance(told, Refused) else self._worker.open(told)
        if isinstance(ready, Refused):
            return ready
        self._opened = now
        return None

    def _told(self, snapshot: Snapshot, hidden: Sequence[Hidden], *, people: bool = False) -> Open | Refused:
        """What the worker must know."""
        tables = self._tables(people=people)
        if isinstance(tables, Refused):
            return tables
        paths = {name: self._lake.paths([file])[0] for name, file in snapshot.files.items()}
        bounds = _looked(self._worker, list(paths.values()))
        if isinstance(bounds, Refused):
            return bounds
        files = files_read(snapshot, paths, bounds)
        permitted = permitted_views(files, hidden, snapshot.splits, self._asked)
        return Open(
            files=list(paths.values()),
            lists=hidden_list(hidden),
            views=[*permitted, *((view.name, view.sql) for view in self._views)],
            public={view.name: list(view.columns) for view in self._views},
            limits=self._limits,
            tables=tables,
        )

    def _tables(self, *, people: bool) -> dict[str, Given] | Refused:
        if self._everyone is None:
            return {}
        policy, purpose = self._permit.in_force.policy, self._permit.purpose
        given = everybody(self._permit, self._everyone) if people else nobody(policy, purpose)
        return given if isinstance(given, Refused) else {STORED: given}


_KNOWN: dict[str, Bounds] = {}
"""What files hold, by path, for as long as this process lives: a name is never used for other bytes."""


def _looked(worker: QueryWorker, paths: Sequence[str]) -> Mapping[str, Bounds] | Refused:
    """The bounds of these files, of which only the new ones are opened."""
    found = worker.look([path for path in paths if path not in _KNOWN])
    if isinstance(found, Refused):
        return found
    _KNOWN.update(found)
    return {path: _KNOWN[path] for path in paths}
