"""Tables of the subject room. No table here holds an identifier: accounts stand under a blind index."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text

from kept.storage.records import Number, metadata

account = Table(
    "account",
    metadata,
    Column("workspace", Integer, primary_key=True),
    Column("blind", LargeBinary, primary_key=True),  # keyed hash of the account's id, 32 bytes
    Column("subject", BigInteger, nullable=False, unique=True),  # random
    Column("first_seen", BigInteger, nullable=False),
)

known = Table(  # what names people, to be looked for in texts: keyed digests alone
    "known",
    metadata,
    Column("number", Number, primary_key=True, autoincrement=True),
    Column("workspace", Integer, nullable=False),
    Column("digest", BigInteger, nullable=False),
    Column(
        "shape", Integer, nullable=False
    ),  # how many parts and characters: what has no such shape is passed over
    Column("subject", BigInteger, nullable=False, index=True),
    Column("value", BigInteger, index=True),  # the value of a profile that says it; empty: the account's id
    sqlite_autoincrement=True,
)

known_gone = Table(  # how often something known was forgotten, so that copies in memory are made anew
    "known_gone",
    metadata,
    Column("workspace", Integer, primary_key=True),
    Column("times", Integer, nullable=False),
)

joined = Table(
    "joined",
    metadata,
    Column("visitor", BigInteger, primary_key=True, autoincrement=False),
    Column("account", BigInteger, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("shown_by", Text, nullable=False),  # secret key, or a token that the site signed
)

answer = Table(
    "answer",
    metadata,
    Column("subject", BigInteger, primary_key=True, autoincrement=False),
    Column("yes", BigInteger, nullable=False),
    Column("no", BigInteger, nullable=False),
    Column("seq", Number, nullable=False),  # choice sequence number of the last change
)

words = Table(
    "words",
    metadata,
    Column("hash", LargeBinary, primary_key=True),  # SHA-256
    Column("text", Text, nullable=False),  # what was shown; the policy's own words, about nobody
)

said = Table(
    "said",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("seq", Number, nullable=False),
    Column("subject", BigInteger, nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("yes", BigInteger, nullable=False),
    Column("no", BigInteger, nullable=False),
    Column("policy", Integer, nullable=False),
    Column("how", Text, nullable=False),
    Column("words", LargeBinary, ForeignKey("words.hash"), nullable=False),
)

hold = Table(
    "hold",
    metadata,
    Column("id", Number, primary_key=True, autoincrement=True),
    Column("subject", BigInteger, nullable=False, index=True),
    Column("ground", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("review", BigInteger, nullable=False),  # ms; when someone must ask whether it is still needed
    Column("placed", BigInteger, nullable=False),
    Column("released", BigInteger),
)
