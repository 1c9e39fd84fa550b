"""Which rows a purpose may see: the mask that an event was gathered under, and what was withdrawn since.

The mask fails closed: an event without the purpose's bit is not there, whatever else is known. The exceptions
are the withdrawals that the lake's files have not worked in (see `storage.lake`): few, and looked up by hash.
"""

from collections.abc import Sequence

from kept.storage.event import COLUMNS
from kept.storage.lake.exceptions import Hidden
from kept.storage.query_worker import quoted
from kept.use.views import PERMITTED

HIDDEN = "hidden"


def permitted_view(files: Sequence[str], bit: int, workspace: int, *, exceptions: bool) -> tuple[str, str]:
    """The private view `permitted`: every stored row that the purpose with this bit may see."""
    source = f"read_parquet([{', '.join(map(quoted, files))}])" if files else _NOTHING
    seen = f"e.workspace = {int(workspace)} and (e.mask & {1 << int(bit)}) <> 0"  # enforces: mask-filter
    if exceptions:
        seen += f" and not exists (select 1 from {HIDDEN} h where h.subject = e.subject and e.cv < h.seq)"
    return PERMITTED, f"select e.* from {source} e where {seen}"


def hidden_list(exceptions: Sequence[Hidden]) -> dict[str, dict[str, list[int]]]:
    """The private list `hidden`."""
    columns = {"subject": [each.subject for each in exceptions], "seq": [each.seq for each in exceptions]}
    return {HIDDEN: columns}


_SQL_TYPES = {"integer": "integer", "long": "bigint", "string": "varchar", "boolean": "boolean"}
_NOTHING = (
    "(select " + ", ".join(f"null::{_SQL_TYPES[kind]} as {name}" for name, kind in COLUMNS) + " where false)"
)
"""A lake without files has no file to take the columns from."""
