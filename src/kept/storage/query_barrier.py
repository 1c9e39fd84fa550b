"""A wall between a statement and the rows that it may not see.

What a statement answers, what it is refused for, and how long either takes, shall depend on no value of a row
that its purpose may not see. The engine would see to none of this by itself:

- It tries a statement's own conditions on a row before it tries whether the row is permitted: it pushes them
  towards the files, below the tests that hide people, past times and other events. A condition that fails there
  ends the statement, one that is slow there delays it, and either tells what the row holds. (PostgreSQL has
  `security_barrier` for this; DuckDB 2.0.0 has nothing.) But no condition, cast or function passes a LIMIT, so
  every table of a purpose ends in one that no table reaches. It runs in parallel, and the four dashboards of
  `kept bench query` take no longer with it. What it costs: a condition on a text or on a time skips no part of
  a file any more. That a part was skipped told of the hidden rows in it.
- It plans by the least and greatest value of each column of a file, hidden rows included, and carries both
  through functions and through a LIMIT: conditions are folded away, joins and groups take other ways, and a
  function may fail for a value that is only a bound (`epoch_ns`). So it may not look at them.

What is left to see is how much there is: hidden rows lie in the same files, and reading past them takes time.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS = (1 << 63) - 1
BOUNDS = "statistics_propagation"


def walled(sql: str) -> str:
    """The same rows, behind a wall that nothing of a statement passes."""
    return f"select * from ({sql}) limit {MOST_ROWS}"  # noqa: S608  our own view  # enforces: sandbox-wall


def plan_blind(connection: "DuckDBPyConnection") -> None:
    """Plan without the least and greatest values that files tell of their columns."""
    connection.execute(f"set disabled_optimizers = '{BOUNDS}'")  # enforces: sandbox-statistics
