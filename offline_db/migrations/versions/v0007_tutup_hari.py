"""The sheets of closed days."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the one table; what is stored stays as it is."""
    op.create_table(
        "tutup_hari",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("closed_at", sa.String(), nullable=False),
        sa.Column("operator", sa.String(), nullable=False),
        sa.Column("sheet", sa.JSON(), nullable=False),
    )
    op.create_index("tutup_hari_day", "tutup_hari", ["day"])
