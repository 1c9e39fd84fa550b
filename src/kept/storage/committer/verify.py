"""Looking whether people's events are really gone: every file on disk is decoded, active or not.

Searching a compressed file for text proves nothing, so Parquet files are read column by column and journal
blocks frame by frame; only what is plain text, the Delta log and what no block can be made of, is searched
as bytes.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kept.storage.committer.engine import quoted
from kept.storage.committer.flush import decoded
from kept.storage.committer.hand import Hand
from kept.storage.segments import list_segments, whole_blocks


class GoneReport(msgspec.Struct):
    """What was searched and what was found. `places` names files that still hold, or may hold, a person."""

    version: int = 0
    parquet_files: int = 0
    rows: int = 0
    frames: int = 0
    bytes_searched: int = 0
    places: list[str] = msgspec.field(default_factory=list)

    @property
    def gone(self) -> bool:
        """Whether nothing was found and everything could be read."""
        return not self.places


def verify_gone(hand: Hand, subjects: Mapping[int, int]) -> GoneReport:
    """Search all that the journal and the lake keep on disk for events of `subjects`.

    `subjects` maps a pseudonym to the choice number of its erasure: events gathered knowing it are new ones.
    """
    report = GoneReport(version=hand.log.latest().version)
    _search_parquet(hand, subjects, report)
    _search_journal(hand, subjects, report)
    for name in hand.files.names(hand.places.log):
        _search_bytes(hand, hand.places.log / name, subjects, report)
    return report


def _search_parquet(hand: Hand, subjects: Mapping[int, int], report: GoneReport) -> None:
    hand.engine.run("create or replace temp table erased (subject bigint, seq bigint)")
    hand.engine.connection.executemany(
        "insert into erased values (?, ?)", [list(pair) for pair in subjects.items()]
    )
    for path in _data_files(hand):
        report.parquet_files += 1
        found = _rows_of(hand, path)
        if found is None or found[1]:
            report.places.append(str(path.relative_to(hand.places.data)))
        report.rows += found[0] if found else 0


def _data_files(hand: Hand) -> list[Path]:
    """Every file that could hold events: the lake's, and all that lies in any staging folder."""
    lake = [path for path in hand.places.lake.iterdir() if path.is_file()]
    staged = [path for path in hand.places.stage.rglob("*") if path.is_file() and path.name != "alive"]
    return sorted(lake + staged)


def _rows_of(hand: Hand, path: Path) -> tuple[int, int] | None:
    """Rows in a file, and rows of the people searched for; None when it cannot be read."""
    import duckdb

    try:
        row = hand.engine.run(
            "select count(*), count(*) filter (x.subject is not null) from"  # noqa: S608
            f" read_parquet({quoted(path)}) e left join erased x on x.subject = e.subject and e.cv < x.seq"
        )[0]
    except duckdb.InterruptException:
        raise
    except duckdb.Error:
        return None
    return int(row[0]), int(row[1])


def _search_journal(hand: Hand, subjects: Mapping[int, int], report: GoneReport) -> None:
    for segment in list_segments(hand.files, hand.places.journal):
        data = hand.files.read(hand.places.journal / segment.name)
        blocks = list(whole_blocks(data))
        events = decoded([block.lines for block in blocks[1:]])
        report.frames += len(events)
        report.bytes_searched += len(data)
        torn = data[blocks[-1].end :] if blocks else data
        if any(event.cv < subjects.get(event.subject, -1) for event in events) or _names_any(torn, subjects):
            report.places.append(f"journal/{segment.name}")


def _search_bytes(hand: Hand, path: Path, subjects: Mapping[int, int], report: GoneReport) -> None:
    data = hand.files.read(path)
    report.bytes_searched += len(data)
    if path.suffix == ".parquet":
        data = repr(hand.engine.run(f"select * from read_parquet({quoted(path)})")).encode()  # noqa: S608
    if _names_any(data, subjects):
        report.places.append(str(path.relative_to(hand.places.data)))


def _names_any(data: bytes, subjects: Mapping[int, int]) -> bool:
    """Whether any pseudonym stands in the bytes as a number in decimal, or as eight bytes of an integer."""
    numbers = {int(found) for found in re.findall(rb"(?<!\d)\d{1,19}(?!\d)", data)}
    return not numbers.isdisjoint(subjects) or any(
        s.to_bytes(8, "little") in data for s in subjects if s >> 32
    )
