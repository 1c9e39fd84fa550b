"""The documents as tests read them: their text, the code in them, and what stands in their tables."""

import re
from collections.abc import Iterator
from pathlib import Path

from scripts.make_docs import BLOCK, rows_of

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DOCS = sorted((ROOT / "docs").glob("*.md"))
DECISIONS = sorted((ROOT / "docs" / "adr").glob("0*.md"))
FOR_USERS = (README, ROOT / "CHANGELOG.md", *DOCS)
ALL = (
    *FOR_USERS,
    ROOT / "GLOSSARY.md",
    ROOT / "docs" / "adr" / "README.md",
    ROOT / "docs" / "policies" / "workhirespot.md",
    *DECISIONS,
)

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_SPAN = re.compile(r"`([^`\n]+)`")


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def named(path: Path) -> str:
    """A document's path from the root, for the names of tests."""
    return str(path.relative_to(ROOT))


def fences(path: Path, language: str) -> list[str]:
    """The blocks of code of one language; the language "" is that of blocks that name none."""
    return [found[2] for found in _FENCE.finditer(text_of(path)) if found[1] == language]


def spans(path: Path) -> list[str]:
    """Code within sentences and tables."""
    return _SPAN.findall(_FENCE.sub("", text_of(path)).replace("\\|", "|"))


def table(name: str) -> list[list[str]]:
    """The rows of a made table, wherever it stands."""
    found = [
        match["table"] for path in ALL for match in BLOCK.finditer(text_of(path)) if match["name"] == name
    ]
    assert len(found) == 1, f"the table `{name}` stands in {len(found)} places"
    return list(rows_of(found[0]))


def table_after(path: Path, header: str) -> Iterator[list[str]]:
    """The rows of the table that begins with this line of headers."""
    lines = text_of(path).splitlines()
    start = lines.index(header)
    end = next((n for n in range(start, len(lines)) if not lines[n].startswith("|")), len(lines))
    yield from rows_of("\n".join(lines[start:end]))
