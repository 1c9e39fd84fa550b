"""A data folder and its records know each other by one number."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Its one row is written where the records are not in the folder."""
    op.create_table(
        "installation",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    )
