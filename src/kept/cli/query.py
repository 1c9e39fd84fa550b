"""`kept query`: a question under a purpose."""

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

import click
import msgspec

from kept.app.house import House
from kept.app.using import Installation
from kept.base.errors import BadInput
from kept.base.printing import clean
from kept.base.settings import Settings
from kept.cli.options import DAY, on_installation
from kept.cli.query_tables import print_tables
from kept.storage.query_words import Cell
from kept.use import Answer

WIDEST = 48
LARGEST_EXACT = (1 << 53) - 1


@click.command("query")
@on_installation
@click.option("--for", "purpose", required=True, help="The purpose, as the policy names it.")
@click.option(
    "--tables",
    is_flag=True,
    help="What the purpose may see, and why the rest is not there, instead of a question.",
)
@click.option("--json", "shape", flag_value="json", help="Rows as JSON, one object a line.")
@click.option("--csv", "shape", flag_value="csv", help="Rows as CSV (RFC 4180).")
@click.option(
    "--since", type=DAY, default="1970-01-01", help="From this day on (UTC): files before are not read."
)
@click.option("--until", type=DAY, default="9998-12-31", help="Up to and including this day.")
@click.argument("sql", required=False)
def query_command(
    settings: Settings,
    *,
    purpose: str,
    tables: bool,
    shape: str | None,
    since: datetime,
    until: datetime,
    sql: str | None,
) -> None:
    """Ask one SELECT about what PURPOSE may see. Everything else does not exist for it.

    A condition on time in the SELECT itself is tried on every row that the purpose may see; --since and --until
    leave out whole files.
    """
    if not tables and not sql:
        raise BadInput(
            "give a SELECT, or --tables to see what there is to ask about",
            where="SQL",
            why="There is no question.",
            next_step="Such as: select name, count(*) from events group by name.",
        )
    with (
        Installation(House.open_existing(settings)) as installation,
        installation.use(purpose, since.date(), until.date()) as use,
    ):
        if tables:
            print_tables(use, shape)
        else:
            _print(use.ask(sql or ""), shape)


def _print(found: Answer, shape: str | None) -> None:
    if shape == "json":
        for row in found.rows:
            click.echo(_as_json(dict(zip(found.columns, map(_exact, row), strict=True))))
    elif shape == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(found.columns)
        writer.writerows(map(_shown, found.rows) if sys.stdout.isatty() else found.rows)
    else:
        _print_table(found)
    if found.cut:
        click.echo(f"There are more rows; these are the first {len(found.rows):,}.", err=True)


def _exact(cell: Cell) -> Cell:
    """A whole number that JSON's readers would round, such as a pseudonym, goes as text (RFC 8259, section 6)."""
    return str(cell) if isinstance(cell, int) and abs(cell) > LARGEST_EXACT else cell


def _print_table(found: Answer) -> None:
    cells = [[_cell(value) for value in row] for row in found.rows]
    widths = [max(map(len, column)) for column in zip(map(clean, found.columns), *cells, strict=True)]
    right = [kind.endswith(("INT", "INTEGER", "DOUBLE")) for kind in found.types]
    for line in ([clean(name) for name in found.columns], ["─" * width for width in widths], *cells):
        click.echo(_line(line, widths, right))


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    placed = zip(cells, widths, right, strict=True)
    return "  ".join(cell.rjust(width) if end else cell.ljust(width) for cell, width, end in placed).rstrip()


def _as_json(row: Mapping[str, Cell]) -> bytes:
    """One row as JSON, for a terminal in ASCII alone."""
    return json.dumps(row).encode() if sys.stdout.isatty() else msgspec.json.encode(row)


def _shown(row: Sequence[Cell]) -> list[Cell]:
    """A row for a terminal; a file gets it as it is."""
    return [clean(cell) if isinstance(cell, str) else cell for cell in row]


def _cell(value: object) -> str:
    text = "" if value is None else clean(str(value))  # visitors choose words and titles
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"
