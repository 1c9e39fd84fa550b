"""The ranking process as the public one sees it: started when it is asked, and not waited for when it is slow."""

import os
import select
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

import msgspec

from kept.app.ranking_words import NOT_NOW, RankAsked, RankTold
from kept.base.children import end
from kept.base.settings import Settings, as_environment

FIRST_SECONDS, SECONDS, WAIT_SECONDS = 20.0, 3.0, 1.0
"""For the first answer, in which a process starts and opens the lake; for the others; for one's turn."""
STUCK_SECONDS = 120.0
"""A process that owes an answer for so long is ended. Ended sooner, it would never come up on a busy machine."""


@dataclass
class RankingProcess:
    """One process for all rankings. Safe to use from several threads, which wait for each other, not for long."""

    settings: Settings
    _process: "subprocess.Popen[bytes] | None" = None
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _owes_since: float | None = None
    """When it was asked what nobody waits for any more: that answer comes first, and is nobody's."""
    _said: bytes = b""

    def ask(self, asked: RankAsked) -> RankTold:
        """The ranking; `NOT_NOW`, without a thing, when it cannot be had in time."""
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            return NOT_NOW
        try:
            return self._exchange(asked)
        except TimeoutError:
            if self._owes_since is not None and time.monotonic() - self._owes_since > STUCK_SECONDS:
                self._end()
            return NOT_NOW
        except (OSError, EOFError, msgspec.MsgspecError):
            self._end()
            return NOT_NOW
        finally:
            self._turn.release()

    def close(self) -> None:
        """End the process."""
        with self._turn:
            self._end()

    def _exchange(self, asked: RankAsked) -> RankTold:
        starts = self._process is None or self._process.poll() is not None
        process = self._start() if starts else self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise EOFError
        begun, pipe = time.monotonic(), process.stdout.fileno()
        late = begun + (FIRST_SECONDS if starts else SECONDS)
        if self._owes_since is not None:
            self._line(pipe, late)
        process.stdin.write(msgspec.json.encode(asked) + b"\n")
        process.stdin.flush()
        self._owes_since = begun
        return msgspec.json.decode(self._line(pipe, late), type=RankTold)

    def _start(self) -> "subprocess.Popen[bytes]":
        self._end()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kept.cli", "run", "ranking"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **as_environment(self.settings)},
        )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        self._owes_since, self._said = None, b""
        end(process)

    def _line(self, pipe: int, late: float) -> bytes:
        """The answer that is owed. Raises TimeoutError at the deadline, EOFError when the other side is gone."""
        while not self._said.endswith(b"\n"):
            if not select.select([pipe], [], [], max(0.0, late - time.monotonic()))[0]:
                raise TimeoutError
            part = os.read(pipe, 1 << 16)
            if not part:
                raise EOFError
            self._said += part
        said, self._said, self._owes_since = self._said, b"", None
        return said
