"""What a file of the lake holds, so that a query can leave out the tests which every row of it passes.

Times, choice numbers and workspaces stand in the file's own footer; masks are read once. A file's name is
never used twice and its bytes never change, so that what is found here stays true.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kept.storage.query_words import Bounds, Looked

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_FOOTERS = """
    select file_name, path_in_schema,
        case when bool_and(stats_min_value is not null and stats_null_count = 0)
            then min(try_cast(stats_min_value as bigint)) end,
        case when bool_and(stats_max_value is not null and stats_null_count = 0)
            then max(try_cast(stats_max_value as bigint)) end
    from parquet_metadata(?) where path_in_schema in ('ts', 'cv', 'workspace') group by all
"""
_MASKS = """
    select filename, coalesce(name, ''), case when count(mask) = count(*) then bit_and(mask) else 0 end,
        coalesce(bit_or(mask), 0)
    from read_parquet(?, filename = true)
    group by all
"""


def look(connection: "DuckDBPyConnection", files: Sequence[str]) -> Looked:
    """The bounds of each file. A row without a name counts as an event named "", which no policy declares."""
    ends: dict[str, dict[str, tuple[int, int]]] = {file: {} for file in files}
    masks: dict[str, dict[str, tuple[int, int]]] = {file: {} for file in files}
    if files:
        for file, column, low, high in connection.execute(_FOOTERS, [list(files)]).fetchall():
            if low is not None and high is not None:
                ends[file][column] = (low, high)
        for file, name, every, some in connection.execute(_MASKS, [list(files)]).fetchall():
            masks[file][name] = (every, some)
    return Looked({file: _bounds(ends[file], masks[file]) for file in files})


def _bounds(ends: dict[str, tuple[int, int]], masks: dict[str, tuple[int, int]]) -> Bounds:
    wide = Bounds()
    first, last = ends.get("ts", (wide.first_ms, wide.last_ms))
    _, cv = ends.get("cv", (0, wide.greatest_cv))
    return Bounds(first, last, cv, ends.get("workspace", wide.workspaces), masks)
