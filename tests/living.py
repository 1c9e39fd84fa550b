"""A living installation for tests: `kept up` in processes of its own, on free ports."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

from tests import postgresql

WORKHIRESPOT = Path(__file__).parents[1] / "policies" / "workhirespot.yaml"
GERMAN, AMERICAN = "84.128.0.1", "128.103.0.1"


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Browser:
    """Someone at a browser without script: an address, cookies, perhaps the privacy signal."""

    living: "Living"
    address: str = GERMAN
    signal: bool = False
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """One request to the public interface; remembers cookies as a browser does."""
        headers = {
            "X-Forwarded-For": self.address,
            "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        }
        if self.signal:
            headers["Sec-GPC"] = "1"
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = None if body is None else json.dumps(body).encode()
        if sent is not None:
            headers["Content-Type"] = "application/json"
        connection = HTTPConnection("127.0.0.1", self.living.public_port, timeout=30)
        try:
            connection.request(method, path, sent, headers)
            reply = connection.getresponse()
            self._remember(reply)
            return reply.status, reply.read()
        finally:
            connection.close()

    def answer(self, **answers: bool) -> None:
        """Answer the question, by group or purpose."""
        told = {"key": self.living.write_key, "answers": answers, "how": "dialog"}
        status, said = self.ask("POST", "/v1/choices", told)
        assert status == 200, said

    def send(self, *events: Mapping[str, Any]) -> dict[str, Any]:
        """Send events as the script does; the reply."""
        status, said = self.ask("POST", "/v1/events", {"key": self.living.write_key, "events": list(events)})
        assert status == 200, said
        found: dict[str, Any] = json.loads(said)
        return found

    @property
    def visitor(self) -> str:
        """The visitor's id in the cookie."""
        return self.cookies["kept_visit"]

    def _remember(self, reply: HTTPResponse) -> None:
        for line in reply.headers.get_all("set-cookie", []):
            for name, cookie in SimpleCookie(line).items():
                if cookie["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = cookie.value


@dataclass
class Living:
    """An installation: its folder, its ports, its processes."""

    folder: Path
    public_port: int = field(default_factory=free_port)
    console_port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None
    more: Mapping[str, str] = field(default_factory=dict)
    """Further settings."""

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @property
    def policy(self) -> Path:
        """The policy file."""
        return self.folder / "policy.yaml"

    @property
    def environment(self) -> dict[str, str]:
        """What its commands need in the environment."""
        return {
            **os.environ,
            "KEPT_DATA": str(self.data),
            "KEPT_MASTER_KEY": str(self.folder / "master.key"),
            "KEPT_POLICY": str(self.policy),
            "KEPT_PUBLIC_PORT": str(self.public_port),
            "KEPT_CONSOLE_PORT": str(self.console_port),
            "KEPT_FLUSH_SECONDS": "0.1",
            "KEPT_RECORDS": postgresql.instead_of(self.data / "records.db"),
            **self.more,
        }

    @property
    def out(self) -> str:
        """Everything it has printed so far."""
        return (self.folder / "out").read_text()

    @property
    def write_key(self) -> str:
        """The key for pages, as printed."""
        return self._printed(r"wk_[\w-]+")

    @property
    def owner_token(self) -> str:
        """The owner token, as printed at the first start."""
        return self._printed(r"ot_[\w-]+")

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run a command of Kept on this installation; what it printed."""
        ended = subprocess.run(
            [sys.executable, "-m", "kept.cli", *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert ended.returncode == code, f"{ended.returncode}: {ended.stdout}\n{ended.stderr}"
        return ended.stdout + ended.stderr

    def start(self) -> None:
        """Start, and wait until both interfaces answer."""
        if not self.policy.exists():
            self.policy.write_text(WORKHIRESPOT.read_text())
        with (self.folder / "out").open("a") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "kept.cli", "up"],
                env=self.environment,
                stdout=out,
                stderr=subprocess.STDOUT,
                text=True,
            )
        wait_until(lambda: answers(self.public_port) and answers(self.console_port), "it answers")

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Stop; the exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(30)

    def children(self) -> dict[str, int]:
        """The process ids of the parts, by name."""
        assert self.process is not None
        found = {}
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = int(stat.read_text().rpartition(")")[2].split()[1])
                command = (stat.parent / "cmdline").read_bytes().split(b"\0")
            except (OSError, IndexError):
                continue
            if parent == self.process.pid and b"run" in command:
                found[command[command.index(b"run") + 1].decode()] = int(stat.parent.name)
        return found

    @property
    def secret_key(self) -> str:
        """The key for servers."""
        return self.run("keys", "show", "--secret").split()[-1]

    def browser(self, address: str = GERMAN, *, signal: bool = False) -> Browser:
        """Someone new."""
        return Browser(self, address, signal)

    def _printed(self, pattern: str) -> str:
        found = re.search(pattern, self.out)
        assert found is not None, self.out
        return found[0]


def answers(port: int) -> bool:
    """Whether someone listens on a port."""
    with socket.socket() as trying:
        return trying.connect_ex(("127.0.0.1", port)) == 0


def wait_until(true: Callable[[], object], what: str, seconds: float = 30.0) -> None:
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"waited {seconds} s in vain: {what}"
        time.sleep(0.05)


@contextmanager
def living(folder: Path, **more: str) -> Iterator[Living]:
    """An installation that has started, under further settings; stopped at the end."""
    found = Living(folder, more=more)
    try:
        found.start()
        yield found
    finally:
        if found.process is not None and found.process.poll() is None:
            found.process.terminate()
            try:
                found.process.wait(30)
            except subprocess.TimeoutExpired:
                found.process.kill()
                found.process.wait()
