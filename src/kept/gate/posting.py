"""What each version of the policy gave people to read: its notices, and what it changed in plain words.

Made once, when the version comes into force, and kept whole: the file's language goes on changing, and what was
posted stays what it was (promise M2).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, insert, select

from kept.base.errors import BadInput
from kept.base.language import ENGLISH_TAG, language_of
from kept.gate.store import policy_posted, policy_version
from kept.policy import load_policy
from kept.policy.compiled import CompiledPolicy
from kept.policy.diff import Change, Needs, diff, diff_in
from kept.policy.posted import Posted, notices_of, posted_of, tongue


@dataclass(frozen=True, slots=True)
class PostedChange:
    """One change as it was told: its kind, a sentence, whom it concerns, whether people had to be told or asked."""

    kind: str
    says: str
    whom: str
    needs: str

    @property
    def matters(self) -> bool:
        """Whether people may lose by it, or must know of it."""
        return self.needs != Needs.NOTHING.value


@dataclass(frozen=True, slots=True)
class Told:
    """What a version changed, in the language and words of one of its notices."""

    language: str
    changes: tuple[PostedChange, ...]


@dataclass(frozen=True, slots=True)
class PastVersion:
    """A version that is or was in force. `changes` is what it changed, in English; empty for the first.

    `told` is the same as each of its notices tells it; empty where it was posted before a language came.
    """

    number: int
    version: str
    fingerprint: str
    since_ms: int
    until_ms: int | None  # None: it is in force
    changes: tuple[PostedChange, ...]
    told: Mapping[str, Told] = field(default_factory=dict)

    def told_by(self, notice: str, language: str) -> Told:
        """What it changed, as the notice of that name tells it; else one in the language; else in English."""
        primary = language.partition("-")[0]
        found = {name: one for name, one in self.told.items() if one.language.partition("-")[0] == primary}
        return found.get(notice) or next(iter(found.values()), Told(ENGLISH_TAG, self.changes))


@dataclass(frozen=True, slots=True)
class _Changes:
    """What a version changed, as its row holds it."""

    english: tuple[PostedChange, ...]
    told: Mapping[str, Told] = field(default_factory=dict)


def post_missing(
    connection: Connection, bits: Mapping[str, int], known: Mapping[int, CompiledPolicy]
) -> None:
    """Put down what each version that lacks it posts. `known` are versions that are compiled already."""
    have = set(connection.execute(select(policy_posted.c.number)).scalars())
    rows = connection.execute(select(policy_version).order_by(policy_version.c.number)).all()
    for place, row in enumerate(rows):
        if row.number not in have:
            near = rows[max(place - 1, 0) : place + 1]
            read = [known.get(one.number) or _read(one.text, one.version, bits) for one in near]
            _post(connection, row.number, read[-1], read[0] if place else None)


def _read(text: str, version: str, bits: Mapping[str, int]) -> CompiledPolicy | None:
    """A version from its text; None where the language has moved on so far that it reads no more."""
    try:
        return load_policy(text, f"version {version}", bits)
    except BadInput:
        return None


def _post(
    connection: Connection, number: int, policy: CompiledPolicy | None, before: CompiledPolicy | None
) -> None:
    if policy is None:
        return
    changes = _changes(before, policy) if before else _Changes(())
    connection.execute(
        insert(policy_posted).values(
            number=number,
            changes=msgspec.json.encode(changes).decode(),
            notices=msgspec.json.encode(posted_of(policy)).decode(),
        )
    )


def _changes(before: CompiledPolicy, policy: CompiledPolicy) -> _Changes:
    told = {
        one.name: Told(say.tag, _told(diff_in(before, policy, one, say)))
        for one in notices_of(policy)
        for say in (language_of(tongue(policy, one)),)
    }
    return _Changes(_told(diff(before, policy)), told)


def _told(changes: tuple[Change, ...]) -> tuple[PostedChange, ...]:
    return tuple(PostedChange(one.kind.value, one.says, one.whom, one.needs.value) for one in changes)


def versions_posted(connection: Connection) -> tuple[PastVersion, ...]:
    """Every version that can be read, the oldest first."""
    rows = connection.execute(
        select(policy_version, policy_posted.c.changes)
        .join(policy_posted, policy_posted.c.number == policy_version.c.number)
        .order_by(policy_version.c.number)
    ).all()
    ends = [*(row.since for row in rows[1:]), None]
    return tuple(
        PastVersion(
            number=row.number,
            version=row.version,
            fingerprint=row.fingerprint,
            since_ms=row.since,
            until_ms=end,
            changes=changes.english,
            told=changes.told,
        )
        for row, end, changes in zip(rows, ends, map(_read_changes, rows), strict=True)
    )


def _read_changes(row: Row[Any]) -> _Changes:
    """As they were put down; before there were languages they were told in English alone."""
    found = msgspec.json.decode(row.changes, type=_Changes | tuple[PostedChange, ...])
    return _Changes(found) if isinstance(found, tuple) else found


def notices_posted(connection: Connection, number: int) -> tuple[Posted, ...]:
    """The notices of one version; none for a number that no version has."""
    found = connection.execute(
        select(policy_posted.c.notices).where(policy_posted.c.number == number)
    ).scalar_one_or_none()
    return () if found is None else msgspec.json.decode(found, type=tuple[Posted, ...])
