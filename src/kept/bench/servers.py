"""The two servers that are measured, each on the same cores: nginx as the floor, and the public process."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields
from importlib.resources import files
from pathlib import Path
from string import Template

from kept.app.vitals import vitals_of
from kept.base.errors import BadInput, InUse
from kept.base.settings import Settings

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Served:
    """A server that answers on loopback. `pids` are the processes that do the work."""

    pids: Sequence[int]
    port: int

    def cpu_seconds(self) -> float:
        """CPU that the processes have spent so far, in user and kernel (proc(5), fields 14 and 15)."""
        spent = 0
        for pid in self.pids:
            told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            spent += int(told[11]) + int(told[12])
        return spent / os.sysconf("SC_CLK_TCK")


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


def on_cores(cores: Sequence[int], command: list[str]) -> list[str]:
    """The command, pinned: this interpreter takes the cores and then becomes the program."""
    pin = "import os, sys; os.sched_setaffinity(0, map(int, sys.argv[1].split())); os.execv(sys.argv[2], sys.argv[2:])"
    return [sys.executable, "-c", pin, " ".join(map(str, cores)), *command]


def free_port() -> int:
    """A port of loopback that nobody listens on at this moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def nginx(program: str, folder: Path, cores: Sequence[int]) -> Iterator[Served]:
    """nginx with one worker on each of `cores`, answering 204 to everything."""
    port, config = free_port(), folder / "nginx.conf"
    text = (files("kept.bench") / "nginx.conf.template").read_text()
    text = Template(text).substitute(
        port=port, folder=folder, workers=len(cores), affinity=" ".join(f"{1 << core:b}" for core in cores)
    )
    config.write_text(text)
    with process(on_cores(cores, [program, "-c", str(config), "-p", str(folder)]), {}) as main:
        wait_for_port(main, port)
        yield Served(_workers_of(main, len(cores)), port)


@contextmanager
def collectors(settings: Settings, cores: Sequence[int]) -> Iterator[Served]:
    """The collectors of an installation, as `kept up` starts them, one on each of `cores`. At the end they stop in
    order."""
    with ExitStack() as running:
        pids = []
        for number, core in enumerate(cores, 1):
            words = [sys.executable, "-m", "kept.cli", "run", "public", "--number", str(number)]
            one = running.enter_context(process(on_cores([core], words), as_variables(settings)))
            wait_until_it_speaks(one, settings.data)
            pids.append(one.pid)
        yield Served(pids, settings.public_port)


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


def _workers_of(main: subprocess.Popen[bytes], count: int) -> list[int]:
    """The children, once they have been forked: the port is open before that."""
    children = Path(f"/proc/{main.pid}/task/{main.pid}/children")
    while len(found := children.read_text().split()) < count:
        time.sleep(0.01)
    return [int(pid) for pid in found]


def wait_for_port(started: subprocess.Popen[bytes], port: int) -> None:
    """Until something listens there. Raises `InUse` where the process ends before, or takes too long."""

    def listens() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            return False
        return True

    _wait(started, listens)


def wait_until_it_speaks(started: subprocess.Popen[bytes], data: Path) -> None:
    """Until a collector takes connections: one of several shares its port with those that do already."""
    _wait(started, lambda: any(vital.pid == started.pid for vital in vitals_of(data)))


def _wait(started: subprocess.Popen[bytes], ready: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end and started.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    raise InUse(
        "A server did not start.",
        where=str(started.args),
        next_step="Look at what it said above.",
        why="It ended, or its port did not open in time.",
    )


def _text(value: object) -> str:
    return ",".join(value) if isinstance(value, tuple) else str(value)
