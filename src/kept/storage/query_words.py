"""What a query worker is told, and what it answers. All of it is plain values, sent as MessagePack.

A refusal is a code from a closed list. The engine's own text never crosses over: it may quote a row.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec

Cell = str | int | float | bool | None
Value = Cell | list[Any]
"""A cell of a table that is handed over."""


class No(Enum):
    """Why a statement gives no rows. A closed list; each says what the reader can do."""

    NOT_READABLE = "This is not SQL that can be read. Look for a missing comma, quote or bracket."
    NOT_ONE = "Give one statement at a time."
    NOT_SELECT = "Only SELECT is possible here."
    TOO_LONG = "The statement is too long or too deeply nested."
    NO_SUCH_TABLE = "There is no such table."
    NO_SUCH_COLUMN = "There is no such column."
    NO_SUCH_FUNCTION = "There is no such function."
    NO_SUCH_TYPE = "There is no such type."
    NOT_POSSIBLE = "This construct is not possible here."
    TOO_MANY_MADE = "Rows can be made from literal numbers only, and a million at most."
    MEANS_NOTHING = "The statement cannot be understood: look at names, groupings and types."
    BAD_VALUE = (
        "A value does not fit the type or the function that it is given to; try_cast gives null instead."
    )
    TOO_MANY_PEOPLE = "More people allow this purpose than one question may hold."
    TOO_MUCH_MEMORY = "The statement needs more memory than a query may use. Group or filter more."
    TOO_MUCH = "The answer is too large. Group, filter or limit it."
    TOO_SLOW = "The statement took longer than a query may take. Filter by time, or ask for less."
    FILE_GONE = "A file was rewritten while it was read. Ask again."
    FAILED = "The statement failed."
    STOPPED = "The worker stopped. Ask again; if it stops again, simplify the statement."


class Limits(msgspec.Struct, frozen=True):
    """What one query may use. `seconds` of wall clock; `cells` and `bytes` bound the answer."""

    memory_mb: int = 1024
    threads: int = 2
    seconds: float = 30.0
    rows: int = 100_000
    bytes: int = 64 << 20
    idle_seconds: float = 60.0


class Given(msgspec.Struct, frozen=True):
    """A table that is handed over whole, and held in memory alone: names and SQL types of columns, and their values."""

    columns: list[tuple[str, str]]
    values: list[list[Value]]


class Open(msgspec.Struct, frozen=True, tag="open"):
    """Get ready: forget what was there, open the files, make `lists`, `tables` and `views`, then lock everything.

    `lists` are private tables of whole numbers, by name and column; `tables` are private too, with values of other
    types; `views` are names and their SELECT.
    `public` maps the names that a statement may use to their columns.
    """

    files: list[str]
    lists: dict[str, dict[str, list[int]]]
    views: list[tuple[str, str]]
    public: dict[str, list[str]]
    limits: Limits = Limits()
    tables: dict[str, Given] = {}


class Look(msgspec.Struct, frozen=True, tag="look"):
    """Say what these files hold."""

    files: list[str]


class Ask(msgspec.Struct, frozen=True, tag="ask"):
    """Judge a statement and run it."""

    sql: str


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """The worker is open and locked."""


class Bounds(msgspec.Struct, frozen=True):
    """What is true of every row of one file. Files never change, so this is worked out once.

    `first_ms` and `last_ms` bound the time of gathering, `greatest_cv` the choices that any row knew. `masks`
    has, for the name of every event in the file, the bits that all its masks have, and those that any has. A
    bound that is not known is as wide as can be, so that no test is left out on its strength.
    """

    first_ms: int = -(1 << 63)
    last_ms: int = (1 << 63) - 1
    greatest_cv: int = (1 << 63) - 1
    workspaces: tuple[int, int] = (-(1 << 31), (1 << 31) - 1)
    masks: dict[str, tuple[int, int]] = {}


class Looked(msgspec.Struct, frozen=True, tag="looked"):
    """The bounds of files, by path."""

    bounds: dict[str, Bounds]


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    """The answer: names and types of its columns, and the rows; `cut` when there were more than the limit.

    Times are texts in ISO 8601; whole numbers beyond 53 bits stay numbers here, and are texts in JSON.
    """

    columns: list[str]
    types: list[str]
    rows: list[tuple[Cell, ...]]
    cut: bool = False


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """No rows. `name` is a word of the statement itself, or those before what cannot be read; `near` the nearest one
    that there is.

    `there` has, where a column was not found, the columns of the tables that the statement names.
    """

    why: No
    name: str = ""
    near: str = ""
    there: dict[str, list[str]] = {}

    def __str__(self) -> str:
        said = f"{self.why.value.removesuffix('.')}: {self.name}." if self.name else self.why.value
        if self.name and self.why is No.NOT_READABLE:
            said = f"{self.why.value} It can be read up to: {self.name}"
        near = f" Did you mean {self.near}?" if self.near else ""
        return said + near + "".join(f" {name} has {', '.join(found)}." for name, found in self.there.items())


Answer = Ready | Looked | Rows | Refused
Told = Open | Look | Ask

Public = Mapping[str, list[str]]

encode = msgspec.msgpack.Encoder().encode
told = msgspec.msgpack.Decoder(Told)
answered = msgspec.msgpack.Decoder(Answer)
