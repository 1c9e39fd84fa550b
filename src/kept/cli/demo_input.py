"""What a demo starts with: a real server log and real job views, or invented traffic where none are at hand."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from kept.app.processes import Processes

LOOK_SECONDS = 0.2
PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Input:
    """One thing to bring in: how, and how to tell what came of it from what the command printed."""

    name: str
    says: str
    command: tuple[str, ...]
    told: Callable[[str], str]


@dataclass
class Filling:
    """Brings the input in, one after another, in a thread beside the installation.

    `say_begun` is called once all `ports` answer, `say_done` once something came in. `marks` is a file that
    remembers what did: times are moved by whole weeks, so a list brought in again in another week would count
    twice.
    """

    processes: Processes
    checkout: Path
    marks: Path
    ports: Sequence[int]
    say_begun: Callable[[], None]
    say_done: Callable[[], None]
    threads: list[threading.Thread] = field(default_factory=list)

    def start(self, *, nothing: bool) -> None:
        """Begin. With `nothing`, only say where everything is."""
        thread = threading.Thread(target=self._run, args=(nothing,), name="input")
        self.threads.append(thread)
        thread.start()

    def join(self) -> None:
        """Wait until it has ended, which it does soon after the processes are told to stop."""
        for thread in self.threads:
            thread.join()

    def _run(self, nothing: bool) -> None:
        if not self._begun():
            return
        self.say_begun()
        known = [] if nothing else inputs_of(self.checkout)
        missing = [each for each in known if each.name not in self._marked()]
        came = [self._bring(each) for each in missing if not self.processes.stopping]
        if came and all(came) and not self.processes.stopping:
            self.say_done()

    def _begun(self) -> bool:
        """Whether all ports answer within the time that a start may take."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.processes.stopping and time.monotonic() < end:
            if all(_answers(port) for port in self.ports):
                return True
            time.sleep(LOOK_SECONDS)
        if not self.processes.stopping:
            click.echo("Not all of it answers yet, so nothing is brought in. Start again.", err=True)
        return False

    def _bring(self, given: Input) -> bool:
        click.echo(f"Bringing in {given.says} …")
        code, printed = self._end_of(given.command)
        if self.processes.stopping:
            return False
        if code != 0:
            click.echo(f"{printed.strip()}\nNot brought in. The next start tries again.", err=True)
            return False
        click.echo(f"  {given.told(printed)}")
        with self.marks.open("a") as marks:
            marks.write(f"{given.name}\n")
        return True

    def _end_of(self, command: tuple[str, ...]) -> tuple[int, str]:
        """Run a command to its end, or to the end of the demo."""
        # A session of its own: Ctrl-C in the terminal reaches the demo alone, which stops its children.
        child = subprocess.Popen(  # noqa: S603  our own commands
            command,
            cwd=self.checkout,
            env={**os.environ, **self.processes.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        while True:
            try:
                printed, _ = child.communicate(timeout=LOOK_SECONDS)
            except subprocess.TimeoutExpired:
                if self.processes.stopping:
                    child.terminate()
            else:
                return child.returncode, printed

    def _marked(self) -> list[str]:
        return self.marks.read_text().split() if self.marks.exists() else []


def inputs_of(checkout: Path) -> list[Input]:
    """The real input that lies beside the checkout; invented traffic where there is none."""
    found = list(_real(checkout.parent / "shared" / "data"))
    traffic = (sys.executable, "-m", "examples.traffic")
    return found or [
        Input("traffic", "invented traffic, since no real input lies in ../shared/data", traffic, _last_line)
    ]


def _real(folder: Path) -> Iterator[Input]:
    log, views = folder / "apache_access.log", folder / "job_views.csv"
    if log.exists():
        command = ("-m", "kept.cli", "import", "log", "--json", "--shift-to", "today", str(log))
        yield Input(
            "log", f"the server log {log.name}, moved so that it ends this week", _python(command), _of_log
        )
    if views.exists():
        sent = ("-m", "examples.job_views", "--file", str(views), "--residence", "US")
        yield Input("views", f"{views.name}, moved so that it ends this week", _python(sent), _last_line)


def _python(arguments: tuple[str, ...]) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def _of_log(printed: str) -> str:
    report = json.loads(printed)
    refused = sum(report["refused"].values())
    return (
        f"{report['lines']:,} lines: {report['kept']:,} page views kept, {refused:,} lines refused "
        f"(images, feeds, errors …), {report['malformed']:,} malformed"
    )


def _last_line(printed: str) -> str:
    lines = [line for line in printed.splitlines() if line.startswith(("sent", "events accepted"))]
    return lines[-1] if lines else printed.strip()


def _answers(port: int) -> bool:
    with socket.socket() as trying:
        trying.settimeout(1)
        return trying.connect_ex(("127.0.0.1", port)) == 0
