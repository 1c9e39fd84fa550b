"""The process that looks for what should, or should not, stand on the disk: `python -m kept.storage.search_worker`.

It shares no code with what writes and reads the lake and the journal, so that a fault there cannot hide its
own traces. Parquet files are decoded whole, active or not, since searching compressed bytes proves nothing;
all other files are read as bytes. Database files are never opened as databases, and `-shm` is not touched.
It must be a process of its own: closing a database file by hand in a process that also has it open through
SQLite would drop SQLite's locks (sqlite.org/howtocorrupt.html, 2.2).

One question comes on standard input as JSON, one answer goes to standard output.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Question = dict[str, Any]
LEFT_ALONE = ("-shm", ".lock")
DATABASE = (".db", ".db-wal")
LONG = 1 << 32
"""Smaller numbers occur by chance in any binary file, so only larger ones are looked for as bytes."""


def rows(question: Question) -> object:
    """Every row of one workspace in these files, as dictionaries."""
    if not question["files"]:
        return []
    found = _connect().execute(
        "select * from read_parquet($files) where workspace = $workspace order by ts, event_id",
        {"files": question["files"], "workspace": question["workspace"]},
    )
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def names(question: Question) -> object:
    """What occurs in these files: the columns, and the [policy number, event, property or null] that there are."""
    if not question["files"]:
        return {"columns": [], "names": []}
    connection, files = _connect(), {"files": question["files"]}
    columns = connection.execute(
        "select distinct name from parquet_schema($files) where num_children is null", files
    ).fetchall()
    seen = connection.execute(
        "select distinct policy, name, unnest(coalesce(nullif(json_keys(properties), []), [null]))"
        " from (select distinct policy, name, properties from read_parquet($files))",
        files,
    ).fetchall()
    return {"columns": sorted(name for (name,) in columns), "names": [list(row) for row in seen]}


def traces(question: Question) -> object:
    """Where on the disk any of the texts, byte strings (hexadecimal) or numbers stands: a line for each file.

    Numbers are looked for as such in decoded columns, in decimal in files of text and of frames, and, where
    they are long, as eight bytes. `since` skips files that were not changed after that moment, in seconds.
    """
    needles = Needles(question)
    return [
        place for path in _files(Path(question["data"]), question["since"]) if (place := needles.place(path))
    ]


def standing(question: Question) -> object:
    """Those of the texts that stand anywhere on the disk. `since` as in `traces`."""
    each = {
        text: Needles({**question, "texts": [text], "bytes": [], "numbers": []}) for text in question["texts"]
    }
    files = list(_files(Path(question["data"]), question["since"]))
    return [text for text, needle in each.items() if any(map(needle.place, files))]


def copy(question: Question) -> object:
    """Write one subject's rows from these files into a new Parquet file, as a forgotten copy would hold them."""
    _connect().execute(
        f"copy (select * from read_parquet($files) where subject = $subject) to '{_quoted(question['to'])}'"  # noqa: S608  a path of ours
        " (format parquet)",
        {"files": question["files"], "subject": question["subject"]},
    )
    return question["to"]


class Needles:
    """What is looked for."""

    def __init__(self, question: Question) -> None:
        self.texts = [text for text in question["texts"] if text]
        self.bytes = [bytes.fromhex(text) for text in question["bytes"]]
        self.numbers = set(question["numbers"])
        self._root = Path(question["data"])

    def place(self, path: Path) -> str | None:
        """The file and what was found in it; None when nothing was, or the file has gone meanwhile."""
        try:
            found = self._in_parquet(path) if path.suffix == ".parquet" else self._in_bytes(path)
        except FileNotFoundError:
            return None
        return f"{path.relative_to(self._root)}: {found}" if found else None

    def _in_parquet(self, path: Path) -> str | None:
        import duckdb

        try:
            found = _connect().execute("select * from read_parquet(?)", [str(path)])
            while part := found.fetchmany(10_000):
                if any(self._is_found(value) for row in part for value in row):
                    return "in a decoded column"
        except duckdb.IOException:
            if not path.exists():
                raise FileNotFoundError(path) from None
            return "cannot be read"
        except duckdb.Error:
            return "cannot be read"
        return None

    def _is_found(self, value: object) -> bool:
        if isinstance(value, str):
            return any(text in value for text in self.texts)
        if isinstance(value, (list, dict)):  # checkpoints of the lake's log hold such
            return any(text in repr(value) for text in self.texts)
        return isinstance(value, int) and value in self.numbers

    def _in_bytes(self, path: Path) -> str | None:
        data = path.read_bytes()
        if any(text.encode() in data for text in self.texts):
            return "as text"
        if any(part in data for part in self.bytes):
            return "as bytes"
        if path.name.endswith(DATABASE):  # pseudonyms stand there by right: as tombstones
            return None
        if not self.numbers.isdisjoint(map(int, re.findall(rb"(?<!\d)\d{1,19}(?!\d)", data))):
            return "as a number"
        eight = [n.to_bytes(8, order) for n in self.numbers if n >= LONG for order in ("little", "big")]
        return "as eight bytes" if any(part in data for part in eight) else None


def _files(data: Path, since: float) -> Iterator[Path]:
    for path in sorted(data.rglob("*")):
        try:
            if path.is_file() and not path.name.endswith(LEFT_ALONE) and path.stat().st_mtime >= since:
                yield path
        except FileNotFoundError:
            continue


def _connect() -> "DuckDBPyConnection":
    import duckdb

    connection = duckdb.connect(config={"threads": 2, "memory_limit": "1GB"})
    connection.execute("set temp_directory = ''")  # a spill would be one more copy of people's data
    return connection


def _quoted(path: str) -> str:
    return path.replace("'", "''")


QUESTIONS = {"rows": rows, "names": names, "traces": traces, "standing": standing, "copy": copy}


def main() -> None:
    """Answer one question."""
    question = json.load(sys.stdin)
    json.dump(QUESTIONS[question["ask"]](question), sys.stdout)


if __name__ == "__main__":
    main()
