"""Which rows a purpose may see: the mask that an event was gathered under, and what was withdrawn since.

The mask fails closed: an event without the purpose's bit is not there, whatever else is known. The exceptions
are the withdrawals above a file's floor, which its masks do not know yet (see `storage.lake`).

A test on each row costs a tenth to a fifth of a quick query, since its column must be read for it. So a test
is left out where every row of a file is known to pass it (`storage.query_files`), and only there; files that
need the same tests stand in one branch of the view. What is not known is tested.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kept.storage.event import COLUMNS
from kept.storage.lake.exceptions import Hidden
from kept.storage.lake.layout import HOT
from kept.storage.lake.leaves import leaf_of
from kept.storage.lake.snapshot import Snapshot
from kept.storage.query_words import Bounds
from kept.storage.query_worker import quoted

HIDDEN = "_hidden"
FRESH, AGING = "_fresh", "_aging"
"""The two private relations of permitted rows: those that no time limit can touch yet, and the others. No event
can have these names: a policy's begin with a letter."""


ALWAYS = (-(1 << 63), (1 << 63) - 1)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose rows are wanted: a purpose's bit, a workspace, names of events, and times of gathering.

    Nothing gathered up to `oldest_ms` may be seen, everything after `newest_ms` may; between them it depends
    on the event and the item. `within` is a narrower span that the question is about, from its first moment up
    to but not including its last: no condition of a statement passes the wall (`storage.query_barrier`), so
    that files outside the span would be read for nothing.
    """

    bit: int
    workspace: int
    names: frozenset[str]
    oldest_ms: int
    newest_ms: int
    within: tuple[int, int] = ALWAYS


@dataclass(frozen=True, slots=True)
class FileRead:
    """One file: its path, the group it stands in, that group's floor, and what its rows have in common."""

    path: str
    group: str
    floor: int
    bounds: Bounds


@dataclass(frozen=True, slots=True, order=True)
class _Tests:
    """The tests that a file's rows still need. `hidden` is the floor above which withdrawals count, or -1."""

    workspace: bool
    name: bool
    time: bool
    mask: bool
    hidden: int
    knows_some: bool  # a row may have been gathered knowing a withdrawal that is listed


def files_read(snapshot: Snapshot, paths: Mapping[str, str], bounds: Mapping[str, Bounds]) -> list[FileRead]:
    """The files of a snapshot, given their paths by name and their bounds by path."""
    return [
        FileRead(paths[file.name], file.bucket, snapshot.floor(file.bucket), bounds[paths[file.name]])
        for file in snapshot.files.values()
    ]


def permitted_views(
    files: Iterable[FileRead], hidden: Sequence[Hidden], splits: frozenset[str], asked: Asked
) -> list[tuple[str, str]]:
    """The private views `_fresh` and `_aging`: every stored row that the purpose may see."""
    waiting = _Waiting(hidden, splits)
    branches: dict[str, dict[_Tests, list[str]]] = {FRESH: {}, AGING: {}}
    for file in files:
        if _may_hold(file.bounds, asked):
            view = FRESH if file.bounds.first_ms > asked.newest_ms else AGING
            branches[view].setdefault(_tests(file, waiting, asked), []).append(file.path)
    return [(view, _union(found, asked)) for view, found in branches.items()]


def hidden_list(hidden: Sequence[Hidden]) -> dict[str, dict[str, list[int]]]:
    """The private list `_hidden`: each person once, with the greatest withdrawal."""
    return {HIDDEN: {"subject": [each.subject for each in hidden], "seq": [each.seq for each in hidden]}}


class _Waiting:
    """The withdrawals not worked in, by leaf: which of them concern a file."""

    def __init__(self, hidden: Sequence[Hidden], splits: frozenset[str]) -> None:
        self._by_leaf: dict[str, list[int]] = {}
        for subject, seq in hidden:
            self._by_leaf.setdefault(leaf_of(subject, splits), []).append(seq)
        self._all = [each.seq for each in hidden]

    def above(self, group: str, floor: int) -> list[int]:
        """The numbers of those that concern a group and lie above its floor."""
        numbers = self._all if group == HOT else self._by_leaf.get(group, [])
        return [seq for seq in numbers if seq > floor]


def _may_hold(bounds: Bounds, asked: Asked) -> bool:
    low, high = bounds.workspaces
    since, until = asked.within
    any_bit = any(some >> asked.bit & 1 for name, (_, some) in bounds.masks.items() if name in asked.names)
    in_time = bounds.last_ms > asked.oldest_ms and bounds.last_ms >= since and bounds.first_ms < until
    return any_bit and in_time and low <= asked.workspace <= high


def _tests(file: FileRead, waiting: _Waiting, asked: Asked) -> _Tests:
    bounds = file.bounds
    above = waiting.above(file.group, file.floor)  # enforces: hidden-filter
    name, mask = _name_and_mask(bounds, asked)
    return _Tests(
        workspace=bounds.workspaces != (asked.workspace, asked.workspace),
        name=name,
        time=bounds.first_ms < asked.within[0] or bounds.last_ms >= asked.within[1],
        mask=mask,
        hidden=file.floor if above else -1,
        knows_some=bool(above) and min(above) <= bounds.greatest_cv,
    )


def _name_and_mask(bounds: Bounds, asked: Asked) -> tuple[bool, bool]:
    """Whether rows must be asked for their name, and for their mask.

    Events that the purpose does not use have no bit for it, unless the policy once said otherwise: where none
    has, the mask alone keeps them out.
    """
    others = [some for name, (_, some) in bounds.masks.items() if name not in asked.names]
    wanted = [every for name, (every, _) in bounds.masks.items() if name in asked.names]
    name = any(some >> asked.bit & 1 for some in others)
    mask = not all(every >> asked.bit & 1 for every in wanted) or (bool(others) and not name)
    return name, mask


def _union(branches: Mapping[_Tests, Sequence[str]], asked: Asked) -> str:
    selects = [_select(tests, paths, asked) for tests, paths in sorted(branches.items())]
    return " union all ".join(selects) or f"select * from {_NOTHING}"


def _select(tests: _Tests, paths: Sequence[str], asked: Asked) -> str:
    source = f"read_parquet([{', '.join(map(quoted, paths))}]) e"
    if tests.knows_some:
        source += f" left join {HIDDEN} h on h.subject = e.subject and h.seq > {tests.hidden}"
    where = " and ".join(_conditions(tests, asked)) or "true"
    return f"select {_COLUMNS} from {source} where {where}"


def _conditions(tests: _Tests, asked: Asked) -> Iterator[str]:
    allowed = f"(e.mask & {1 << int(asked.bit)}) <> 0"  # enforces: mask-filter
    withdrawn = f"e.subject in (select subject from {HIDDEN} where seq > {tests.hidden})"
    if tests.workspace:
        yield f"e.workspace = {int(asked.workspace)}"
    if tests.name:
        yield f"e.name in ({', '.join(map(quoted, sorted(asked.names)))})"
    if tests.time:
        yield f"e.ts >= {int(asked.within[0])} and e.ts < {int(asked.within[1])}"
    if tests.knows_some:
        yield "(h.seq is null or coalesce(e.cv, -1) >= h.seq)"
    elif tests.hidden >= 0 and not tests.mask:
        yield f"not ({withdrawn})"
    elif tests.hidden >= 0:
        # "allowed and not withdrawn" in one comparison of truths: as two conditions it takes half as long again
        yield f"({allowed}) > ({withdrawn})"
    if tests.mask and (tests.knows_some or tests.hidden < 0):
        yield allowed


_SQL_TYPES = {"integer": "integer", "long": "bigint", "string": "varchar", "boolean": "boolean"}
_COLUMNS = ", ".join(f"e.{name}" for name, _ in COLUMNS)
_NOTHING = (
    "(select " + ", ".join(f"null::{_SQL_TYPES[kind]} as {name}" for name, kind in COLUMNS) + " where false)"
)
"""A lake without files has no file to take the columns from."""
