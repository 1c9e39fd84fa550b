"""A life of journal and lake, and the simple model that it must agree with after anything that happens.

The model knows only what was acknowledged and what was chosen. Reading goes through delta-rs and DuckDB, not
through Kept's own reading of the log, so that two independent readings must agree.
"""

import asyncio
import atexit
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import duckdb
import msgspec
from deltalake import DeltaTable

from kept.base.clock import SetClock
from kept.base.errors import InUse
from kept.storage import erasures, withdrawals
from kept.storage.committer import Committer
from kept.storage.event import StoredEvent
from kept.storage.files import Files
from kept.storage.journal import Journal
from kept.storage.lake import Hidden, Lake, Snapshot, exceptions
from kept.storage.records import Records
from tests import postgresql  # noqa: F401  processes that are started find the records where the tests have them

ANA, BO, CY, DI, EVE = (0x2AAA_AAAA_AAAA_0000 + n for n in (10, 21, 32, 43, 54))
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
PEOPLE = {"Ana": ANA, "Bo": BO, "Cy": CY, "Di": DI, "Eve": EVE}
TODAY = 1_795_470_000_000  # 23 November 2026
MONTH = 31 * 86_400_000
BITS = (1, 2, 4)
A_PAGE_VIEW = StoredEvent(
    1,
    0,
    0,
    0,
    "page view",
    "/jobs",
    None,
    None,
    "tracker",
    None,
    None,
    None,
    None,
    None,
    None,
    False,
    1,
    7,
    0,
)
encode = msgspec.json.Encoder().encode


class Life:
    """One installation's data folder with one collector and, mostly, one committer."""

    def __init__(self, root: Path, records: Records, files: Files) -> None:
        self.root, self.records, self.files = root, records, files
        self.clock = SetClock(TODAY)
        self.lake = Lake(root)
        self.chance = random.Random(7)
        self.acknowledged: dict[int, StoredEvent] = {}  # by event id
        self.attempted: dict[int, StoredEvent] = {}
        self.chosen: list[tuple[int, int, int, bool]] = []  # seq, subject, bits, dropped
        self.in_lake: set[int] = set()  # ids that a finished flush took
        self.ids = iter(range(0x1_0000_0000_0000, 0x2_0000_0000_0000))
        self.committer: Committer | None = None
        self.journal: Journal | None = None

    # what people and their clients do

    def events(self, who: Sequence[int], *, ago: int = 0) -> list[StoredEvent]:
        """One new event of each, under all three purposes."""
        with self.records.read() as connection:
            cv = withdrawals.head(connection)
        return [self._event(subject, next(self.ids), cv, ago) for subject in who]

    def _event(self, subject: int, event_id: int, cv: int, ago: int) -> StoredEvent:
        ts = self.clock.at_ms - ago + event_id % 1000
        return msgspec.structs.replace(A_PAGE_VIEW, subject=subject, ts=ts, event_id=event_id, cv=cv)

    def append(self, events: Sequence[StoredEvent]) -> None:
        """A client sends; it knows of success only when this returns."""
        assert self.journal is not None
        self.attempted.update((event.event_id, event) for event in events)
        self.journal.append_now([encode(event) for event in events])
        for event in events:
            self.acknowledged.setdefault(event.event_id, event)

    def journal_append(self, *events: StoredEvent) -> None:
        """Events past the model, for rules about single ones."""
        assert self.journal is not None
        self.journal.append_now([encode(event) for event in events])

    def send(self, who: Sequence[int] = tuple(PEOPLE.values()), *, ago: int = 0) -> list[StoredEvent]:
        events = self.events(who, ago=ago)
        self.append(events)
        return events

    def withdraw(self, subject: int, bits: int) -> None:
        with self.records.write() as connection:
            seq = withdrawals.append(connection, subject, bits)
        self.chosen.append((seq, subject, bits, False))

    def hide(self, *subjects: int) -> None:
        with self.records.write() as connection:
            last = erasures.hide(connection, subjects)
        self.chosen += [(last - len(subjects) + n + 1, s, 0, True) for n, s in enumerate(subjects)]

    def roll(self) -> None:
        with self.records.read() as connection:
            head = withdrawals.head(connection)
        assert self.journal is not None
        asyncio.run(self.journal.roll(head))

    # starting, ending, and the end of the world

    def start(self) -> None:
        self.lake = Lake(self.root)  # a reader that stays, as a query worker does
        self.committer = Committer(self.root, self.records, files=self.files, clock=self.clock, own_rows=2)
        with self.records.read() as connection:
            head = withdrawals.head(connection)
        self.journal = Journal(self.files, self.root / "journal", 1, head, segment_bytes=4096)

    def stop(self) -> None:
        """End both processes without ceremony."""
        for part in (self.journal, self.committer):
            if part is not None:
                part.close()
        self.journal = self.committer = None

    # what must be true

    def expected(self, bit: int) -> set[int]:
        """Ids that a purpose with this bit sees, of what was acknowledged."""
        return {event.event_id for event in self.acknowledged.values() if self.allowed(event, bit)}

    def allowed(self, event: StoredEvent, bit: int) -> bool:
        cleared = any(
            seq > event.cv and subject == event.subject and (dropped or bits & bit)
            for seq, subject, bits, dropped in self.chosen
        )
        return bool(event.mask & bit) and not cleared

    def check_views(self) -> None:
        """No purpose ever sees more than it may, nor anything twice; journal aside, nothing is missing."""
        lake = self.lake
        for bit, ids in lake.read(lambda snapshot: self.views(lake, snapshot)).items():
            expected = self.in_lake & self.expected(bit)
            may = {event.event_id for event in self.attempted.values() if self.allowed(event, bit)}
            seen = Counter(ids)
            assert not [event_id for event_id, times in seen.items() if times > 1], "an event stands twice"
            assert set(seen) <= may, "a query saw what a choice hides"
            assert expected <= set(seen), "an event that was in the lake is missing"

    def check_all(self) -> None:
        """After the journal is drained: everything acknowledged is there exactly once, nothing dropped is."""
        self.in_lake = set(self.acknowledged)
        self.check_views()
        self.check_readings_agree(Lake(self.root).snapshot())

    def seen(self, bit: int) -> list[int]:
        """The distinct ids that a purpose sees now."""
        return sorted(set(self.seen_twice(bit)))

    def seen_twice(self, bit: int) -> list[int]:
        """The ids that a purpose sees now, as often as it sees them."""
        return sorted(self.lake.read(lambda snapshot: self.views(self.lake, snapshot))[bit])

    def subjects(self) -> set[int]:
        """Whose events stand in the lake's active files."""
        return {
            row[0] for row in rows_of(self.lake.paths(list(self.lake.snapshot().files.values())), "subject")
        }

    def views(self, lake: Lake, snapshot: Snapshot) -> dict[int, list[int]]:
        """The ids that a governed query of each purpose returns."""
        with self.records.read() as connection:
            hidden = {bit: exceptions(connection, snapshot, bit) for bit in BITS}
        for file in snapshot.files.values():
            masks = {mask for (mask,) in rows_of(lake.paths([file]), "distinct mask")}
            assert file.mask is None or masks == {file.mask}, (
                "a file states a mask that not all its rows have"
            )
        rows = rows_of(lake.paths(list(snapshot.files.values())), "event_id, subject, mask, cv")
        return {bit: self._not_hidden(rows, bit, hidden[bit]) for bit in BITS}

    def _not_hidden(self, rows: Sequence[tuple[int, ...]], bit: int, hidden: Sequence[Hidden]) -> list[int]:
        above = dict(hidden)
        return [
            event_id for event_id, subject, mask, cv in rows if mask & bit and above.get(subject, 0) <= cv
        ]

    def check_readings_agree(self, snapshot: Snapshot) -> None:
        table = DeltaTable(str(self.root / "lake"))
        assert table.version() == snapshot.version
        assert {Path(uri).name for uri in table.file_uris()} == set(snapshot.files)
        assert all(table.transaction_version(mark) == value for mark, value in snapshot.marks.items())

    def check_gone(self) -> None:
        """No file under the data folder holds an event of someone whose erasure was reported done."""
        with self.records.read() as connection:
            done = {
                subject: seq
                for seq, subject, _, dropped in self.chosen
                if dropped and erasures.state_of(connection, subject) is erasures.State.DONE
            }
        for path in self.root.rglob("*"):
            if path.suffix == ".parquet" and "checkpoint" not in path.name:
                rows = rows_of([str(path)], "subject, cv")
                assert not [s for s, cv in rows if cv < done.get(s, 0)], f"reported gone, but in {path.name}"
            elif path.suffix == ".journal":
                data = path.read_bytes()
                for event in self.attempted.values():
                    if event.cv < done.get(event.subject, 0):
                        assert encode(event) not in data, f"reported gone, but in {path.name}"


@cache
def _engine() -> duckdb.DuckDBPyConnection:
    atexit.register(_engine.cache_clear)  # its bindings complain of a connection that outlives them
    return duckdb.connect(config={"threads": 1})


def rows_of(paths: Sequence[str], columns: str) -> list[tuple[int, ...]]:
    """Rows of Parquet files."""
    if not paths:
        return []
    return _engine().execute(f"select {columns} from read_parquet(?)", [list(paths)]).fetchall()


Step = Callable[[Life], object]


def committer(life: Life) -> Committer:
    assert life.committer is not None
    return life.committer


def flush(life: Life) -> None:
    sent = set(life.acknowledged)
    committer(life).flush_all()
    life.in_lake |= sent


def erase(life: Life) -> None:
    """Carry every erasure to its end; the collector rolls as it does when it sees one."""
    life.roll()
    found = committer(life).erase_pending()
    assert not found.waiting
    assert found.report is None or found.report.gone


STEPS: dict[str, Step] = {
    "send": lambda life: life.send(),
    "send late": lambda life: life.send(ago=MONTH),
    "roll": lambda life: life.roll(),
    "Cy withdraws": lambda life: life.withdraw(CY, 2),
    "Ana says yes": lambda life: life.withdraw(ANA, 0),
    "Bo withdraws": lambda life: life.withdraw(BO, 5),
    "hide Cy": lambda life: life.hide(CY),
    "hide Bo, Eve": lambda life: life.hide(BO, EVE),
    "flush": flush,
    "compact": lambda life: committer(life).compact(),
    "compact some": lambda life: committer(life).compact(6),
    "work in": lambda life: committer(life).work_in(),
    "split": lambda life: committer(life).split(3),
    "merge": lambda life: committer(life).merge(),
    "vacuum": lambda life: committer(life).vacuum(),
    "checkpoint": lambda life: committer(life).checkpoint(),
    "erase": erase,
}

PROGRAM = (
    "send", "flush", "send late", "Cy withdraws", "roll", "send", "flush", "compact", "vacuum", "send",
    "Ana says yes", "flush", "roll", "send", "flush", "compact some", "work in", "Bo withdraws", "split", "compact",
    "checkpoint", "hide Cy", "send", "erase", "send", "flush", "compact", "send", "flush", "compact", "send",
    "roll", "flush", "compact", "merge", "vacuum", "hide Bo, Eve", "erase", "checkpoint", "send", "flush",
)  # fmt: skip
"""Every step at least once, each after others that give it something to do."""


def settle(life: Life) -> None:
    """After a restart: what was in hand is finished, the journal drained."""
    erase(life)
    committer(life).flush_all()


def wait_for_lease(life: Life) -> None:
    """Start; where another still holds the lease, it has not died."""
    try:
        life.start()
    except InUse:
        life.clock.advance(60_000)
        life.start()


@contextmanager
def memory_folder() -> Iterator[Path]:
    """A folder in memory where there is one: the model, not the machine's disk, decides what survives."""
    with tempfile.TemporaryDirectory(dir=MEMORY) as made:
        yield Path(made) / "life"


@contextmanager
def begun_life() -> Iterator[Life]:
    """A life on real files that has started; it stops at the end."""
    with memory_folder() as place:
        (place / "data").mkdir(parents=True)
        life = Life(place / "data", Records(place / "records.db"), Files())
        life.start()
        yield life
        life.stop()
        life.records.close()


def do(life: Life, *names: str) -> None:
    """Some of its steps, by name."""
    for name in names:
        STEPS[name](life)
