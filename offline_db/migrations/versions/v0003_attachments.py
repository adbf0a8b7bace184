"""Sealed scans of a record, in pieces, and how far headquarters has them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add two tables; what is stored stays as it is."""
    op.create_table(
        "attachment",
        *(sa.Column("id", sa.Integer(), primary_key=True, nullable=False), _text("sha256", unique=True)),
        *(_text(name) for name in ("entry_hash", "record_id", "key")),
        *(sa.Column("mac", sa.LargeBinary(), nullable=False), _text("media"), _whole("size"), _whole("held")),
        *(_text("state"), *(_text(name, null=True) for name in ("problem", "asked_at", "durable_at"))),
    )
    op.create_index("attachment_record", "attachment", ["record_id"])
    op.create_index("attachment_state", "attachment", ["state"])
    op.create_table(
        "attachment_piece",
        sa.Column("attachment_id", sa.Integer(), sa.ForeignKey("attachment.id"), primary_key=True, nullable=False),
        sa.Column("start", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )


def _text(name: str, *, null: bool = False, unique: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=null, unique=unique or None)


def _whole(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)
