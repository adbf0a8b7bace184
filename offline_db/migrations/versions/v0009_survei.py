"""The satisfaction survey: how often each answer was given on a day, and nothing about anybody who gave it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the one table; what is stored stays as it is."""
    op.create_table(
        "survei",
        sa.Column("day", sa.String(), primary_key=True, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("handed_in", sa.Boolean(), nullable=False),
    )
