"""The processes of an installation: started, watched, restarted when they die, stopped in order."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
STEADY_SECONDS = 60.0
"""A process that ran this long before it died starts again at once; the wait doubles for one that did not."""
WATCHER = "KEPT_WATCHER"
"""In a child's environment: the process number of the one that watches over it."""


def collector_name(number: int) -> str:
    """What one of several collectors is called. The first is where people look for the public interface."""
    return "public" if number == 1 else f"public-{number}"


def watched() -> Callable[[], bool]:
    """Whether the process that started this one still lives, to be asked now and then.

    Its number comes from the environment: a watcher that died before this process could look would else be
    taken for whoever inherited us, and never be missed. Started by hand or a service manager, it is the parent.
    """
    watcher = int(os.environ.get(WATCHER, os.getppid()))
    return lambda: os.getppid() == watcher


@dataclass(slots=True)
class Process:
    """One child: how to start it, and how it has fared."""

    name: str
    command: Sequence[str]
    folder: Path | None = None
    handles: Sequence[int] = ()
    child: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    wait: float = FIRST_WAIT_SECONDS
    start_at: float = 0.0


@dataclass(slots=True)
class Processes:
    """Runs until told to stop. `say` takes lines for the person at the terminal."""

    say: Callable[[str], None]
    environment: Mapping[str, str]
    processes: list[Process] = field(default_factory=list)
    stopping: bool = False

    def add(self, name: str, *arguments: str, handles: Sequence[int] = ()) -> None:
        """A child that runs a command of Kept's own, and inherits these handles."""
        command = (sys.executable, "-m", "kept.cli", *arguments)
        self.processes.append(Process(name, command, handles=handles))

    def add_other(self, name: str, command: Sequence[str], folder: Path) -> None:
        """A child that runs any other command, in a folder."""
        self.processes.append(Process(name, command, folder))

    def start(self) -> None:
        """Start all of them."""
        for process in self.processes:
            self._start(process)

    def watch(self) -> None:
        """Look once: start again what died, after a wait that grows while it keeps dying."""
        now = time.monotonic()
        for process in self.processes:
            if process.child is not None and process.child.poll() is not None:
                self._bury(process, now)
            if process.child is None and now >= process.start_at and not self.stopping:
                self._start(process)

    def stop(self, patience_seconds: float = 15.0) -> None:
        """Ask each child to finish, the last started first; kill what has not after `patience_seconds`."""
        self.stopping = True
        living = [process.child for process in reversed(self.processes) if process.child is not None]
        for child in living:
            child.send_signal(signal.SIGTERM)
        end = time.monotonic() + patience_seconds
        for child in living:
            try:
                child.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _start(self, process: Process) -> None:
        # A session of its own: Ctrl-C reaches us alone, and we stop the children in order.
        process.child = subprocess.Popen(  # noqa: S603  the command is ours
            process.command,
            cwd=process.folder,
            env={**os.environ, **self.environment, WATCHER: str(os.getpid())},
            start_new_session=True,
            pass_fds=process.handles,
        )
        process.started = time.monotonic()

    def _bury(self, process: Process, now: float) -> None:
        code = process.child.returncode if process.child is not None else 0
        process.wait = FIRST_WAIT_SECONDS if now - process.started > STEADY_SECONDS else process.wait * 2
        process.wait = min(process.wait, LONGEST_WAIT_SECONDS)
        process.child, process.start_at = None, now + process.wait
        self.say(f"{process.name} ended with code {code}; it starts again in {process.wait:.0f} s.")
