"""A CSV file of people (RFC 4180), read a line at a time: one column names the account, the others are items."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from kept.base.errors import BadInput
from kept.base.nearest import nearest
from kept.base.printing import clean
from kept.gather.profiles.judging import may_tell
from kept.policy.compiled import CompiledPolicy

DELIMITERS = (",", ";", "\t")
LONGEST_ID = 256


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its number in the file, the account, and the cells that are not empty by their items. `fault` says
    what is wrong with the line as a whole."""

    number: int
    account: str
    cells: Mapping[str, str]
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The header, understood: which column has the account, which are items, and why others are not."""

    account: int
    items: Mapping[int, str]
    strange: Mapping[str, str]
    width: int


def columns_of(
    header: list[str], policy: CompiledPolicy, source: str, account: str, named: Mapping[str, str], where: str
) -> Columns:
    """What the columns of a header are. `named` gives an item for a heading that is not its name."""
    headings = [heading.strip() for heading in header]
    if headings.count(account) != 1:
        raise BadInput(
            f"no single column is called {clean(account)!r}",
            where=where,
            why=f"The header has: {', '.join(clean(heading) for heading in headings)[:300]}.",
            next_step="Name the column with the site's own ids of accounts by --account.",
        )
    fit, items, strange = may_tell(policy, source), dict[int, str](), dict[str, str]()
    for place, heading in enumerate(headings):
        item = named.get(heading, heading)
        if item in fit and item not in items.values():
            items[place] = item
        elif heading != account:
            strange[heading] = _why_not(item, policy, fit, source, repeated=item in fit)
    return Columns(headings.index(account), items, strange, len(headings))


def _why_not(item: str, policy: CompiledPolicy, fit: list[str], source: str, *, repeated: bool) -> str:
    if repeated:
        return "another column has this item"
    if item in policy.items:
        return f"the policy does not gather this from `{source}` as a text"
    near = nearest(item, fit)
    return f"the policy declares no such item{f'; did you mean {near}?' if near else ''}"


def open_csv(path: Path) -> TextIO:
    """The file as text, whatever mark it begins with."""
    return path.open(encoding="utf-8-sig", newline="")


def rows_in(file: TextIO, where: str) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its last line, the header first. Raises `BadInput` where it is no CSV in UTF-8."""
    number = 0
    try:
        first = file.readline()
        file.seek(0)
        delimiter = max(DELIMITERS, key=first.count)
        reader = csv.reader(file, delimiter=delimiter, strict=True)
        for cells in reader:
            number = reader.line_num
            yield number, cells
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInput(
            "the file cannot be read on from here",
            where=f"{where}, after line {number}",
            why="It is not UTF-8 text."
            if isinstance(error, UnicodeDecodeError)
            else "A quote is not closed, or closed too early.",
            next_step="Save it as CSV in UTF-8, and run this again: what was taken in before adds nothing twice.",
        ) from error


def row_of(number: int, cells: list[str], columns: Columns) -> Row:
    """One line's account and cells."""
    if len(cells) != columns.width:
        return Row(number, "", {}, f"it has {len(cells)} cells, and the header {columns.width}")
    account = cells[columns.account].strip()
    if not account or len(account) > LONGEST_ID:
        return Row(number, "", {}, "it names no account" if not account else "its account is longer than 256")
    told = {item: cells[place] for place, item in columns.items.items() if cells[place].strip()}
    return Row(number, account, told)
