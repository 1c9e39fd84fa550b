"""A disk that forgets at a power cut whatever was not synced.

It works on a real folder, because DuckDB and delta-rs write there with code of their own, and remembers
beside it what a sync has confirmed: a file's content, a folder's names. `cut` puts the folder into a state
that a real disk may be found in afterwards. POSIX leaves the rest open, so there are many such states: each
unsynced name may have survived or not, each unsynced byte may be there, be missing or read as zero.
"""

import os
import random
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

from kept.storage.files import Files

Forget = Callable[[str, Path], bool]


class PowerCut(Exception):
    """The machine is off. Nothing of the process survives."""


def never(_call: str, _path: Path) -> bool:
    return False


class ModelDisk(Files):
    """Counts the calls that change the disk and cuts the power before the one numbered `cut_at`.

    `forget` names syncs that only pretend: the mutation under which the proofs must find a loss. `before`
    is called ahead of every change, for tests that let others act in between.
    """

    def __init__(self, root: Path, *, cut_at: int = -1, forget: Forget = never) -> None:
        self.root, self.cut_at, self.forget = root, cut_at, forget
        self.before: Callable[[str, Path], None] = lambda _call, _path: None
        self.calls: list[str] = []
        self._off = False
        self._contents: dict[int, bytes] = {}
        self._names: dict[Path, dict[str, int]] = {root: {}}
        self._held: dict[int, int] = {}  # inode -> a descriptor that keeps its number from being used again
        self._open: set[int] = set()
        self._confirm_all(root)  # what is there when the machine starts has survived already

    def create(self, path: Path) -> int:
        self._tick("create", path)
        return self._opened(super().create(path))

    def write(self, handle: int, data: bytes) -> int:
        self._tick("write", self._path(handle))
        return super().write(handle, data)

    def sync_data(self, handle: int) -> None:
        path = self._path(handle)
        self._tick("sync_data", path)
        if not self.forget("sync_data", path):
            self._confirm(path)

    def close(self, handle: int) -> None:
        if handle in self._open:
            self._open.discard(handle)
            super().close(handle)

    def sync_file(self, path: Path) -> None:
        self._tick("sync_file", path)
        if not self.forget("sync_file", path):
            self._confirm(path)

    def sync_folder(self, folder: Path) -> None:
        self._tick("sync_folder", folder)
        if not folder.is_dir():
            raise FileNotFoundError(folder)
        if not self.forget("sync_folder", folder):
            self._names[folder] = {path.name: self._hold(path) for path in folder.iterdir()}

    def rename(self, source: Path, target: Path) -> None:
        self._tick("rename", target)
        super().rename(source, target)

    def link(self, source: Path, target: Path) -> None:
        self._tick("link", target)
        super().link(source, target)

    def unlink(self, path: Path) -> None:
        self._tick("unlink", path)
        super().unlink(path)

    def make_folder(self, folder: Path) -> None:
        self._tick("make_folder", folder)
        super().make_folder(folder)

    def remove_folder(self, folder: Path) -> None:
        self._tick("remove_folder", folder)
        super().remove_folder(folder)

    def lock(self, path: Path) -> int | None:
        if self._off:
            raise PowerCut
        handle = super().lock(path)
        return None if handle is None else self._opened(handle)

    def stop(self) -> None:
        """End the process, not the machine: every descriptor is closed, nothing is forgotten."""
        self._off = True
        for handle in list(self._open):
            self.close(handle)

    def release(self) -> None:
        """Stop, and let go of what the model remembers."""
        self.stop()
        while self._held:
            os.close(self._held.popitem()[1])

    def cut(self, chance: random.Random | None = None) -> None:
        """Leave the folder as a disk may be found: only what was confirmed, or with some of the rest."""
        self.stop()
        kept = _Cut(self, chance)
        kept.folder(self.root)
        self.release()
        shutil.rmtree(self.root)
        self.root.mkdir()
        kept.put_back()

    def _tick(self, call: str, path: Path) -> None:
        if self._off:
            raise PowerCut
        if len(self.calls) == self.cut_at:
            self._off = True
            raise PowerCut
        self.calls.append(f"{call} {path.relative_to(self.root)}" if path.is_relative_to(self.root) else call)
        self.before(call, path)

    def _opened(self, handle: int) -> int:
        self._open.add(handle)
        return handle

    def _path(self, handle: int) -> Path:
        return Path(f"/proc/self/fd/{handle}").readlink()

    def _confirm(self, path: Path) -> None:
        self._contents[self._hold(path)] = path.read_bytes()

    def _confirm_all(self, folder: Path) -> None:
        self._names[folder] = {path.name: self._hold(path) for path in folder.iterdir()}
        for path in folder.iterdir():
            self._confirm_all(path) if path.is_dir() else self._confirm(path)

    def _hold(self, path: Path) -> int:
        handle = os.open(path, os.O_RDONLY)
        inode = os.fstat(handle).st_ino
        if inode in self._held:
            os.close(handle)
        else:
            self._held[inode] = handle
        return inode


class _Cut:
    """The state of one disk after a power cut, worked out from what is there and what was confirmed."""

    def __init__(self, disk: ModelDisk, chance: random.Random | None) -> None:
        self._disk, self._chance = disk, chance
        self._files: dict[Path, bytes] = {}
        self._folders: list[Path] = []

    def folder(self, folder: Path) -> None:
        confirmed = self._disk._names.get(folder, {})
        there = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
        for name in sorted({*confirmed, *there}):
            survives = self._luck() if (name in confirmed) != (name in there) else True
            inode, path = confirmed.get(name), there.get(name)
            if inode is not None and (path is None or path.stat().st_ino != inode):
                # removed or replaced without a sync: the old one may come back
                self._entry(folder / name, inode, None) if not survives or path is None else None
            elif path is not None and (inode is not None or (survives and self._chance is not None)):
                self._entry(folder / name, path.stat().st_ino, path)

    def _entry(self, at: Path, inode: int, path: Path | None) -> None:
        handle = self._disk._held.get(inode)
        if path.is_dir() if path else handle is not None and stat.S_ISDIR(os.fstat(handle).st_mode):
            self._folders.append(at)
            self.folder(at)
            return
        now = path.read_bytes() if path else _content(handle)
        self._files[at] = self._survived(self._disk._contents.get(inode), now)

    def _survived(self, confirmed: bytes | None, now: bytes) -> bytes:
        base = confirmed or b""
        rest = now[len(base) :] if now.startswith(base) else b""
        if not rest or self._chance is None:
            return base
        cut = self._chance.randrange(len(rest) + 1)
        kind = self._chance.choice(("none", "torn", "zeros", "hole", "all"))
        tails = {
            "none": b"",
            "torn": rest[:cut],
            "zeros": bytes(cut),
            "hole": bytes(cut) + rest[cut:],
            "all": rest,
        }
        return base + tails[kind]

    def _luck(self) -> bool:
        return self._chance is not None and self._chance.random() < 0.5

    def put_back(self) -> None:
        for folder in self._folders:
            folder.mkdir()
        for path, content in self._files.items():
            path.write_bytes(content)


def _content(handle: int | None) -> bytes:
    if handle is None:
        return b""
    os.lseek(handle, 0, os.SEEK_SET)
    return os.read(handle, os.fstat(handle).st_size)
