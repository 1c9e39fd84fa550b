"""The Holding of profiles: what someone told, with what it was before; found, copied, corrected, erased."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import func, select

from kept.gate import may_use
from kept.gather.profiles import store
from kept.gather.profiles.model import FileTold, Value
from kept.gather.profiles.reading import content_of
from kept.gather.profiles.telling import Tellings
from kept.gather.profiles.vault import Vault, plainly
from kept.policy import CompiledPolicy
from kept.policy.compiled import Answer
from kept.storage.records import Records
from kept.subject import Duty, Held, NotCorrectable, Person, answer_of_person


@dataclass(frozen=True, slots=True)
class Profiles:
    """Profiles, in the records; `tellings` knows where their keys are, and takes corrections down."""

    tellings: Tellings
    name: str = "your profile"

    def find(self, person: Person) -> list[Held]:
        """One entry for each item; what it was before counts with it."""
        rows, answer = self._rows(person)
        policy = self.tellings.in_force().policy
        return [
            _held(policy, item, list(group), answer)
            for item, group in groupby(rows, key=lambda row: row.item)
        ]

    def export(self, person: Person) -> Iterator[Mapping[str, object]]:
        """Every value, of files their content too, with what it was before."""
        rows, answer = self._rows(person)
        policy, vault = self.tellings.in_force().policy, Vault(self.tellings.voice.keys)
        for row in rows:
            value = vault.value(row)
            yield {
                "item": value.item,
                "value": plainly(value),
                "source": value.source,
                "told_by": value.how,
                "at_ms": value.at_ms,
                "ended_ms": value.ended_ms,
                "policy": value.policy,
                "purposes": list(_purposes(policy, row, answer)) if value.ended_ms is None else [],
                **self._content(value, row),
            }

    def values(self, person: Person) -> list[Value]:
        """Each value that stands, then what it was before, by item."""
        rows, _ = self._rows(person)
        return list(map(Vault(self.tellings.voice.keys).value, rows))

    def content(self, person: Person, number: int) -> tuple[Value, Iterator[bytes]] | None:
        """A file of the person's by the number of its value, and its content part by part."""
        row = next((row for row in self._rows(person)[0] if row.number == number), None)
        if row is None:
            return None
        value = Vault(self.tellings.voice.keys).value(row)
        if not isinstance(value.plain, FileTold):
            return None
        return value, content_of(self._records, self.tellings.voice.keys, row)

    def correct(self, person: Person, item: str, value: object) -> NotCorrectable | None:
        """Put a right value in a wrong one's place. What was there stays in the history."""
        told = self.tellings.correct(person, item, value)
        return NotCorrectable(f"Not corrected: {told.refused[0].why.value}.") if told.refused else None

    def erase(self, person: Person) -> None:
        """Delete every value, with its history and its file."""
        with self._records.write() as connection:
            store.forget(connection, person.subjects)  # enforces: profile-erased

    def duties(self, person: Person) -> list[Duty]:
        """None: what a law makes the company keep is locked by what watches over times."""
        return []

    def remains(self, person: Person) -> int:
        """Values still there."""
        mine = store.profile_value.c.subject.in_(person.subjects)
        with self._records.read() as connection:
            return int(connection.execute(select(func.count()).where(mine)).scalar_one())

    @property
    def _records(self) -> Records:
        return self.tellings.voice.records

    def _rows(self, person: Person) -> tuple[list[store.Stored], Answer]:
        with self._records.read() as connection:
            return store.all_of(connection, person.subjects), answer_of_person(connection, person)

    def _content(self, value: Value, row: store.Stored) -> Mapping[str, object]:
        if not isinstance(value.plain, FileTold):
            return {}
        parts = content_of(self._records, self.tellings.voice.keys, row)
        return {"content_base64": b64encode(b"".join(parts)).decode()}


def _held(policy: CompiledPolicy, name: str, rows: list[store.Stored], answer: Answer) -> Held:
    declared = policy.items.get(name)
    stands = [row for row in rows if row.ended is None]
    last = max(row.at for row in rows)
    ends = [span.ends(last) for cell in declared.keep for span in cell] if declared else []
    return Held(
        item=name,
        title=declared.title if declared else name,
        count=len(rows),
        sources=tuple(sorted({_source(row) for row in rows})),
        purposes=tuple(dict.fromkeys(each for row in stands for each in _purposes(policy, row, answer))),
        first_ms=min(row.at for row in rows),
        last_ms=last,
        until_ms=min((end for end in ends if end is not None), default=None),
    )


def _source(row: store.Stored) -> str:
    return str(row.source)


def _purposes(policy: CompiledPolicy, row: store.Stored, answer: Answer) -> Iterator[str]:
    item = policy.items.get(row.item)
    for name, purpose in policy.purposes.items():
        if item is not None and not purpose.on_demand and may_use(purpose, item, row.mask, answer):
            yield name
