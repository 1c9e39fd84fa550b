"""Holds: a person's data may have to stay because a dispute or an order needs it (GDPR Art. 17(3)(e), 18(2)).

A hold stops deletion and says why; it never revives a consent. It has an owner, a ground and a review date.
"""

from dataclasses import dataclass

from sqlalchemy import CompoundSelect, Connection, insert, select, update

from kept.storage.records import new_key
from kept.subject.holding import Person
from kept.subject.store import hold, joined


@dataclass(frozen=True, slots=True)
class Hold:
    """One hold as it stands."""

    number: int
    ground: str
    owner: str
    review_ms: int
    placed_ms: int


def place_hold(
    connection: Connection, person: Person, *, ground: str, owner: str, review_ms: int, now_ms: int
) -> int:
    """Place a hold on all that is held about a person; returns its number."""
    subject = person.account if person.account is not None else person.subjects[0]
    values = {"subject": subject, "ground": ground, "owner": owner, "review": review_ms, "placed": now_ms}
    return new_key(connection.execute(insert(hold).values(**values)))


def release_hold(connection: Connection, person: Person, now_ms: int) -> int:
    """Release every hold on a person; returns how many there were."""
    result = connection.execute(
        update(hold)
        .where(hold.c.subject.in_(person.subjects), hold.c.released.is_(None))
        .values(released=now_ms)
    )
    return result.rowcount


def held_subjects() -> CompoundSelect[tuple[int]]:
    """The subjects that a hold stands on: those it names, and the accounts that browsers it names are joined to."""
    named = select(hold.c.subject).where(hold.c.released.is_(None))
    return named.union(select(joined.c.account).where(joined.c.visitor.in_(named)))


def standing_holds(connection: Connection, person: Person) -> list[Hold]:
    """The holds that stand on a person now.

    A hold on an account holds all that is joined to it: whoever names the person by one of their browsers
    must not get around it.
    """
    accounts = select(joined.c.account).where(joined.c.visitor.in_(person.subjects))
    rows = connection.execute(
        select(hold)
        .where(hold.c.subject.in_(person.subjects) | hold.c.subject.in_(accounts), hold.c.released.is_(None))
        .order_by(hold.c.id)
    )
    return [Hold(row.id, row.ground, row.owner, row.review, row.placed) for row in rows]
