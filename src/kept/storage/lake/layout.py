"""Where things lie in the data folder, and the shape of the table."""

import re
from dataclasses import dataclass
from pathlib import Path

import msgspec

from kept.storage.event import COLUMNS

HOT = "hot"
"""The bucket, and the period, of what was flushed and not yet sorted into leaves."""

PARTITIONS = ("bucket", "period")
ORDER = "workspace, subject, ts, event_id"
ROW_GROUP = 122_880  # DuckDB's own vector multiple; smaller groups made dashboards 1.5 to 2 times slower

_FILE = re.compile(r"e(\d+)-[0-9a-f]{32}\.parquet")
_ENTRY = re.compile(r"(\d{20})\.json")
_CHECKPOINT = re.compile(r"(\d{20})\.checkpoint\.parquet")


@dataclass(frozen=True, slots=True)
class Places:
    """The folders of one installation's data."""

    data: Path

    @property
    def journal(self) -> Path:
        """Segments of the collectors."""
        return self.data / "journal"

    @property
    def lake(self) -> Path:
        """The Delta table: one flat folder of Parquet files."""
        return self.data / "lake"

    @property
    def log(self) -> Path:
        """The Delta log."""
        return self.lake / "_delta_log"

    @property
    def stage(self) -> Path:
        """A folder for each committer's unfinished files."""
        return self.data / "stage"


def file_name(epoch: int, unique: str) -> str:
    """A data file's name; `unique` is 32 hexadecimal digits and never used twice."""
    return f"e{epoch}-{unique}.parquet"


def epoch_of(name: str) -> int | None:
    """The epoch whose committer made a data file; None for a name that is no data file's."""
    found = _FILE.fullmatch(name)
    return int(found[1]) if found else None


def entry_name(version: int) -> str:
    """The log entry that makes a version."""
    return f"{version:020d}.json"


def entry_version(name: str) -> int | None:
    """The version that a log entry makes; None for other names."""
    found = _ENTRY.fullmatch(name)
    return int(found[1]) if found else None


def checkpoint_name(version: int) -> str:
    """The checkpoint that holds a version whole."""
    return f"{version:020d}.checkpoint.parquet"


def checkpoint_version(name: str) -> int | None:
    """The version that a checkpoint holds; None for other names."""
    found = _CHECKPOINT.fullmatch(name)
    return int(found[1]) if found else None


def schema_string() -> str:
    """The table's schema as Delta writes it: the event's columns, then the partitions'."""
    columns = (*COLUMNS, *((name, "string") for name in PARTITIONS))
    fields = [{"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in columns]
    return msgspec.json.encode({"type": "struct", "fields": fields}).decode()
