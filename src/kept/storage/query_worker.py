"""The process in which free SQL runs: opened for one purpose, locked, asked, and thrown away.

Behind the judge (`sandbox`) stand locks of their own. A twin: a statement must first bind in a database that
holds the purpose's tables empty, and nothing else, and can open no file at all. The engine's: no path but the
active files, no network, no extensions, no settings, no spill, no writing transaction; memory, threads and
time bounded. The kernel's: no file can be written, no core is dumped, CPU time and address space end. The
environment is empty of secrets. What the engine says of an error stays here: it may quote a row. A wall
(`query_barrier`) keeps what a statement does from the rows that it may not see.

Run as `python -I -m kept.storage.query_worker`, spoken to over standard input and output by `query.QueryWorker`.
"""

import math
import os
import resource
import select
import sys
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, BinaryIO

from kept.storage import query_words as words
from kept.storage.query_barrier import plan_blind, walled
from kept.storage.query_files import look
from kept.storage.query_words import Answer, Cell, Given, Limits, Look, No, Open, Ready, Refused, Rows
from kept.storage.sandbox import judge, unknown_column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CHUNK = 2_048
HEAD = 4  # bytes that say how long a message is
ADDRESS_SPACE = 4 << 30  # beyond the engine's memory: code, thread stacks, the allocator's reserve
GRACE_SECONDS = 5


class Worker:
    """One open scan, if any. Every `Open` begins with a new database."""

    def __init__(self) -> None:
        self._connection: DuckDBPyConnection | None = None
        self._twin: DuckDBPyConnection | None = None
        self._open: Open | None = None

    def answer(self, told: words.Told) -> Answer:
        """Do what is told."""
        if isinstance(told, Open):
            return self.open(told)
        return self.look(told.files) if isinstance(told, Look) else self.ask(told.sql)

    def look(self, files: list[str]) -> Answer:
        """What these files hold, found in a database of its own that can open nothing else."""
        import duckdb

        try:
            with connect(Limits()) as connection:
                shut(connection, files)
                return look(connection, files)
        except duckdb.Error as error:
            return Refused(reason_on(files, error))

    def open(self, told: Open) -> Answer:
        """A new database, prepared and then locked."""
        import duckdb

        if self._connection is None:
            limit_process(told.limits)
        else:
            self._connection.close()
        self._open, self._connection = None, connect(told.limits)
        try:
            prepare(self._connection, told)
            self._twin = make_twin(self._connection, told)
        except duckdb.Error as error:
            return Refused(reason_on(told.files, error))
        self._open = told
        return Ready()

    def ask(self, sql: str, *, judged: bool = False) -> Answer:
        """Judge and run. `judged` leaves the judge out: tests use it to try the locks alone."""
        if self._connection is None or self._twin is None or self._open is None:
            return Refused(No.STOPPED)
        refused = None if judged else judge(self._connection, sql, self._open.public)
        if refused is not None:
            return refused
        limit_seconds(self._open.limits)
        refused = bind(self._twin, sql, self._open)
        if refused is not None:
            return refused
        return run(self._connection, sql, self._open)


def connect(limits: Limits) -> "DuckDBPyConnection":
    """An empty database in memory, with everything shut that can be shut before the files are known."""
    import duckdb

    return duckdb.connect(
        config={
            "threads": limits.threads,
            "memory_limit": f"{limits.memory_mb}MB",
            "temp_directory": "",
            "max_temp_directory_size": "0KB",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "python_enable_replacements": False,
            "preserve_insertion_order": False,
        }
    )


def prepare(connection: "DuckDBPyConnection", told: Open) -> None:
    """Make lists and views, then lock the configuration. From here on only the named files can be opened."""
    connection.execute("set parquet_metadata_cache = true")
    connection.execute(f"set max_execution_time = {int(told.limits.seconds * 1000)}")
    for name, columns in told.lists.items():
        made = ", ".join(f"unnest(?::bigint[]) as {column}" for column in columns)
        connection.execute(f"create table {name} as select {made}", list(columns.values()))
    for name, given in told.tables.items():
        fill(connection, name, given)
    for name, sql in told.views:
        made = walled(sql) if name in told.public else sql
        connection.execute(f'create view "{name}" as {made}')  # an event may be called "order"
    plan_blind(connection)
    shut(connection, told.files)


def fill(connection: "DuckDBPyConnection", name: str, given: Given) -> None:
    """Make a table of the values that were handed over."""
    columns = ", ".join(f'"{column}" {kind}' for column, kind in given.columns)
    connection.execute(f"create table {name} ({columns})")
    made = ", ".join(f"unnest(?::{kind}[])" for _, kind in given.columns)
    connection.execute(f"insert into {name} select {made}", given.values)


def shut(connection: "DuckDBPyConnection", files: Iterable[str]) -> None:
    """From here on these files can be read, and nothing else can be opened, loaded or set."""
    connection.execute(f"set allowed_paths = [{', '.join(map(quoted, files))}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def make_twin(connection: "DuckDBPyConnection", told: Open) -> "DuckDBPyConnection":
    """A database with the public tables, of the same columns and types, empty, and no way to any file."""
    twin = connect(told.limits)
    for name in told.public:
        described = connection.execute(f'describe "{name}"').fetchall()
        columns = ", ".join(f'"{column}" {kind}' for column, kind, *_ in described)
        twin.execute(f'create table "{name}" ({columns})')
    twin.execute(f"set max_execution_time = {int(told.limits.seconds * 1000)}")
    shut(twin, [])
    return twin


def bind(twin: "DuckDBPyConnection", sql: str, told: Open) -> Refused | None:
    """Whether one SELECT means something where there is nothing but the purpose's tables. No row is near."""
    import duckdb

    try:
        statements = twin.extract_statements(sql)
        if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
            return Refused(No.NOT_SELECT)
        twin.execute(f"explain {sql}")
    except duckdb.BinderException:
        return unknown_column(twin, sql, told.public)
    except duckdb.Error as error:
        return Refused(reason_of(error))
    return None


def run(connection: "DuckDBPyConnection", sql: str, told: Open) -> Answer:
    """Run a judged statement in a transaction that cannot write."""
    import duckdb

    try:
        connection.execute("begin transaction read only")
        try:
            return collect(connection.execute(sql), told.limits)
        finally:
            connection.rollback()
    except duckdb.Error as error:
        return Refused(reason_on(told.files, error))
    except MemoryError:
        return Refused(No.TOO_MUCH_MEMORY)


def collect(result: "DuckDBPyConnection", limits: Limits) -> Answer:
    """The rows as plain values, up to the limits of rows and bytes."""
    described = result.description or []
    rows: list[tuple[Cell, ...]] = []
    size = 0
    while found := result.fetchmany(min(CHUNK, limits.rows + 1 - len(rows))):
        rows += [tuple(map(plain, row)) for row in found]
        size += sum(weight(row) for row in rows[-len(found) :])
        if size > limits.bytes:
            return Refused(No.TOO_MUCH)
        if len(rows) > limits.rows:
            break
    return Rows(
        [str(each[0]) for each in described],
        [str(each[1]) for each in described],
        rows[: limits.rows],
        len(rows) > limits.rows,
    )


def plain(value: Any) -> Cell:
    """A cell as text, number, truth or nothing. Not a number and infinity are nothing, as in JSON."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 63 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds" if value.microsecond % 1000 else "milliseconds")
    return value.isoformat() if isinstance(value, date) else str(value)


def weight(row: Iterable[Cell]) -> int:
    """About how many bytes a row takes."""
    return sum(len(cell) if isinstance(cell, str) else 8 for cell in row)


def reason_on(files: Iterable[str], error: Exception) -> No:
    """The same where files are read: the locks refuse one that is gone as if it were not among those allowed."""
    import duckdb

    gone = isinstance(error, duckdb.PermissionException) and not all(map(os.path.exists, files))
    return No.FILE_GONE if gone else reason_of(error)


def reason_of(error: Exception) -> No:
    """The code for what the engine raised; its text is dropped here."""
    import duckdb

    kinds: tuple[tuple[type[Exception], No], ...] = (
        (duckdb.InterruptException, No.TOO_SLOW),
        (duckdb.OutOfMemoryException, No.TOO_MUCH_MEMORY),
        (duckdb.ConversionException, No.BAD_VALUE),
        (duckdb.OutOfRangeException, No.BAD_VALUE),
        (duckdb.InvalidInputException, No.BAD_VALUE),
        (duckdb.InvalidTypeException, No.BAD_VALUE),
        (duckdb.TypeMismatchException, No.BAD_VALUE),
        (duckdb.ParserException, No.NOT_READABLE),
        (duckdb.PermissionException, No.NOT_POSSIBLE),
        (duckdb.NotImplementedException, No.NOT_POSSIBLE),
        (duckdb.CatalogException, No.MEANS_NOTHING),
        (duckdb.BinderException, No.MEANS_NOTHING),
        (duckdb.IOException, No.FILE_GONE),
    )
    return next((code for kind, code in kinds if isinstance(error, kind)), No.FAILED)


def limit_process(limits: Limits) -> None:
    """Let the kernel hold what the engine promises: nothing written to disk, no core, bounded memory."""
    space = (limits.memory_mb << 20) * 2 + ADDRESS_SPACE
    for what, most in (
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_AS, space),
    ):
        resource.setrlimit(what, (most, most))


def limit_seconds(limits: Limits) -> None:
    """End the process some CPU time after the deadline, should nobody be left to end it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = used.ru_utime + used.ru_stime + limits.seconds * limits.threads + GRACE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(most), resource.RLIM_INFINITY))


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def messages(source: BinaryIO, idle: list[float]) -> Iterator[bytes]:
    """Messages until the other side is gone, or silent for as long as `idle[0]` seconds."""
    while select.select([source], [], [], idle[0])[0]:
        head = whole(source, HEAD)
        if len(head) < HEAD:
            return
        yield whole(source, int.from_bytes(head, "big"))


def whole(source: BinaryIO, size: int) -> bytes:
    """So many bytes, or fewer when the other side is gone: one read of a pipe gives what is there."""
    parts: list[bytes] = []
    while size and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def serve(source: BinaryIO, sink: BinaryIO) -> None:
    """Answer until the other side closes or stays silent."""
    worker, idle = Worker(), [Limits().idle_seconds]
    for message in messages(source, idle):
        told = words.told.decode(message)
        if isinstance(told, Open):
            idle[0] = told.limits.idle_seconds
        answer = words.encode(worker.answer(told))
        sink.write(len(answer).to_bytes(HEAD, "big") + answer)
        sink.flush()


def main() -> None:
    """Take the pipes, and leave nothing in reach of what runs here but them."""
    source = os.fdopen(os.dup(0), "rb", buffering=0)
    sink = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.chdir("/")
    serve(source, sink)


if __name__ == "__main__":
    main()
    sys.exit()
