"""Ranking, profiles, shown versions and partners that are cut off.

Folders that ran between releases may have these tables already, so each is made if it is missing.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make what is missing."""
    op.create_table(
        "log_followed",
        sa.Column("workspace", sa.Integer(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("read_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "path"),
        if_not_exists=True,
    )
    op.create_table(
        "offered",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("workspace", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sa.UniqueConstraint("workspace", "kind", "thing"),
        sqlite_autoincrement=True,
        if_not_exists=True,
    )
    op.create_table(
        "partner_cut",
        sa.Column("workspace", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("workspace", "name"),
        if_not_exists=True,
    )
    op.create_table(
        "profile_value",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("workspace", sa.Integer(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("key_class", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("mask", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        if_not_exists=True,
    )
    op.create_index(
        "profile_value_standing",
        "profile_value",
        ["subject", "item"],
        unique=True,
        sqlite_where=sa.text("ended is null"),
        postgresql_where=sa.text("ended is null"),
        if_not_exists=True,
    )
    op.create_index("profile_value_subject", "profile_value", ["subject", "item"], if_not_exists=True)
    op.create_table(
        "shown",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "policy", "page"),
        if_not_exists=True,
    )
    op.create_table(
        "shown_to",
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("policy", sa.Integer(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "policy", "how"),
        if_not_exists=True,
    )
    op.create_table(
        "policy_posted",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Text(), nullable=False),
        sa.Column("notices", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["number"],
            ["policy_version.number"],
        ),
        sa.PrimaryKeyConstraint("number"),
        if_not_exists=True,
    )
    op.create_table(
        "profile_part",
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["value"],
            ["profile_value.number"],
        ),
        sa.PrimaryKeyConstraint("value", "place"),
        if_not_exists=True,
    )
