"""The queue: numbers of a day in two lanes, and how many of each kind were served first."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the two tables; what is stored stays as it is."""
    op.create_table(
        "antrean",
        sa.Column("id", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("tap", sa.String(), nullable=False, unique=True),
        sa.Column("day", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("loket", sa.String(), nullable=False),
        sa.Column("record_id", sa.String(), nullable=True),
        sa.UniqueConstraint("day", "lane", "number", name="antrean_number"),
    )
    op.create_index("antrean_state", "antrean", ["day", "state", "lane", "number"])
    op.create_index("antrean_turn", "antrean", ["day", "turn"])
    op.create_index("antrean_record", "antrean", ["record_id"])
    op.create_table(
        "antrean_kind",
        sa.Column("day", sa.String(), primary_key=True, nullable=False),
        sa.Column("kind", sa.String(), primary_key=True, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
    )
