"""The lists of folders that stalls sent, and how many requests a stall took in a stretch of time."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add one table and one index; what is stored stays as it is."""
    op.create_table(
        "berkas_list",
        sa.Column("hash", sa.Text(), primary_key=True, nullable=False),
        sa.Column("stall", sa.Text(), sa.ForeignKey("stall.id"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("agency", "number", "sent_at")),
        sa.Column("folders", sa.BigInteger(), nullable=False),
        sa.Column("receipt_seq", sa.BigInteger(), nullable=True),
        sa.Column("missing", sa.BigInteger(), nullable=False),
        sa.Column("extra", sa.BigInteger(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_berkas_list_agency", "berkas_list", ["agency", "open", "sent_at"])
    op.create_index("ix_berkas_list_open", "berkas_list", ["open", "sent_at"])
    op.create_index("ix_berkas_list_stall", "berkas_list", ["stall", "open"])
    op.create_index("ix_permohonan_accepted", "permohonan", ["stall", "accepted_at"])
