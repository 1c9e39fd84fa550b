"""Tables of the gate: every policy version ever in force, and the registry of purpose bits."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Integer, Table, Text

from kept.storage.records import metadata

policy_version = Table(
    "policy_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("version", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

policy_posted = Table(  # what people could read of each version: copies, since the language goes on changing
    "policy_posted",
    metadata,
    Column("number", Integer, ForeignKey("policy_version.number"), primary_key=True),
    Column("changes", Text, nullable=False),  # JSON: what it changed, in words
    Column("notices", Text, nullable=False),  # JSON: each notice, whole
)

purpose_bit = Table(
    "purpose_bit",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("bit", Integer, nullable=False, unique=True),
)

purpose_use = Table(  # bulk uses already in the ledger: one fact a purpose and day
    "purpose_use",
    metadata,
    Column("purpose", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("uses", Integer, nullable=False),
)
