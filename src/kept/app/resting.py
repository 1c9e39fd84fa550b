"""Rest: a process that has loaded an engine and has nothing more to do begins anew as itself.

What an engine took from the machine comes back only when its process ends. So the process replaces its own image
(execve(2)): number, parent, command and whatever it hands on stay; the engine, and the memory it filled, are gone.
"""

import os
import sys
from collections.abc import Sequence
from typing import NoReturn, TypeVar

import msgspec

ENGINES = ("duckdb", "deltalake", "ibis")
CARRIED = "KEPT_CARRIED"
"""In the environment of the image that follows: the handle of a memory file with what was handed on."""

Kind = TypeVar("Kind")


def is_laden() -> bool:
    """Whether an engine was ever loaded here."""
    return any(name in sys.modules for name in ENGINES)


def begin_anew(carried: msgspec.Struct, handles: Sequence[int] = ()) -> NoReturn:
    """Replace this process's image by a fresh one of the same command. Every other thread must have ended.

    What is carried passes through a file that has no name and lies in memory alone; `handles` stay open.
    """
    memory = os.memfd_create("kept")
    os.write(memory, msgspec.json.encode(carried))
    os.lseek(memory, 0, os.SEEK_SET)
    for handle in (memory, *handles):
        os.set_inheritable(handle, True)
    os.environ[CARRIED] = str(memory)
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  this very command


def carried_over(kind: type[Kind]) -> Kind | None:
    """What the image before this one handed on; None at a first start. Can be asked once."""
    handle = os.environ.pop(CARRIED, None)
    if handle is None:
        return None
    with os.fdopen(int(handle), "rb") as memory:
        return msgspec.json.decode(memory.read(), type=kind)
