"""A wall between a statement and the rows that it may not see.

The engine may try a statement's own condition on a row before it tries whether the row is permitted: it pushes
conditions towards the files, below the joins that hide people. Such a row never comes out. But a condition that
fails on it ends the statement, and that a statement failed tells what the row holds: `like '…!' escape '!'`, or
a mere cast, was enough to ask for the pages of people who had said no. (PostgreSQL has `security_barrier` for
this; DuckDB 2.0.0 has nothing.)

No condition passes a LIMIT. So what fails is run once more on views with a limit that no table reaches, and
only what this second run says is told. It costs nothing while statements succeed. What is left to see is that
the second run took its time.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kept.storage.query_words import No, Open, Refused

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS = (1 << 63) - 1
SAYS_NOTHING = frozenset({No.NOT_SELECT, No.TOO_MUCH, No.TOO_SLOW, No.FILE_GONE})
"""Refusals that stand as they are: no value of a row brought them about, or there is no time to ask again."""


def may_tell(answer: object) -> bool:
    """Whether an answer could tell of rows that were tried and are not permitted."""
    return isinstance(answer, Refused) and answer.why not in SAYS_NOTHING


@contextmanager
def barrier(connection: "DuckDBPyConnection", told: Open) -> Iterator[None]:
    """Within, no condition of a statement is tried on a row that the private views leave out."""
    private = [(name, sql) for name, sql in told.views if name not in told.public]
    for name, sql in private:
        _put(connection, name, f"select * from ({sql}) limit {MOST_ROWS}")  # noqa: S608  our own views
    try:
        yield
    finally:
        for name, sql in private:
            _put(connection, name, sql)


def _put(connection: "DuckDBPyConnection", name: str, sql: str) -> None:
    connection.execute(f'create or replace view "{name}" as {sql}')
