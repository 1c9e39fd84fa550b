"""Whoever meets an error reads four things: what, where, why, and what to do next. Every place that makes one
says them all; this walks the source, so that a new one cannot forget."""

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import kept
from kept.base.errors import KeptError

SOURCE = Path(kept.__file__).parent
SAID = ("where", "why", "next_step")
ALONE = "kept.cli.__main__"  # runs when it is imported


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(kept.__path__, "kept."):
        if found.name != ALONE:
            yield importlib.import_module(found.name)


MODULES = list(modules())


def kind_of(called: ast.expr, module: ModuleType) -> type[KeptError] | None:
    """The kind of error that is called or raised by this name, if it is one."""
    name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
    holder = module if isinstance(called, ast.Name) else vars(module).get(ast.unparse(called).split(".")[0])
    found = getattr(holder, name, None)
    return found if inspect.isclass(found) and issubclass(found, KeptError) else None


def speaks_not(kind: type[KeptError] | None) -> bool:
    """Whether a kind of error needs to be told its words; others make their own, and are looked at where they do."""
    return kind is not None and kind.__init__ is KeptError.__init__


def faults(tree: ast.AST, module: ModuleType) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Raise(exc=ast.expr() as raised) if speaks_not(kind_of(raised, module)):
                yield f"{node.lineno}: raised without a word"
            case ast.ClassDef() if kind_of(ast.Name(node.name), module) not in (None, KeptError):
                yield from (fault for call in own_words(node) for fault in missing(call))
            case ast.Call() if speaks_not(kind_of(node.func, module)):
                yield from missing(node)


def own_words(kind: ast.ClassDef) -> Iterator[ast.Call]:
    """Calls of `super().__init__` in a kind of error."""
    for node in ast.walk(kind):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__":
            yield node


def missing(call: ast.Call) -> Iterator[str]:
    given = {str(each.arg): each.value for each in call.keywords}
    absent = [name for name in SAID if name not in given]
    empty = [
        name
        for name, value in given.items()
        if isinstance(value, ast.Constant) and not str(value.value).strip()
    ]
    if not call.args or absent or empty:
        yield f"{call.lineno}: {ast.unparse(call)[:70]} does not say {', '.join(absent + empty) or 'what'}"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_every_error_says_what_where_why_and_what_next(module: ModuleType) -> None:
    assert list(faults(ast.parse(inspect.getsource(module) or "pass"), module)) == []


def test_every_file_of_the_source_is_looked_at() -> None:
    looked_at = {Path(str(module.__file__)) for module in MODULES}
    assert set(SOURCE.rglob("*.py")) - looked_at == {
        SOURCE / "__init__.py",
        SOURCE / "cli" / "__main__.py",
    }


@pytest.mark.parametrize(
    "source",
    [
        'raise BadInput("what")',
        'raise BadInput("what", where="here", why="so")',
        'raise BadInput("what", where="", why="so", next_step="do")',
        'raise BadInput(where="here", why="so", next_step="do")',
        "raise BadInput",
        'raise errors.Damaged("what", why="so", next_step="do")',
        "class Odd(BadInput):\n def __init__(self): super().__init__('what', where='here', why='so')",
    ],
)
def test_this_test_finds_what_it_looks_for(source: str) -> None:
    from kept.base import errors

    sample = ModuleType("sample")
    vars(sample).update(BadInput=errors.BadInput, errors=errors)
    exec(source.replace("raise ", "made = ") if source.startswith("class") else "pass", vars(sample))
    assert len(list(faults(ast.parse(source), sample))) == 1
