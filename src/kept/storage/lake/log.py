"""Reading the Delta log: the greatest readable checkpoint, then the entries after it.

The hint `_last_checkpoint` is not read: after a power cut, or a paused committer's awakening, it may name
what is not there. Readers keep what they know and apply new entries alone, which takes well under a
millisecond; DuckDB is loaded only when a checkpoint must be read.
"""

from pathlib import Path

from kept.base.errors import Damaged
from kept.storage.files import Files
from kept.storage.lake.entry import MASK_TAG, LakeFile, decode, mask_of, rows_of
from kept.storage.lake.layout import checkpoint_name, checkpoint_version, entry_name, entry_version
from kept.storage.lake.snapshot import Snapshot

EMPTY = Snapshot(-1)


class Log:
    """The log of one lake, as one reader knows it."""

    def __init__(self, files: Files, folder: Path) -> None:
        self._files, self._folder = files, folder
        self._known = EMPTY

    def latest(self) -> Snapshot:
        """The newest version; `EMPTY` when there is no table yet. Raises Damaged when the log has a hole."""
        for _ in range(5):  # entries may be cleaned up between listing and reading
            try:
                self._known = self._follow()
            except FileNotFoundError:
                self._known = EMPTY
                continue
            return self._known
        raise _damaged("changes faster than it can be read", self._folder.name)

    def _follow(self) -> Snapshot:
        names = self._files.names(self._folder) if self._folder.exists() else []
        entries = {version for name in names if (version := entry_version(name)) is not None}
        newest = max(entries, default=-1)
        state = self._known
        if state.version > newest or any(v not in entries for v in range(state.version + 1, newest + 1)):
            state = self._from_checkpoint(names, newest)
        for version in range(state.version + 1, newest + 1):
            state = self.apply(state, version)
        return state

    def apply(self, state: Snapshot, version: int) -> Snapshot:
        """The version that an entry makes of the one before it."""
        change = decode(self._files.read(self._folder / entry_name(version)))
        if change is None:
            raise _damaged("holds an entry that is not whole", entry_name(version))
        return state.after(change)

    def _from_checkpoint(self, names: list[str], newest: int) -> Snapshot:
        held = sorted(v for name in names if (v := checkpoint_version(name)) is not None)
        entries = {version for name in names if (version := entry_version(name)) is not None}
        for version in reversed(held):
            whole = all(v in entries for v in range(version + 1, newest + 1))
            state = read_checkpoint(self._folder, version) if whole else None
            if state is not None:
                return state
        if all(v in entries for v in range(newest + 1)):
            return EMPTY
        raise _damaged("has a hole", self._folder.name)


def read_checkpoint(folder: Path, version: int) -> Snapshot | None:
    """The version that a checkpoint holds; None when the file cannot be read whole."""
    import duckdb

    path = folder / checkpoint_name(version)
    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            rows = connection.execute(
                "select add.path, add.partitionValues['bucket'], add.partitionValues['period'], add.stats,"
                " add.size, add.tags[?], txn.appId, txn.version from read_parquet(?)",
                [MASK_TAG, str(path)],
            ).fetchall()
        except duckdb.Error:
            return None
    files = [
        LakeFile(name, bucket, period, rows_of(stats), size, mask_of(tag))
        for name, bucket, period, stats, size, tag, *_ in rows
        if name is not None
    ]
    marks = {mark: value for *_, mark, value in rows if mark is not None}
    return Snapshot(version, {file.name: file for file in files}, marks)


def _damaged(how: str, where: str) -> Damaged:
    return Damaged(
        f"The lake's log {how}.",
        where=f"lake/_delta_log/{where}",
        next_step="After a power cut, start the committer: it repairs what it can. Otherwise restore.",
        why="Its entries do not say what an entry must.",
    )
