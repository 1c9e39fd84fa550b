"""Rewrites: hot files into leaves, small files into one, a large leaf into two, choices into masks.

Each is one commit that removes files and adds those made of them. Every row a rewrite writes has had all
choices above its group's floor applied, up to the head read after the base was loaded; the floor itself is
raised only where every file of the group was written anew, or looked through.
"""

from collections.abc import Iterable, Sequence
from itertools import accumulate, groupby, islice

from kept.storage.committer.choices import Interval, above, cleared_rows, put_intervals, touched_files
from kept.storage.committer.engine import from_files
from kept.storage.committer.hand import Hand
from kept.storage.committer.seen import PERIOD_SQL
from kept.storage.lake.entry import Change, LakeFile
from kept.storage.lake.layout import HOT
from kept.storage.lake.leaves import leaf_of, leaf_sql
from kept.storage.lake.masks import frequent
from kept.storage.lake.snapshot import Snapshot

COMPACT_ROWS = 1_000_000  # hot rows in one compaction: what is sorted must fit into memory
MERGE_FILES = 4  # files of like size before they become one: each row is rewritten log4(rows) times
SPLIT_ROWS = 1_000_000  # rows of a leaf in one month beyond which it is split
MIXED = -1  # no mask: a file of several
FULL_ROWS = 1_000_000  # a file of so many rows is merged no further


def compact(hand: Hand, rows: int = COMPACT_ROWS) -> int:
    """Sort hot rows, about `rows` of them at most, into their leaves and months; how many files went."""
    base = hand.load()
    choices = hand.choices_now(base)
    hot = first_files(base.groups.get(HOT, ()), rows)
    if not hot:
        return 0
    _put_choices(hand, base.floor(HOT), choices)
    change = Change("compact", adds=_write_leaves(hand, hot, leaf_sql(base.splits)), removes=list(hot))
    if len(hot) == len(base.groups[HOT]):  # what stays hot keeps its floor
        change.marks[f"s:{HOT}"] = choices
    for leaf in {file.bucket for file in change.adds} - set(base.groups):
        change.marks[f"s:{leaf}"] = choices
    hand.commit(base, change, choices)
    return len(hot)


def merge(hand: Hand) -> int:
    """Write several small files of a leaf and month as one (see `lake.masks`); how many went. The floor stays."""
    base = hand.load()
    choices = hand.choices_now(base)
    small = mergeable(base.files.values())
    if not small:
        return 0
    first = small[0]
    _put_choices(hand, base.floor(first.bucket), choices)
    made = _write_by_mask(hand, cleared_rows(_source(hand, small)), first.bucket, first.period)
    hand.commit(base, Change("merge", adds=made, removes=list(small)), choices)
    return len(small)


def split(hand: Hand, rows: int = SPLIT_ROWS) -> str:
    """Split the largest leaf that has more than `rows` in a month; its prefix, or "" when none has."""
    base = hand.load()
    choices = hand.choices_now(base)
    leaf = oversized(base, rows)
    if not leaf:
        return ""
    _put_choices(hand, base.floor(leaf), choices)
    marks = {f"split:{leaf}": 1, f"s:{leaf}0": choices, f"s:{leaf}1": choices}
    change = Change("split", removes=list(base.groups[leaf]), marks=marks)
    for _, month in groupby(sorted(change.removes, key=_period), key=_period):  # a month at a time in memory
        change.adds += _write_leaves(hand, list(month), leaf_sql({*base.splits, leaf}))
    hand.commit(base, change, choices)
    return leaf


def work_in(hand: Hand) -> int:
    """Work every choice into the masks of the files it touches; how many files were rewritten.

    Afterwards every floor stands at the head read here, and the exceptions above it are those since.
    """
    base = hand.load()
    choices = hand.choices_now(base)
    behind = {group: files for group, files in base.groups.items() if base.floor(group) < choices}
    if not behind:
        return 0
    change = Change("work in", marks={f"s:{group}": choices for group in behind})
    for group, files in behind.items():
        found = _put_choices(hand, base.floor(group), choices)
        if any(group in (HOT, leaf_of(interval.subject, base.splits)) for interval in found):
            touched = _touched(hand, files)
            _rewrite_hot(hand, touched, change) if group == HOT else _rewrite(hand, files, touched, change)
    hand.commit(base, change, choices)
    return len(change.removes)


def first_files(files: Sequence[LakeFile], rows: int) -> list[LakeFile]:
    """The oldest of the files, as many as hold `rows` rows together; at least one where there is any."""
    before = accumulate((file.rows for file in files), initial=0)
    return [file for file, count in zip(files, before, strict=False) if count < rows]


def mergeable(files: Iterable[LakeFile]) -> Sequence[LakeFile]:
    """The first MERGE_FILES files of one leaf and month that are of like size; none if there are none."""
    cold = sorted((f for f in files if f.bucket != HOT and f.rows < FULL_ROWS), key=_place_and_size)
    for _, alike in groupby(cold, key=_place_and_size):
        found = list(islice(alike, MERGE_FILES))
        if len(found) == MERGE_FILES:
            return found
    return ()


def oversized(base: Snapshot, rows: int) -> str:
    """The leaf with the most rows in one month, if that is more than `rows`; else ""."""
    counts: dict[tuple[str, str], int] = {}
    for file in base.files.values():
        if file.bucket != HOT:
            counts[file.bucket, file.period] = counts.get((file.bucket, file.period), 0) + file.rows
    largest = max(counts, key=lambda place: counts[place], default=None)
    return largest[0] if largest and counts[largest] > rows else ""


def _place_and_size(file: LakeFile) -> tuple[str, str, int, int]:
    size = max(file.rows, 1).bit_length() // 2  # a class per factor of four
    return file.bucket, file.period, MIXED if file.mask is None else file.mask, size


def _period(file: LakeFile) -> str:
    return file.period


def _put_choices(hand: Hand, floor: int, upto: int) -> list[Interval]:
    with hand.records.read() as connection:
        found = above(connection, floor, upto)
    put_intervals(hand.engine, found)
    return found


def _write_leaves(hand: Hand, files: Sequence[LakeFile], leaf: str) -> list[LakeFile]:
    """The files' rows, cleared, in sorted files for each leaf (an expression) and month."""
    rows = cleared_rows(_source(hand, files))
    hand.engine.run(
        f"create or replace temp table sorted as select *, {leaf} as leaf, {PERIOD_SQL} as period"  # noqa: S608
        f" from ({rows})"
    )
    written = []
    for bucket, period in hand.engine.run("select distinct leaf, period from sorted order by all"):
        part = f"select * from sorted where leaf = '{bucket}' and period = '{period}'"  # noqa: S608
        written += _write_by_mask(hand, part, bucket, period)
    hand.engine.run("drop table sorted")
    return written


def _write_by_mask(hand: Hand, rows: str, bucket: str, period: str) -> list[LakeFile]:
    """A query's rows, sorted: those of each frequent mask in a file of their own, the others in one."""
    hand.engine.run(f"create or replace temp table part as {rows}")
    own = frequent(dict(hand.engine.run("select mask, count(*) from part group by mask")), hand.own_rows)
    listed = ", ".join(map(str, own)) or "null"
    others = f"select * from part where coalesce(mask not in ({listed}), true)"  # noqa: S608
    written = [hand.write(others, bucket, period)]
    for mask in own:
        rows = f"select * from part where mask = {mask}"  # noqa: S608
        written.append(hand.write(rows, bucket, period, mask=mask))
    hand.engine.run("drop table part")
    return [file for file in written if file]


def _touched(hand: Hand, files: Sequence[LakeFile]) -> list[LakeFile]:
    """Those files that hold a row which a choice in the table `cleared` changes."""
    source = from_files([hand.path(file) for file in files], names=True)
    touched = {name for (name,) in hand.engine.run(touched_files(source))}
    return [file for file in files if str(hand.path(file)) in touched]


def _rewrite_hot(hand: Hand, touched: Sequence[LakeFile], change: Change) -> None:
    """Each file anew, in its order of arrival."""
    for file in touched:
        written = hand.write(cleared_rows(_source(hand, [file])), HOT, HOT, order=False)
        change.removes.append(file)
        change.adds.extend([written] if written else [])


def _rewrite(hand: Hand, files: Sequence[LakeFile], touched: Sequence[LakeFile], change: Change) -> None:
    """A leaf's touched files anew, month by month, each row with those of its new mask.

    What leaves a file of one mask joins the month's small mixed files, or their number would grow each time.
    """
    months = {file.period for file in touched if file.mask is not None}
    small = [f for f in files if f.period in months and f.mask is None and f.rows < hand.own_rows]
    removes = sorted(dict.fromkeys((*touched, *small)), key=_period)
    for period, month in groupby(removes, key=_period):
        rows = cleared_rows(_source(hand, list(month)))
        change.adds += _write_by_mask(hand, rows, removes[0].bucket, period)
    change.removes += removes


def _source(hand: Hand, files: Sequence[LakeFile]) -> str:
    return from_files([hand.path(file) for file in files])
