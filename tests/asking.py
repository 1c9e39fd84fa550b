"""A small lake of chosen events on disk, for every test that asks about it: the real log, files and records."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import duckdb
import msgspec

from kept.gate import InForce, Permit
from kept.policy import CompiledPolicy
from kept.storage import withdrawals
from kept.storage.committer.engine import SQL_TYPES
from kept.storage.event import COLUMNS, StoredEvent
from kept.storage.lake import Lake, LakeFile
from kept.storage.lake.entry import Change, encode, encode_first
from kept.storage.lake.layout import entry_name, file_name
from kept.storage.query import QueryWorker
from kept.storage.records import Records
from kept.use import Reader
from kept.use.permission import ALWAYS

NOW = 1_780_000_000_000  # 2026-05-28
DAY = 86_400_000


def event(subject: int, ts: int, **more: object) -> StoredEvent:
    """A page view of a visitor from Germany, unless said otherwise."""
    plain: dict[str, object] = {
        "workspace": 1,
        "event_id": ts,
        "name": "page_view",
        "page": "/",
        "properties": None,
        "session": 7,
        "source": "tracker",
        "device": "mobile",
        "browser": "Firefox",
        "country": "DE",
        "referrer": "search.example",
        "campaign": None,
        "address": "192.0.2.0",
        "crawler": False,
        "policy": 1,
        "mask": 1,
        "cv": 0,
    }
    return StoredEvent(subject=subject, ts=ts, **{**plain, **more})  # type: ignore[arg-type]


@dataclass
class House:
    """Lake and records in one folder. `put` adds one file to a group in a commit of its own."""

    data: Path
    records: Records = field(init=False)
    version: int = 0

    def __post_init__(self) -> None:
        self.log = self.data / "lake" / "_delta_log"
        self.log.mkdir(parents=True)
        self.records = Records(self.data / "records.db")
        (self.log / entry_name(0)).write_bytes(encode_first("test", 0))

    @property
    def lake(self) -> Lake:
        return Lake(self.data)

    def put(
        self,
        events: Sequence[StoredEvent],
        group: str = "hot",
        floor: int = 0,
        marks: Mapping[str, int] | None = None,
        gone: Iterable[LakeFile] = (),
    ) -> LakeFile:
        """One file, sorted as a leaf's is unless it is hot."""
        name = file_name(1, uuid4().hex)
        order = "" if group == "hot" else " order by workspace, subject, ts, event_id"
        with duckdb.connect() as connection:
            shape = ", ".join(f"{column} {SQL_TYPES[kind]}" for column, kind in COLUMNS)
            connection.execute(f"create table event ({shape})")
            rows = [msgspec.to_builtins(each) for each in events]
            if rows:
                connection.executemany(f"insert into event values ({', '.join('?' * len(COLUMNS))})", rows)
            connection.execute(f"copy (from event{order}) to '{self.data / 'lake' / name}' (format parquet)")
        size = (self.data / "lake" / name).stat().st_size
        file = LakeFile(name, group, "hot" if group == "hot" else "2026-01", len(events), size)
        floors = {f"s:{group}": floor, **(marks or {})}
        self.commit(Change("test", adds=[file], removes=list(gone), marks=floors))
        return file

    def commit(self, change: Change) -> None:
        self.version += 1
        (self.log / entry_name(self.version)).write_bytes(encode(change, 0))

    def commit_splits(self, splits: Iterable[str]) -> None:
        """Say which prefixes were split into two leaves."""
        self.commit(Change("split", marks={f"split:{prefix}": 1 for prefix in splits}))

    def choose(self, subject: int, bits: int, *, dropped: bool = False) -> int:
        """Write a row of the log of withdrawals."""
        with self.records.write() as connection:
            return withdrawals.append(connection, subject, bits, dropped=dropped)

    def reader(
        self,
        policy: CompiledPolicy,
        purpose: str,
        now_ms: int = NOW,
        worker: QueryWorker | None = None,
        within: tuple[int, int] = ALWAYS,
    ) -> Reader:
        """Questions under a purpose."""
        permit = Permit(policy.purposes[purpose], InForce(1, policy, ""), now_ms)
        return Reader(permit, self.lake, self.records, workspace=1, worker=worker, within=within)
