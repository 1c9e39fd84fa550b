"""The Holding of identities: the account, the browsers that are known to be its owner's, holds that ended.

That a browser is someone's, since when and who said so, is personal data like any other (GDPR Art. 4(1), 15):
also where nothing was ever gathered under it. No identifier is here to be shown, since none is stored.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select

from kept.base.language import marked
from kept.storage.records import Records
from kept.subject.holding import Duty, Held, NotCorrectable, Person
from kept.subject.identity import Identities
from kept.subject.store import account, hold, joined, known

USE = marked("finding you when you use a right")
"""What identities are for. No purpose of the policy reads them: they lead from a name to what is held."""


@dataclass(frozen=True, slots=True)
class Bindings:
    """Accounts, joins and holds, in the records. `identities` forgets the first two."""

    records: Records
    identities: Identities
    name: str = "your account and browsers"

    def find(self, person: Person) -> list[Held]:
        """One entry each for the account, its browsers, and the holds."""
        with self.records.read() as connection:
            found = [
                _held(
                    "account",
                    marked("Your account with us"),
                    _rows(connection, account, person),
                    "first_seen",
                ),
                _held("joined", marked("Browsers known as yours"), _rows(connection, joined, person), "at"),
                _held("hold", marked("Holds on your data"), _rows(connection, hold, person), "placed"),
            ]
        return [held for held in found if held.count]

    def export(self, person: Person) -> Iterator[Mapping[str, object]]:
        """Each row. A browser is named by the pseudonym that stands for it, as text: it has no other name here."""
        with self.records.read() as connection:
            accounts = _rows(connection, account, person)
            browsers = _rows(connection, joined, person)
            holds = _rows(connection, hold, person)
        yield from ({"what": "account", "known_since_ms": row["first_seen"]} for row in accounts)
        for row in browsers:
            yield {
                "what": "browser",
                "visitor": str(row["visitor"]),
                "joined_ms": row["at"],
                "shown_by": row["shown_by"],
            }
        for row in holds:
            yield {
                "what": "hold",
                "ground": row["ground"],
                "owner": row["owner"],
                "placed_ms": row["placed"],
                "review_ms": row["review"],
                "released_ms": row["released"],
            }

    def correct(self, person: Person, item: str, value: object) -> NotCorrectable | None:
        """A wrong join is undone by deletion: what was gathered meanwhile cannot be told apart any more."""
        return NotCorrectable("A browser that is not yours is taken away by deleting what is held under it.")

    def erase(self, person: Person) -> None:
        """Forget the account, its joins and the holds that ended. One that stands has stopped the deletion."""
        with self.records.write() as connection:
            self.identities.forget(connection, person)  # enforces: identity-forgotten
            connection.execute(delete(hold).where(_mine(hold, person), hold.c.released.is_not(None)))

    def duties(self, person: Person) -> list[Duty]:
        """None of its own: a hold that stands is asked for apart."""
        return []

    def remains(self, person: Person) -> int:
        """Rows still there."""
        with self.records.read() as connection:
            return sum(
                connection.execute(select(func.count()).where(_mine(table, person))).scalar_one()
                for table in (account, joined, hold, known)
            )


def _rows(connection: Connection, table: Table, person: Person) -> list[Mapping[str, Any]]:
    found = connection.execute(select(table).where(_mine(table, person)))
    return [dict(row) for row in found.mappings()]


def _mine(table: Table, person: Person) -> ColumnElement[bool]:
    """A join is its visitor's as well as its account's: whoever is known by one browser alone has it too."""
    columns = (table.c.visitor, table.c.account) if table is joined else (table.c.subject,)
    return or_(*(column.in_(person.subjects) for column in columns))


def _held(item: str, title: str, rows: list[Mapping[str, Any]], moment: str) -> Held:
    moments = [int(row[moment]) for row in rows]
    return Held(
        item=item,
        title=title,
        count=len(rows),
        sources=tuple(sorted({row.get("shown_by") or row.get("owner") or "site" for row in rows})),
        purposes=(USE,),
        first_ms=min(moments, default=None),
        last_ms=max(moments, default=None),
        until_ms=None,
    )
