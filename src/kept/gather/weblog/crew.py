"""Several processes that take the chunks of a long log; what became of them comes back in order.

They start once a log has shown that it is long, one for each processor: new Python processes and no forks, which
would carry the keys and connections of this one along. Each is told the brief and then one chunk at a time, over its
standard input and output; where it comes to a day that it does not know, it asks for that day's key. It ends when this
process is gone. Run as `python -I -m kept.gather.weblog.crew`.
"""

import gc
import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, BinaryIO, cast

from kept.base.errors import NoRoom
from kept.gather.minimise import Hiding
from kept.gather.minimise.known import Lent
from kept.gather.weblog.chunks import Chunk
from kept.gather.weblog.taking import Brief, DayKey, Taken, Taking

ALONE = 32
"""Chunks that are taken without help: to start a process costs as much as to take a few of them."""
MOST = 4
"""More processes would wait for the one that writes."""


class Crew:
    """Those who take chunks under one brief: this process, and others beside it where there is enough to do.

    Helpers are told of known identifiers what this process holds itself: their digests, and the key to them. They end
    with the chunks then, so that whoever is forgotten is not remembered there.
    """

    def __init__(self, brief: Brief, day_key: DayKey, hiding: Hiding) -> None:
        self._brief, self._day_key, self._hiding = brief, day_key, hiding
        self._taking = Taking(brief, day_key, hiding)
        self._alone = 0
        self._helpers: list[_Helper] = []
        self._idle: SimpleQueue[_Helper] = SimpleQueue()
        self._threads: ThreadPoolExecutor | None = None

    def take(self, chunks: Iterable[Chunk]) -> Iterator[Taken]:
        """What becomes of each of them, in their order. Raises `NoRoom` where a helper was ended from outside."""
        waiting = deque[Future[Taken]]()
        for chunk in chunks:
            if self._alone < ALONE or _processors() == 1:
                yield self.take_alone(chunk)
            else:
                waiting.append(self._with_help().submit(self._hand, chunk))
            if len(waiting) > 2 * len(self._helpers):
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
        if self._hiding:
            self.close()

    def take_alone(self, chunk: Chunk) -> Taken:
        """What becomes of it, without help."""
        self._alone += 1
        return self._taking.take(chunk)

    def close(self) -> None:
        """Let the helpers go."""
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)
        for helper in self._helpers:
            helper.close()
        self._helpers, self._idle, self._threads = [], SimpleQueue(), None

    def _with_help(self) -> ThreadPoolExecutor:
        if self._threads is None:
            self._helpers = [_Helper(self._brief, self._day_key, self._hiding) for _ in range(_processors())]
            for helper in self._helpers:
                self._idle.put(helper)
            self._threads = ThreadPoolExecutor(len(self._helpers), thread_name_prefix="log")
        return self._threads

    def _hand(self, chunk: Chunk) -> Taken:
        helper = self._idle.get()
        try:
            return helper.take(chunk)
        finally:
            self._idle.put(helper)


class _Helper:
    """Another process, which takes one chunk at a time."""

    def __init__(self, brief: Brief, day_key: DayKey, hiding: Hiding) -> None:
        self._day_key, self._hiding, self._told = day_key, hiding, 0
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-m", "kept.gather.weblog.crew"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},  # nothing of ours: settings and secrets stay here
            start_new_session=True,  # Ctrl-C is for the one that writes
        )
        self._pipes = _Pipes(cast(BinaryIO, self._process.stdout), cast(BinaryIO, self._process.stdin))
        self._untold: Brief | None = brief

    def take(self, chunk: Chunk) -> Taken:
        """What becomes of the chunk."""
        try:
            if self._untold is not None:
                self._pipes.say(self._untold)
                self._untold = None
            if (known := self._hiding.copy()).version != self._told:
                self._pipes.say(known)
                self._told = known.version
            self._pipes.say(chunk)
            while isinstance(heard := self._pipes.hear(), int):
                self._pipes.say(self._day_key(heard))
        except (OSError, EOFError) as error:
            raise NoRoom(
                "a process that helped with the log has ended",
                where="kept import log",
                why="The system ended it, as it does where memory runs out.",
                next_step="Import the log again: what was taken already is known.",
            ) from error
        return cast(Taken, heard)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.wait()
        self._pipes.close()


class _Pipes:
    """Objects over two pipes, between processes of one program."""

    def __init__(self, source: BinaryIO, sink: BinaryIO) -> None:
        self._source, self._sink = source, sink

    def say(self, what: object) -> None:
        """Raises `OSError` when the other side is gone."""
        pickle.dump(what, self._sink, pickle.HIGHEST_PROTOCOL)
        self._sink.flush()

    def hear(self) -> Any:
        """Raises `EOFError` when the other side is gone."""
        return pickle.load(self._source)  # noqa: S301  what this program itself has written

    def close(self) -> None:
        """Let go of both."""
        self._source.close()
        with suppress(OSError):  # what was not sent
            self._sink.close()


def _processors() -> int:
    return min(os.cpu_count() or 1, MOST)


def main() -> None:
    """Take chunks until the other side is gone."""
    pipes = _Pipes(sys.stdin.buffer, sys.stdout.buffer)

    def day_key(day: int) -> bytes:
        pipes.say(day)
        return cast(bytes, pipes.hear())

    gc.disable()  # nothing here is in a circle, and what is remembered is much to look through
    with suppress(OSError, EOFError):
        known = Lent()
        taking = Taking(pipes.hear(), day_key, Hiding(known))
        while True:
            heard = pipes.hear()
            if isinstance(heard, Chunk):
                pipes.say(taking.take(heard))
            else:
                known.now = heard
    os._exit(0)


if __name__ == "__main__":
    main()
