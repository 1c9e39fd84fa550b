"""Table of the rights room: deletions under way, and those that are done."""

from sqlalchemy import BigInteger, Column, Integer, Table, Text

from kept.storage.records import Number, metadata

deletion = Table(
    "deletion",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # random; receipts carry it
    Column("workspace", Integer, nullable=False),
    Column("account", BigInteger),  # emptied when done
    Column("subjects", Text),  # JSON list of pseudonyms, emptied when done
    Column("seq", Number, nullable=False),  # choice number under which the person was hidden; 0 when done
    Column("stage", Text, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("done", BigInteger),
    Column("report", Text, nullable=False),  # JSON: how much each Holding gave up, counts alone
    Column("entry", Number),  # index in the ledger of the last fact
)
