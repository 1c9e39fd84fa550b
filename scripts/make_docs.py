"""Tables in the documents that follow from the code, so that they cannot drift from it.

    python scripts/make_docs.py            writes the tables anew
    python scripts/make_docs.py --check    says which differ, and ends with 1 if any does

A table stands between `<!-- made: NAME -->` and `<!-- end -->`; `scripts/docs_tables.py` makes it. Its last
columns may be written by hand: they are kept, by the row's first cell. A row that has no words yet gets `…`.
"""

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from scripts.docs_source import Table  # noqa: E402  the path is set first, so that it runs anywhere
from scripts.docs_tables import TABLES  # noqa: E402  as above

DOCUMENTS = (
    "docs/policy-language.md",
    "docs/facts.md",
    "docs/running.md",
    "docs/house.md",
    "docs/adr/README.md",
    "docs/policies/workhirespot.md",
)
UNSAID = "…"
BLOCK = re.compile(r"<!-- made: (?P<name>[a-z -]+) -->\n(?P<table>.*?)<!-- end -->", re.DOTALL)
CELLS = re.compile(r"(?<!\\)\|")

Makers = Mapping[str, Callable[[], Table]]


def made(text: str, makers: Makers = TABLES) -> str:
    """The text with every table made anew, words written by hand kept. KeyError for a table nobody makes."""
    return BLOCK.sub(
        lambda found: (
            f"<!-- made: {found['name']} -->\n{_drawn(makers[found['name']](), found['table'])}<!-- end -->"
        ),
        text,
    )


def unsaid(text: str) -> list[str]:
    """The rows of made tables that nobody has written words for: `table: row`."""
    return [
        f"{found['name']}: {cells[0]}"
        for found in BLOCK.finditer(text)
        for cells in rows_of(found["table"])
        if UNSAID in cells
    ]


def tables_in(text: str) -> list[str]:
    """The names of the tables that a text holds."""
    return [found["name"] for found in BLOCK.finditer(text)]


def rows_of(table: str) -> Iterator[list[str]]:
    """The cells of each row of a table, without its two lines of headers."""
    for line in table.strip().splitlines()[2:]:
        yield [cell.strip() for cell in CELLS.split(line.strip())[1:-1]]


def _drawn(table: Table, before: str) -> str:
    said = {cells[0]: cells[-table.by_hand :] for cells in rows_of(before)} if table.by_hand else {}
    lines = [_line(table.headers), _line(["---"] * len(table.headers))]
    for row in table.rows:
        cells = [cell.replace("|", "\\|") for cell in row]
        lines.append(_line([*cells, *said.get(cells[0], [UNSAID] * table.by_hand)]))
    return "".join(f"{line}\n" for line in lines)


def _line(cells: "list[str] | tuple[str, ...]") -> str:
    return f"| {' | '.join(cells)} |"


def main() -> int:
    """Write, or with `--check` compare; the exit code says whether all is as it should be."""
    checking, wrong = "--check" in sys.argv[1:], []
    for name in DOCUMENTS:
        path = ROOT / name
        text = path.read_text(encoding="utf-8")
        new = made(text)
        if checking and new != text:
            wrong.append(f"{name}: a table is not what the code says. Run `python scripts/make_docs.py`.")
        if not checking:
            path.write_text(new, encoding="utf-8")
        wrong += [
            f"{name}: {row}: say what it means: in the last columns, or in the option's help."
            for row in unsaid(new)
        ]
    print("\n".join(wrong) if wrong else "the documents say what the code does")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
