"""What headquarters has published to all its stalls: catalogues, holidays, settings."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add one table; what is stored stays as it is."""
    op.create_table(
        "published",
        sa.Column("number", sa.BigInteger(), primary_key=True, nullable=False, autoincrement=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "version", "body", "at")),
    )
