"""DuckDB as the committer uses it: in memory, without spilling, each statement within a deadline."""

import contextlib
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kept.base.errors import KeptError
from kept.storage.event import COLUMNS
from kept.storage.lake.layout import ORDER, ROW_GROUP

if TYPE_CHECKING:
    from kept.storage.event import StoredEvent

SQL_TYPES = {"integer": "integer", "long": "bigint", "string": "varchar", "boolean": "boolean"}


class TooSlow(KeptError):
    """A step did not end within its deadline and was broken off; nothing of it was committed."""

    retry = True


class Engine:
    """One connection. It never spills: a spill file would be one more copy of people's data to find."""

    def __init__(self, memory: str = "2GB", threads: int = 2) -> None:
        import duckdb

        self.connection = duckdb.connect(config={"threads": threads, "memory_limit": memory})
        self.connection.execute("set temp_directory = ''")
        self.connection.execute("set enable_progress_bar = false")

    @contextlib.contextmanager
    def within(self, seconds: float, step: str) -> Iterator[None]:
        """Break off whatever the engine does when `seconds` have passed. Raises TooSlow."""
        import duckdb

        timer = threading.Timer(seconds, self.connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            yield
        except duckdb.InterruptException as error:
            raise TooSlow(
                f"The step '{step}' took longer than {seconds:g} s.",
                where="lake",
                why="It was broken off at its deadline; nothing was changed.",
                next_step="It is tried again; if it keeps happening, the machine is too busy or its disk too slow.",
            ) from error
        finally:
            timer.cancel()

    def run(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Run one statement and collect its rows."""
        return self.connection.execute(sql, list(values)).fetchall()

    def put_events(self, name: str, events: Sequence["StoredEvent"]) -> None:
        """Make a table of events with their place in line, `place`, from 0."""
        from arro3.core import Array, DataType, Table

        kinds = {"integer": DataType.int32(), "long": DataType.int64(), "boolean": DataType.bool()}
        columns: dict[str, Any] = {
            column: Array([getattr(event, column) for event in events], kinds.get(kind, DataType.utf8()))
            for column, kind in COLUMNS
        }
        columns["place"] = Array(list(range(len(events))), DataType.int32())
        self.connection.register("incoming", Table.from_pydict(columns))
        try:
            self.run(f"create or replace temp table {name} as select * from incoming")  # noqa: S608
        finally:
            self.connection.unregister("incoming")

    def write_parquet(self, rows: str, path: Path, *, order: bool) -> int:
        """Write the rows of a query to a new file; how many. `order` sorts them as leaves are sorted."""
        sorting = f" order by {ORDER}" if order else ""
        columns = ", ".join(name for name, _ in COLUMNS)
        options = f"format parquet, compression zstd, row_group_size {ROW_GROUP}"
        copied = self.run(f"copy (select {columns} from ({rows}){sorting}) to {quoted(path)} ({options})")  # noqa: S608
        return int(copied[0][0])

    def close(self) -> None:
        """Forget everything."""
        self.connection.close()


def quoted(path: Path | str) -> str:
    """A path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


def from_files(paths: Sequence[Path | str], *, names: bool = False) -> str:
    """A table expression over Parquet files; `names` adds each row's `filename`."""
    extra = ", filename = true" if names else ""
    return f"read_parquet([{', '.join(map(quoted, paths))}]{extra})"
