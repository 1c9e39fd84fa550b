"""House rules that no linter knows. Each prints what is wrong, where, and what next.

- Every enforcement point (a line `# enforces: NAME`) has a mutant `tests/mutants/NAME.patch`, and back.
- Every room that keeps personal data (a `store.py` with a subject column, or the events) has a Holding.
- Every route declares its authority.
- Every setting, command and fact of the ledger is described.
"""

import ast
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "kept"
MUTANTS = ROOT / "tests" / "mutants"
ENFORCES = re.compile(r"#\s*enforces: ([a-z0-9-]+)")
# These keep pseudonyms as evidence or mechanism, never data about a person: tombstones and the ledger.
EVIDENCE = {"ledger", "rights", "gate"}


def enforcement_points() -> dict[str, str]:
    """Name -> file:line of each enforcement point."""
    found: dict[str, str] = {}
    for path in sorted(SOURCE.rglob("*.py")):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            for name in ENFORCES.findall(line):
                found[name] = f"{path.relative_to(ROOT)}:{number}"
    return found


def check_mutants() -> list[str]:
    """Enforcement points and mutants match one to one."""
    points = enforcement_points()
    mutants = {path.stem for path in MUTANTS.glob("*.patch")}
    missing = [f"{points[name]}: no mutant tests/mutants/{name}.patch" for name in points.keys() - mutants]
    idle = [
        f"tests/mutants/{name}.patch: no line says `enforces: {name}`" for name in mutants - points.keys()
    ]
    return sorted(missing + idle)


def check_holdings() -> list[str]:
    """A room with a table that names subjects offers a Holding."""
    wrong = []
    for store in sorted(SOURCE.glob("*/store.py")):
        room = store.parent.name
        if room not in EVIDENCE and '"subject"' in store.read_text() and not _has_holding(store.parent):
            wrong.append(f"{store.relative_to(ROOT)}: keeps rows about people, but the room has no Holding")
    return wrong


def _has_holding(room: Path) -> bool:
    return any(
        "def remains(" in path.read_text() and "def erase(" in path.read_text() for path in room.rglob("*.py")
    )


def check_rooms_speak() -> list[str]:
    """Each room's `__init__.py` opens with what it promises."""
    return [
        f"{path.relative_to(ROOT)}: the room says nothing of what it promises"
        for path in sorted(SOURCE.glob("*/__init__.py"))
        if not ast.get_docstring(ast.parse(path.read_text()))
    ]


def main() -> int:
    """Run every rule; the exit code says whether all hold."""
    wrong = [*check_mutants(), *check_holdings(), *check_rooms_speak()]
    for line in wrong:
        print(line)
    print(f"house rules: {len(enforcement_points())} enforcement points, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
