"""The tables of the thin line, the first version that ran.

Its folders know no migrations, and each start of it made the tables that were missing; so does this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make what is missing."""
    _policy()
    _ledger()
    _people()
    _deletions()
    _gathering()


def _policy() -> None:
    op.create_table(
        "policy_version",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("version", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "purpose_bit",
        sa.Column("purpose", sa.Text, primary_key=True),
        sa.Column("bit", sa.Integer, nullable=False, unique=True),
        if_not_exists=True,
    )
    op.create_table(
        "purpose_use",
        sa.Column("purpose", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("uses", sa.Integer, nullable=False),
        if_not_exists=True,
    )


def _ledger() -> None:
    op.create_table(
        "ledger_entry",
        sa.Column("number", Number, primary_key=True, autoincrement=False),
        sa.Column("fact", sa.Text, nullable=False),
        sa.Column("hashes", sa.LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "ledger_checkpoint",
        sa.Column("size", Number, primary_key=True, autoincrement=False),
        sa.Column("note", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "ledger_told",
        sa.Column("about", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        if_not_exists=True,
    )


def _people() -> None:
    op.create_table(
        "account",
        sa.Column("workspace", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("blind", sa.LargeBinary, primary_key=True),
        sa.Column("subject", sa.BigInteger, nullable=False, unique=True),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "joined",
        sa.Column("visitor", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("shown_by", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_joined_account", "joined", ["account"], if_not_exists=True)
    op.create_table(
        "answer",
        sa.Column("subject", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("yes", sa.BigInteger, nullable=False),
        sa.Column("no", sa.BigInteger, nullable=False),
        sa.Column("seq", Number, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "words",
        sa.Column("hash", sa.LargeBinary, primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "said",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("seq", Number, nullable=False),
        sa.Column("subject", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("yes", sa.BigInteger, nullable=False),
        sa.Column("no", sa.BigInteger, nullable=False),
        sa.Column("policy", sa.Integer, nullable=False),
        sa.Column("how", sa.Text, nullable=False),
        sa.Column("words", sa.LargeBinary, sa.ForeignKey("words.hash"), nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_said_subject", "said", ["subject"], if_not_exists=True)
    op.create_table(
        "hold",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.BigInteger, nullable=False),
        sa.Column("ground", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("review", sa.BigInteger, nullable=False),
        sa.Column("placed", sa.BigInteger, nullable=False),
        sa.Column("released", sa.BigInteger),
        if_not_exists=True,
    )
    op.create_index("ix_hold_subject", "hold", ["subject"], if_not_exists=True)


def _deletions() -> None:
    op.create_table(
        "choice",
        sa.Column("seq", Number, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.BigInteger, nullable=False),
        sa.Column("bits", sa.BigInteger, nullable=False),
        sa.Column("dropped", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("ix_choice_subject", "choice", ["subject"], if_not_exists=True)
    op.create_table(
        "erasure",
        sa.Column("subject", sa.BigInteger, primary_key=True),
        sa.Column("seq", Number, primary_key=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("evidence", sa.String, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "deletion",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("account", sa.BigInteger),
        sa.Column("subjects", sa.Text),
        sa.Column("seq", Number, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("done", sa.BigInteger),
        sa.Column("report", sa.Text, nullable=False),
        sa.Column("entry", Number),
        if_not_exists=True,
    )


def _gathering() -> None:
    op.create_table(
        "lease",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("epoch", sa.Integer, nullable=False),
        sa.Column("token", sa.String, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "tally",
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("reason", sa.Text, primary_key=True),
        sa.Column("events", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "log_part",
        sa.Column("number", Number, primary_key=True, autoincrement=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("hour", sa.BigInteger, nullable=False),
        sa.Column("ids", sa.LargeBinary, nullable=False),
        sa.Column("begun_ms", sa.BigInteger, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("log_part_hour", "log_part", ["workspace", "hour"], if_not_exists=True)
