"""Asking a query worker: a process that starts on demand, is killed at its deadline, and exits when idle.

It is a new Python process, not a fork: a fork would carry the keys and connections of this one along.
"""

import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Self

from kept.base.children import end
from kept.storage import query_words as words
from kept.storage.query_words import (
    Answer,
    Ask,
    Bounds,
    Given,
    Limits,
    Look,
    Looked,
    No,
    Open,
    Ready,
    Refused,
    Rows,
    Value,
)

HEAD = 4
OPEN_SECONDS = 60.0
GRACE_SECONDS = 2.0
"""The engine breaks a statement off at the deadline; a worker that does not even do that is killed."""

__all__ = [
    "Answer",
    "Bounds",
    "Given",
    "Limits",
    "No",
    "Open",
    "QueryWorker",
    "Ready",
    "Refused",
    "Rows",
    "Value",
]


class QueryWorker:
    """One process for one purpose. Safe to use from several threads, which wait for each other."""

    code: ClassVar = ("-m", "kept.storage.query_worker")

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._limits = Limits()
        self._turn = threading.Lock()

    def open(self, told: Open) -> Ready | Refused:
        """Start if need be, and get ready for statements on these views."""
        with self._turn:
            self._limits = told.limits
            self._start()
            answer = self._exchange(told, OPEN_SECONDS)
            return answer if isinstance(answer, Refused) else Ready()

    def look(self, files: list[str]) -> dict[str, Bounds] | Refused:
        """What each of these files holds, at most and at least."""
        with self._turn:
            self._start()
            answer = self._exchange(Look(files), OPEN_SECONDS)
            if isinstance(answer, Looked):
                return answer.bounds
            return answer if isinstance(answer, Refused) else Refused(No.STOPPED)

    def ask(self, sql: str) -> Rows | Refused:
        """The rows of a statement. A worker that misses its deadline is killed; open it again."""
        with self._turn:
            answer = self._exchange(Ask(sql), self._limits.seconds + GRACE_SECONDS)
            return answer if isinstance(answer, Rows | Refused) else Refused(No.STOPPED)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process' number; 0 when there is none."""
        return self._process.pid if self._process is not None else 0

    @property
    def cpu_seconds(self) -> float:
        """CPU time that the process has used so far; 0 when there is none (proc(5), `stat`, fields 14 and 15)."""
        if not self.alive:
            return 0.0
        after_name = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        end(process)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        if self.alive:
            return
        self.close()
        self._process = subprocess.Popen(  # noqa: S603  our own program, with words of our own
            [sys.executable, "-I", *self.code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},  # nothing of ours: settings and secrets stay here
        )

    def _exchange(self, told: words.Told, seconds: float) -> Answer:
        """Say and hear. Whatever goes wrong on the way ends the process: its state is unknown then."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            return Refused(No.STOPPED)
        try:
            message = words.encode(told)
            deadline = time.monotonic() + seconds
            _write(process.stdin.fileno(), len(message).to_bytes(HEAD, "big") + message)
            size = int.from_bytes(_read(process.stdout.fileno(), HEAD, deadline), "big")
            answer: Answer = words.answered.decode(_read(process.stdout.fileno(), size, deadline))
            return answer
        except TimeoutError:
            self.close()
            return Refused(No.TOO_SLOW)
        except (OSError, EOFError):
            self.close()
            return Refused(No.STOPPED)


def _write(pipe: int, message: bytes) -> None:
    rest = memoryview(message)
    while rest:
        rest = rest[os.write(pipe, rest) :]


def _read(pipe: int, size: int, deadline: float) -> bytes:
    """Exactly so many bytes. Raises TimeoutError at the deadline, EOFError when the other side is gone."""
    parts: list[bytes] = []
    while size:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        part = os.read(pipe, min(size, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
