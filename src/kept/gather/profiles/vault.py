"""Opens and closes values with their people's keys. Made for one piece of work, and forgotten with it."""

from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

import msgspec

from kept.gather.profiles import store
from kept.gather.profiles.model import FileTold, Plain, Value
from kept.gather.profiles.sealing import PART_BYTES, parts_of, seal, unseal
from kept.policy.compiled import Item
from kept.storage.keys import Keys


class FileFacts(msgspec.Struct, frozen=True, tag="file"):
    """What is sealed of a file beside its content."""

    name: str
    media: str
    bytes: int
    sha256: str


_encode = msgspec.json.Encoder().encode


def key_class(item: Item) -> str:
    """The retention class of an item's values: its group states for its members how long they are kept."""
    return f"profile {item.group or item.name}"


@dataclass(frozen=True, slots=True)
class Place:
    """Whose value it is, and where it stands: what a sealed value is bound to."""

    workspace: int
    subject: int
    item: str
    number: int

    @property
    def bound_to(self) -> tuple[object, ...]:
        """As `sealing` takes it."""
        return (self.workspace, self.subject, self.item, self.number)


class Vault:
    """Keeps the keys that it has met for as long as it lives: for one request, or one batch of an import."""

    def __init__(self, keys: Keys) -> None:
        self._keys = keys
        self._known: dict[tuple[int, str], bytes] = {}

    def make(self, wanted: Collection[tuple[int, str]]) -> None:
        """Have the keys of these subjects and classes at hand, made where there are none."""
        missing = [name for name in wanted if name not in self._known]
        if missing:
            self._known |= self._keys.person_keys(missing)

    def close(self, place: Place, of: str, plain: Plain | None) -> tuple[bytes, list[bytes]]:
        """A value sealed under a class of its person's keys, and a file's parts."""
        self.make([(place.subject, of)])
        key = self._known[place.subject, of]
        sealed = seal(key, facts_of(plain), *place.bound_to)
        if not isinstance(plain, FileTold):
            return sealed, []
        parts = list(parts_of(plain.content))
        return sealed, [
            seal(key, part, *place.bound_to, number, len(parts)) for number, part in enumerate(parts)
        ]

    def opened(self, row: store.Stored) -> bytes | None:
        """The facts of a stored value; None where its key was destroyed."""
        key = self._key(row)
        return None if key is None else unseal(key, row.sealed, *_place(row).bound_to)

    def value(self, row: store.Stored) -> Value:
        """A stored value, opened."""
        facts = self.opened(row)
        return Value(
            number=row.number,
            item=row.item,
            plain=None if facts is None else _plain(facts),
            source=row.source,
            how=row.how,
            at_ms=row.at,
            ended_ms=row.ended,
            policy=row.policy,
            mask=row.mask,
        )

    def part(self, row: store.Stored, number: int, sealed: bytes, total: int) -> bytes | None:
        """One part of a file's content; None where its key was destroyed."""
        key = self._key(row)
        return None if key is None else unseal(key, sealed, *_place(row).bound_to, number, total)

    def _key(self, row: store.Stored) -> bytes | None:
        name = (row.subject, row.key_class)
        if name not in self._known:
            found = self._keys.person_key(*name, create=False)
            if found is None:
                return None
            self._known[name] = found
        return self._known[name]


def facts_of(plain: Plain | None) -> bytes:
    """What is sealed of a value: itself as JSON, or what there is to say of a file."""
    if not isinstance(plain, FileTold):
        return _encode(plain)
    digest = sha256(plain.content).hexdigest()
    return _encode(FileFacts(plain.name, plain.media, len(plain.content), digest))


def parts_in(facts: bytes) -> int:
    """How many parts a file has, by what is sealed of it."""
    return -(-msgspec.json.decode(facts, type=FileFacts).bytes // PART_BYTES)


def _plain(facts: bytes) -> Plain:
    found = msgspec.json.decode(facts)
    return FileTold(found["name"], b"", found["media"]) if isinstance(found, dict) else found


def _place(row: store.Stored) -> Place:
    return Place(row.workspace, row.subject, row.item, row.number)


def plainly(value: Value) -> object:
    """A value for JSON: of a file its name and kind."""
    if isinstance(value.plain, FileTold):
        return {"name": value.plain.name, "media": value.plain.media}
    return value.plain
