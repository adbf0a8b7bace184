"""Keys to which phones seal, the parcels they deliver, and whose draft it is, in which state."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add two tables and the columns of a draft; what is stored stays as it is."""
    op.create_table(
        "phone_key",
        sa.Column("key", sa.String(), primary_key=True, nullable=False),
        sa.Column("operator", sa.String(), sa.ForeignKey("operator.name", ondelete="CASCADE"), nullable=False),
        *(sa.Column(name, sa.LargeBinary(), nullable=False) for name in ("public", "wrapped", "secret")),
        sa.UniqueConstraint("operator"),
    )
    op.create_table(
        "parcel",
        sa.Column("id", sa.String(), primary_key=True, nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("operator", "key", "sha256")),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("received_at", "state")),
        *(sa.Column(name, sa.String(), nullable=True) for name in ("problem", "record_id", "settled_at")),
    )
    op.create_index("parcel_waiting", "parcel", ["state", "operator"])
    for name in ("operator", "at"):
        op.add_column("draft", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("draft", sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("draft", sa.Column("made", sa.Integer(), nullable=False, server_default="0"))
    for name in ("page", "parcel"):
        op.add_column("draft", sa.Column(name, sa.String(), nullable=True))
