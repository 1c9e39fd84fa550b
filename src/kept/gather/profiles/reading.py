"""A purpose reads someone's profile: what it uses, of whom allows it, within its time. Nothing else is there for it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Connection

from kept.base.errors import Damaged
from kept.gate import Permit, may_use
from kept.gather.profiles import store
from kept.gather.profiles.model import FileTold, Value, Words
from kept.gather.profiles.values import FILES
from kept.gather.profiles.vault import Vault, parts_in
from kept.policy.compiled import Item, Purpose
from kept.policy.times import NOTHING_ENDED
from kept.storage.keys import Keys
from kept.storage.records import Records, in_parts
from kept.subject import Identities, Person, answers_of_people


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

    def everyone(self, permit: Permit, most: int) -> Iterator[tuple[Person, Mapping[str, Words]]]:
        """Everyone of whom the purpose may see something, that many at most, with the values that it may see, files
        aside."""
        vault, found = Vault(self.keys), 0
        with self.records.read() as connection:
            accounts = store.accounts(connection, self.identities.workspace, _used(permit))
        for some in in_parts(accounts):
            with self.records.read() as connection:  # no snapshot is held open while values are opened
                seen = list(_seen_of(connection, permit, self.identities.people(connection, some)))
            for person, rows in seen:
                values = {row.item: vault.value(row).plain for row in rows}
                told = {
                    name: plain
                    for name, plain in values.items()
                    if plain is not None and not isinstance(plain, FileTold)
                }
                if told and found < most:
                    found += 1
                    yield person, told

    def _rows(self, permit: Permit, account_id: str) -> list[store.Stored]:
        with self.records.read() as connection:
            person = self.identities.person_of_account(connection, account_id)
            return [] if person is None else list(_seen(connection, permit, person))


def _used(permit: Permit) -> list[str]:
    items = permit.in_force.policy.items.values()
    return [item.name for item in items if item.uses & permit.purpose.mask and item.type not in FILES]


def _seen(connection: Connection, permit: Permit, person: Person) -> Iterator[store.Stored]:
    return iter(next(_seen_of(connection, permit, [person]))[1])


def _seen_of(
    connection: Connection, permit: Permit, people: Sequence[Person]
) -> Iterator[tuple[Person, list[store.Stored]]]:
    """Of each of these people the rows that the purpose may see now: it uses the item, they allow it, it is in time."""
    items, purpose = permit.in_force.policy.items, permit.purpose
    ends = cache(lambda name: cutoff(items[name], purpose, permit.given_ms))
    answers = answers_of_people(connection, people)
    standing = store.standing(connection, [person.subjects[0] for person in people])
    for person, answer in zip(people, answers, strict=True):
        rows = standing.get(person.subjects[0], {}).values()
        declared = [row for row in rows if row.item in items]
        yield (
            person,
            [
                row
                for row in declared
                if may_use(purpose, items[row.item], row.mask, answer) and row.at > ends(row.item)
            ],
        )


def cutoff(item: Item, purpose: Purpose, now_ms: int) -> int:
    """What was told up to then is not there: it is over, or further back than the purpose looks."""
    back = purpose.looks_back
    return max(over_until(item, now_ms), NOTHING_ENDED if back is None else back.cutoff(now_ms))


def over_until(item: Item, now_ms: int) -> int:
    """What was told up to then is over, by the shortest ceiling of any audience: values do not say whose they are."""
    return max((span.cutoff(now_ms) for cell in item.keep for span in cell), default=NOTHING_ENDED)


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
