"""Erasing: from hidden to gone, and reported only then. Every part can be run again after any crash."""

from dataclasses import dataclass, field

import msgspec
from sqlalchemy import bindparam, update

from kept.base.errors import InUse
from kept.storage import erasures
from kept.storage.committer.flush import Flush
from kept.storage.committer.hand import Hand
from kept.storage.committer.rewrite import work_in
from kept.storage.committer.tidy import vacuum
from kept.storage.committer.verify import GoneReport, verify_gone
from kept.storage.erasures import State, erasure
from kept.storage.journal import Journal
from kept.storage.segments import list_segments


@dataclass(slots=True)
class Erased:
    """How far the erasures in hand have come. `waiting`: collectors that have not rolled their journal."""

    done: dict[int, int] = field(default_factory=dict)  # subject -> choice number
    waiting: tuple[int, ...] = ()
    report: GoneReport | None = None


def erase_pending(hand: Hand, intake: Flush) -> Erased:
    """Do all that can be done now for every hidden erasure, and mark those done that are proven gone."""
    with hand.records.read() as connection:
        subjects = erasures.pending(connection)
    if not subjects:
        return Erased()
    if waiting := unrolled(hand, max(subjects.values())):
        return Erased(waiting=waiting)
    hand.clear_stage()
    while intake.flush():
        pass
    work_in(hand)
    intake.seen.forget()  # rows went: an id that was theirs is no longer taken
    vacuum(hand)
    report = verify_gone(hand, subjects)
    if not report.gone:  # enforces: searched-before-done
        return Erased(report=report)
    mark_done(hand, subjects, report)
    return Erased(done=subjects, report=report)


def unrolled(hand: Hand, seq: int) -> tuple[int, ...]:
    """The collectors whose newest segment was opened knowing less than `seq`.

    One that no process holds is rolled on its behalf; one that is silent while it lives blocks the erasure.
    """
    newest = {s.collector: s for s in list_segments(hand.files, hand.places.journal)}
    behind = [collector for collector, segment in newest.items() if segment.head < seq]
    return tuple(collector for collector in behind if not _rolled_for(hand, collector, seq))


def _rolled_for(hand: Hand, collector: int, seq: int) -> bool:
    try:
        Journal(hand.files, hand.places.journal, collector, seq).close()
    except InUse:
        return False
    return True


def mark_done(hand: Hand, subjects: dict[int, int], report: GoneReport) -> None:
    """Report the erasures gone, if this epoch still holds: what a zombie verified may no longer be so."""
    evidence = msgspec.json.encode(report).decode()
    with hand.records.write() as connection:
        hand.lease.require(connection)
        connection.execute(
            update(erasure)
            .where(erasure.c.subject == bindparam("person"), erasure.c.seq <= bindparam("upto"))
            .where(erasure.c.state == State.HIDDEN.value)
            .values(state=State.DONE.value, evidence=evidence),
            [{"person": subject, "upto": seq} for subject, seq in subjects.items()],
        )
