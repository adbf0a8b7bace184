"""Who opened a request for somebody who had lost the receipt."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the one table; what is stored stays as it is."""
    op.create_table(
        "receipt_lost",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("record_id", sa.String(), nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
    )
    op.create_index("receipt_lost_day", "receipt_lost", ["day"])
