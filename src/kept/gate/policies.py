"""The policy in force. One that fails its check never replaces it (promise M1, its ground)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, insert, select

from kept.base.clock import Clock
from kept.base.errors import BadInput
from kept.gate.posting import PastVersion, notices_posted, post_missing, versions_posted
from kept.gate.store import policy_version, purpose_bit
from kept.ledger import append, facts
from kept.policy import assign_bits, compile_policy, load_policy, read_policy
from kept.policy.compiled import CompiledPolicy
from kept.policy.posted import Posted
from kept.policy.times import still_to_come
from kept.storage.records import Records, new_key


class NotYet(BadInput):
    """A version that passes its check and whose day has not come. `day` is when it begins, in UTC."""

    def __init__(self, day: date, file_name: str) -> None:
        super().__init__(
            f"this version is not in force before {day}",
            where=file_name,
            why="It passes its check, and its day has not come.",
            next_step="Leave the file: `kept up` puts it in force on that day. Or correct the line `in force`.",
        )
        self.day = day


@dataclass(frozen=True, slots=True)
class InForce:
    """A policy version with its number in the records, which stored events carry."""

    number: int
    policy: CompiledPolicy
    text: str


class Policies:
    """The versions of one installation. Compiles a version once and keeps it."""

    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._compiled: dict[int, InForce] = {}
        self._posted: dict[int, tuple[Posted, ...]] = {}

    def put_in_force(self, text: str, file_name: str) -> InForce:
        """Check, compile, register its purposes and put in force, all or nothing; the version in force stays
        when nothing in the text's meaning changed. Raises `BadInput` with every problem when the check fails,
        `NotYet` when its day has not come.
        """
        draft = read_policy(text, file_name, in_force=not self._is_last(text))
        with self._records.write() as connection:
            bits = {} if draft.errors else assign_bits(_bits(connection), draft.section("purposes"))
            policy = compile_policy(draft, bits)
            _require_begun(policy, file_name, self._clock.now_ms())
            last = _last(connection)
            if last is not None and last.text == text:
                number = last.number
            else:
                number = self._add(connection, policy, text, bits)
            read = {each: one.policy for each, one in self._compiled.items()}
            post_missing(connection, bits, {**read, number: policy})
        self._compiled[number] = InForce(number, policy, text)
        return self._compiled[number]

    def _is_last(self, text: str) -> bool:
        """Whether this very text is in force already: a later Kept that knows more laws keeps it going."""
        with self._records.read() as connection:
            last = _last(connection)
        return last is not None and last.text == text

    def now(self) -> InForce:
        """The version in force. Raises `BadInput` when none was ever put in force."""
        with self._records.read() as connection:
            last = _last(connection)
            if last is None:
                raise BadInput(
                    "no policy is in force yet",
                    next_step="Write one with `kept init`, then start with `kept up`.",
                    where="records",
                    why="None was ever put in force here.",
                )
            if last.number not in self._compiled:
                policy = load_policy(last.text, f"version {last.version}", _bits(connection))
                self._compiled[last.number] = InForce(last.number, policy, last.text)
        return self._compiled[last.number]

    def number(self) -> int:
        """The number of the version in force; 0 when there is none. Cheap: asked several times a second."""
        with self._records.read() as connection:
            return _number(connection)

    def versions(self) -> dict[int, str]:
        """The name of every version ever in force, by its number."""
        with self._records.read() as connection:
            rows = connection.execute(select(policy_version.c.number, policy_version.c.version))
            return {row.number: row.version for row in rows}

    def past(self) -> tuple[PastVersion, ...]:
        """Every version that was ever in force, the oldest first, with what each changed."""
        with self._records.read() as connection:
            return versions_posted(connection)

    def posted(self, number: int) -> tuple[Posted, ...]:
        """The notices of a version as they were posted; none where no version has that number."""
        if number not in self._posted:
            with self._records.read() as connection:
                found = notices_posted(connection, number)
            if not found:
                return ()
            self._posted[number] = found
        return self._posted[number]

    def _add(self, connection: Connection, policy: CompiledPolicy, text: str, bits: Mapping[str, int]) -> int:
        known = _bits(connection)
        for purpose, bit in bits.items():
            if purpose not in known:
                connection.execute(insert(purpose_bit).values(purpose=purpose, bit=bit))
        result = connection.execute(
            insert(policy_version).values(
                version=policy.version,
                fingerprint=policy.fingerprint,
                text=text,
                since=self._clock.now_ms(),
            )
        )
        append(connection, facts.PolicyPutInForce(version=policy.version, fingerprint=policy.fingerprint))
        return new_key(result)


def _require_begun(policy: CompiledPolicy, file_name: str, now_ms: int) -> None:
    if day := still_to_come(policy.in_force, now_ms):
        raise NotYet(day, file_name)


@dataclass(frozen=True, slots=True)
class _Last:
    number: int
    version: str
    text: str


def _bits(connection: Connection) -> dict[str, int]:
    rows = connection.execute(select(purpose_bit.c.purpose, purpose_bit.c.bit))
    return {row.purpose: row.bit for row in rows}


def _last(connection: Connection) -> _Last | None:
    row = connection.execute(
        select(policy_version.c.number, policy_version.c.version, policy_version.c.text)
        .order_by(policy_version.c.number.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else _Last(row.number, row.version, row.text)


def _number(connection: Connection) -> int:
    found = connection.execute(
        select(policy_version.c.number).order_by(policy_version.c.number.desc()).limit(1)
    ).scalar_one_or_none()
    return 0 if found is None else int(found)
