"""Tables of the amend room: counts without people, and what accounts were shown."""

from sqlalchemy import BigInteger, Column, Date, Integer, Table, Text

from kept.storage.records import metadata

shown = Table(  # how often, and nothing about anyone
    "shown",
    metadata,
    Column("day", Date, primary_key=True),
    Column("policy", Integer, primary_key=True),
    Column("page", Text, primary_key=True),
    Column("times", BigInteger, nullable=False),
)

shown_to = Table(  # one row a version and way, with the first time: the second proves no more
    "shown_to",
    metadata,
    Column("subject", BigInteger, primary_key=True),
    Column("policy", Integer, primary_key=True),
    Column("how", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
