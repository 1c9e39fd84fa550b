"""API keys that were replaced, and until when the old ones are taken."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "key_replaced",
        sa.Column("workspace", sa.Integer, primary_key=True),
        sa.Column("use", sa.Text, primary_key=True),
        sa.Column("taken_until", sa.BigInteger, nullable=False),
        if_not_exists=True,
    )
