"""An installation watched from outside: how far a deletion is, by what stands on the disk, and who is alive."""

import ctypes
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.living import Living, wait_until

STAGES = ("hidden", "shredded", "rewritten", "verified", "done")
PR_SET_CHILD_SUBREAPER = 36


class Eyes:
    """Looks at one deletion, the newest, from before it begins. Reads the records through SQLite, read only."""

    def __init__(self, data: Path) -> None:
        self._data = data
        self._records: sqlite3.Connection | None = None
        self._known = {number for number, _ in self._all("select number, stage from deletion")}
        self._erased = len(self._erasures())
        self._log = self._entries()
        self._files = set(self._parquet())

    def stage(self) -> str | None:
        """The stage of the new deletion; None before it has begun."""
        found = self._all("select number, stage from deletion")
        new = [stage for number, stage in found if number not in self._known]
        return str(new[0]) if new else None

    def number(self) -> int | None:
        """Its number."""
        found = self._all("select number, stage from deletion")
        new = [number for number, _ in found if number not in self._known]
        return int(new[0]) if new else None

    def has_reached(self, stage: str) -> bool:
        """Whether the deletion has come to a stage, or beyond."""
        now = self.stage()
        return now is not None and STAGES.index(now) >= STAGES.index(stage)

    def in_hand(self) -> bool:
        """The committer has been told to drop the events."""
        return len(self._erasures()) > self._erased

    def rolled(self) -> bool:
        """The collector has begun a segment that knows of it."""
        seqs = [seq for seq, _ in self._erasures()]
        heads = [int(path.stem.split("-")[2]) for path in (self._data / "journal").glob("*.journal")]
        return self.in_hand() and max(heads, default=0) >= max(seqs)

    def worked_in(self) -> bool:
        """A version of the lake without the person is there; the old files still lie beside it."""
        new = self._entries() - self._log
        return any(b'"operation":"work in"' in self._read(path) for path in new)

    def vacuumed(self) -> bool:
        """The old files are gone."""
        return self.worked_in() and not self._files <= set(self._parquet())

    def proven(self) -> bool:
        """The committer has searched and found nothing."""
        return self.in_hand() and all(state == "done" for _, state in self._erasures())

    def close(self) -> None:
        """Look away: nothing of the installation stays open here until it is looked at again."""
        if self._records is not None:
            self._records.close()
        self._records = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _erasures(self) -> list[tuple[int, str]]:
        return self._all("select seq, state from erasure")

    def _all(self, query: str) -> list[tuple[int, str]]:
        if self._records is None:
            self._records = sqlite3.connect(f"file:{self._data}/records.db?mode=ro", uri=True, timeout=10)
        return self._records.execute(query).fetchall()

    def _entries(self) -> set[Path]:
        return set((self._data / "lake" / "_delta_log").glob("*.json"))

    def _parquet(self) -> Iterator[str]:
        return (path.name for path in (self._data / "lake").glob("*.parquet"))

    def _read(self, path: Path) -> bytes:
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""


MOMENTS: Mapping[str, Callable[[Eyes], bool]] = {
    "hidden": lambda eyes: eyes.has_reached("hidden"),
    "shredded": lambda eyes: eyes.has_reached("shredded"),
    "in hand": Eyes.in_hand,
    "rolled": Eyes.rolled,
    "worked in": Eyes.worked_in,
    "vacuumed": Eyes.vacuumed,
    "proven": Eyes.proven,
    "rewritten": lambda eyes: eyes.has_reached("rewritten"),
    "verified": lambda eyes: eyes.has_reached("verified"),
    "done": lambda eyes: eyes.has_reached("done"),
}
"""The steps of a deletion, in order, as they show from outside."""


def watch_for(moment: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for a moment that may be over in a millisecond."""
    end = time.monotonic() + seconds
    while not moment():
        assert time.monotonic() < end, "the moment never came"
        time.sleep(0.0003)


# ---- who is alive


def descendants(root: int) -> dict[int, str]:
    """The living processes below one, by number, with their command lines. The dead of our own are buried."""
    parents, commands = {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
            command = (stat.parent / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, IndexError):
            continue
        number = int(stat.parent.name)
        if fields[0] != "Z":
            parents[number], commands[number] = int(fields[1]), command
    found, row = {}, [root]
    while row:
        row = [number for number, parent in parents.items() if parent in row]
        found.update({number: commands[number] for number in row})
    return found


@contextmanager
def none_left(patience_seconds: float = 10.0) -> Iterator[None]:
    """Whatever is started inside has ended at the end, orphans included: they become ours (prctl(2))."""
    before = set(descendants(os.getpid()))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0
    try:
        yield
        wait_until(
            lambda: not set(descendants(os.getpid())) - before,
            "every process has ended",
            patience_seconds,
        )
    finally:
        left = {n: what for n, what in descendants(os.getpid()).items() if n not in before}
        for number in left:
            kill(number)
        libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        _bury()
        assert not left, f"still alive: {left}"


def kill(number: int, how: signal.Signals = signal.SIGKILL) -> None:
    """Send a signal to a process that may have ended."""
    with suppress(ProcessLookupError):
        os.kill(number, how)


def freeze(house: Living, part: str) -> int:
    """Stop a part where it stands, though not while it reads or writes a database; its process number.

    Whoever asks for deletion meanwhile would else wait for a lock that cannot be let go.
    """
    number = house.children()[part]
    pause(number, house.data)
    return number


def pause(number: int, data: Path) -> None:
    """The same for any process."""
    while True:
        kill(number, signal.SIGSTOP)
        if all(_is_free(data / name) for name in ("records.db", "keys.db")):
            return
        kill(number, signal.SIGCONT)
        time.sleep(0.01)


def go_on(number: int) -> None:
    """Let a process that was paused go on."""
    kill(number, signal.SIGCONT)


def _is_free(path: Path) -> bool:
    connection = sqlite3.connect(path, isolation_level=None, timeout=0.2)
    try:
        connection.execute("begin immediate")
        connection.execute("rollback")
        busy, *_ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        return int(busy) == 0
    except sqlite3.OperationalError:
        return False
    finally:
        connection.close()


def kill_all(house: Living) -> None:
    """End the whole installation as a power switch would end its processes: the watcher first, so that none
    comes back."""
    assert house.process is not None
    below = descendants(house.process.pid)
    house.process.kill()
    for number in below:
        kill(number)
    house.process.wait()
    wait_until(lambda: not set(below) & set(descendants(os.getpid())), "all of them have ended")


def _bury() -> None:
    """Take note of orphans that have ended. Never of any child: subprocess waits for its own."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if fields[0] == "Z" and int(fields[1]) == os.getpid():
            with suppress(ChildProcessError):
                os.waitpid(int(stat.parent.name), os.WNOHANG)
