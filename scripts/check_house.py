"""House rules that no linter knows. Each prints what is wrong, where, and what next.

- Every enforcement point (a line `# enforces: NAME`) has a mutant `tests/mutants/NAME.patch`, and back.
- Every room that keeps personal data (a `store.py` with a subject column, or the events) has a Holding.
- Every route declares its authority.
- Every setting, command and fact of the ledger is described.
- A patch in `tests/mutants` names a promise, and says why it would be broken.
"""

import ast
import inspect
import re
import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from typing import Any

import click

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


def check_patches() -> list[str]:
    """Each patch says which promise it breaks, one that `kept prove` has a check for, and why."""
    from kept.prove.running import CHECKS

    wrong = []
    for path in sorted(MUTANTS.glob("*.patch")):
        first, second = (*path.read_text().splitlines(), "", "")[:2]
        if first.removeprefix("# breaks: ") not in CHECKS or not re.match(r"# [A-Z*].+\.$", second):
            wrong.append(
                f"{path.relative_to(ROOT)}: it must begin with `# breaks: PROMISE` and a sentence why"
            )
    return wrong


def check_authorities() -> list[str]:
    """Each route of the centre and the console was built by `route`, and somebody guards its authority."""
    from kept.web.authority import undeclared
    from kept.web.centre import centre_app
    from kept.web.console import console_app

    nobody: Any = None  # routes are looked at, and none is called
    apps = {"centre": centre_app(nobody), "console": console_app(nobody)}
    return [
        f"src/kept/web/{name}.py: {path} has no authority that is guarded"
        for name, app in apps.items()
        for path in undeclared(app)
    ]


def check_facts() -> list[str]:
    """Each kind of fact says what it means, in words of its own."""
    from kept.ledger import facts

    inherited = inspect.getdoc(facts.Fact)
    return [
        f"src/kept/ledger/facts.py: {facts.name_of(kind)} is not described"
        for kind in facts.ALL
        if not kind.__doc__ or inspect.getdoc(kind) == inherited
    ]


def check_settings() -> list[str]:
    """Each setting stands in the document on running Kept, under the name that the environment gives it."""
    from kept.base.settings import Settings

    path = ROOT / "docs" / "running.md"
    text = path.read_text() if path.exists() else ""
    names = [f"KEPT_{field.name.upper()}" for field in fields(Settings)]
    return [
        f"docs/running.md: says nothing of {name}" for name in names if path.exists() and name not in text
    ]


def check_commands() -> list[str]:
    """Each command, and each of its own, says what it does."""
    from kept.cli import COMMANDS

    wrong = []
    for name, place in COMMANDS.items():
        module, _, attribute = place.partition(":")
        if (SOURCE.parent / Path(*module.split("."))).with_suffix(".py").exists():
            wrong += _silent(name, getattr(import_module(module), attribute))
        else:
            wrong.append(f"src/kept/cli/__init__.py: `kept {name}` is in {module}, which is not there")
    return wrong


def _silent(name: str, command: click.Command) -> list[str]:
    wrong = [] if command.help else [f"`kept {name}` does not say what it does"]
    below = command.commands if isinstance(command, click.Group) else {}
    return wrong + [line for each, under in below.items() for line in _silent(f"{name} {each}", under)]


def main() -> int:
    """Run every rule; the exit code says whether all hold."""
    checks = (
        check_mutants,
        check_patches,
        check_holdings,
        check_rooms_speak,
        check_authorities,
        check_facts,
        check_settings,
        check_commands,
    )
    wrong = [line for check in checks for line in check()]
    for line in wrong:
        print(line)
    print(f"house rules: {len(enforcement_points())} enforcement points, {len(wrong)} faults")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
