"""Questions under a purpose: `Permit` in, rows out, and never more than the purpose may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from kept.base.errors import InUse
from kept.gate import Permit
from kept.storage.lake import Hidden, Lake, Snapshot, exceptions
from kept.storage.query import Bounds, Limits, No, Open, QueryWorker, Refused, Rows
from kept.storage.records import Records
from kept.storage.withdrawals import head
from kept.use.permission import ALWAYS, files_read, hidden_list, permitted_views
from kept.use.views import View, asked_of, views_of


class _FileGone(Exception):
    """A file was rewritten away while the statement ran: begin again from the snapshot."""


@dataclass(slots=True)
class _Opened:
    """What the worker is open on: a version of the lake, and a head of the withdrawals."""

    version: int = -2
    head: int = -1


class Reader:
    """Answers questions for one purpose. Every answer knows all withdrawals up to the moment it was asked.

    The worker behind it is a process of its own (`storage.query_worker`). One that is not given is started
    here, and ended with `close`. `within` narrows the tables to a span of times, in milliseconds of UTC: its
    first moment, and the first after it.
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
    ) -> None:
        self._permit, self._lake, self._records = permit, lake, records
        self._limits = limits or Limits()
        policy, purpose = permit.in_force.policy, permit.purpose
        self._views = views_of(policy, purpose, permit.given_ms)
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
        refused = self._open(snapshot)
        answer = self._worker.ask(sql) if refused is None else refused
        if isinstance(answer, Refused) and answer.why is No.FILE_GONE:
            self._opened = _Opened()
            raise _FileGone
        return answer

    def _open(self, snapshot: Snapshot) -> Refused | None:
        """Get the worker ready on a snapshot and all withdrawals up to now, if it is not already."""
        with self._records.read() as connection:  # after the snapshot: what came in between only hides more
            now = _Opened(snapshot.version, head(connection))
            if now == self._opened and self._worker.alive:
                return None
            hidden = exceptions(connection, snapshot, self._permit.purpose.mask)
        told = self._told(snapshot, hidden)
        ready = told if isinstance(told, Refused) else self._worker.open(told)
        if isinstance(ready, Refused):
            return ready
        self._opened = now
        return None

    def _told(self, snapshot: Snapshot, hidden: Sequence[Hidden]) -> Open | Refused:
        """What the worker must know."""
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
        )


_KNOWN: dict[str, Bounds] = {}
"""What files hold, by path, for as long as this process lives: a name is never used for other bytes."""


def _looked(worker: QueryWorker, paths: Sequence[str]) -> Mapping[str, Bounds] | Refused:
    """The bounds of these files, of which only the new ones are opened."""
    found = worker.look([path for path in paths if path not in _KNOWN])
    if isinstance(found, Refused):
        return found
    _KNOWN.update(found)
    return {path: _KNOWN[path] for path in paths}
