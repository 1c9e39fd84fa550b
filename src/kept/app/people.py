"""People and what the house does for them: answers, joins, what is held, deletion."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from kept.amend import Showing, record_shown, showings_of
from kept.app.house import House
from kept.base.errors import Away, InUse, NoRoom
from kept.ledger import latest_checkpoint
from kept.policy import Answer
from kept.rights import Deletion, Deletions, Plan, Stopped, plan_erasure
from kept.subject import (
    AlreadyJoined,
    Held,
    Hold,
    Holding,
    Past,
    Person,
    Said,
    Voice,
    answer_of,
    history_of,
    standing_holds,
)


@dataclass(frozen=True)
class People:
    """The people of one installation, through the Holdings of every room."""

    house: House
    holdings: Sequence[Holding]

    @property
    def voice(self) -> Voice:
        """Takes down what people say."""
        return self.house.voice

    @property
    def deletions(self) -> Deletions:
        """Deletions, begun and carried on."""
        house = self.house
        return Deletions(house.records, house.keys, self.holdings, house.clock)

    def answer(self, visitor_id: str, *, yes: int, no: int, how: str, words: str) -> int:
        """Take down a visitor's answer; returns the choice sequence number."""
        said = self._said(yes=yes, no=no, how=how, words=words)
        return self.voice.answer(self.house.identities.visitor(visitor_id), said, self._bits())

    def answer_for_account(self, account_id: str, *, yes: int, no: int, how: str, words: str) -> Person:
        """Take down an answer that someone gives for their account: it counts in every browser joined to it."""
        said = self._said(yes=yes, no=no, how=how, words=words)
        return self.voice.answer_for_account(account_id, said, self._bits())

    def answers_of(self, person: Person) -> dict[int, Answer]:
        """What holds for each subject of a person."""
        with self.house.records.read() as connection:
            return {subject: answer_of(connection, subject) for subject in person.subjects}

    def browsers(self, person: Person) -> dict[int, int]:
        """Visitors joined to a person's account, and when, ms; the oldest first."""
        with self.house.records.read() as connection:
            return self.house.identities.browsers(connection, person)

    def answer_in_force(self, visitor_id: str) -> Answer:
        """What a visitor has said."""
        with self.house.records.read() as connection:
            return answer_of(connection, self.house.identities.visitor(visitor_id))

    def history(self, subjects: Sequence[int]) -> list[Past]:
        """Every answer of these subjects, newest first."""
        with self.house.records.read() as connection:
            past = [entry for subject in subjects for entry in history_of(connection, subject)]
        return sorted(past, key=lambda entry: -entry.seq)

    def join(self, visitor_id: str, account_id: str, shown_by: str) -> Person | AlreadyJoined:
        """Make a visitor part of an account."""
        return self.voice.join(visitor_id, account_id, shown_by, self._bits())

    def of_account(self, account_id: str) -> Person | None:
        """The person behind an account; None for a stranger."""
        with self.house.records.read() as connection:
            return self.house.identities.person_of_account(connection, account_id)

    def shown(self, account_id: str, how: str, version: str = "", *, meet: bool = False) -> bool:
        """Put on record that an account was shown a version, the one in force if none is named; whether it is.

        A stranger stays one, unless the site's own server says that this account is there (`meet`).
        """
        in_force, now_ms = self.house.policies.now(), self.house.clock.now_ms()
        number = self._number(version) if version else in_force.number
        if not number:
            return False
        known = self.house.identities.meet_account if meet else self.house.identities.account
        with self.house.records.write() as connection:
            return record_shown(
                connection, in_force, number, how, now_ms, lambda: known(connection, account_id)
            )

    def showings(self, person: Person) -> list[Showing]:
        """Which versions a person was shown, the oldest first."""
        versions = self.house.policies.versions()
        with self.house.records.read() as connection:
            return showings_of(connection, person.subjects, versions)

    def _number(self, version: str) -> int:
        """The newest version of that name; 0 for none."""
        named = [number for number, name in self.house.policies.versions().items() if name == version]
        return max(named, default=0)

    def holds(self, person: Person) -> list[Hold]:
        """The holds that stand on a person."""
        with self.house.records.read() as connection:
            return standing_holds(connection, person)

    def found(self, person: Person) -> dict[str, list[Held]]:
        """What each Holding holds."""
        return {holding.name: holding.find(person) for holding in self.holdings}

    def copy(self, person: Person) -> dict[str, object]:
        """All that is held, complete, by the name of the Holding (GDPR Art. 15(3), 20)."""
        return {holding.name: list(holding.export(person)) for holding in self.holdings}

    def plan(self, person: Person) -> Plan:
        """What a deletion would do. Changes nothing."""
        duties = [duty for holding in self.holdings for duty in holding.duties(person)]
        return plan_erasure(person, self.found(person), duties, self.holds(person))

    def erase(self, plan: Plan) -> int | Stopped:
        """Hide the person and destroy their keys; the committer does the rest. Returns its number."""
        number = self.deletions.begin(plan)
        if isinstance(number, int):
            with suppress(Away, InUse, NoRoom):  # it has begun: the committer goes on with it
                self.deletions.shred(number)
        return number

    def root(self) -> str:
        """The root hash of the ledger's newest checkpoint, in hexadecimal; empty before the first."""
        public = self.house.keys.signing_key().public_key().public_bytes_raw()
        with self.house.records.read() as connection:
            newest = latest_checkpoint(connection, public)
        return "" if newest is None else newest.root.hex()

    def carry_on_all(self) -> list[Deletion | Stopped]:
        """Carry on every open deletion, as the committer does in each of its rounds."""
        deletions = self.deletions
        return [deletions.carry_on(number) for number in deletions.open()]

    def _said(self, *, yes: int, no: int, how: str, words: str) -> Said:
        return Said(yes, no, self.house.policies.now().number, how, words, self.house.clock.now_ms())

    def _bits(self) -> dict[str, int]:
        """Each purpose's place in a mask."""
        return {name: purpose.bit for name, purpose in self.house.policies.now().policy.purposes.items()}
