"""One entry of the Delta log, written and read.

An entry is whole when each line parses and their number is the one declared in it: an entry cut at a line's
end, or empty, would otherwise load as valid. Format: the Delta protocol, "Actions"
(delta-io/delta, PROTOCOL.md); reader version 1, writer version 2.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from kept.storage.lake.layout import PARTITIONS, schema_string

MASK_TAG = "kept.mask"


class LakeFile(msgspec.Struct, frozen=True, gc=False):
    """One active Parquet file: its name in the lake's folder, where it belongs, rows and bytes.

    `mask`: the one that all its rows have; None where they may differ.
    """

    name: str
    bucket: str
    period: str
    rows: int
    size: int
    mask: int | None = None


@dataclass(slots=True)
class Change:
    """What one commit changes. `marks` are application transactions: cursors, floors, splits, epoch."""

    operation: str
    adds: list[LakeFile] = field(default_factory=list)
    removes: list[LakeFile] = field(default_factory=list)
    marks: dict[str, int] = field(default_factory=dict)


class _Info(msgspec.Struct, rename="camel"):
    timestamp: int
    operation: str
    kept_lines: int


class _Add(msgspec.Struct, rename="camel", omit_defaults=True):
    path: str
    partition_values: dict[str, str | None]
    size: int
    modification_time: int
    data_change: bool
    stats: str
    tags: dict[str, str] | None = None


class _Remove(msgspec.Struct, rename="camel"):
    path: str
    deletion_timestamp: int
    data_change: bool
    extended_file_metadata: bool
    partition_values: dict[str, str | None]
    size: int


class _Txn(msgspec.Struct, rename="camel"):
    app_id: str
    version: int
    last_updated: int


class _Stats(msgspec.Struct, rename="camel"):
    num_records: int


class _Line(msgspec.Struct, rename="camel", omit_defaults=True):
    commit_info: _Info | None = None
    protocol: Mapping[str, int] | None = None
    meta_data: Mapping[str, object] | None = None
    add: _Add | None = None
    remove: _Remove | None = None
    txn: _Txn | None = None


_lines = msgspec.json.Decoder(_Line)


def encode(change: Change, now_ms: int) -> bytes:
    """The bytes of an entry."""
    rearranges = bool(change.removes)
    lines = [
        *(_Line(txn=_Txn(app, version, now_ms)) for app, version in sorted(change.marks.items())),
        *(_Line(remove=_removed(file, now_ms)) for file in change.removes),
        *(_Line(add=_added(file, now_ms, not rearranges)) for file in change.adds),
    ]
    return _joined(change.operation, lines, now_ms)


def encode_first(table_id: str, now_ms: int) -> bytes:
    """The bytes of entry 0, which makes an empty table.

    Statistics stay at the number of rows: minimum and maximum ids would outlive an erasure in the log.
    """
    configuration = {
        "delta.dataSkippingNumIndexedCols": "0",
        "delta.logRetentionDuration": "interval 0 seconds",
        "delta.deletedFileRetentionDuration": "interval 0 seconds",
    }
    meta = {
        "id": table_id,
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema_string(),
        "partitionColumns": list(PARTITIONS),
        "configuration": configuration,
        "createdTime": now_ms,
    }
    lines = [_Line(protocol={"minReaderVersion": 1, "minWriterVersion": 2}), _Line(meta_data=meta)]
    return _joined("CREATE TABLE", lines, now_ms)


def decode(entry: bytes) -> Change | None:
    """What an entry changes; None when it is not whole, or not written by Kept."""
    try:
        lines = _lines.decode_lines(entry)
    except msgspec.DecodeError:
        return None
    info = lines[0].commit_info if lines else None
    if info is None or info.kept_lines != len(lines):
        return None
    return Change(
        info.operation,
        adds=[_file_of(line.add) for line in lines if line.add],
        removes=[_file_of(line.remove) for line in lines if line.remove],
        marks={line.txn.app_id: line.txn.version for line in lines if line.txn},
    )


def _joined(operation: str, lines: Iterable[_Line], now_ms: int) -> bytes:
    body = list(lines)
    first = _Line(commit_info=_Info(now_ms, operation, len(body) + 1))
    return b"\n".join(msgspec.json.encode(line) for line in (first, *body)) + b"\n"


def _added(file: LakeFile, now_ms: int, data_change: bool) -> _Add:
    stats = msgspec.json.encode(_Stats(file.rows)).decode()
    partition: dict[str, str | None] = {"bucket": file.bucket, "period": file.period}
    tags = None if file.mask is None else {MASK_TAG: str(file.mask)}
    return _Add(file.name, partition, file.size, now_ms, data_change, stats, tags)


def _removed(file: LakeFile, now_ms: int) -> _Remove:
    partition: dict[str, str | None] = {"bucket": file.bucket, "period": file.period}
    return _Remove(file.name, now_ms, False, True, partition, file.size)


def _file_of(action: _Add | _Remove) -> LakeFile:
    bucket, period = (action.partition_values.get(name) or "" for name in PARTITIONS)
    if isinstance(action, _Remove):
        return LakeFile(action.path, bucket, period, 0, action.size)
    mask = (action.tags or {}).get(MASK_TAG)
    return LakeFile(action.path, bucket, period, rows_of(action.stats), action.size, mask_of(mask))


def mask_of(tag: str | None) -> int | None:
    """The mask that a file's tag states."""
    return None if tag is None else int(tag)


def rows_of(stats: str) -> int:
    """The number of rows that an action's statistics state."""
    return msgspec.json.decode(stats, type=_Stats).num_records
