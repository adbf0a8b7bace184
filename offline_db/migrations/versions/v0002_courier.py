"""What the stall remembers of the files it gave a courier: the frames in them, and their running number."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the one table; what is stored stays as it is."""
    op.create_table(
        "courier_frame",
        sa.Column("sha256", sa.String(), primary_key=True, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("known_seq", sa.Integer(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
    )
