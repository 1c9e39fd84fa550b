"""Identifiers that a workspace knows: its accounts' ids, and what its profiles name people by.

An event cannot be encrypted with its person's own key, so "order of u-4711" in a title would outlive the deletion of
whoever that is. What names somebody is known here by a keyed digest alone: texts are taken apart, and each word that
may be an identifier is looked up. Why only words with a digit, and no names: docs/adr/0030-known-identifiers.md.
"""

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from threading import Lock
from time import monotonic
from typing import NamedTuple
from unicodedata import normalize

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from kept.base.ids import prepare
from kept.storage.records import Records, in_parts, upsert
from kept.subject.store import known, known_gone

LEAST = 6
"""Characters. What is shorter stands for too many other things."""
MOST_PARTS = 5
"""As a UUID has."""
MOST_NEW = 20_000
RELOAD_SECONDS = 60.0
"""How long after a deletion its digests may stay in memory, at most; on the disk they are gone with it."""

_WORD = re.compile(r"[^\W_]++(?:[-._+][^\W_]++)*+")
_PART = re.compile(r"[^\W_]++")
_DIGIT = re.compile(r"\d")


class Learnt(NamedTuple):
    """An identifier as it was told: whose it is, and the number of the value that has it, None for the account's id."""

    subject: int
    value: int | None
    text: str


def phrase_of(identifier: str) -> str:
    """What is looked for of an identifier: the parts of its last word with a digit. "" where that is too little.

    A mail address is not looked for: whatever has an "@" gives way in any text, known or not.
    """
    words = [] if "@" in identifier else [word[0] for word in _WORD.finditer(identifier)]
    told = next((word for word in reversed(words) if _DIGIT.search(word)), "")
    parts = _PART.findall(told)
    return _phrase(parts) if len(told) >= LEAST and len(parts) <= MOST_PARTS else ""


def learn(connection: Connection, workspace: int, key: bytes, identifiers: Iterable[Learnt]) -> None:
    """Have these looked for from now on, in this workspace."""
    digest = prepare(key, b"known")
    rows = [
        {
            "workspace": workspace,
            "digest": digest(phrase.encode()),
            "shape": _shape(phrase.count(" ") + 1, len(phrase)),
            "subject": subject,
            "value": value,
        }
        for subject, value, text in identifiers
        if (phrase := phrase_of(text))
    ]
    if rows:
        connection.execute(insert(known), rows)


def forget_known_of(connection: Connection, subjects: Sequence[int]) -> None:
    """Nothing that named these subjects is known any more."""
    _forget(connection, known.c.subject.in_(subjects))


def forget_known_values(connection: Connection, numbers: Iterable[int]) -> None:
    """What these values of profiles said is not known any more, unless another says it too."""
    for some in in_parts(numbers):
        _forget(connection, known.c.value.in_(some))


def _forget(connection: Connection, mine: ColumnElement[bool]) -> None:
    for workspace in connection.execute(select(known.c.workspace).where(mine).distinct()).scalars().all():
        connection.execute(
            upsert(connection, known_gone)
            .values(workspace=workspace, times=1)
            .on_conflict_do_update(index_elements=["workspace"], set_={"times": known_gone.c.times + 1})
        )
    connection.execute(delete(known).where(mine))


class Known:
    """A process's copy of the digests of one workspace: sorted numbers, 8 bytes each, and a few new ones beside them.

    A site's ids look alike: what is as long as none of them, or has other parts, is passed over without a digest.

    `refresh` is called every fraction of a second, and after each own write. `version` rises with every change.
    """

    def __init__(self, records: Records, workspace: int, key: bytes) -> None:
        self._records, self._workspace = records, workspace
        self._digest = prepare(key, b"known")
        self._one_at_a_time = Lock()
        self._last, self._gone, self._loaded = 0, -1, 0.0
        self._sorted = array("q")
        self._new: frozenset[int] = frozenset()
        self._shapes: frozenset[int] = frozenset()
        self.version = 0
        self.refresh()

    def __bool__(self) -> bool:
        return bool(self._sorted or self._new)

    def refresh(self) -> None:
        """Take over what was learnt since the last time, and forget what has gone."""
        with self._one_at_a_time, self._records.read() as connection:
            gone, last = self._state(connection)
            stale = gone != self._gone and monotonic() - self._loaded > RELOAD_SECONDS
            if self._gone < 0 or stale or len(self._new) > MOST_NEW:
                after, shapes = 0, frozenset[int]()
                self._sorted, self._new = array("q", self._each(connection, known.c.digest, 0)), frozenset()
                self._gone, self._loaded = gone, monotonic()
            elif last > self._last:
                after, shapes = self._last, self._shapes
                self._new = self._new.union(self._each(connection, known.c.digest, after))
            else:
                return
            self._shapes = shapes.union(self._each(connection, known.c.shape, after))
            self._last = last
            self.version += 1

    def places_in(self, text: str, *, numbers: bool = True) -> list[tuple[int, int]]:
        """Where identifiers stand in a text, from left to right, never overlapping.

        A number alone is one only with `numbers`: in a path it is likelier to be a thing's.
        """
        if not self or not _DIGIT.search(text):
            return []
        found: list[tuple[int, int]] = []
        for word in _WORD.finditer(text):
            if word.end() - word.start() >= LEAST and _DIGIT.search(word[0]):
                found += self._in_word(text, *word.span(), numbers)
        return found

    def _in_word(self, text: str, start: int, end: int, numbers: bool) -> Iterator[tuple[int, int]]:
        """The longest first at each place: "cv_u-4711.pdf" has "u-4711" in it."""
        parts, plain = [part.span() for part in _PART.finditer(text, start, end)], text.isascii()
        reached = 0
        for first, (begins, _) in enumerate(parts):
            if begins < reached:
                continue
            for last in range(min(first + MOST_PARTS, len(parts)) - 1, first - 1, -1):
                ends = parts[last][1]
                if plain and _shape(last - first + 1, ends - begins) not in self._shapes:
                    continue
                if not numbers and last == first and text[begins:ends].isdigit():
                    continue
                if self._has(text[part[0] : part[1]] for part in parts[first : last + 1]):
                    reached = ends
                    yield begins, ends
                    break

    def _has(self, parts: Iterable[str]) -> bool:
        digest = self._digest(_phrase(parts).encode())
        place = bisect_left(self._sorted, digest)
        return (place < len(self._sorted) and self._sorted[place] == digest) or digest in self._new

    def _state(self, connection: Connection) -> tuple[int, int]:
        """How often something was forgotten, and the number of what was learnt last."""
        mine = known_gone.c.workspace == self._workspace
        gone = select(func.coalesce(func.max(known_gone.c.times), 0)).where(mine).scalar_subquery()
        last = select(func.coalesce(func.max(known.c.number), 0)).scalar_subquery()
        found = connection.execute(select(gone, last)).one()
        return int(found[0]), int(found[1])

    def _each(self, connection: Connection, column: ColumnElement[int], after: int) -> Iterator[int]:
        """What was learnt above that number, each value once and in order, read as it is used."""
        mine = (known.c.workspace == self._workspace) & (known.c.number > after)
        rows = connection.execute(select(column).where(mine).distinct().order_by(column))
        return iter(rows.yield_per(10_000).scalars())


def _shape(parts: int, characters: int) -> int:
    """How many parts, and how many characters with one mark between each two of them."""
    return parts << 16 | characters


def _phrase(parts: Iterable[str]) -> str:
    """Its parts as they are looked up: however they are written, and whatever stands between them."""
    text = " ".join(parts)
    return text.lower() if text.isascii() else normalize("NFKC", text).casefold()
