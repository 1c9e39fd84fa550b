"""Identities and how they join.

A visitor is known by a random id that only the browser holds; the subject is a keyed hash of it, so no table
of visitors exists and none has to be durable before an event is. An account's id is known to others (the
customer's site), so its subject is random and found through a blind index: once that row is gone, nothing can
be recomputed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest

from sqlalchemy import Connection, delete, insert, select

from kept.base.clock import Clock
from kept.base.ids import keyed_63, random_63
from kept.storage.records import in_parts
from kept.subject.holding import Person
from kept.subject.known import Learnt, forget_known_of, learn
from kept.subject.store import account, joined


class AlreadyJoined:
    """The visitor belongs to another account: a browser that two people share needs a new visitor id."""


@dataclass(frozen=True, slots=True)
class Identities:
    """Finds and joins the subjects of one workspace. The keys are the workspace's, 32 bytes each."""

    workspace: int
    visitor_key: bytes
    blind_key: bytes
    known_key: bytes
    clock: Clock

    def visitor(self, visitor_id: str) -> int:
        """The subject of a visitor's id. Pure."""
        return keyed_63(self.visitor_key, b"visitor", visitor_id.encode())

    def account(self, connection: Connection, account_id: str) -> int | None:
        """The subject of an account, if Kept has met it."""
        found = connection.execute(
            select(account.c.subject).where(
                account.c.workspace == self.workspace, account.c.blind == self._blind(account_id)
            )
        ).scalar_one_or_none()
        return None if found is None else int(found)

    def meet_account(self, connection: Connection, account_id: str) -> int:
        """The subject of an account; a new random one at the first meeting. Needs a write transaction."""
        known = self.account(connection, account_id)
        return self.meet_accounts(connection, [account_id])[account_id] if known is None else known

    def meet_accounts(self, connection: Connection, account_ids: Sequence[str]) -> dict[str, int]:
        """New subjects for accounts that are not known, by the site's id."""
        met = {account_id: random_63() for account_id in account_ids}
        first_seen = self.clock.now_ms()
        rows = [
            {
                "workspace": self.workspace,
                "blind": self._blind(account_id),
                "subject": subject,
                "first_seen": first_seen,
            }
            for account_id, subject in met.items()
        ]
        if rows:
            connection.execute(insert(account), rows)
            self.learn(connection, [Learnt(subject, None, account_id) for account_id, subject in met.items()])
        return met

    def learn(self, connection: Connection, identifiers: Sequence[Learnt]) -> None:
        """Have identifiers of people of this workspace looked for in texts."""
        learn(connection, self.workspace, self.known_key, identifiers)

    def join(
        self, connection: Connection, visitor_id: str, account_id: str, shown_by: str
    ) -> Person | AlreadyJoined:
        """Make a visitor part of an account; the caller has seen a secret key or the site's signed token."""
        visitor, subject = self.visitor(visitor_id), self.meet_account(connection, account_id)
        known = connection.execute(
            select(joined.c.account).where(joined.c.visitor == visitor)
        ).scalar_one_or_none()
        if known is not None and known != subject:
            return AlreadyJoined()
        if known is None:
            connection.execute(
                insert(joined).values(
                    visitor=visitor, account=subject, at=self.clock.now_ms(), shown_by=shown_by
                )
            )
        return self._person(connection, subject)

    def person_of_account(self, connection: Connection, account_id: str) -> Person | None:
        """The person behind an account with all joined visitors; None for a stranger."""
        return self.people_of_accounts(connection, [account_id]).get(account_id)

    def people_of_accounts(self, connection: Connection, account_ids: Sequence[str]) -> dict[str, Person]:
        """The people behind accounts, by the site's id; strangers are left out."""
        blinds = {self._blind(account_id): account_id for account_id in account_ids}
        found: dict[str, int] = {}
        for part in in_parts(blinds):
            mine = select(account.c.blind, account.c.subject).where(
                account.c.workspace == self.workspace, account.c.blind.in_(part)
            )
            found |= {blinds[bytes(row.blind)]: int(row.subject) for row in connection.execute(mine)}
        visitors = _visitors(connection, list(found.values()))
        return {
            account_id: Person(self.workspace, subject, (subject, *sorted(visitors.get(subject, ()))))
            for account_id, subject in found.items()
        }

    def people(self, connection: Connection, accounts: Sequence[int]) -> list[Person]:
        """The people behind accounts of this workspace, by their pseudonyms."""
        visitors = _visitors(connection, accounts)
        return [
            Person(self.workspace, account, (account, *sorted(visitors.get(account, ()))))
            for account in accounts
        ]

    def browsers(self, connection: Connection, person: Person) -> dict[int, int]:
        """Visitors joined to a person's account, each with the moment of the join, ms; the oldest first."""
        rows = connection.execute(
            select(joined.c.visitor, joined.c.at)
            .where(joined.c.account == person.account)
            .order_by(joined.c.at, joined.c.visitor)
        )
        return {int(row.visitor): int(row.at) for row in rows}

    def person_of_visitor(self, visitor_id: str) -> Person:
        """The person behind a browser alone: a join opens no account to whoever holds a cookie."""
        return Person(self.workspace, None, (self.visitor(visitor_id),))

    def forget(self, connection: Connection, person: Person) -> None:
        """Delete the person's identities and joins, and whatever names them."""
        mine = joined.c.visitor.in_(person.subjects) | joined.c.account.in_(person.subjects)
        connection.execute(delete(joined).where(mine))  # also who was joined after the deletion was asked for
        connection.execute(delete(account).where(account.c.subject.in_(person.subjects)))
        forget_known_of(connection, person.subjects)  # enforces: known-forgotten

    def _person(self, connection: Connection, subject: int) -> Person:
        visitors = _visitors(connection, [subject]).get(subject, ())
        return Person(self.workspace, subject, (subject, *sorted(visitors)))

    def _blind(self, account_id: str) -> bytes:
        return digest(self.blind_key, account_id.encode(), sha256)


def _visitors(connection: Connection, accounts: Sequence[int]) -> dict[int, list[int]]:
    """The visitors joined to accounts, by account."""
    found: dict[int, list[int]] = {}
    for part in in_parts(accounts):
        for row in connection.execute(select(joined).where(joined.c.account.in_(part))):
            found.setdefault(int(row.account), []).append(int(row.visitor))
    return found
