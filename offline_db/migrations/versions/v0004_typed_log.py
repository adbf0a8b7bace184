"""Catalogues headquarters has sent, entries that are known to be damaged, and what headquarters has lost of a log."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add two tables and three columns; what is stored stays as it is."""
    op.create_table(
        "kept_catalogue",
        sa.Column("version", sa.String(), primary_key=True, nullable=False),
        sa.Column("tables", sa.String(), nullable=False),
    )
    op.create_table(
        "damaged", sa.Column("entry_id", sa.Integer(), sa.ForeignKey("entry.id"), primary_key=True, nullable=False)
    )
    op.add_column("log", sa.Column("lost_seq", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("book", sa.Column("common", sa.String(), nullable=True))
    op.add_column("courier_frame", sa.Column("gives_back", sa.Boolean(), nullable=False, server_default="0"))
