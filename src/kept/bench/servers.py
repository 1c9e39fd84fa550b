"""The two servers that are measured, each on the same core: nginx as the floor, and the public process."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from string import Template

from kept.base.errors import BadInput, InUse
from kept.base.settings import Settings

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers on loopback. `pid` is the process that does the work."""

    pid: int
    port: int

    def cpu_seconds(self) -> float:
        """CPU that the process has spent so far, in user and kernel (proc(5), fields 14 and 15)."""
        told = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


def find_tool(name: str, package: str) -> str:
    """The path of a program. Raises `BadInput` with the system package that brings it."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        raise BadInput(
            f"{name} is not installed",
            why="The figures are taken beside another program in the same run, or under its load.",
            next_step=f"Install the system package {package}: apt-get install {package}.",
            where="the programs of this machine",
        )
    return found


def on_core(core: int, command: list[str]) -> list[str]:
    """The command, pinned: this interpreter takes the core and then becomes the program."""
    pin = "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); os.execv(sys.argv[2], sys.argv[2:])"
    return [sys.executable, "-c", pin, str(core), *command]


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def nginx(program: str, folder: Path, core: int) -> Iterator[Served]:
    """nginx with one worker on `core`, answering 204 to everything."""
    port, config = free_port(), folder / "nginx.conf"
    text = (files("kept.bench") / "nginx.conf.template").read_text()
    config.write_text(Template(text).substitute(port=port, folder=folder, affinity=f"{1 << core:b}"))
    with process(on_core(core, [program, "-c", str(config), "-p", str(folder)]), {}) as main:
        wait_for_port(main, port)
        yield Served(_worker_of(main), port)


@contextmanager
def public(settings: Settings, core: int) -> Iterator[Served]:
    """The public process of an installation, as `kept up` starts it, on `core`. At the end it stops in order."""
    command = on_core(core, [sys.executable, "-m", "kept.cli", "run", "public"])
    with process(command, as_variables(settings)) as main:
        wait_for_port(main, settings.public_port)
        yield Served(main.pid, settings.public_port)


def as_variables(settings: Settings) -> dict[str, str]:
    """The settings as a process reads them from its environment."""
    return {f"KEPT_{field.name.upper()}": _text(getattr(settings, field.name)) for field in fields(settings)}


@contextmanager
def process(command: list[str], environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command of ours, running; at the end it stops in order."""
    started = subprocess.Popen(  # noqa: S603  a program found by its own name, with arguments of ours
        command, env={**os.environ, **environment}
    )
    try:
        yield started
    finally:
        started.send_signal(signal.SIGTERM)
        try:
            started.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            started.kill()
            started.wait()


def _worker_of(main: subprocess.Popen[bytes]) -> int:
    """The first child, once it has been forked: the port is open before that."""
    children = Path(f"/proc/{main.pid}/task/{main.pid}/children")
    while not (found := children.read_text().split()):
        time.sleep(0.01)
    return int(found[0])


def wait_for_port(started: subprocess.Popen[bytes], port: int) -> None:
    """Until something listens there. Raises `InUse` where the process ends before, or takes too long."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and started.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise InUse(
        "A server did not start.",
        where=str(started.args),
        next_step="Look at what it said above.",
        why="It ended, or its port did not open in time.",
    )


def _text(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
