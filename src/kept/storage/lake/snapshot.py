"""A version of the lake: which files are active, up to which choice each group is worked in, which frames
of the journal are in it. All of it comes from the Delta log and nothing else."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from kept.storage.lake.entry import Change, LakeFile
from kept.storage.lake.layout import HOT
from kept.storage.lake.leaves import leaf_of, leaves

OFFSET_BITS = 40


@dataclass(frozen=True)
class Snapshot:
    """One version. `marks`: `epoch`, `choices`, `j:<collector>`, `s:<group>`, `split:<prefix>`."""

    version: int
    files: Mapping[str, LakeFile] = field(default_factory=dict)
    marks: Mapping[str, int] = field(default_factory=dict)

    def after(self, change: Change) -> "Snapshot":
        """The next version."""
        files = dict(self.files)
        for gone in change.removes:
            files.pop(gone.name, None)
        files.update((file.name, file) for file in change.adds)
        return Snapshot(self.version + 1, files, {**self.marks, **change.marks})

    @property
    def epoch(self) -> int:
        """The epoch of the committer that may write."""
        return self.marks.get("epoch", 0)

    @cached_property
    def splits(self) -> frozenset[str]:
        """The prefixes that were split."""
        return frozenset(mark.removeprefix("split:") for mark in self.marks if mark.startswith("split:"))

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """Every leaf, whether it has files or not."""
        return tuple(leaves(self.splits))

    @cached_property
    def groups(self) -> Mapping[str, tuple[LakeFile, ...]]:
        """The files of each group (hot, or a leaf) that has any."""
        groups: dict[str, list[LakeFile]] = {}
        for file in self.files.values():
            groups.setdefault(file.bucket, []).append(file)
        return {name: tuple(files) for name, files in groups.items()}

    def floor(self, group: str) -> int:
        """The choice sequence number up to which every file of the group has choices worked in."""
        return self.marks.get(f"s:{group}", 0)

    @cached_property
    def low(self) -> int:
        """The least floor: a query must apply every choice above it."""
        return min((self.floor(group) for group in self.groups), default=self.greatest)

    @cached_property
    def greatest(self) -> int:
        """The greatest choice that any commit has seen: a list of choices that ends before it is stale."""
        seen = (value for mark, value in self.marks.items() if mark == "choices" or mark.startswith("s:"))
        return max(seen, default=0)

    def cursor(self, collector: int) -> tuple[int, int]:
        """Segment number and offset of the first frame of a collector that is not in the lake."""
        found = self.marks.get(f"j:{collector}", 0)
        return found >> OFFSET_BITS, found & ((1 << OFFSET_BITS) - 1)

    @property
    def collectors(self) -> tuple[int, ...]:
        """The collectors that have a cursor."""
        return tuple(int(mark[2:]) for mark in self.marks if mark.startswith("j:"))

    def files_of(self, subjects: Iterable[int]) -> list[LakeFile]:
        """The files in which these people's events can be: the hot ones and those of their leaves."""
        buckets = {HOT, *(leaf_of(subject, self.splits) for subject in subjects)}
        return [file for file in self.files.values() if file.bucket in buckets]


def packed(cursor: tuple[int, int]) -> int:
    """A cursor as the one number that a mark can hold."""
    return cursor[0] << OFFSET_BITS | cursor[1]
