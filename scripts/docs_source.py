"""What the tables of the documents are made with: cells, docstrings, and calls found in the source."""

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "kept"
Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Headers, the rows as far as the code gives them, and how many last columns are written by hand."""

    headers: Row
    rows: tuple[Row, ...]
    by_hand: int = 0


def coded(words: str) -> str:
    """Words set as code."""
    return f"`{words}`"


def flat(text: str | None) -> str:
    """A text on one line."""
    return " ".join((text or "").split())


def first_paragraph(text: str | None) -> str:
    """What a docstring opens with, on one line."""
    return flat((text or "").strip().split("\n\n")[0])


def room_of(path: Path) -> str:
    """The room that a file belongs to."""
    return path.relative_to(SOURCE).parts[0]


@cache
def calls() -> tuple[tuple[Path, ast.Call], ...]:
    """Every call in the source, with its file."""
    return tuple(
        (path, node)
        for path in sorted(SOURCE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
    )


def words_of(node: ast.expr) -> str:
    """The text that an expression gives, N standing for what differs."""
    if isinstance(node, ast.JoinedStr):
        return "".join(words_of(part) for part in node.values)
    if isinstance(node, ast.Name):
        return _constants().get(node.id, "N")
    return str(node.value) if isinstance(node, ast.Constant) else "N"


@cache
def _constants() -> Mapping[str, str]:
    """Texts that stand under a name of their own at the top of a file."""
    return {
        target.id: statement.value.value
        for path in SOURCE.rglob("*.py")
        for statement in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
        for target in statement.targets
        if isinstance(target, ast.Name) and isinstance(statement.value.value, str)
    }
