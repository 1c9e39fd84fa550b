"""G3, server log files: a live log, followed over rotations, without a line lost or taken twice.

The file's name is watched, and the file that it named stays open: one that was renamed, or packed, is read to its
end through its open handle. One that was copied and cut off (`copytruncate`) is told by its length or its first
bytes; what had not been read of it stands in the copy, so files beside it that changed since are read, too. So they
are at a start, for what was written while nobody followed. That reading anything again adds nothing is `known`'s
work: a restart begins each file at its beginning, and needs no place to be remembered.
"""

import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from kept.base.errors import BadInput
from kept.gather.weblog.chunks import Chunk, Chunks, LineEnds
from kept.gather.weblog.forms import Form
from kept.gather.weblog.importing import Importing
from kept.gather.weblog.line import Fault
from kept.gather.weblog.reading import SAMPLE, open_log, sample_of
from kept.gather.weblog.recognising import recognise
from kept.gather.weblog.unpacking import BLOCK

HEAD = 256
LINGER_SECONDS = 600.0
"""So long a renamed file is read on: servers write into it until their last request of before has ended."""
SLACK_SECONDS = 5.0
"""Clocks of file systems lag a little."""

State = tuple[int, int, int, int]
"""Device, inode, time of the last change, size: a file beside the log that has been read as it is."""


class _Live:
    """An open file: what of it has been read, and in which form."""

    def __init__(self, file: BinaryIO, form: Form | None) -> None:
        self.file, self.form = file, form
        self.at, self.head = 0, b""
        self._ends, self._first = LineEnds(), b""
        self._chunks: Chunks | None = Chunks(form) if form else None

    @property
    def inode(self) -> tuple[int, int]:
        """Which file it is."""
        found = os.fstat(self.file.fileno())
        return found.st_dev, found.st_ino

    def was_cut(self) -> bool:
        """Whether it begins anew: shorter than what was read of it, or with other bytes."""
        if os.fstat(self.file.fileno()).st_size < self.at:
            return True
        return os.pread(self.file.fileno(), len(self.head), 0) != self.head

    def chunks(self, path: Path) -> Iterator[Chunk]:
        """What has been written since; a line without its end waits. Raises `BadInput` for no known form."""
        for lines in self._whole_lines():
            if self._chunks is not None:
                yield self._chunks.chunk(lines)
                continue
            self._first += lines
            if self._first.count(b"\n") >= SAMPLE:
                yield self._begin(path)
        if self._first.strip():
            with suppress(BadInput):  # the next lines may tell
                yield self._begin(path)

    def _begin(self, path: Path) -> Chunk:
        self.form = recognise(path, sample_of([self._first]))
        self._chunks, first, self._first = Chunks(self.form), self._first, b""
        return self._chunks.chunk(first)

    def _whole_lines(self) -> Iterator[bytes]:
        while block := os.pread(self.file.fileno(), BLOCK, self.at):
            self.at += len(block)
            if len(self.head) < HEAD:
                self.head = (self.head + block)[:HEAD]
            if lines := self._ends.cut(block):
                yield lines


@dataclass
class Followed:
    """One log that is followed. `read_at` is when everything so far had been read, in seconds since 1970; 0: never."""

    path: Path
    importing: Importing
    form: Form | None = None
    read_at: float = 0.0
    digest: Any = field(default_factory=sha256)
    _live: _Live | None = None
    _leaving: list[tuple[float, _Live]] = field(default_factory=list)
    _beside: set[State] = field(default_factory=set)

    def poll(self) -> Iterator[int]:
        """Take what is new. Yields now and then how many lines were taken, so that whoever asks may stop."""
        began = time.time()
        yield from self._read_leaving()
        if self._live is not None and self._is_renamed():
            if self._live.was_cut():  # before it was renamed: what it holds now is new from its first byte on
                self._live = _Live(self._live.file, self.form)
                self.importing.begin_file()
            yield from self._take(self._live)
            self._leaving.append((time.monotonic() + LINGER_SECONDS, self._live))
            self._live = None
        elif self._live is not None and self._live.was_cut():
            self._live.file.close()
            self._live = None
        if self.read_at:  # each time: a file that was empty shows no trace of having been copied and cut off
            yield from self._catch_up()
        if self._live is None:
            self._open()
        if self._live is not None:
            yield from self._take(self._live)
        self.importing.send()
        self.read_at = began

    def close(self) -> None:
        """Let go of the files."""
        for _, live in self._leaving:
            live.file.close()
        if self._live is not None:
            self._live.file.close()
        self._leaving, self._live = [], None

    def _open(self) -> None:
        with suppress(FileNotFoundError):  # between the renaming and the new one
            file = self.path.open("rb")
            self._live = _Live(file, self.form)
            self.importing.begin_file()

    def _is_renamed(self) -> bool:
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return True
        return self._live is not None and (found.st_dev, found.st_ino) != self._live.inode

    def _read_leaving(self) -> Iterator[int]:
        for until, live in self._leaving:
            yield from self._take(live)
            if time.monotonic() > until:
                live.file.close()
        self._leaving = [(until, live) for until, live in self._leaving if not live.file.closed]

    def _take(self, live: _Live) -> Iterator[int]:
        yield from self._take_all(live.chunks(self.path))
        self.form = self.form or live.form

    def _take_all(self, chunks: Iterable[Chunk]) -> Iterator[int]:
        for chunk in chunks:
            self.digest.update(chunk.data)
            yield self.importing.take(chunk)

    def _catch_up(self) -> Iterator[int]:
        """Read the files beside it that were written to since everything had been read, the oldest first."""
        for path, state in self._rotated():
            self._beside.add(state)
            with suppress(FileNotFoundError, BadInput):  # it may be packed or removed at this moment
                log = open_log(path, self.form)
                self.importing.begin_file()
                # the last line of a copy may have been cut in two; it is read where it goes on
                yield from self._take_all(each for each in log.chunks if each.fault is not Fault.UNFINISHED)

    def _rotated(self) -> list[tuple[Path, State]]:
        """access.log.1, access.log.2.gz, access.log-20261130, access-20261130.log of access.log."""
        stem, ending = re.escape(self.path.stem), re.escape(self.path.suffix)
        likely = re.compile(rf"{stem}{ending}[.-][0-9].*|{stem}[.-][0-9]+.*?{ending}(?:\.(?:gz|zst))?")
        held, found, there = {live.inode for _, live in self._leaving}, [], set[State]()
        for path in self.path.parent.iterdir() if self.path.parent.is_dir() else ():
            with suppress(FileNotFoundError):
                told = path.stat()
                state = (told.st_dev, told.st_ino, told.st_mtime_ns, told.st_size)
                there.add(state)
                is_new = told.st_mtime >= self.read_at - SLACK_SECONDS and state not in self._beside
                if is_new and state[:2] not in held and likely.fullmatch(path.name):
                    found.append((told.st_mtime, path, state))
        self._beside &= there
        return [(path, state) for _, path, state in sorted(found)]
