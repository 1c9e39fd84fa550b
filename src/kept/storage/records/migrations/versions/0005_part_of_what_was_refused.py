"""Which declared part was refused stands beside the reason; what was counted before has none.

The part belongs to the key, which no database but by a new table changes alike.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the table anew with what it holds."""
    op.create_table(
        "tally_by_part",
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("reason", sa.Text, primary_key=True),
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("events", sa.BigInteger, nullable=False),
    )
    op.execute(
        "INSERT INTO tally_by_part (day, reason, part, events) SELECT day, reason, '', events FROM tally"
    )
    op.drop_table("tally")
    op.rename_table("tally_by_part", "tally")
