"""Permit or Refusal: the answer to everyone who wants to use personal data."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum

from sqlalchemy import Connection, select

from kept.base.clock import Clock
from kept.base.nearest import nearest
from kept.gate.policies import InForce, Policies
from kept.gate.store import purpose_use
from kept.ledger import append, facts
from kept.policy.compiled import Form, Purpose
from kept.storage.records import Records, upsert


class Reason(Enum):
    """Why the gate refuses. A closed list."""

    NO_SUCH_PURPOSE = "no such purpose"
    ON_DEMAND = "dark until a demand is approved"
    AGGREGATE_ONLY = "figures only"
    NOBODY_BY_NAME = "nobody by name"


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no by the policy: a normal result. `clause` is the place in the policy that says so."""

    reason: Reason
    clause: str
    message: str


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to use personal data for one purpose under one version of the policy."""

    purpose: Purpose
    in_force: InForce
    given_ms: int


class Gate:
    """Decides by the policy in force, and puts on record what it allowed."""

    def __init__(self, records: Records, policies: Policies, clock: Clock) -> None:
        self._records = records
        self._policies = policies
        self._clock = clock

    def use(self, purpose: str) -> Permit | Refusal:
        """Leave to read rows for a purpose. Recorded once a purpose and day, and counted."""
        permit = self.count(purpose)
        if isinstance(permit, Permit):
            with self._records.write() as connection:
                self._record(connection, permit)
        return permit

    def use_by_name(self, purpose: str) -> Permit | Refusal:
        """Leave to read about one person whom the asker names: not for a purpose that need know nobody."""
        found = self._policies.now().policy.purposes.get(purpose)
        if found is not None and found.form is Form.PSEUDONYMOUS:  # enforces: nobody-by-name
            return Refusal(
                Reason.NOBODY_BY_NAME,
                f"purposes.{purpose}",
                "It reads under pseudonyms, and whoever asks by an account's name knows whom it is about.",
            )
        return self.use(purpose)

    def count(self, purpose: str) -> Permit | Refusal:
        """Leave to count whom a purpose sees, for the record of its uses alone. No use by itself."""
        in_force = self._policies.now()
        refusal = _refusal(purpose, in_force)
        if refusal is not None:
            return refusal
        return Permit(in_force.policy.purposes[purpose], in_force, self._clock.now_ms())

    def _record(self, connection: Connection, permit: Permit) -> None:
        day = datetime.fromtimestamp(permit.given_ms / 1000, UTC).date()
        if not _used_before(connection, permit.purpose.name, day):
            append(connection, facts.PurposeUsed(purpose=permit.purpose.name, day=day.isoformat()))
        connection.execute(
            upsert(connection, purpose_use)
            .values(purpose=permit.purpose.name, day=day, uses=1)
            .on_conflict_do_update(index_elements=["purpose", "day"], set_={"uses": purpose_use.c.uses + 1})
        )


def _refusal(purpose: str, in_force: InForce) -> Refusal | None:
    policy = in_force.policy
    found = policy.purposes.get(purpose)
    clause = f"purposes.{purpose}"
    if found is None:  # enforces: unknown-purpose
        near = nearest(purpose, policy.purposes)
        hint = f" Did you mean {near}?" if near else f" It has: {', '.join(sorted(policy.purposes))}."
        return Refusal(Reason.NO_SUCH_PURPOSE, "purposes", f"The policy has no purpose of that name.{hint}")
    if found.on_demand:  # enforces: on-demand-purpose
        return Refusal(
            Reason.ON_DEMAND,
            clause,
            "It opens only for the scope of an approved demand, and none is approved.",
        )
    if found.form is Form.AGGREGATE:  # enforces: aggregate-only
        return Refusal(
            Reason.AGGREGATE_ONLY, clause, "It gives out figures only, and no rows to free questions."
        )
    return None


def _used_before(connection: Connection, purpose: str, day: date) -> bool:
    found = connection.execute(
        select(purpose_use.c.uses).where(purpose_use.c.purpose == purpose, purpose_use.c.day == day)
    ).scalar_one_or_none()
    return found is not None
