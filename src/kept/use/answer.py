"""What a question gives: rows, and the same as an Arrow table for whatever reads the Arrow stream interface."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from kept.storage.query_words import Cell, Rows

_EPOCH, _FIRST_DAY = datetime(1970, 1, 1), date(1970, 1, 1)  # noqa: DTZ001  times of the lake are UTC, and bare
_WHOLE = frozenset(
    ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "HUGEINT")
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows under their columns. `types` are the engine's names; `cut` says that there were more rows.

    `pyarrow.table(answer)` and `polars.DataFrame(answer)` take it as it is: it offers `__arrow_c_stream__`
    (the Arrow PyCapsule interface).
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    cut: bool = False

    @classmethod
    def of(cls, found: Rows) -> "Answer":
        """The worker's rows."""
        return cls(tuple(found.columns), tuple(found.types), tuple(found.rows), found.cut)

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        """Row by row, each by the names of its columns."""
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def to_arrow(self) -> Any:
        """An Arrow table (`arro3.core.Table`): whole numbers in 64 bits, times in microseconds of UTC.

        Whole numbers too great for 64 bits, lists and what else Arrow's plain types do not hold are text.
        """
        from arro3.core import Table

        arrays = [_array(kind, [row[place] for row in self.rows]) for place, kind in enumerate(self.types)]
        return Table.from_arrays(arrays, names=list(self.columns))

    def to_polars(self) -> Any:
        """A Polars frame. Needs the extra: `pip install "kept[polars]"`."""
        import polars

        return polars.DataFrame(self.to_arrow())

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)


def _array(kind: str, cells: Sequence[Cell]) -> Any:
    """One column."""
    from arro3.core import Array, DataType

    if kind in _WHOLE and all(cell is None or isinstance(cell, int) for cell in cells):
        return Array(list(cells), type=DataType.int64())
    if kind in {"FLOAT", "DOUBLE"} or kind.startswith("DECIMAL"):
        return Array(_each(float, cells), type=DataType.float64())
    if kind == "BOOLEAN":
        return Array(list(cells), type=DataType.bool())
    if kind == "TIMESTAMP":
        return Array(_each(_microseconds, cells), type=DataType.int64()).cast(DataType.timestamp("us"))
    if kind == "DATE":
        return Array(_each(_days, cells), type=DataType.int32()).cast(DataType.date32())
    return Array(_each(str, cells), type=DataType.string())


def _each(make: Callable[[Any], Any], cells: Sequence[Cell]) -> list[Any]:
    return [None if cell is None else make(cell) for cell in cells]


def _microseconds(text: str) -> int:
    since = datetime.fromisoformat(text) - _EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _days(text: str) -> int:
    return (date.fromisoformat(text) - _FIRST_DAY).days
