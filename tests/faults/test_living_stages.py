"""Two processes at one deletion: a stage is left once, and whoever was slow sets nothing back."""

from collections.abc import Collection, Iterator
from pathlib import Path

import pytest

from kept.base.clock import SetClock
from kept.ledger import entries, facts
from kept.rights import Deletions, Stage, Stopped, plan_erasure
from kept.storage.keys import Keys
from kept.storage.records import Records
from kept.subject import Bindings, Choices, Holding, Identities, Person, Said, record_answer


class One:
    """A process's own connections, and its deletions."""

    def __init__(self, folder: Path) -> None:
        self.records = Records(folder / "data" / "records.db")
        self.keys = Keys.open(folder / "data" / "keys.db", folder / "master.key")
        self.identities = Identities(1, b"v" * 32, b"b" * 32, b"k" * 32, SetClock(10))
        holdings: list[Holding] = [Choices(self.records), Bindings(self.records, self.identities)]
        self.deletions = Deletions(self.records, self.keys, holdings, SetClock(10))

    def close(self) -> None:
        self.records.close()
        self.keys.close()


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[One, One]]:
    (tmp_path / "data").mkdir()
    both = One(tmp_path), One(tmp_path)
    yield both
    for one in both:
        one.close()


def test_whoever_was_slow_sets_nothing_back(two: tuple[One, One], monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = two
    with slow.records.write() as connection:
        cy = slow.identities.join(connection, "laptop", "cy", "secret key")
        assert isinstance(cy, Person)
        record_answer(connection, cy.subjects[-1], Said(1, 0, 1, "dialog", "May we?", 5))
    number = slow.deletions.begin(plan_erasure(cy, {}, [], []))
    assert isinstance(number, int)
    destroy = slow.keys.destroy_person

    def destroy_after_the_other(subject: int, *, keep: Collection[str] = ()) -> int:
        done = quick.deletions.carry_on(number)
        assert not isinstance(done, Stopped)
        assert done.stage is Stage.DONE
        return destroy(subject, keep=keep)

    monkeypatch.setattr(slow.keys, "destroy_person", destroy_after_the_other)
    slow.deletions.shred(number)
    now = slow.deletions.get(number)
    assert now is not None
    assert (now.stage, now.person.subjects) == (Stage.DONE, ())
    assert slow.deletions.open() == []
    assert slow.deletions.receipt(number) is not None
    with slow.records.read() as connection:
        told = [type(entry.fact) for entry in entries(connection)]
    for kind in (facts.ErasureShredded, facts.ErasureRewritten, facts.ErasureVerified, facts.ErasureDone):
        assert told.count(kind) == 1
