"""What a person left on the disk, learnt before a deletion and looked for after it, in a process of its own.

Run as `python -m tests.faults.living_traces`: one question as JSON on standard input, one answer on standard
output. A process of its own, because closing a database file by hand drops the locks that SQLite holds on it in
the same process (sqlite.org/howtocorrupt.html, 2.2); `-shm` is never touched. It shares no code with Kept, so
that a fault there cannot hide its own traces.

`learn` reads, through SQLite, every row that names one of the subjects, and turns it into the bytes in which
SQLite stores it (sqlite.org/fileformat2.html, 2.1): these must not stand in the file or its log afterwards.
"""

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
MUST_GO = ("account", "joined", "answer", "said")
"""Tables whose rows go. Withdrawals and erasures stay as tombstones, and name nobody but by pseudonym."""


@dataclass
class Left:
    """What to look for: numbers and texts anywhere, byte strings in hexadecimal in the two databases."""

    subjects: list[int]
    texts: list[str]
    records: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


def learn(data: Path, subjects: Sequence[int], texts: Sequence[str]) -> Left:
    """What stands in the databases of these subjects now."""
    found = _ask({"ask": "learn", "data": str(data), "left": asdict(Left(list(subjects), list(texts)))})
    return Left(**found)


def traces(data: Path, left: Left) -> list[str]:
    """Where any of it stands: Parquet files decoded, active or not; all else as bytes."""
    found = _ask({"ask": "search", "data": str(data), "left": asdict(left)})
    return [str(place) for place in found]


def keys_of(data: Path, left: Left) -> int:
    """How many keys these subjects have, read through SQLite."""
    return int(_ask({"ask": "keys", "data": str(data), "left": asdict(left)}))


def _ask(question: dict[str, Any]) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.living_traces"],
        input=json.dumps(question),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


# ---- in the process of its own


def _learn(data: Path, left: Left) -> Left:
    wanted = set(left.subjects)
    for table, row in _rows(data / "records.db"):
        if wanted.intersection(value for value in row if isinstance(value, int)):
            left.records.append(_stored(table, row).hex())
            left.records += [value.hex() for value in row if table == "account" and _is_bytes(value)]
    left.keys = [
        part.hex() for wrapped in _wrapped(data, wanted) for part in (wrapped[-16:], wrapped[-40:-16])
    ]
    return left


def _rows(records: Path) -> list[tuple[str, Sequence[Any]]]:
    """Of each table. None where PostgreSQL has them: its files are read in `test_records_postgresql.py`."""
    if not records.exists():
        return []
    with _open(records) as found:
        return [(table, row) for table in MUST_GO for row in found.execute(f"select * from {table}")]


def _stored(table: str, row: Sequence[object]) -> bytes:
    """The record of a row. The first column of `said` is its row number, which stands outside the record."""
    values = [None, *row[1:]] if table == "said" else list(row)
    kinds, bodies = zip(*(_piece(value) for value in values), strict=True)
    return b"".join(kinds) + b"".join(bodies)


def _piece(value: object) -> tuple[bytes, bytes]:
    """Serial type and content of one value. Lengths here stay below 58, so a type is one byte or two."""
    if value is None:
        return b"\0", b""
    if isinstance(value, int):
        if value in (0, 1):
            return bytes([8 + value]), b""
        for kind, size in ((1, 1), (2, 2), (3, 3), (4, 4), (5, 6), (6, 8)):
            if -(1 << 8 * size - 1) <= value < 1 << 8 * size - 1:
                return bytes([kind]), value.to_bytes(size, "big", signed=True)
    content = value.encode() if isinstance(value, str) else bytes(value)  # type: ignore[call-overload]
    kind = 2 * len(content) + (13 if isinstance(value, str) else 12)
    return (bytes([kind]) if kind < 128 else bytes([128 | kind >> 7, kind & 127])), content


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes)


def _wrapped(data: Path, wanted: set[int]) -> list[bytes]:
    with _open(data / "keys.db") as keys:
        rows = keys.execute(
            "select owner, wrapped from entry join slot on slot.id = entry.slot where kind = 'person'"
        ).fetchall()
    return [wrapped for owner, wrapped in rows if owner in wanted]


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)


def _search(data: Path, left: Left) -> list[str]:
    return [
        f"{path.relative_to(data)}: {how}"
        for path in sorted(data.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "lock"))
        for how in _found(path, left)
    ]


def _found(path: Path, left: Left) -> Iterator[str]:
    try:
        content = path.read_bytes()
    except FileNotFoundError:  # tidied away meanwhile
        return
    text = b"\n".join([content, *(_decoded(path) if path.suffix == ".parquet" else ())])
    yield from (f"text {name}" for name in left.texts if name.encode() in text)
    numbers = {int(digits) for digits in re.findall(rb"(?<!\d)\d{1,19}(?!\d)", text)}
    yield from (f"number {number}" for number in left.subjects if number in numbers)
    if path.name.startswith("records.db"):
        yield from (f"row {row}" for row in left.records if bytes.fromhex(row) in content)
    elif path.name.startswith("keys.db"):
        yield from (f"key {key}" for key in left.keys if bytes.fromhex(key) in content)
    else:
        eight = ((number, number.to_bytes(8, order)) for number in left.subjects for order in _ORDERS)
        yield from (f"bytes of {number}" for number, found in eight if found in content)


_ORDERS: tuple[Any, ...] = ("little", "big")


def _decoded(path: Path) -> Iterable[bytes]:
    import duckdb

    try:
        return [repr(row).encode() for row in duckdb.execute("from read_parquet(?)", [str(path)]).fetchall()]
    except duckdb.Error:
        return [] if not path.exists() else [b"cannot be decoded"]


def main() -> None:
    question = json.load(sys.stdin)
    data, left = Path(question["data"]), Left(**question["left"])
    answers: dict[str, Callable[[], object]] = {
        "learn": lambda: asdict(_learn(data, left)),
        "search": lambda: _search(data, left),
        "keys": lambda: len(_wrapped(data, set(left.subjects))),
    }
    json.dump(answers[question["ask"]](), sys.stdout)


if __name__ == "__main__":
    main()
