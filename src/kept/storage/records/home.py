"""Whose records these are: a data folder and a database that is not in it know each other by one number.

Keys, journal and lake lie in the folder. Under another installation's records, or none, nobody's no would be known.
"""

import os
from pathlib import Path

from sqlalchemy import BigInteger, Column, Table, insert, select

from kept.base.errors import BadInput, Damaged
from kept.base.ids import random_63
from kept.storage.records import Records
from kept.storage.records.portable import metadata

installation = Table(
    "installation",
    metadata,
    Column(
        "number", BigInteger, primary_key=True, autoincrement=False
    ),  # random; one row, where the folder is not
)

FILE, MARK = "records.db", "records.elsewhere"


def refuse_other_home(data: Path, place: Path | str) -> None:
    """Raise `BadInput` when the folder's records lie in a file and a URL is given, or the other way about."""
    if isinstance(place, Path) and (data / MARK).exists():
        raise BadInput(
            "the records of this installation are on PostgreSQL",
            where=str(data),
            why="KEPT_RECORDS says nothing of them.",
            next_step="Set KEPT_RECORDS as it was; new records would know nobody's no.",
        )
    if not isinstance(place, Path) and (data / FILE).exists():
        raise BadInput(
            "the records of this installation are in its data folder",
            where=str(data / FILE),
            why="KEPT_RECORDS names a database.",
            next_step="Leave KEPT_RECORDS out; a database is chosen at the first start.",
        )


def settle(records: Records, data: Path) -> None:
    """Make folder and database known to each other at the first start. Raises `Damaged` when they are not later."""
    if isinstance(records.place, Path):
        return
    with records.read() as connection:
        known = connection.execute(select(installation.c.number)).scalar_one_or_none()
    if known is None and not (data / MARK).exists():
        known = _acquaint(records, data / MARK)
    if known is None or not (data / MARK).exists() or (data / MARK).read_text() != str(known):
        raise Damaged(
            "these records are not those of this data folder",
            where=str(data / MARK),
            why="The number there is not the one in the database, or one of the two is missing.",
            next_step="Name the folder's own database in KEPT_RECORDS, or put back what belongs together.",
        )


def _acquaint(records: Records, mark: Path) -> int:
    number = random_63()
    with records.write() as connection:
        connection.execute(insert(installation).values(number=number))
        with mark.open("x") as file:
            file.write(str(number))
            file.flush()
            os.fsync(file.fileno())
    return number
