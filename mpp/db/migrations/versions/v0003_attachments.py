"""Sealed scans as they arrive, in chunks that never overlap, and what became of each."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add two tables; what is stored stays as it is."""
    op.create_table(
        "attachment",
        sa.Column("stall", sa.Text(), sa.ForeignKey("stall.id"), primary_key=True, nullable=False),
        sa.Column("sha256", sa.Text(), primary_key=True, nullable=False),
        *(_text(name) for name in ("record_id", "device", "key")),
        *(_number("size"), _text("state"), _text("problem", null=True), _text("media", null=True), _number("tries")),
        *(sa.Column("durable", sa.Boolean(), nullable=False), _text("changed_at")),
    )
    op.create_index("ix_attachment_record_id", "attachment", ["record_id"])
    op.create_table(
        "attachment_chunk",
        sa.Column("stall", sa.Text(), primary_key=True, nullable=False),
        sa.Column("sha256", sa.Text(), primary_key=True, nullable=False),
        sa.Column("start", sa.BigInteger(), primary_key=True, nullable=False, autoincrement=False),
        *(_number("stop"), sa.Column("body", sa.LargeBinary(), nullable=False)),
        sa.ForeignKeyConstraint(["stall", "sha256"], ["attachment.stall", "attachment.sha256"]),
    )


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)
