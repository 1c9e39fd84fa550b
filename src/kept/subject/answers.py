"""The collector's copy of everyone's answers: in memory, as fresh as its head says.

An event is stamped with the head that its mask knew. When the copy is behind, the event's `cv` is behind
too, and the withdrawal that the copy missed clears the event's bits when it is read. Being late is safe; being
deaf is not taken for it: where choices cannot be heard of, nothing is gathered until they are known again.

It also holds whose deletion was asked for, for as long as they choose nothing new: the tombstones, in memory.
"""

from collections.abc import Sequence
from threading import Lock
from time import monotonic

from sqlalchemy import Connection, select

from kept.base.errors import Damaged
from kept.base.ids import MASK_63
from kept.policy.compiled import NO_ANSWER, Answer
from kept.storage import withdrawals
from kept.storage.records import Records, in_parts
from kept.subject.choices import strictest
from kept.subject.holding import Person
from kept.subject.store import answer

DELETED = Answer(no=MASK_63)
"""What stands for a person whose deletion was asked for, until they choose anew: a no to everything, also to what
needs no yes. It is told by being this very object. Nothing is gathered under the pseudonym any more, or a sender
that has not heard of it would build up again what was deleted, joined to nobody."""

STALE_SECONDS = 5.0
"""So long ago may the last look be, where a connection dies and nobody says so: several looks."""


class Answers:
    """Answers by subject. `refresh` is called every fraction of a second, and after each own write."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._known: dict[int, Answer] = {}
        self._one_at_a_time = Lock()
        self.head = 0
        self._looked = monotonic()
        self.are_heard = True  # whether whoever waits for news would be told of a choice that is made now
        self.erased = 0  # the greatest sequence number of a deletion: a journal must have rolled past it
        self.refresh()

    def of(self, subject: int) -> tuple[Answer, int]:
        """The answer in force as far as this copy knows, and the head it knows it under."""
        head = (
            self.head
        )  # before the answer: a refresh in between then makes the head too low, never too high
        return self._known.get(subject, NO_ANSWER), head

    def look_again(self, subject: int) -> tuple[Answer, int]:
        """The same after a refresh, where being late is not safe: an id of ours that has no answer is refused."""
        self.refresh()
        return self.of(subject)

    def refresh(self) -> bool:
        """Take over what changed since the head; True when something did.

        Raises `Damaged` when the choices end before those that are known: older records were put in their place.
        """
        with self._one_at_a_time:
            began = monotonic()
            with self._records.read() as connection:
                changed = self._catch_up(connection)
            self._looked = began
        return changed

    def are_fresh(self) -> bool:
        """Whether they may be relied upon: choices are heard of, and the last look was not long ago."""
        return self.are_heard and monotonic() - self._looked < STALE_SECONDS

    def _catch_up(self, connection: Connection) -> bool:
        head = withdrawals.head(connection)
        if head == self.head:
            return False
        if head < self.head:
            raise _older_records()
        if self.head == 0:
            self._known = _all(connection)
        else:
            self._take(connection)
        self.erased = withdrawals.last_dropped(connection)
        self.head = head  # last: answers may be newer than the head says, never older
        return True

    def _take(self, connection: Connection) -> None:
        changed = withdrawals.subjects_above(connection, self.head)
        found = _some(connection, changed)
        for subject in changed:  # a row without an answer is a deletion's
            self._known[subject] = found.get(subject, DELETED)  # enforces: deleted-known


def _older_records() -> Damaged:
    return Damaged(
        "the list of choices is shorter than it was",
        where="records",
        why="Older records were put in the place of newer ones, or a standby took over that had not all of them.",
        next_step="Put the newest records back; nothing is gathered until then.",
    )


def answer_of_person(connection: Connection, person: Person) -> Answer:
    """What holds for someone with an account: of all that they said, each no counts, and a yes that meets no no.

    `DELETED` from the moment that the deletion of the account was asked for: its answer is out of force then, and
    its withdrawals stand.
    """
    return answers_of_people(connection, [person])[0]


def answers_of_people(connection: Connection, people: Sequence[Person]) -> list[Answer]:
    """The same of several people, in their order."""
    said = _some(connection, [subject for person in people for subject in person.subjects])
    silent = [
        person.account for person in people if person.account is not None and person.account not in said
    ]
    leaving = withdrawals.concerned(connection, silent)  # enforces: deleted-account
    return [
        DELETED
        if person.account in leaving
        else strictest(said.get(subject, NO_ANSWER) for subject in person.subjects)
        for person in people
    ]


def _all(connection: Connection) -> dict[int, Answer]:
    known = dict.fromkeys(withdrawals.subjects_above(connection, 0), DELETED)  # enforces: deleted-known
    rows = connection.execute(select(answer.c.subject, answer.c.yes, answer.c.no))
    known.update((row.subject, Answer(row.yes, row.no)) for row in rows)
    return known


def _some(connection: Connection, subjects: list[int]) -> dict[int, Answer]:
    found: dict[int, Answer] = {}
    for part in in_parts(subjects):
        rows = connection.execute(select(answer).where(answer.c.subject.in_(part)))
        found.update({row.subject: Answer(row.yes, row.no) for row in rows})
    return found
