"""Telling: values are taken in, replaced and taken away, each decided by the gate, in one commit with its fact."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from kept.base.clock import Clock
from kept.base.ids import random_63
from kept.gate import Gathering, InForce
from kept.gather.profiles import store
from kept.gather.profiles.judging import PERSON, Judged, judge, missing
from kept.gather.profiles.model import NotTaken, Plain, Refusal, TakenDown, Telling
from kept.gather.profiles.values import names_people
from kept.gather.profiles.vault import Place, Vault, facts_of, key_class
from kept.ledger import append, facts
from kept.policy.compiled import NO_ANSWER, Answer
from kept.subject import DELETED, Learnt, Person, Voice, answer_of_person, answers_of_people


@dataclass(frozen=True, slots=True)
class Tellings:
    """Takes down what is told about the accounts of one workspace. Durable when a method returns."""

    voice: Voice
    in_force: Callable[[], InForce]
    clock: Clock

    def tell(self, account_id: str, telling: Telling) -> TakenDown:
        """Values about an account, which is met here if it was not known."""
        policy = self.in_force()
        judged = judge(policy.policy, telling)
        with self.voice.records.write() as connection:
            desk = self.desk(connection, policy)
            [weighed] = desk.weigh([(account_id, judged, telling)])
            desk.act([weighed])
            subject = self.voice.identities.account(connection, account_id)
            if subject is not None:
                self._put_on_record(connection, subject, weighed.told, telling.how, policy.number)
        return weighed.told

    def correct(self, person: Person, item: str, value: object) -> TakenDown:
        """A right value in a wrong one's place, by the person's own word."""
        policy, telling = self.in_force(), Telling({item: value}, how=PERSON)
        judged = judge(policy.policy, telling)
        with self.voice.records.write() as connection:
            told = self.desk(connection, policy).correct(person, judged)
            if person.account is not None:
                self._put_on_record(connection, person.account, told, PERSON, policy.number)
        return told

    def remove(self, account_id: str, item: str, source: str = "form") -> TakenDown:
        """Take one value away with all that it was before."""
        return self.tell(account_id, Telling({item: None}, source))

    def desk(self, connection: Connection, policy: InForce) -> "Desk":
        """The work on one connection, for one request or one batch."""
        return Desk(connection, self.voice, policy, self.clock.now_ms())

    def _put_on_record(
        self, connection: Connection, subject: int, told: TakenDown, how: str, policy: int
    ) -> None:
        if told.taken or told.removed:
            fact = facts.ProfileChanged(
                person=self.voice.name(subject),
                taken=told.taken,
                removed=told.removed,
                how=how,
                policy=policy,
            )
            append(connection, fact)


@dataclass(frozen=True, slots=True)
class Weighed:
    """What would become of a telling: what is known of the account, the masks, and which value stands already."""

    account_id: str
    subject: int | None
    telling: Telling
    told: TakenDown
    values: Mapping[str, Plain | None] = field(default_factory=dict)
    old: Mapping[str, store.Stored] = field(default_factory=dict)
    masks: Mapping[str, int] = field(default_factory=dict)


class Desk:
    """Takes values inside one transaction. First each telling is weighed, then all are acted upon."""

    def __init__(self, connection: Connection, voice: Voice, in_force: InForce, now_ms: int) -> None:
        self._connection, self._voice, self._now_ms = connection, voice, now_ms
        self._policy, self._version = in_force.policy, in_force.number
        self._gathering = Gathering(in_force.policy)
        self._vault = Vault(voice.keys)
        self._cells: dict[tuple[str | None, tuple[str, ...]], int] = {}

    def weigh(self, asked: Sequence[tuple[str, Judged, Telling]]) -> list[Weighed]:
        """What would become of these tellings about different accounts. Changes nothing."""
        people = self._voice.identities.people_of_accounts(self._connection, [each[0] for each in asked])
        answers = answers_of_people(self._connection, list(people.values()))
        known = dict(zip(people, answers, strict=True))
        old = store.standing(self._connection, [person.subjects[0] for person in people.values()])
        return [
            self._weigh(account, judged, telling, people.get(account), known.get(account, NO_ANSWER), old)
            for account, judged, telling in asked
        ]

    def act(self, weighed: Sequence[Weighed]) -> None:
        """Do it for all of them: accounts are met, keys made together, values put in their places."""
        taking = [each for each in weighed if each.told.taken]
        strangers = [each.account_id for each in taking if each.subject is None]
        met = self._voice.identities.meet_accounts(self._connection, strangers)
        placed = [
            (met[each.account_id] if each.subject is None else each.subject, name, each)
            for each in taking
            for name in each.told.taken
        ]
        self._vault.make({(subject, self._class_of(name)) for subject, name, _ in placed})
        self._put(placed)
        for each in weighed:
            self._tidy(each)

    def correct(self, person: Person, judged: Judged) -> TakenDown:
        """Only what stands is corrected; whoever may use it goes on using it, as far as the person allows."""
        if person.account is None or answer_of_person(self._connection, person) is DELETED:
            return TakenDown(refused=tuple(Refusal(name, NotTaken.DELETED) for name in judged.values))
        old = store.standing(self._connection, [person.account]).get(person.account, {})
        telling = Telling({}, how=PERSON)
        known = {name: value for name, value in judged.values.items() if name in old}
        strange = (Refusal(name, NotTaken.UNDECLARED) for name in judged.values if name not in old)
        told = self._sorted(Judged(known, (*judged.refused, *strange)), old, telling)
        masks = {name: old[name].mask for name in known}
        self.act([Weighed("", person.account, telling, told, known, old, masks)])
        return told

    def _weigh(
        self,
        account_id: str,
        judged: Judged,
        telling: Telling,
        person: Person | None,
        answer: Answer,
        old: Mapping[int, Mapping[str, store.Stored]],
    ) -> Weighed:
        subject = None if person is None else person.account
        if answer is DELETED:
            refused = tuple(Refusal(name, NotTaken.DELETED) for name in telling.values)
            return Weighed(account_id, subject, telling, TakenDown(refused=refused))
        mine = {} if subject is None else old.get(subject, {})
        masks = {
            name: self._mask(name, answer, telling)
            for name, value in judged.values.items()
            if value is not None
        }
        judged = _without(judged, [name for name, mask in masks.items() if not mask])
        told = self._sorted(judged, mine, telling)
        return Weighed(account_id, subject, telling, told, judged.values, mine, masks)

    def _class_of(self, name: str) -> str:
        return key_class(self._policy.items[name])

    def _mask(self, name: str, answer: Answer, telling: Telling) -> int:
        item = self._policy.items[name]
        where = (telling.residence, item.about)
        if where not in self._cells:
            self._cells[where] = self._policy.cell_of(telling.residence, None, frozenset(item.about))
        return self._gathering.of_account(item, self._cells[where], answer, signal=telling.signal)

    def _sorted(self, judged: Judged, old: Mapping[str, store.Stored], telling: Telling) -> TakenDown:
        """What is new, the same or to go. Where something that is required would be missing, nothing is taken."""
        given = {name: value for name, value in judged.values.items() if value is not None}
        gone = [name for name in judged.values if name not in given and name in old]
        lacking = missing(self._policy, telling.source, {*given, *old} - {*gone}) if given or gone else []
        lacking = [name for name in lacking if telling.how != PERSON or name in gone]
        if lacking:  # enforces: required-item
            said = {refusal.item for refusal in judged.refused}
            more = (Refusal(name, NotTaken.REQUIRED) for name in lacking if name not in said)
            return TakenDown(refused=(*judged.refused, *more))
        same = tuple(name for name, value in given.items() if self._is_same(old.get(name), value))
        taken = tuple(name for name in given if name not in same)
        return TakenDown(taken, same, tuple(gone), judged.refused)

    def _is_same(self, old: store.Stored | None, value: Plain) -> bool:
        return old is not None and self._vault.opened(old) == facts_of(value)

    def _put(self, placed: Sequence[tuple[int, str, Weighed]]) -> None:
        """Put values in their places; those before them are history from now on."""
        rows, files, learnt = [], dict[int, list[bytes]](), list[Learnt]()
        for subject, name, each in placed:
            place = Place(self._voice.identities.workspace, subject, name, random_63())
            sealed, files[place.number] = self._vault.close(place, self._class_of(name), each.values[name])
            rows.append(self._row(place, sealed, each))
            if names_people(self._policy.items[name]):
                learnt.append(Learnt(subject, place.number, str(each.values[name])))
        store.end(
            self._connection, [e.old[name].number for _, name, e in placed if name in e.old], self._now_ms
        )
        store.put(self._connection, rows)
        self._voice.identities.learn(self._connection, learnt)
        for number, parts in files.items():
            store.put_parts(self._connection, number, parts)

    def _row(self, place: Place, sealed: bytes, weighed: Weighed) -> dict[str, object]:
        return {
            "number": place.number,
            "workspace": place.workspace,
            "subject": place.subject,
            "item": place.item,
            "key_class": self._class_of(place.item),
            "sealed": sealed,
            "source": weighed.telling.source,
            "how": weighed.telling.how,
            "at": self._now_ms,
            "policy": self._version,
            "mask": weighed.masks[place.item],
        }

    def _tidy(self, weighed: Weighed) -> None:
        """Delete what was taken away; what was told again may be used as it may be today."""
        told, old = weighed.told, weighed.old
        for name in told.removed:
            store.forget(self._connection, [old[name].subject], name)
        for name in told.unchanged:
            if old[name].mask != weighed.masks[name]:
                store.renew(
                    self._connection, old[name].number, mask=weighed.masks[name], policy=self._version
                )


def _without(judged: Judged, names: list[str]) -> Judged:
    """The same, with these refused because no purpose may use them."""
    if not names:
        return judged
    values = {name: value for name, value in judged.values.items() if name not in names}
    more = (Refusal(name, NotTaken.NO_PURPOSE) for name in names)
    return replace(judged, values=values, refused=(*judged.refused, *more))
