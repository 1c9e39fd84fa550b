"""A canary with an account: gathered as a visitor, then joined as the site's own server would join it."""

from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    cast,
    func,
    or_,
    select,
)

from kept.base.errors import KeptError
from kept.prove.browser import Browser, Reply
from kept.prove.expected import right_value, right_values, told_items, tracker_events
from kept.prove.stage import GERMANY, Stage
from kept.prove.words import word
from kept.storage.records import metadata
from kept.subject import Person

TOMBSTONES = frozenset({"choice", "erasure"})
"""Tables in which a pseudonym stays after a deletion, so that a restore deletes it again: in one row, since the
order of several would lead to the facts that tell of them."""


@dataclass(frozen=True)
class Member:
    """One of them."""

    browser: Browser
    visitor: str
    account: str
    person: Person

    @property
    def customer(self) -> str:
        """The id that the site's server has made for them, and knows them by as a visitor."""
        return f"customer-{self.account}"

    def opens(self, stage: Stage, path: str) -> Reply:
        """Look at a page of *Your data*, through a link that the site signed."""
        return self.browser.opens(path, token=stage.house.doors.sign(self.account))


def member(stage: Stage, name: str) -> Member:
    """Someone who said yes, looked at pages, and signed in."""
    browser, account = stage.yes(), stage.new_account(name)
    events = tracker_events(stage.policy)[:2]
    browser.sends(*({"name": e.name, "page": f"/{word()}", "properties": right_values(e)} for e in events))
    browser.joins(account, stage.house.secret)
    browser.joins(account, stage.house.secret, f"customer-{account}")
    browser.tells(stage.house.secret, account, profile(stage), GERMANY)
    with stage.house.records.read() as connection:
        person = stage.house.identities.person_of_account(connection, account)
    if person is None:
        raise KeptError(
            "the site's join made no account",
            where="POST v1/join",
            why="It was answered, and no account stands in the records.",
            next_step="Look at what the public process says.",
        )
    return Member(browser, browser.visitor, account, person)


def profile(stage: Stage) -> dict[str, object]:
    """A right value of everything that people tell in forms."""
    return {item.name: right_value(item.type, word()) for item in told_items(stage.policy)}


def traces(stage: Stage, who: Member) -> list[str]:
    """Where anything of a member stands: ids as text, the blind index as bytes, pseudonyms as numbers."""
    blind = digest(stage.house.identities.blind_key, who.account.encode(), sha256)
    on_disk = stage.traces([who.visitor, who.account], [blind], who.person.subjects)
    return [*on_disk, *_in_records(stage, who.person)]


def _in_records(stage: Stage, person: Person) -> list[str]:
    """Tables of the records with a pseudonym in them; where tombstones are, with more than one row of it."""
    places = []
    with stage.house.records.read() as connection:
        for table in metadata.sorted_tables:
            for column in () if table.name in TOMBSTONES else table.columns:
                named = _names(column, person)
                if named is not None and connection.execute(select(column).where(named).limit(1)).first():
                    places.append(f"records: {table.name}.{column.name}")
            if table.name in TOMBSTONES and _most_rows(connection, table, person) > 1:
                places.append(f"records: {table.name}, more than a tombstone")
    return places


def _most_rows(connection: Connection, table: Table, person: Person) -> int:
    """How many rows a table has of one pseudonym of the person at most."""
    mine = select(func.count()).where(table.c.subject.in_(person.subjects)).group_by(table.c.subject)
    return max(connection.execute(mine).scalars(), default=0)


def _names(column: Column[Any], person: Person) -> ColumnElement[bool] | None:
    if isinstance(column.type, Integer):
        return cast(column, BigInteger).in_(person.subjects)  # no pseudonym fits a smaller number
    if isinstance(column.type, Text):
        return or_(*(column.contains(str(subject)) for subject in person.subjects))
    return None
