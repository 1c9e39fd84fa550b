"""Words for tables and statements that SQLite and PostgreSQL both understand."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    CursorResult,
    Integer,
    LargeBinary,
    MetaData,
    Table,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler

metadata = MetaData()
"""Every room's `store.py` declares its tables here; a migration makes them (`migrations/versions`)."""

Number = BigInteger().with_variant(Integer, "sqlite")
"""A number that is counted up for as long as an installation lives. SQLite counts in INTEGER alone, of 64 bits."""

PART = 500
"""How many values one statement names: both databases cap the parameters of one."""

Value = TypeVar("Value")


def new_key(result: CursorResult[Any]) -> int:
    """The primary key that an insert of one row was given."""
    key = result.inserted_primary_key
    if key is None:
        raise RuntimeError("the statement inserted no row")  # a mistake of ours, not of the data
    return int(key[0])


def upsert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert that may say `on_conflict_do_update` or `on_conflict_do_nothing`."""
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


def in_parts(values: Iterable[Value]) -> Iterator[Sequence[Value]]:
    """The values in parts that one `in_` can name."""
    every = list(values)
    return (every[start : start + PART] for start in range(0, len(every), PART))


class as_stored(ColumnElement[bytes]):
    """The bytes of a column of text as they are stored: whoever tampered may have left what is no UTF-8."""

    inherit_cache = True
    type = LargeBinary()

    def __init__(self, column: ColumnElement[str]) -> None:
        self.column = column


@compiles(as_stored, "sqlite")
def _cast(element: as_stored, compiler: SQLCompiler, **words: Any) -> str:
    return f"CAST({compiler.process(element.column, **words)} AS BLOB)"


@compiles(as_stored, "postgresql")
def _convert(element: as_stored, compiler: SQLCompiler, **words: Any) -> str:
    column = compiler.process(element.column, **words)
    return column if element.column.type.python_type is bytes else f"convert_to({column}, 'UTF8')"
