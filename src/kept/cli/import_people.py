"""`kept import people`: a CSV file of accounts; shown first, done with --apply."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from kept.app.house import House
from kept.base.errors import BadInput
from kept.base.printing import clean
from kept.base.settings import read_settings
from kept.cli.options import RESIDENCE
from kept.gather.profiles.importing import Asked, PeopleReport, import_people


@click.command("people")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, readable=True))
@click.option(
    "--account", default="account", show_default=True, help="The column with the site's own ids of accounts."
)
@click.option(
    "--column",
    "named",
    multiple=True,
    metavar="HEADING=ITEM",
    help="An item for a column whose heading is not its name; may be given several times.",
)
@click.option(
    "--source",
    default="form",
    show_default=True,
    help="Where the values came from, as an item's `from` names it.",
)
@click.option(
    "--residence",
    type=RESIDENCE,
    help="Where these people live (ISO 3166, such as US or US-CA). Default: the strictest law counts.",
)
@click.option(
    "--apply", is_flag=True, help="Do it. Without this, what would be done is printed and nothing changes."
)
@click.option("--json", "as_json", is_flag=True, help="The figures as JSON.")
@click.option("--master-key", type=click.Path(path_type=Path, dir_okay=False), help="The master key's file.")
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    help="The data folder (else KEPT_DATA, or ./kept-data).",
)
def people_command(
    *,
    file: Path,
    account: str,
    named: Sequence[str],
    source: str,
    residence: str | None,
    apply: bool,
    as_json: bool,
    master_key: Path | None,
    data: Path | None,
) -> None:
    """Import what accounts told elsewhere, from CSV in UTF-8. Importing twice adds nothing.

    The first line names the columns: one the account, the others items of the policy. An empty cell says nothing.
    """
    asked = Asked(file, account, _named(named), source, residence)
    house = House.open_existing(read_settings(data=data, master_key=master_key))
    try:
        with click.progressbar(
            length=_lines(file), label="reading", hidden=as_json or not sys.stdout.isatty()
        ) as bar:
            report = import_people(house.tellings, asked, apply=apply, progress=bar.update)
    finally:
        house.close()
    click.echo(json.dumps(_plain(report, apply=apply)) if as_json else _drawn(report, apply=apply))


def _named(pairs: Sequence[str]) -> dict[str, str]:
    found = dict(pair.rpartition("=")[::2] for pair in pairs)
    if "" in found:
        raise BadInput(
            "this names no column",
            where="--column",
            why="It is not written as HEADING=ITEM.",
            next_step="Such as: --column 'E-mail address=email'.",
        )
    return found


def _lines(file: Path) -> int:
    with file.open("rb") as opened:
        return sum(part.count(b"\n") for part in iter(lambda: opened.read(1 << 20), b""))


def _plain(report: PeopleReport, *, apply: bool) -> dict[str, object]:
    return {
        "applied": apply,
        "lines": report.lines,
        "new_people": report.new,
        "known_people": report.known,
        "taken": dict(report.taken),
        "unchanged": report.unchanged,
        "refused": report.refused,
        "refused_at": [{"line": line, "column": column, "why": why} for line, column, why in report.faults],
        "columns_not_taken": dict(report.strange),
    }


def _drawn(report: PeopleReport, *, apply: bool) -> str:
    rows = [
        ("lines read", report.lines),
        ("people not known before", report.new),
        ("people known", report.known),
    ]
    rows += [("values taken" if apply else "values to take", report.taken.total())]
    rows += [(f"  {item}", count) for item, count in report.taken.items()]
    rows += [("values that stand already", report.unchanged), ("refused", report.refused)]
    width = max(len(name) for name, _ in rows)
    lines = [f"{name:<{width}}  {count:>11,}" for name, count in rows]
    lines += [f"not taken: column {clean(name)}: {why}" for name, why in report.strange.items()]
    lines += [f"  line {line}{f', {column}' if column else ''}: {why}" for line, column, why in report.faults]
    if (more := report.refused - len(report.faults)) > 0:
        lines.append(f"  and {more:,} more")
    return "\n".join([*lines, *([] if apply else ["Nothing was changed. Run again with --apply to do it."])])
