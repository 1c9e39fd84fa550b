"""A purpose reads someone's profile: what it uses, of whom allows it, within its time. Nothing else is there for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from kept.base.errors import Damaged
from kept.gate import Permit, may_use
from kept.gather.profiles import store
from kept.gather.profiles.model import Value
from kept.gather.profiles.vault import Vault, parts_in
from kept.policy.compiled import Answer, Item, Purpose
from kept.policy.times import NOTHING_ENDED
from kept.storage.keys import Keys
from kept.storage.records import Records
from kept.subject import Identities, Person, answer_of_person


@dataclass(frozen=True, slots=True)
class Readings:
    """Reads profiles of one workspace under a Permit."""

    records: Records
    keys: Keys
    identities: Identities

    def read(self, permit: Permit, account_id: str) -> list[Value]:
        """The values of an account that the purpose may see, by item. A stranger has none."""
        vault = Vault(self.keys)
        values = map(vault.value, self._rows(permit, account_id))
        return [value for value in values if value.plain is not None]

    def content(self, permit: Permit, account_id: str, item: str) -> Iterator[bytes] | None:
        """A file's content, part by part, if the purpose may see it; None if there is none for it."""
        found = next((row for row in self._rows(permit, account_id) if row.item == item), None)
        return None if found is None else content_of(self.records, self.keys, found)

    def _rows(self, permit: Permit, account_id: str) -> list[store.Stored]:
        with self.records.read() as connection:
            person = self.identities.person_of_account(connection, account_id)
            return [] if person is None else list(_seen(connection, permit, person))


def _seen(connection: Connection, permit: Permit, person: Person) -> Iterator[store.Stored]:
    policy, answer = permit.in_force.policy, answer_of_person(connection, person)
    for row in store.standing(connection, person.subjects).get(person.subjects[0], {}).values():
        item = policy.items.get(row.item)
        if item is not None and is_seen(item, permit.purpose, row, answer, permit.given_ms):
            yield row


def is_seen(item: Item, purpose: Purpose, row: store.Stored, answer: Answer, now_ms: int) -> bool:
    """Whether a purpose may see a value now: it uses the item, the person allows it, and it is in time."""
    return may_use(purpose, item, row.mask, answer) and row.at > cutoff(item, purpose, now_ms)


def cutoff(item: Item, purpose: Purpose, now_ms: int) -> int:
    """What was told up to then is not there: by the shortest ceiling of any audience, or how far the purpose looks."""
    spans = [span for cell in item.keep for span in cell]
    if purpose.looks_back is not None:
        spans.append(purpose.looks_back)
    return max((span.cutoff(now_ms) for span in spans), default=NOTHING_ENDED)


def content_of(records: Records, keys: Keys, row: store.Stored) -> Iterator[bytes]:
    """A file's content, opened a part at a time while it is sent; no snapshot is held open in between.

    Raises `Damaged` where a part is missing.
    """
    vault = Vault(keys)
    facts = vault.opened(row)
    for number in _numbers(facts):
        with records.read() as connection:
            sealed = store.part(connection, row.number, number)
        content = None if sealed is None else vault.part(row, number, sealed, parts_in(facts or b""))
        if content is None:
            raise Damaged(
                "a part of a file is missing",
                where="records: profile_part",
                why="The file was deleted while it was sent, or its rows were lost.",
                next_step="Ask for it again.",
            )
        yield content


def _numbers(facts: bytes | None) -> Iterable[int]:
    return range(parts_in(facts)) if facts is not None else ()
