"""A person's word, taken down with its evidence in one commit: the answer, the withdrawal, the fact."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from kept.ledger import EVIDENCE, append, facts, pseudonym
from kept.storage.keys import Keys
from kept.storage.records import Records
from kept.subject.choices import Said, noes_of, record_answer
from kept.subject.holding import Person
from kept.subject.holds import place_hold, release_hold, standing_holds
from kept.subject.identity import AlreadyJoined, Identities


@dataclass(frozen=True, slots=True)
class Voice:
    """Takes down what people say, and what is said of them. Durable when a method returns."""

    records: Records
    keys: Keys
    identities: Identities

    def answer(self, subject: int, said: Said, bits: Mapping[str, int]) -> int:
        """One answer; `bits` gives each purpose its place. Returns the choice sequence number."""
        with self.records.write() as connection:
            return self._take_down(connection, subject, said, bits)

    def answer_for_account(self, account_id: str, said: Said, bits: Mapping[str, int]) -> Person:
        """One answer for all that a person is here: the account, and every browser joined to it, in one commit."""
        with self.records.write() as connection:
            self.identities.meet_account(connection, account_id)
            person = self.identities.person_of_account(connection, account_id)
            if person is None:
                raise RuntimeError("an account that was just met is not there")
            for subject in person.subjects:  # enforces: account-answer
                self._take_down(connection, subject, said, bits)
        return person

    def join(
        self, visitor_id: str, account_id: str, shown_by: str, bits: Mapping[str, int]
    ) -> Person | AlreadyJoined:
        """Make a visitor part of an account; once joined, nothing is written again.

        What the account refused holds in this browser from now on, whatever was said in it before. What the
        account agreed to does not: this browser was not among those it was said for.
        """
        with self.records.write() as connection:
            before = self.identities.person_of_account(connection, account_id)
            person = self.identities.join(connection, visitor_id, account_id, shown_by)
            if isinstance(person, Person) and person != before:
                visitor = self.identities.visitor(visitor_id)
                self._tell_join(connection, person, visitor)
                for said in noes_of(connection, _first(person)):  # enforces: account-no-joins
                    self._take_down(connection, visitor, said, bits)
        return person

    def hold(self, person: Person, *, ground: str, owner: str, review_ms: int, now_ms: int) -> int:
        """Place a hold; returns its number."""
        with self.records.write() as connection:
            number = place_hold(
                connection, person, ground=ground, owner=owner, review_ms=review_ms, now_ms=now_ms
            )
            name = self.name(_first(person))
            append(connection, facts.HoldPlaced(person=name, hold=number, review_ms=review_ms))
        return number

    def release(self, person: Person, now_ms: int) -> int:
        """Release every hold on a person; returns how many there were."""
        with self.records.write() as connection:
            for hold in standing_holds(connection, person):
                append(connection, facts.HoldReleased(person=self.name(_first(person)), hold=hold.number))
            return release_hold(connection, person, now_ms)

    def looked(self, person: Person, purpose: str, role: str) -> None:
        """Put on record that someone in a role looked at one person's data."""
        with self.records.write() as connection:
            name = self.name(_first(person))
            append(connection, facts.PersonLookedAt(person=name, purpose=purpose, role=role))

    def name(self, subject: int) -> str:
        """The subject's pseudonym in the ledger, under the person's own key."""
        key = self.keys.person_key(subject, EVIDENCE, create=True)
        if key is None:
            raise RuntimeError("a key that was asked to be made was not")
        return pseudonym(key, subject)

    def _take_down(self, connection: Connection, subject: int, said: Said, bits: Mapping[str, int]) -> int:
        fact = facts.ChoiceRecorded(
            person=self.name(subject),
            yes=_named(said.yes, bits),
            no=_named(said.no, bits),
            how=said.how,
            policy=said.policy,
        )
        append(connection, fact)
        return record_answer(connection, subject, said)

    def _tell_join(self, connection: Connection, person: Person, visitor: int) -> None:
        account = self.name(_first(person))
        append(connection, facts.PersonJoined(person=account, visitor=self.name(visitor)))


def _first(person: Person) -> int:
    return person.account if person.account is not None else person.subjects[0]


def _named(mask: int, bits: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(sorted(purpose for purpose, bit in bits.items() if mask >> bit & 1))
