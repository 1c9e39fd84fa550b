"""Identifiers that are known, which texts must not carry; and an index by which values expire.

Folders that ran between releases may have these already, so each is made if it is missing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

Number = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make what is missing."""
    op.create_table(
        "known",
        sa.Column("number", Number, primary_key=True, autoincrement=True),
        sa.Column("workspace", sa.Integer, nullable=False),
        sa.Column("digest", sa.BigInteger, nullable=False),
        sa.Column("shape", sa.Integer, nullable=False),
        sa.Column("subject", sa.BigInteger, nullable=False),
        sa.Column("value", sa.BigInteger),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_index("ix_known_subject", "known", ["subject"], if_not_exists=True)
    op.create_index("ix_known_value", "known", ["value"], if_not_exists=True)
    op.create_table(
        "known_gone",
        sa.Column("workspace", sa.Integer, primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
        if_not_exists=True,
    )
    op.create_index("profile_value_item", "profile_value", ["item", "at"], if_not_exists=True)
