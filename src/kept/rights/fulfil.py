"""Deletion, carried out: hidden at once, keys destroyed, rewritten, searched, and a receipt.

Each stage is written down when it is done and may be run again, so a deletion that was cut off by a crash
goes on where it was. It is never reported before the search has found nothing. Holds are looked at again in
every stage: one that was placed in between stops what is left. Several processes may carry on the same
deletion: a stage is left once, by whoever is first.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import Connection, Row, insert, select, update

from kept.base.clock import Clock
from kept.base.errors import InUse, KeptError
from kept.base.ids import MASK_63, random_63
from kept.ledger import append, facts, receipt
from kept.rights.plan import Plan
from kept.rights.store import deletion
from kept.storage import erasures, withdrawals
from kept.storage.keys import Keys
from kept.storage.records import Records
from kept.subject import Hold, Holding, Person, forget_answer, standing_holds

FORGOTTEN = 0
"""What stands in place of the choice number of a deletion that is done: it would lead to the tombstones."""


class Stage(Enum):
    """How far a deletion has come."""

    HIDDEN = "hidden"
    SHREDDED = "shredded"
    REWRITTEN = "rewritten"
    VERIFIED = "verified"
    DONE = "done"


class TracesFound(KeptError):
    """The search after a deletion found something. The deletion is not done, and is tried again."""

    retry = True


@dataclass(frozen=True, slots=True)
class Stopped:
    """A hold stands in the way."""

    holds: tuple[Hold, ...]


@dataclass(frozen=True, slots=True)
class Deletion:
    """One deletion as it stands. `report` counts what each Holding gave up, by its name."""

    number: int
    person: Person
    stage: Stage
    asked_ms: int
    done_ms: int | None
    entry: int | None
    report: Mapping[str, int]


class Deletions:
    """Begins deletions and carries them through."""

    def __init__(self, records: Records, keys: Keys, holdings: Sequence[Holding], clock: Clock) -> None:
        self._records = records
        self._keys = keys
        self._holdings = holdings
        self._clock = clock

    def begin(self, plan: Plan) -> int | Stopped:
        """Hide the person in one commit, or refuse for a hold. Returns the deletion's number."""
        person = plan.person
        with self._records.write() as connection:
            holds = standing_holds(connection, person)
            if holds:  # enforces: hold-before-deletion
                append(connection, facts.ErasureRefused(ground="hold"))
                return Stopped(tuple(holds))
            number = random_63()
            append(connection, facts.ErasurePlanned(erasure=number))  # names nobody: see ADR 16
            for subject in person.subjects:  # else the collector would go on gathering under the old yes
                forget_answer(connection, subject)
            # enforces: hidden-at-once
            seq = max(withdrawals.append(connection, subject, MASK_63) for subject in person.subjects)
            entry = append(connection, facts.ErasureHidden(erasure=number))
            connection.execute(
                insert(deletion).values(
                    number=number,
                    workspace=person.workspace,
                    account=person.account,
                    subjects=json.dumps(person.subjects),
                    seq=seq,
                    stage=Stage.HIDDEN.value,
                    asked=self._clock.now_ms(),
                    entry=entry,
                    report=json.dumps(
                        {name: sum(held.count for held in parts) for name, parts in plan.goes.items()}
                    ),
                )
            )
        return number

    def carry_on(self, number: int) -> Deletion | Stopped:
        """Do what is left of a deletion. Raises what a stage raises; call again to try again."""
        steps: Mapping[Stage, Callable[[Deletion], None]] = {
            Stage.HIDDEN: self._shred,
            Stage.SHREDDED: self._rewrite,
            Stage.REWRITTEN: self._verify,
            Stage.VERIFIED: self._report,
        }
        while True:
            now = self.get(number)
            if now is None or now.stage is Stage.DONE:
                return _found(now)
            stopped = self._stopped(now.person)
            if stopped is not None:
                return stopped
            steps[now.stage](now)

    def shred(self, number: int) -> None:
        """Destroy the keys now, without waiting for the rewrite. A deletion further on is left alone."""
        now = self.get(number)
        if now is not None and now.stage is Stage.HIDDEN:
            self._shred(now)

    def open(self) -> list[int]:
        """Numbers of the deletions that are not done."""
        with self._records.read() as connection:
            rows = connection.execute(
                select(deletion.c.number)
                .where(deletion.c.stage != Stage.DONE.value)
                .order_by(deletion.c.asked)
            )
            return list(rows.scalars())

    def get(self, number: int) -> Deletion | None:
        """One deletion; None for a number that was never given."""
        with self._records.read() as connection:
            row = connection.execute(select(deletion).where(deletion.c.number == number)).one_or_none()
        return None if row is None else _read(row)

    def _stopped(self, person: Person) -> Stopped | None:
        with self._records.read() as connection:
            holds = standing_holds(connection, person)
        return Stopped(tuple(holds)) if holds else None  # enforces: hold-in-each-stage

    def receipt(self, number: int) -> bytes | None:
        """The receipt of a deletion that is done, for `kept ledger verify`; None while it is not."""
        now = self.get(number)
        if now is None or now.stage is not Stage.DONE or now.entry is None:
            return None
        with self._records.write() as connection:
            return receipt(connection, self._keys, now.entry)

    def _shred(self, now: Deletion) -> None:
        for subject in now.person.subjects:
            # enforces: keys-destroyed
            self._keys.destroy_person(subject)  # its count is of this call alone: after a crash it says less
        self._reached(now, Stage.SHREDDED, facts.ErasureShredded(erasure=now.number))

    def _rewrite(self, now: Deletion) -> None:
        if not self._put_in_hand(now):
            return
        for holding in self._holdings:
            holding.erase(now.person)
        self._reached(now, Stage.REWRITTEN, facts.ErasureRewritten(erasure=now.number))

    def _put_in_hand(self, now: Deletion) -> bool:
        """Let the committer drop the person's events, which no hold can bring back; False when one stands."""
        with self._records.write() as connection:
            if standing_holds(connection, now.person):  # enforces: hold-in-each-stage
                return False
            hidden = connection.execute(select(deletion.c.seq).where(deletion.c.number == now.number))
            if not erasures.asked_above(connection, now.person.subjects, hidden.scalar_one()):
                erasures.hide(connection, now.person.subjects)
        return True

    def _verify(self, now: Deletion) -> None:
        left = {holding.name: holding.remains(now.person) for holding in self._holdings}
        if any(left.values()):
            with self._records.write() as connection:  # what came in meanwhile is erased like the rest
                self._leave(connection, now, Stage.SHREDDED)
            raise TracesFound(
                "the search after a deletion found traces",
                where=", ".join(name for name, count in left.items() if count),
                next_step="It is not reported as done, and is tried again.",
                why="Something came in meanwhile, or a file was left behind.",
            )
        for subject in now.person.subjects:  # a hold or a join since the first time has made new ones
            self._keys.destroy_person(subject)
        searched = facts.ErasureVerified(erasure=now.number, searched=len(self._holdings))
        with self._records.write() as connection:
            erasures.keep_tombstones(connection, now.person.subjects)  # enforces: order-forgotten
        self._reached(now, Stage.VERIFIED, searched, account=None, subjects=None, seq=FORGOTTEN)

    def _report(self, now: Deletion) -> None:
        # Until then deleted rows stand in the write-ahead log, and in the file what the log has replaced:
        # that of this very deletion too, which is why the person is taken out of it one stage earlier.
        if not self._records.scrub():
            raise InUse(
                "a reader keeps the records from being cleaned",
                next_step="It is tried again shortly.",
                where="records",
                why="What was deleted still stands in their files until then.",
            )
        done = facts.ErasureDone(erasure=now.number, searched=len(self._holdings))
        self._reached(now, Stage.DONE, done, done=self._clock.now_ms())

    def _reached(self, now: Deletion, stage: Stage, fact: facts.Fact, **values: int | None) -> None:
        with self._records.write() as connection:
            if self._leave(connection, now, stage, **values):
                entry = append(connection, fact)
                connection.execute(
                    update(deletion).where(deletion.c.number == now.number).values(entry=entry)
                )

    def _leave(self, connection: Connection, now: Deletion, stage: Stage, **values: int | None) -> bool:
        """Go from the stage that `now` knows to another; False when someone else has left it before."""
        left = connection.execute(
            update(deletion)
            .where(deletion.c.number == now.number, deletion.c.stage == now.stage.value)
            .values(stage=stage.value, **values)
        )
        return left.rowcount == 1


def _found(now: Deletion | None) -> Deletion:
    if now is None:
        raise KeptError(
            "there is no deletion of that number",
            where="deletion",
            why="No deletion was ever begun under it.",
            next_step="`kept ledger show` lists deletions by their numbers.",
        )
    return now


def _read(row: Row[tuple[object, ...]]) -> Deletion:
    subjects = json.loads(row.subjects) if row.subjects else []
    return Deletion(
        number=row.number,
        person=Person(row.workspace, row.account, tuple(subjects)),
        stage=Stage(row.stage),
        asked_ms=row.asked,
        done_ms=row.done,
        entry=row.entry,
        report=json.loads(row.report),
    )
