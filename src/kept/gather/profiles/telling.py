"""Telling: values are taken in, replaced and taken away, each decided by the gate, in one commit with its fact."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from kept.base.clock import Clock
from kept.base.ids import random_63
from kept.gate import Gathering, InForce
from kept.gather.profiles import store
from kept.gather.profiles.judging import PERSON, Judged, judge, missing
from kept.gather.profiles.model import NotTaken, Plain, Refusal, Telling, Told
from kept.gather.profiles.vault import Place, Vault, facts_of, key_class
from kept.ledger import append, facts
from kept.policy.compiled import NO_ANSWER, Answer
from kept.subject import DELETED, Person, Voice, answer_of_person


@dataclass(frozen=True, slots=True)
class Tellings:
    """Takes down what is told about the accounts of one workspace. Durable when a method returns."""

    voice: Voice
    in_force: Callable[[], InForce]
    clock: Clock

    def tell(self, account_id: str, telling: Telling) -> Told:
        """Values about an account, which is met here if it was not known."""
        policy = self.in_force()
        judged = judge(policy.policy, telling)
        with self.voice.records.write() as connection:
            desk = self.desk(connection, policy)
            told = desk.take(account_id, judged, telling)
            subject = self.voice.identities.account(connection, account_id)
            if subject is not None:
                self._put_on_record(connection, subject, told, telling.how, policy.number)
        return told

    def correct(self, person: Person, item: str, value: object) -> Told:
        """A right value in a wrong one's place, by the person's own word."""
        policy, telling = self.in_force(), Telling({item: value}, how=PERSON)
        judged = judge(policy.policy, telling)
        with self.voice.records.write() as connection:
            told = self.desk(connection, policy).correct(person, judged)
            if person.account is not None:
                self._put_on_record(connection, person.account, told, PERSON, policy.number)
        return told

    def remove(self, account_id: str, item: str, source: str = "form") -> Told:
        """Take one value away with all that it was before."""
        return self.tell(account_id, Telling({item: None}, source))

    def desk(self, connection: Connection, policy: InForce) -> "Desk":
        """The work on one connection, for one request or one batch."""
        return Desk(connection, self.voice, policy, self.clock.now_ms())

    def _put_on_record(self, connection: Connection, subject: int, told: Told, how: str, policy: int) -> None:
        if told.taken or told.removed:
            fact = facts.ProfileChanged(
                person=self.voice.name(subject),
                taken=told.taken,
                removed=told.removed,
                how=how,
                policy=policy,
            )
            append(connection, fact)


class Desk:
    """Takes values inside one transaction."""

    def __init__(self, connection: Connection, voice: Voice, in_force: InForce, now_ms: int) -> None:
        self._connection, self._voice, self._now_ms = connection, voice, now_ms
        self._policy, self._version = in_force.policy, in_force.number
        self._gathering = Gathering(in_force.policy)
        self._vault = Vault(voice.keys)
        self._cells: dict[tuple[str | None, tuple[str, ...]], int] = {}

    def take(self, account_id: str, judged: Judged, telling: Telling, *, preview: bool = False) -> Told:
        """What becomes of a telling; `preview`: only say what would."""
        identities = self._voice.identities
        person = identities.person_of_account(self._connection, account_id)
        answer = NO_ANSWER if person is None else answer_of_person(self._connection, person)
        if answer is DELETED:
            return Told(refused=tuple(Refusal(name, NotTaken.DELETED) for name in telling.values))
        old = (
            {}
            if person is None or person.account is None
            else store.standing(self._connection, person.account)
        )
        masks = {
            name: self._mask(name, answer, telling)
            for name, value in judged.values.items()
            if value is not None
        }
        judged = _without(judged, [name for name, mask in masks.items() if not mask])
        told = self._sorted(judged, old, telling)
        if preview or not (told.taken or told.removed or told.unchanged):
            return told
        if told.taken:
            subject = identities.meet_account(self._connection, account_id)
            self._make_keys(subject, told.taken)
            for name in told.taken:
                self._put(subject, name, judged.values[name], telling, masks[name], old.get(name))
        self._tidy(told, old, masks)
        return told

    def correct(self, person: Person, judged: Judged) -> Told:
        """Only what stands is corrected; whoever may use it goes on using it, as far as the person allows."""
        if person.account is None or answer_of_person(self._connection, person) is DELETED:
            return Told(refused=tuple(Refusal(name, NotTaken.DELETED) for name in judged.values))
        old = store.standing(self._connection, person.account)
        telling = Telling({}, how=PERSON)
        known = {name: value for name, value in judged.values.items() if name in old}
        strange = (Refusal(name, NotTaken.UNDECLARED) for name in judged.values if name not in old)
        told = self._sorted(Judged(known, (*judged.refused, *strange)), old, telling)
        for name in told.taken:
            self._put(person.account, name, known[name], telling, old[name].mask, old[name])
        self._tidy(told, old, {})
        return told

    def _mask(self, name: str, answer: Answer, telling: Telling) -> int:
        item = self._policy.items[name]
        where = (telling.residence, item.about)
        if where not in self._cells:
            self._cells[where] = self._policy.cell_of(telling.residence, None, frozenset(item.about))
        return self._gathering.of_value(item, self._cells[where], answer, signal=telling.signal)

    def _sorted(self, judged: Judged, old: Mapping[str, store.Stored], telling: Telling) -> Told:
        """What is new, the same or to go. Where something that is required would be missing, nothing is taken."""
        given = {name: value for name, value in judged.values.items() if value is not None}
        gone = [name for name in judged.values if name not in given and name in old]
        lacking = missing(self._policy, telling.source, {*given, *old} - {*gone}) if given or gone else []
        lacking = [name for name in lacking if telling.how != PERSON or name in gone]
        if lacking:  # enforces: required-item
            said = {refusal.item for refusal in judged.refused}
            more = (Refusal(name, NotTaken.REQUIRED) for name in lacking if name not in said)
            return Told(refused=(*judged.refused, *more))
        same = tuple(name for name, value in given.items() if self._is_same(old.get(name), value))
        taken = tuple(name for name in given if name not in same)
        return Told(taken, same, tuple(gone), judged.refused)

    def _is_same(self, old: store.Stored | None, value: Plain) -> bool:
        return old is not None and self._vault.opened(old) == facts_of(value)

    def _make_keys(self, subject: int, names: Iterable[str]) -> None:
        self._vault.make({(subject, key_class(self._policy.items[name])) for name in names})

    def _put(
        self,
        subject: int,
        name: str,
        plain: Plain | None,
        telling: Telling,
        mask: int,
        old: store.Stored | None,
    ) -> None:
        """Put a value in its place; the one before it is history from now on."""
        if plain is None:
            return
        if old is not None:
            store.end(self._connection, old.number, self._now_ms)
        place = Place(self._voice.identities.workspace, subject, name, random_63())
        of = key_class(self._policy.items[name])
        sealed, parts = self._vault.close(place, of, plain)
        row = {
            "number": place.number,
            "workspace": place.workspace,
            "subject": subject,
            "item": name,
            "key_class": of,
            "sealed": sealed,
            "source": telling.source,
            "how": telling.how,
            "at": self._now_ms,
            "policy": self._version,
            "mask": mask,
        }
        store.put(self._connection, row, parts)

    def _tidy(self, told: Told, old: Mapping[str, store.Stored], masks: Mapping[str, int]) -> None:
        """Delete what was taken away; what was told again may be used as it may be today."""
        for name in told.removed:
            store.forget(self._connection, [old[name].subject], name)
        for name in told.unchanged:
            if name in masks and old[name].mask != masks[name]:
                store.renew(self._connection, old[name].number, mask=masks[name], policy=self._version)


def _without(judged: Judged, names: list[str]) -> Judged:
    """The same, with these refused because no purpose may use them."""
    if not names:
        return judged
    values = {name: value for name, value in judged.values.items() if name not in names}
    more = (Refusal(name, NotTaken.NO_PURPOSE) for name in names)
    return replace(judged, values=values, refused=(*judged.refused, *more))
