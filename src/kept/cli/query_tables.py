"""`kept query --tables`: what a purpose sees, why the rest is not there, and how much of it."""

import json
from collections.abc import Iterator

import click

from kept.app.using import Use
from kept.base.printing import clean
from kept.use import Counts, Part


def print_tables(use: Use, shape: str | None) -> None:
    """Tables with their columns, then all that is declared and not there, with its clause."""
    parts, counts = use.catalogue(), use.counts()
    if shape == "json":
        click.echo(json.dumps(as_json(use, parts, counts)))
        return
    for line in _lines(use, parts, counts):
        click.echo(clean(line))


def as_json(use: Use, parts: tuple[Part, ...], counts: Counts) -> dict[str, object]:
    """The same for programs; a number of rows that is not told is null."""
    return {
        "purpose": use.purpose,
        "tables": {name: list(columns) for name, columns in use.tables.items()},
        "rows": {"there": counts.there, "missing": {each.why.name: each.rows for each in counts.missing}},
        "parts": [
            {
                "name": part.name,
                "kind": part.kind.value,
                "seen_as": list(part.seen_as),
                "kept_for": part.kept_for,
                "why_not": part.why.name if part.why else None,
                "clause": part.clause,
            }
            for part in parts
        ],
    }


def _lines(use: Use, parts: tuple[Part, ...], counts: Counts) -> Iterator[str]:
    yield from (f"{name} ({', '.join(columns)})" for name, columns in use.tables.items())
    yield ""
    yield f"{counts.there:,} rows are there. Not there:"
    for each in counts.missing:
        yield f"  {_about(each.rows)}  {each.why.value}"
    unseen = [part for part in parts if part.why]
    if unseen:
        yield ""
        yield "Declared, and not there:"
        wide = max(len(part.name) for part in unseen)
        yield from (
            f"  {part.name.ljust(wide)}  {part.why.value} [{part.clause}]" for part in unseen if part.why
        )


def _about(rows: int | None) -> str:
    """A rounded count; where few people are behind it, only that."""
    if rows is None:
        return "a few people's".rjust(17)
    return (f"about {rows:,}" if rows else "none").rjust(17)
