"""Rows that may serve the same purposes stand together, and stay so through every rewrite."""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kept.storage import withdrawals
from kept.storage.committer import Committer
from kept.storage.event import StoredEvent
from kept.storage.files import Files
from kept.storage.journal import Journal
from kept.storage.lake import Lake, LakeFile
from kept.storage.lake.masks import OWN_SHARE, frequent
from kept.storage.records import Records
from tests.faults.life import A_PAGE_VIEW, TODAY, encode, memory_folder, rows_of

ALL, SOME, RARE = 7, 5, 1
OWN_ROWS = 20


class Site:
    """A lake with its committer, and events of as many people as asked."""

    def __init__(self, records: Records, journal: Journal, committer: Committer, lake: Lake) -> None:
        self.records, self.journal, self.committer, self.lake = records, journal, committer, lake
        self._ids = iter(range(1, 1_000_000))

    def gather(self, mask: int, people: Sequence[int], each: int = 1) -> None:
        events = [self._event(mask, person) for person in people for _ in range(each)]
        self.journal.append_now([encode(event) for event in events])

    def _event(self, mask: int, person: int) -> StoredEvent:
        return msgspec.structs.replace(
            A_PAGE_VIEW, mask=mask, subject=person, event_id=next(self._ids), ts=TODAY, cv=self.head()
        )

    def head(self) -> int:
        with self.records.read() as connection:
            return withdrawals.head(connection)

    def withdraw(self, person: int, bits: int) -> None:
        with self.records.write() as connection:
            withdrawals.append(connection, person, bits)

    def compact(self) -> None:
        self.committer.flush_all()
        self.committer.compact()

    @property
    def files(self) -> list[LakeFile]:
        return list(self.lake.snapshot().files.values())

    def held(self) -> dict[int | None, Counter[int]]:
        """The masks of the rows in the files of each stated mask."""
        found: dict[int | None, Counter[int]] = {}
        for file in self.files:
            masks = [mask for (mask,) in rows_of(self.lake.paths([file]), "mask")]
            found.setdefault(file.mask, Counter()).update(masks)
        return found


@pytest.fixture
def site() -> Iterator[Site]:
    with memory_folder() as place:
        (place / "data").mkdir(parents=True)
        records, files = Records(place / "records.db"), Files()
        with Committer(place / "data", records, own_rows=OWN_ROWS) as committer:
            journal = Journal(files, place / "data" / "journal", 1, 0)
            yield Site(records, journal, committer, Lake(place / "data"))
            journal.close()
        records.close()


def test_a_frequent_mask_has_a_file_of_its_own_and_rare_ones_share(site: Site) -> None:
    site.gather(ALL, range(30))
    site.gather(SOME, range(100, 125))
    site.gather(RARE, range(200, 203))
    site.compact()
    assert site.held() == {ALL: Counter({ALL: 30}), SOME: Counter({SOME: 25}), None: Counter({RARE: 3})}


def test_a_little_lake_has_one_file(site: Site) -> None:
    site.gather(ALL, range(5))
    site.gather(SOME, range(5, 10))
    site.compact()
    assert site.held() == {None: Counter({ALL: 5, SOME: 5})}


def test_who_withdraws_leaves_the_file_of_the_mask(site: Site) -> None:
    site.gather(ALL, range(30))
    site.compact()
    site.withdraw(3, bits=4)
    site.committer.work_in()
    assert site.held() == {ALL: Counter({ALL: 29}), None: Counter({ALL & ~4: 1})}


def test_files_do_not_become_more_with_every_withdrawal(site: Site) -> None:
    site.gather(ALL, range(60))
    site.compact()
    for person in range(12):
        site.withdraw(person, bits=4)
        site.committer.work_in()
    assert site.held() == {ALL: Counter({ALL: 48}), None: Counter({ALL & ~4: 12})}
    assert len(site.files) == 2


def test_merging_ends_and_keeps_masks_apart(site: Site) -> None:
    for round_ in range(12):
        site.gather(ALL, range(30 * round_, 30 * round_ + 30))
        site.gather(SOME, range(25))
        site.gather(RARE, range(3))
        site.compact()
        while site.committer.merge():
            pass
    rows = site.held()
    assert rows[ALL] == Counter({ALL: 360})
    assert rows[SOME] == Counter({SOME: 300})
    assert rows[None] == Counter({RARE: 36})
    assert len(site.files) <= 12


def test_a_checkpoint_keeps_what_a_file_states(site: Site) -> None:
    site.gather(ALL, range(30))
    site.compact()
    site.committer.checkpoint()
    assert {file.mask for file in Lake(site.lake.places.data).snapshot().files.values()} == {ALL}


@given(st.dictionaries(st.integers(0, 63), st.integers(1, 100_000), max_size=40))
def test_few_masks_have_files_of_their_own(rows: dict[int, int]) -> None:
    own = frequent(rows)
    assert len(own) <= OWN_SHARE
    assert all(rows[mask] >= rows[other] for mask in own for other in rows if other not in own)
